"""The commands that end a case, find it, hold it and let it go: what each prints and changes, and no person's value."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing

import pytest

from tests.e2e.deployments.unchanged import nothing_changes
from tests.support.canary import Scanner
from tests.support.homes import ANNA, BY, MAIL, assert_one_sentence

SCANNER = Scanner(ANNA)


def own_chain(home):
    """The events of the ledger's own chain, as they lie in the store."""
    with closing(sqlite3.connect(home.state / "cases.db")) as database:
        return [json.loads(body) for (body,) in database.execute("SELECT body FROM ledger WHERE chain = 'LEDGER'")]


def age(home, case, closed_at="2015-03-01 00:00:00.000000"):
    """Let a case's evidence period be over."""
    with closing(sqlite3.connect(home.state / "cases.db")) as database, database:
        database.execute(
            "UPDATE cases SET evidence_until = '2020-12-31', closed_at = ? WHERE id = ?", (closed_at, case)
        )


def cases(home):
    return {one["case_id"] for one in home.run("list", "--all", "--json").document}


@pytest.mark.apart
def test_withdraw_closes_the_case(home):
    case = home.open()
    said = home.run("case", "withdraw", case.lower(), *BY, "--reason", f"{ANNA['name']} called", "--json")
    assert (said.status, said.err) == (0, "")
    assert said.document == {
        "case": case,
        "done": f"{case} is withdrawn: nothing more is done on it, and its alerts have ended. The letter to the person "
        "(L18) is in the outbox; send it, and record when it went out.",
        "resumed": False,
    }
    assert home.overview(case)["state"] == "withdrawn"
    assert not SCANNER.scan(json.dumps(home.overview(case)).encode(), "the overview")
    assert f"reason of the withdrawal: {ANNA['name']} called" in home.run("show", case, "--reveal").out
    with nothing_changes(home):
        assert_one_sentence(home.run("case", "withdraw", case, *BY), 2)


def test_a_case_is_stopped_in_the_words_of_the_form(home):
    case = home.open()
    with nothing_changes(home):
        assert_one_sentence(home.run("case", "stop", case, *BY, "--why", "no time", "--how-known", "x"), 2)
        assert_one_sentence(home.run("case", "stop", case, *BY, "--why", "duplicate", "--how-known", "x"), 2)
    known = ("--why", "opened in error", "--how-known", f"{ANNA['name']} is a test customer")
    said = home.run("case", "stop", case.lower(), *BY, *known, "--json")
    assert (said.status, said.err) == (0, "")
    assert (said.document["case"], said.document["answered_by"], said.document["resumed"]) == (case, "", False)
    assert said.document["done"].startswith(f"{case} is stopped (opened in error): nothing more is done on it.")
    assert home.overview(case)["state"] == "stopped"
    assert f"why it was stopped: {ANNA['name']} is a test customer" in home.run("show", case, "--reveal").out


@pytest.mark.apart
def test_find_lists_the_persons_cases_closed_ones_too(home):
    with nothing_changes(home):
        assert_one_sentence(home.run("case", "find"), 2)
        assert_one_sentence(home.run("case", "find", "--phone", "0000-not-a-phone"), 2)

    first = home.open(phone=ANNA["phone"])
    home.run("case", "withdraw", first, *BY)
    second = home.open(right="erasure", customer_id=ANNA["id"])
    other = home.open(email="boris.other@example.org")
    said = home.run("case", "find", "--email", ANNA["email"].upper(), "--by", "Ida", "--json")
    assert {one["case_id"]: one["state"] for one in said.document} == {first: "withdrawn", second: "received"}
    assert [one["case_id"] for one in home.run("case", "find", "--phone", ANNA["phone"], "--json").document] == [first]
    assert [one["case_id"] for one in home.run("case", "find", "--customer-id", ANNA["id"], "--json").document] == [
        second
    ]
    table = home.run("case", "find", *MAIL, "--by", "Ida").out
    assert first in table
    assert other not in table
    assert home.run("case", "find", "--email", "nobody@example.org").out == "No cases.\n"
    looked = [one for one in own_chain(home) if one["event"] == "PersonLookedUp"]
    assert [(one["details"]["kinds"], one["details"]["found"]) for one in looked] == [
        (["email"], 2),
        (["phone"], 1),
        (["customer_id"], 1),
        (["email"], 2),
        (["email"], 0),
    ]
    assert looked[0]["actor"] == "Ida"
    assert not SCANNER.scan((table + said.out + json.dumps(looked)).encode(), "find")


@pytest.mark.apart
def test_purge_keeps_a_case_whose_answer_is_not_noted_as_sent(home):
    """It is not closed, whatever its evidence period says."""
    case = home.open()
    home.refuse_identity(case)
    age(home, case, closed_at=None)
    assert case not in home.run("service", "purge", "--dry-run").out
    assert home.run("service", "purge").status == 0
    assert cases(home) == {case}


