"""``systems pause`` and ``systems resume``, in the home of one system: from a stopped erasure to its answer."""

from __future__ import annotations

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.support.homes import ANNA, BY, CHECKER, DECIDER, assert_one_sentence
from tests.support.identity import as_options

WHY = ("--reason", "wrong mapping", "--by", "Petra Operator")


def braked(home):
    return home.run("doctor", "--json").document["brakes"]


# What a brake of all systems stops, ``tests/integration/cases/test_braking.py`` says.
@pytest.mark.apart
@pytest.mark.parametrize("where", ["crm", *(pytest.param(one, marks=pytest.mark.slow) for one in ("--all", "case"))])
def test_a_braked_case_waits_and_is_answered_after_the_release(home, prefect_server, where):
    case = home.open("erasure")
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        home.run("run", case)
        home.run("identity", case, *as_options(), "--by", CHECKER)
        home.run("run", case)
        home.run("decide", case, "--approve", "--by", DECIDER)
        where = case if where == "case" else where
        assert home.run("systems", "pause", where, *WHY).status == 0
        stopped = home.run("run", case)
        assert f"rightsflow systems resume {where}" in " ".join((stopped.out + stopped.err).split())
        assert ANNA["email"] in home.names_in_people()
        assert "Petra Operator" in braked(home)["detail"]
        assert braked(home)["is_doubtful"]
        assert home.run("systems", "resume", where, *WHY).status == 0
        assert "run Answered" in home.run("run", case).out
    assert ANNA["email"] not in home.names_in_people()
    assert braked(home)["detail"] == "Deletion is paused nowhere."


def test_it_is_said_as_json_and_not_set_twice(home):
    assert home.run("systems", "pause", "--all", "--json", *WHY).document["system"] == "*"
    assert_one_sentence(home.run("systems", "pause", "--all", "--reason", "x", *BY), 2)
    said = home.run("systems", "resume", "--all", "--json", *WHY).document
    assert (said["system"], braked(home)["detail"]) == ("*", "Deletion is paused nowhere.")
