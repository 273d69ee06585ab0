"""Whole cases in a real Request Tracker 5, described as its operator would: one of several who share tickets.

They write in each other's tickets with files, have one telephone, and an address is written in other letters than the
login. Of the others' rows no byte changes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proofs.strangers import operator
from proofs.strangers.cases import Office, by_steps, office
from proofs.strangers.planted import of_database
from rightsflow.app import current_app
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.vocabulary.rights import Right
from tests.support.peers.request_tracker import RequestTracker, running_request_tracker

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("strangers"), pytest.mark.timeout(600)]

PAGE = Path("docs/how-to/operators/request-tracker.md")


def on_the_page(language: str) -> str:
    """What the documentation tells an operator to write."""
    return PAGE.read_text(encoding="utf-8").partition(f"```{language}\n")[2].partition("```")[0]


@dataclass(frozen=True)
class Asking:
    """One of the people.

    Args:
        name: The name.
        emails: As the person writes them.
        phones: The numbers.
        customer: None here.
    """

    name: str
    emails: tuple[str, ...]
    phones: tuple[str, ...]
    customer: str = ""


ANNA = Asking("Anna Quill", ("anna.quill@example.net",), ("+4930901820",))
CLEO = Asking("Cleo Quill", ("family@example.net",), ("+4930901999",))
BELA = Asking("Bela Bram", ("bela@example.net",), ("+4930901820",))
PEOPLE = [
    {"Name": "anna.quill@example.net", "EmailAddress": "Anna.Quill@Example.NET", "RealName": ANNA.name},
    {"Name": "bela@example.net", "EmailAddress": "bela@example.net", "RealName": BELA.name},
    {"Name": "nna.quill@example.net", "EmailAddress": "nna.quill@example.net", "RealName": "Nna Quill"},
    # Who wrote first from a mailbox gives the account its name.
    {"Name": "family@example.net", "EmailAddress": "family@example.net", "RealName": "Andreas Quill"},
]


def note(number: int, file: str = "") -> dict[str, str]:
    """What one of the people writes, with a word of their own in it and in the file."""
    by = PEOPLE[number]["Name"]
    said = {"by": by, "body": f"Grüße, word{number}."}
    return said | ({"file": file, "content": f"file{number} ä"} if file else {})


def ticket(number: int, readers: list[int], notes: list[dict[str, str]]) -> dict[str, Any]:
    by = PEOPLE[number]["Name"]
    named = {"requestors": [by], "readers": [PEOPLE[one]["Name"] for one in readers]}
    return {**note(number, "own.bin"), **named, "subject": f"Kettle word{number}", "notes": notes}


GIVEN = {
    "people": [one | {"HomePhone": "030 / 90 18 20"} for one in PEOPLE],
    "tickets": [
        ticket(0, [1], [note(1, "bela.bin"), note(0), note(2)]),
        ticket(1, [0, 2], [note(0, "anna.bin"), note(1)]),
        ticket(2, [], [note(1)]),
        ticket(0, [], [note(0)]),
        ticket(3, [1], [note(3, "andreas.bin"), note(1)]),
    ],
}
Snapshot = Mapping[str, Mapping[str, str]]


@dataclass
class Place:
    """A Request Tracker with everybody, and a Rightsflow that is configured for it."""

    tracker: RequestTracker
    users: Mapping[str, int]
    office: Office

    def snapshot(self) -> Snapshot:
        return of_database(self.tracker.database, ["sessions"])


@pytest.fixture(scope="module")
def place(tmp_path_factory, postgres_server):
    folder = tmp_path_factory.mktemp("request-tracker")
    (folder / "home").mkdir()
    with running_request_tracker(folder, postgres_server) as tracker:
        users = tracker.run("fill.pl", GIVEN)["users"]
        tables, views = on_the_page("toml"), on_the_page("sql")
        section = operator.sql_section("tickets", tables, tracker.database, folder, view=views)
        with office(folder / "home", operator.head() + section, by_steps) as desk:
            yield Place(tracker, users, desk)


_OF = ("tickets", "transactions", "attachments")
_MAIL = ("EmailRecord", "CommentEmailRecord")
_TRACES = re.compile(r"\banna|word0|file0", re.IGNORECASE)


def part_of(before: Snapshot, user: str) -> tuple[set[str], set[str]]:
    """The rows that are a person's, and the mails in other people's tickets that may have something of theirs."""
    rows = {name: (name.partition("/")[0], row) for name, row in before.items()}
    own = {row["id"] for table, row in rows.values() if table == "tickets" and row["creator"] == user}
    mine, mails = set[str](), set[str]()
    for name, (table, row) in rows.items():
        if table == "transactions" and row["type"] in _MAIL:
            (mine if row["objectid"] in own else mails).add(name)
        elif user in (
            row.get("memberid"),
            row["id"] if table == "users" else "",
            row.get("creator") if table in _OF else "",
        ):
            mine.add(name)
    for name, (table, row) in rows.items():
        of = f"transactions/{row.get('transactionid')}"
        if table == "attachments" and of in mine | mails and before[of]["type"] in _MAIL:
            (mine if of in mine else mails).add(name)
    return mine, mails


def words_in(place: Place, case_id: str) -> str:
    return "\n".join(one.decode("latin-1") for one in place.office.package(case_id).values())


def test_a_copy_has_what_the_person_wrote_and_nothing_of_the_others(place):
    assert "8 tables are as configured" in place.office.doctor()
    before = place.snapshot()
    text = words_in(place, place.office.answer(Right.ACCESS, ANNA))
    assert place.snapshot() == before
    assert {"word0", "file0"} <= set(re.findall(r"(?:word|file)\d", text))
    for of_another in ("word1", "word2", "file1", "bela@", "Bela Bram", "nna.quill@example.net,"):
        assert of_another not in text.replace("anna.quill", "")


@pytest.mark.parametrize("right", [Right.ACCESS, Right.ERASURE])
def test_who_shares_a_mailbox_gets_and_erases_nothing_of_whom_the_account_names(place, right):
    before = place.snapshot()
    case_id = place.office.answer(right, CLEO)
    assert place.snapshot() == before
    with current_app().store.case_file(case_id) as file:
        assert {one.doubt for one in file.findings.all()} == {RecordDoubt.SHARED_MAILBOX}
        assert len(file.findings.all()) > 3
        letter = "\n".join(one.body for one in file.outbox.letters())
    assert "Andreas" not in letter
    if right is Right.ERASURE:
        assert "an e-mail address of yours that other people seem to use as well" in letter
        assert "hold no" not in letter
    else:
        assert not re.findall(r"(?:word|file)\d", words_in(place, case_id))


def test_an_erasure_takes_what_is_the_persons_and_leaves_each_byte_of_the_others(place):
    for person, user in ((ANNA, "anna.quill@example.net"), (BELA, "bela@example.net")):
        before, number = place.snapshot(), str(place.users[user])
        mine, mails = part_of(before, number)
        case_id = place.office.answer(Right.ERASURE, person)
        after = place.snapshot()
        assert {name: after.get(name) for name in before if name not in mine} == {
            name: row for name, row in before.items() if name not in mine
        }
        assert after.keys() <= before.keys()
        stays = {name for name in mine if name in after}
        assert {name.partition("/")[0] for name in stays} <= {"users", "tickets", "transactions"}
        assert after[f"users/{number}"]["name"] == f"erased-{number}"
        if person is ANNA:
            left = {name for name, row in after.items() if _TRACES.search(json.dumps(row))}
            assert left <= mails
            assert left
        with current_app().store.case_file(case_id) as file:
            letter = next(one.body for one in file.outbox.letters() if one.template_id == "L11")
        assert "mails sent from other people's tickets" in letter
