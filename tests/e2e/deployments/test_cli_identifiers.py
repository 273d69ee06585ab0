"""A case from the command line by a declared identifier alone: opened, searched, attributed, answered."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from tests.support.homes import ANNA, CHECKER, DECIDER, OPENER, assert_one_sentence
from tests.support.identity import as_options

REPAIR = "RMA-2026-00417"


@pytest.fixture
def repairs(home):
    """The home, whose system knows people by the number of their repair too."""
    with closing(sqlite3.connect(home.people)) as database, database:
        database.execute("ALTER TABLE people ADD COLUMN rma TEXT")
        database.execute("UPDATE people SET rma = 'rma-2026-00417' WHERE id = 1")
    section = home.config.read_text().replace("identities = [", 'identities = [{ column = "rma", kind = "rma" }, ')
    home.config.write_text(f"{section}\n[identifiers.rma]\n[identifiers.imei]\n")
    return home


def opened(home, *identifiers):
    given = [text for identifier in identifiers for text in ("--identifier", identifier)]
    return home.run("open", "--right", "access", *given, "--by", OPENER, "--json")


@pytest.mark.apart
def test_a_case_is_opened_by_a_repair_number_alone_and_answered(repairs, prefect_server):
    case = opened(repairs, f"rma={REPAIR}", "imei=490154203237518 2026-01-01..").document["case"]
    with temporary_settings({PREFECT_API_URL: prefect_server.api_url}):
        repairs.run("run", case, "--json")
        repairs.run("identity", case, *as_options(), "--by", CHECKER)
        repairs.run("run", case, "--json")
        assert repairs.run("letter", "read", case, "--letter", "package", "--by", DECIDER).status == 0
        repairs.run("decide", case, "--approve", "--by", DECIDER)
        end = repairs.run("run", case)
    assert (end.status, "run Answered" in end.out) == (0, True)
    shown = repairs.run("show", case, "--reveal", "--json").document
    assert [record["attribution"] for record in shown["overview"]["records"]] == ["subject"]
    assert shown["revealed"]["identifiers"]["rma"] == [REPAIR]
    assert shown["revealed"]["identifiers"]["email"] == [ANNA["email"]]
    found = repairs.run("case", "find", "--identifier", f"rma={REPAIR}", "--json").document
    assert [item["case_id"] for item in found] == [case]


@pytest.mark.apart
def test_what_cannot_be_used_is_one_sentence(repairs):
    for identifier, sentence in (
        ("vin=4711", "The kind of identifier is not known; use one of rma, imei, or declare it in [identifiers]"),
        (REPAIR, "An identifier has no kind; give it like imei=490154203237518."),
        ("imei=490154203237519", "The IMEI is not valid; give one like 490154203237518."),
    ):
        said = opened(repairs, identifier)
        assert_one_sentence(said, 2)
        assert sentence in said.err
    with repairs.changed(repairs.config, repairs.config.read_text().replace('kind = "rma"', 'kind = "vehicle"')):
        said = repairs.run("systems", "list")
        assert said.status == 2
        assert "kind is wrong: this kind of identifier is not declared: use one of email, phone" in said.err
