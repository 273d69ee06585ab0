"""Request Tracker by its REST interface, on a real server: it gives what is shown and says what it cannot erase."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from connectors.rest import RestConnector
from rightsflow.domain.vocabulary.records import Document, Method, OutcomeKind, PresenceState
from rightsflow.testing.bench import find
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.peers.request_tracker import PASSWORD, RequestTracker, running_request_tracker

# It makes a database with its own tools, and starts a server.
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("request-tracker-rest"), pytest.mark.timeout(900)]

ANNA, CARL, NAMESAKE, BEN = "anna@example.com", "carl@example.com", "anna@example.net", "ben@example.com"
PEOPLE = {
    ANNA: ("Anna Smith", "+49 30 901820"),
    CARL: ("Carl Reed", ""),
    NAMESAKE: ("Anna Smith", "+49 30 901820"),
    BEN: ("Ben Stone", ""),
}
TABLES = ("users", "tickets", "transactions", "attachments", "groups", "groupmembers", "principals")


class World:
    """Four customers with a ticket each, of which the others get copies, and in which the next one answers."""

    def __init__(self, tracker: RequestTracker, address: str) -> None:
        self.tracker, self.address = tracker, address
        people = [
            {"Name": mail, "EmailAddress": mail, "RealName": name, "HomePhone": phone}
            for mail, (name, phone) in PEOPLE.items()
        ]
        tickets = [
            {
                "by": mail,
                "requestors": [mail],
                "readers": [other for other in PEOPLE if other != mail],
                "subject": f"kettle of {mail}",
                "body": f"It hums, says {mail}.",
                "file": "invoice.txt",
                "content": f"invoice of {mail}",
                "notes": [{"by": after, "subject": "Re", "body": f"{after} answers."}],
            }
            for mail, after in zip(PEOPLE, (CARL, NAMESAKE, BEN, ANNA), strict=True)
        ]
        made = tracker.run("fill.pl", {"people": people, "tickets": tickets})
        self.users, self.tickets = made["users"], dict(zip(PEOPLE, made["tickets"], strict=True))

    def rows(self) -> dict[tuple[str, int], str]:
        """Return all rows of its database that people are in, by table and id."""
        with self.tracker.database.server.admin(self.tracker.database.name) as admin:
            return {
                (table, number): text
                for table in TABLES
                for number, text in admin.execute(f"SELECT id, t::text FROM {table} t").fetchall()
            }


@pytest.fixture(scope="module")
def world(tmp_path_factory, postgres_server):
    folder = tmp_path_factory.mktemp("tracker")
    with running_request_tracker(folder, postgres_server) as tracker, tracker.serving() as address:
        yield World(tracker, address)


@pytest.fixture
def desk(world, monkeypatch) -> RestConnector:
    monkeypatch.setenv("TRACKER_PASSWORD", PASSWORD)
    more = {"user": "root", "values": {"host": "rt.example.com"}}
    return connector_on(f"{world.address}/REST/2.0", "request-tracker", "env:TRACKER_PASSWORD", **more)


def test_doctor_finds_the_server_and_its_searches_good(desk):
    """Every search for no one finds no one."""
    health = desk.probe()
    assert (health.ok, health.is_doubtful) == (True, False), health.detail
    assert not [sample for sample in desk.samples() if sample.is_wrong or sample.is_unproven]


def test_access_and_erasure_of_two_people_leave_everyone_else_to_the_byte(world, desk):
    """Accounts and titles are replaced; no row of another person changes, and what stays is said with a step."""
    before = world.rows()
    for mail in (ANNA, CARL):
        found = find(desk, known(email=mail))
        refs = [item.record for item in found.subject]
        assert Counter(ref.kind for ref in refs) == {"account": 1, "ticket": 1, "message": 2}
        text = json.dumps([part.content for part in desk.extract(refs, found.known) if isinstance(part, Document)])
        assert all(said in text for said in (f"It hums, says {mail}.", f"invoice of {mail}", f"{mail} answers."))
        assert not [other for other in PEOPLE if other != mail and f"{other} answers." in text]
        for kind in ("ticket", "account"):
            own = [ref for ref in refs if ref.kind == kind]
            outcomes = {outcome.kind for outcome in desk.erase(own, Method.REDACT, found.known)}
            assert outcomes == {OutcomeKind.REDACTED}
        looks = [look for look in desk.presence(refs, found.known) if look.record.kind != "message"]
        assert {look.state for look in looks} <= {PresenceState.ABSENT, PresenceState.RESIDUE}
        assert not [item for item in desk.locate(known(email=mail)) if item.record.kind == "account"]
    changed = {place for place, text in world.rows().items() if before.get(place, text) != text}
    theirs = {("users", world.users[mail]) for mail in (ANNA, CARL)}
    assert changed <= theirs | {("tickets", world.tickets[mail]) for mail in (ANNA, CARL)}
    assert theirs <= changed
    assert before.keys() <= world.rows().keys()


def test_what_no_call_erases_is_said_with_a_step_for_a_person(world, desk):
    """Her text is in the database after the erasure, in a kind that has a residue or a step by hand."""
    kept = [place for place, text in world.rows().items() if f"It hums, says {ANNA}." in text]
    kinds = {kind.name: kind for kind in desk.capabilities.kinds}
    assert kept
    assert "stay" in kinds["ticket"].residue
    assert all("rt-shredder-5" in kind.manual_step for kind in kinds.values())
    assert not kinds["message"].methods