@pytest.mark.apart
def test_hold_keeps_a_case_from_the_purge_until_it_is_lifted(home):
    case = home.open()
    home.run("case", "withdraw", case, *BY)
    said = home.run(
        "hold", "evidence", case.lower(), "--open-ended", *BY, "--reason", f"{ANNA['name']} complained", "--json"
    )
    assert (said.status, said.err) == (0, "")
    assert said.document == {
        "case": case,
        "done": f"The evidence of {case} is held until that is lifted: no purge takes it away.",
    }
    age(home, case)
    listed = " ".join(home.run("service", "purge", "--dry-run").out.split())
    assert "held for a complaint or a claim" in listed
    assert home.run("service", "purge", "--json").document["cases"] == {}
    shown = home.run("show", case).out
    assert "The evidence is held until that is lifted" in " ".join(shown.split())
    assert home.overview(case)["evidence_hold"] == {"until": None}
    assert not SCANNER.scan((said.out + shown + listed + json.dumps(home.overview(case))).encode(), "hold")
    revealed = " ".join(home.run("show", case, "--reveal").out.split())
    assert f"reason for holding or releasing the evidence: {ANNA['name']} complained" in revealed
    assert home.run("hold", "evidence", case, "--lift", *BY, "--reason", "Settled.").out.startswith(
        f"The hold on {case} is lifted"
    )
    assert home.run("service", "purge", "--json").document["cases"] == {case: "2020-12-31"}


def test_a_hold_that_is_none_changes_nothing(home):
    case = home.open()
    for options in (
        (),
        ("--open-ended", "--lift"),
        ("--until", "2099-12-31", "--open-ended"),
        ("--until", "soon"),
        ("--until", "2020-01-01"),
        ("--lift",),
        ("--until", "2099-12-31", "--reason", " "),
    ):
        with nothing_changes(home):
            assert_one_sentence(home.run("hold", "evidence", case, *BY, "--reason", "A claim.", *options), 2)


@pytest.mark.apart
def test_purge_lists_before_it_lets_go(home):
    assert home.run("service", "purge", "--dry-run").out == "No case is over.\n"

    over, still = home.open(), home.open(email="boris.other@example.org")
    for case in (over, still):
        home.run("case", "withdraw", case, *BY)
    assert home.run("service", "purge", "--json").document["cases"] == {}
    age(home, over)
    # By today's rules it is over too: three years and the rest of the year after 2015.
    listed = home.run("service", "purge", "--dry-run")
    assert over in listed.out
    assert "would be purged" in listed.out
    assert still not in listed.out
    assert cases(home) == {over, still}
    done = home.run("service", "purge", "--by", "Ida", "--json").document
    assert (done["cases"], done["held"], done["dry_run"]) == ({over: "2020-12-31"}, {}, False)
    assert cases(home) == {still}
    (purged,) = [one for one in own_chain(home) if one["event"] == "CasePurged"]
    assert (purged["actor"], purged["details"]["case"]) == ("Ida", over)
    assert home.run("service", "purge").out == "Nothing was over.\n"


@pytest.mark.apart
def test_what_a_restored_back_up_brings_back_is_purged_again(home):
    gone, kept = home.open(), home.open("erasure")
    assert home.run("case", "withdraw", gone, *BY).status == 0
    age(home, gone)
    store, journal = home.state / "cases.db", home.state / "erasures.jsonl"
    with closing(sqlite3.connect(store)) as now, closing(sqlite3.connect(home.folder / "back-up.db")) as back_up:
        now.backup(back_up)
    assert list(home.run("service", "purge", "--json").document["cases"]) == [gone]
    with closing(sqlite3.connect(home.folder / "back-up.db")) as back_up, closing(sqlite3.connect(store)) as now:
        back_up.backup(now)
    assert cases(home) == {gone, kept}
    said = home.run("service", "replay-erasures", journal, "--json")
    assert (said.status, said.err) == (0, "")
    assert said.document == {"named": 1, "purged": [gone], "gone": 0, "held": [], "worked_on": []}
    assert cases(home) == {kept}
    assert home.run("service", "replay-erasures", journal).out == (
        "Named: 1. Purged again: 0. Not there: 1. Held: 0. Worked on: 0.\n"
    )
    assert home.run("ledger", "verify").status == 0


def test_a_journal_that_is_none_or_names_a_held_case_changes_nothing(home):
    case = home.open()
    home.run("case", "withdraw", case, *BY)
    home.run("hold", "evidence", case, "--open-ended", "--reason", "a claim", *BY)
    journal = home.folder / "journal"
    line = f'{{"case":"{case}","kind":"case","on":"2026-11-25"}}\n'
    journal.write_text(line)
    with nothing_changes(home):
        said = home.run("service", "replay-erasures", journal)
        assert (said.status, case in said.err) == (1, True)
        journal.write_text(f"{line}{line[:20]}\n")
        assert_one_sentence(home.run("service", "replay-erasures", journal), 2)
        assert_one_sentence(home.run("service", "replay-erasures", home.folder), 2)
