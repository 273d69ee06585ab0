"""Roundup's description on a real tracker: changes need the version that was read, and DELETE only hides."""

from __future__ import annotations

import json

import pytest

from connectors.rest import RestConnector
from rightsflow.domain.vocabulary.records import Document, Method, OutcomeKind, PresenceState
from rightsflow.testing.bench import find
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.peers.roundup import PASSWORD, Roundup, running_roundup

# It starts a server.
pytestmark = [pytest.mark.apart, pytest.mark.xdist_group("roundup")]

PEOPLE = {
    "anna": {"realname": "Anna Smith", "address": "anna@example.com", "phone": "+49 30 901820"},
    "carl": {"realname": "Carl Reed", "address": "carl@example.com", "alternate_addresses": "c.reed@example.net"},
    # A namesake with the same telephone and a longer address, and one who shares an issue with all.
    "anna2": {"realname": "Anna Smith", "address": "anna@example.com.au", "phone": "+49 30 901820"},
    "ben": {"realname": "Ben Stone", "address": "ben@example.com"},
}
FOUND_BY = {"anna": "anna@example.com", "carl": "c.reed@example.net"}


class World:
    """A tracker with four customers and an issue of each, in which the others have written."""

    def __init__(self, roundup: Roundup) -> None:
        self.roundup = roundup
        self.ids = {
            name: roundup.add("user", username=name, password=PASSWORD, roles="User", **fields)
            for name, fields in PEOPLE.items()
        }
        for name in PEOPLE:
            message = roundup.add("msg", name, content=f"kettle of {name}")
            file = roundup.call("POST", "file", name, data={"name": f"{name}.txt", "content": f"invoice of {name}"})
            issue = roundup.add("issue", name, title=f"Broken, {name}", messages=[message], files=[file["id"]])
            for other in PEOPLE.keys() - {name}:
                roundup.reply(issue, other, f"reply of {other} to {name}")

    def of_others(self, *erased: str) -> dict[str, list[object]]:
        """Return all that is stored but for the items of some users and their histories."""
        stored = self.roundup.stored()
        users = {self.ids[name] for name in erased}
        own = {("user", number) for number in users}
        for kind in ("msg", "file", "issue"):
            listed = [self.roundup.call("GET", kind, params={"creator": number}) for number in users]
            own |= {(kind, item["id"]) for page in listed for item in page["collection"]}
        kept: dict[str, list[object]] = {}
        for table, rows in stored.items():
            kind = table.strip("_").partition("_")[0]
            if table == "files":
                kept[table] = [row for row in rows if not any(row[0] == f"{of}{number}" for of, number in own)]
            elif table == f"_{kind}":
                columns = self.roundup.columns(table)
                kept[table] = [row for row in rows if (kind, str(row[columns.index("id")])) not in own]
            elif not table.startswith(("otks", "sessions", "__textids", "__words", "sqlite")):
                kept[table] = [row for row in rows if not any((kind, str(value)) in own for value in row[:1])]
        return kept


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with running_roundup(tmp_path_factory.mktemp("roundup")) as roundup:
        yield World(roundup)


@pytest.fixture
def desk(world, monkeypatch) -> RestConnector:
    monkeypatch.setenv("ROUNDUP_PASSWORD", PASSWORD)
    address = world.roundup.address
    values = {"address": address}
    return connector_on(f"{address}/rest", "roundup", "env:ROUNDUP_PASSWORD", user="admin", values=values)


def test_doctor_finds_the_server_and_its_searches_good(desk):
    """Every search for no one finds no one, and each customer is found by what is on file."""
    health = desk.probe()
    assert (health.ok, health.is_doubtful) == (True, False), health.detail
    assert all(sample.readable == sample.looked_at for sample in desk.samples())
    assert not list(desk.uncovered())


def test_access_and_erasure_of_two_people_leave_everyone_else_to_the_byte(world, desk):
    """Their texts, files, titles and accounts are replaced; the tracker's own database is the judge."""
    before = world.of_others(*FOUND_BY)
    for name, email in FOUND_BY.items():
        found = find(desk, known(email=email))
        refs = [item.record for item in found.subject]
        text = json.dumps([part.content for part in desk.extract(refs, found.known) if isinstance(part, Document)])
        assert all(f"reply of {name} to {other}" in text for other in PEOPLE.keys() - {name})
        assert f"invoice of {name}" in text
        assert not [other for other in PEOPLE.keys() - {name} if f"kettle of {other}" in text]
        for kind in desk.capabilities.kinds:
            own = [ref for ref in refs if ref.kind == kind.name]
            assert {outcome.kind for outcome in desk.erase(own, Method.REDACT, found.known)} == {OutcomeKind.REDACTED}
        looks = list(desk.presence(refs, found.known))
        assert {look.state for look in looks} == {PresenceState.ABSENT}, [look.detail for look in looks]
        assert not find(desk, known(email=email)).subject
    assert world.of_others(*FOUND_BY) == before


def test_the_history_that_no_call_changes_is_said_to_stay(world, desk):
    """Its database has the old address in the account's history: that is in the answer, with a step for a person."""
    account = next(kind for kind in desk.capabilities.kinds if kind.is_profile)
    assert "anna@example.com'" in repr(world.roundup.stored()["user__journal"])
    assert "history" in account.residue
    assert "history" in account.manual_step
