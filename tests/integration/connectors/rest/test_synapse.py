"""Matrix's description on a real Synapse: rooms that several people share, a job that empties one author's messages."""

from __future__ import annotations

import json
from collections import Counter

import pytest

from connectors.rest import RestConnector
from rightsflow.domain.vocabulary.records import Blob, Document, Method, OutcomeKind, PresenceState
from rightsflow.testing.bench import find
from tests.integration.connectors.rest.rig import connector_on, known
from tests.support.peers.synapse import SERVER, Synapse, running_synapse
from tests.support.peers.waiting import wait_until

# It starts a server.
pytestmark = [pytest.mark.apart, pytest.mark.xdist_group("synapse")]

PEOPLE = {
    "anna": ("Anna Smith", "anna@example.com"),
    "carl": ("Carl Reed", "carl@example.com"),
    # A namesake, and one who shares both rooms.
    "anna2": ("Anna Smith", "anna.smith@example.net"),
    "ben": ("Ben Stone", "ben@example.com"),
}
STAY = ("anna2", "ben")
RECORDS_OF_ANNA = {"file": 1, "room": 1}


class World:
    """A server with four customers in three rooms."""

    def __init__(self, synapse: Synapse) -> None:
        self.synapse = synapse
        self.tokens = {local: synapse.person(local, name, email) for local, (name, email) in PEOPLE.items()}
        everyone = list(self.tokens.values())
        self.rooms = [synapse.room(f"Repairs {number}", everyone) for number in (1, 2)]
        self.rooms.append(synapse.room("Warranty", [self.tokens["anna"]]))
        for room in self.rooms[:2]:
            for local in PEOPLE:
                synapse.say(self.tokens[local], room, f"kettle of {local}")
            synapse.say(synapse.admin, room, "We look into the kettles.")
        for local in ("anna", "ben"):
            synapse.attach(self.tokens[local], self.rooms[0], f"{local}.txt", f"invoice of {local}".encode())
        # She has left the last room; what she wrote there is found all the same.
        synapse.say(self.tokens["anna"], self.rooms[2], "my oven")
        synapse.call("POST", f"/_matrix/client/v3/rooms/{self.rooms[2]}/leave", self.tokens["anna"], json={})

    def of_others(self) -> dict[str, list[tuple[object, ...]]]:
        """Return everything that the database holds of those who stay and of the employee."""
        ids = [f"@{local}:{SERVER}" for local in (*STAY, "support")]
        marks = ", ".join("?" * len(ids))
        tables = {
            "event_json": f"event_id IN (SELECT event_id FROM events WHERE sender IN ({marks}))",
            "users": f"name IN ({marks})",
            "profiles": f"full_user_id IN ({marks})",
            "user_threepids": f"user_id IN ({marks})",
            "local_media_repository": f"user_id IN ({marks})",
            "current_state_events": f"state_key IN ({marks})",
        }
        return {
            table: sorted(self.synapse.rows(f"SELECT * FROM {table} WHERE {where}", *ids), key=repr)
            for table, where in tables.items()
        }

    def wait_for_jobs(self) -> None:
        """Wait until the server has worked off every redaction."""
        waiting = "SELECT count(*) FROM scheduled_tasks WHERE status IN ('scheduled', 'active')"
        wait_until(lambda: self.synapse.rows(waiting) == [(0,)], within=60, what="a redaction did not end")


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    with running_synapse(tmp_path_factory.mktemp("synapse")) as synapse:
        yield World(synapse)


@pytest.fixture
def desk(world, monkeypatch) -> RestConnector:
    monkeypatch.setenv("SYNAPSE_TOKEN", world.synapse.admin)
    values = {"host": "matrix.example.org", "server": SERVER}
    return connector_on(world.synapse.address, "synapse", "env:SYNAPSE_TOKEN", values=values)


def erase(world: World, desk: RestConnector, email: str) -> dict[str, set[OutcomeKind]]:
    """Carry a whole erasure out, kind by kind in the connector's order; jobs are waited for."""
    found = find(desk, known(email=email))
    outcomes: dict[str, set[OutcomeKind]] = {}
    for kind in desk.capabilities.kinds:
        refs = [item.record for item in found.subject if item.record.kind == kind.name]
        method = Method.ERASE if Method.ERASE in kind.methods else Method.REDACT
        ended = list(desk.erase_by_jobs(refs, method, found.known, {}))
        jobs = {outcome.record: outcome.job for outcome in ended if outcome.job}
        if jobs:
            world.wait_for_jobs()
            ended = [outcome for outcome in ended if not outcome.job]
            ended += desk.erase_by_jobs(list(jobs), method, found.known, jobs)
        outcomes[kind.name] = {outcome.kind for outcome in ended}
    return outcomes


def test_doctor_finds_the_server_and_its_searches_good(desk):
    """Every search for no one finds no one."""
    health = desk.probe()
    assert (health.ok, health.is_doubtful) == (True, False), health.detail
    assert all(sample.readable == sample.looked_at for sample in desk.samples())


def test_access_and_erasure_of_two_people_leave_everyone_else_to_the_byte(world, desk):
    """Their messages go out of the rooms that others share; the server's own database is the judge."""
    for local in ("anna", "carl"):
        _, email = PEOPLE[local]
        found = find(desk, known(email=email))
        counts = Counter(item.record.kind for item in found.subject)
        assert counts == Counter(account=1, device=1, room=2) + Counter(RECORDS_OF_ANNA if local == "anna" else ())
        parts = list(desk.extract([item.record for item in found.subject], found.known))
        text = json.dumps([part.content for part in parts if isinstance(part, Document)])
        assert f"kettle of {local}" in text
        assert not [other for other in PEOPLE if other != local and f'kettle of {other}"' in text]
        files = [b"".join(part.open()) for part in parts if isinstance(part, Blob)]
        assert files == ([b"invoice of anna"] if local == "anna" else [])
    before = world.of_others()
    for local in ("anna", "carl"):
        _, email = PEOPLE[local]
        subject = find(desk, known(email=email))
        outcomes = erase(world, desk, email)
        assert outcomes["room"] == {OutcomeKind.REDACTED}
        assert outcomes["account"] == {OutcomeKind.ERASED}
        looks = list(desk.presence([item.record for item in subject.subject], subject.known))
        assert not [look for look in looks if look.state in {PresenceState.PRESENT, PresenceState.UNKNOWN}]
        assert not find(desk, known(email=email)).subject
    assert world.of_others() == before


def test_a_completed_job_is_said_to_leave_text_for_seven_days(world, desk):
    """The server calls it complete, and its database has the text until a later day: that is in the answer."""
    room = next(kind for kind in desk.capabilities.kinds if kind.name == "room")
    kept = world.synapse.rows("SELECT event_id FROM event_json WHERE json LIKE '%kettle of carl%'")
    assert bool(kept) == ("7 days" in room.residue)
