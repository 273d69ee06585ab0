"""The journal: numbered without gaps and forks, also when many write at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from rightsflow.store import Database, Store
from rightsflow.store.tables import JournalRow
from rightsflow.vault import MasterKey
from tests.rightsflow.store.casework import SECRET, Clock, at_once, opened

WRITERS = 8
ENTRIES = 5


def test_entries_come_back_in_order(store: Store, clock: Clock) -> None:
    case_id = opened(store)
    clock.pass_time(timedelta(minutes=1))
    with store.case_file(case_id) as file:
        file.journal.append("StepDone", step="locate", system="helpdesk", matches=3)
        file.journal.append("Revealed", actor="Ida Clerk")
    with store.case_file(case_id) as file:
        entries = list(file.journal.entries())
    assert [(one.number, one.event, one.actor) for one in entries] == [
        (1, "CaseOpened", "Olga Opener"),
        (2, "StepDone", "rightsflow"),
        (3, "Revealed", "Ida Clerk"),
    ]
    assert entries[1].details == {"step": "locate", "system": "helpdesk", "matches": 3}
    assert entries[1].at == clock.moment


def test_what_was_rolled_back_leaves_no_gap(store: Store) -> None:
    case_id = opened(store)

    def fall_over() -> None:
        with store.case_file(case_id) as file:
            file.journal.append("Lost")
            raise KeyError

    with pytest.raises(KeyError):
        fall_over()
    with store.case_file(case_id) as file:
        file.journal.append("Kept")
        assert [(one.number, one.event) for one in file.journal.entries()] == [(1, "CaseOpened"), (2, "Kept")]


def test_many_writers_make_one_chain_of_numbers(store: Store) -> None:
    case_id, beside = opened(store), opened(store)

    def write(number: int) -> None:
        for turn in range(ENTRIES):
            with store.case_file(case_id) as file:
                file.journal.append("StepDone", writer=number, turn=turn)
            with store.case_file(beside) as file:
                file.journal.append("StepDone", writer=number, turn=turn)

    assert at_once(WRITERS, write) == [None] * WRITERS
    for one in (case_id, beside):
        with store.case_file(one) as file:
            entries = list(file.journal.entries())
        assert [entry.number for entry in entries] == list(range(1, 2 + WRITERS * ENTRIES))
        for number in range(WRITERS):
            turns = [entry.details["turn"] for entry in entries if entry.details.get("writer") == number]
            assert turns == list(range(ENTRIES)), "each writer's entries keep their order"


def test_workers_with_connections_of_their_own_make_one_chain_of_numbers(
    postgres_url: str, postgres_database: Database, clock: Clock
) -> None:
    """As several processes do: each has its own engine, so that only the database's lock orders them."""
    case_id = opened(Store(postgres_database, MasterKey(SECRET), clock))

    def write(number: int) -> None:
        database = Database(postgres_url)
        try:
            for _ in range(ENTRIES):
                with Store(database, MasterKey(SECRET), clock).case_file(case_id) as file:
                    before = len(list(file.journal.entries()))
                    file.journal.append("StepDone", writer=number)
                    file.journal.append("StepDone", writer=number)
                    assert len(list(file.journal.entries())) == before + 2, "nobody wrote in between"
        finally:
            database.close()

    assert at_once(WRITERS, write) == [None] * WRITERS
    with Store(postgres_database, MasterKey(SECRET), clock).case_file(case_id) as file:
        entries = list(file.journal.entries())
    assert [entry.number for entry in entries] == list(range(1, 2 + 2 * WRITERS * ENTRIES))
    pairs = [(entries[at].details["writer"], entries[at + 1].details["writer"]) for at in range(1, len(entries), 2)]
    assert all(one == two for one, two in pairs)


def test_the_database_itself_refuses_a_fork(store: Store) -> None:
    case_id = opened(store)
    fork = {"case_id": case_id, "number": 1, "at": store.now(), "actor": "x", "event": "y", "details": {}}
    with pytest.raises(RuntimeError, match="refused a statement"), store.database.transaction() as session:
        session.execute(insert(JournalRow).values(**fork))
