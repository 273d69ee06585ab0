"""The ledger: numbered without gaps and forks, also when many write at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert, text

from rightsflow.audit.ledger import Fault, FaultKind, check_chain
from rightsflow.domain.errors import Transient
from rightsflow.store import Database, Store
from rightsflow.store.core.case_ledger import links_of
from rightsflow.store.core.chain_ends import head_of
from rightsflow.store.tables import LedgerRow
from rightsflow.vault import MasterKey
from tests.support.casework import SECRET, at_once, opened

WRITERS = 8
ENTRIES = 5


def test_entries_come_back_in_order_without_a_gap(store, clock):
    case_id = opened(store)
    clock.pass_time(timedelta(minutes=1))
    with store.case_file(case_id) as file:
        file.ledger.append("StepDone", step="locate", system="helpdesk", matches=3)
        file.ledger.append("Revealed", actor="Ida Clerk")
    with store.case_file(case_id) as file:
        entries = list(file.ledger.entries())
    assert [(one.number, one.event, one.actor) for one in entries] == [
        (1, "CaseOpened", "Olga Opener"),
        (2, "StepDone", "rightsflow"),
        (3, "Revealed", "Ida Clerk"),
    ]
    assert entries[1].details == {"step": "locate", "system": "helpdesk", "matches": 3}
    assert entries[1].at == clock.moment

    case_id = opened(store)

    def fall_over() -> None:
        with store.case_file(case_id) as file:
            file.ledger.append("Lost")
            raise KeyError

    with pytest.raises(KeyError):
        fall_over()
    with store.case_file(case_id) as file:
        file.ledger.append("Kept")
        assert [(one.number, one.event) for one in file.ledger.entries()] == [(1, "CaseOpened"), (2, "Kept")]


@pytest.mark.apart
def test_many_writers_make_one_chain_of_numbers(store):
    case_id, beside = opened(store), opened(store)

    def write(number: int) -> None:
        for turn in range(ENTRIES):
            with store.case_file(case_id) as file:
                file.ledger.append("StepDone", writer=number, turn=turn)
            with store.case_file(beside) as file:
                file.ledger.append("StepDone", writer=number, turn=turn)

    assert at_once(WRITERS, write) == [None] * WRITERS
    for one in (case_id, beside):
        with store.case_file(one) as file:
            entries = list(file.ledger.entries())
        assert [entry.number for entry in entries] == list(range(1, 2 + WRITERS * ENTRIES))
        for number in range(WRITERS):
            turns = [entry.details["turn"] for entry in entries if entry.details.get("writer") == number]
            assert turns == list(range(ENTRIES)), "each writer's entries keep their order"


@pytest.mark.apart
def test_workers_with_connections_of_their_own_make_one_chain_of_numbers(postgres_url, postgres_database, clock):
    """As several processes do: each has its own engine, so that only the database's lock orders them."""
    case_id = opened(Store(postgres_database, MasterKey(SECRET), clock))

    def write(number: int) -> None:
        database = Database(postgres_url)
        try:
            for _ in range(ENTRIES):
                with Store(database, MasterKey(SECRET), clock).case_file(case_id) as file:
                    before = len(list(file.ledger.entries()))
                    file.ledger.append("StepDone", writer=number)
                    file.ledger.append("StepDone", writer=number)
                    assert len(list(file.ledger.entries())) == before + 2, "nobody wrote in between"
        finally:
            database.close()

    assert at_once(WRITERS, write) == [None] * WRITERS
    with Store(postgres_database, MasterKey(SECRET), clock).case_file(case_id) as file:
        entries = list(file.ledger.entries())
    assert [entry.number for entry in entries] == list(range(1, 2 + 2 * WRITERS * ENTRIES))
    pairs = [(entries[at].details["writer"], entries[at + 1].details["writer"]) for at in range(1, len(entries), 2)]
    assert all(one == two for one, two in pairs)


def test_the_database_itself_refuses_a_fork_a_gap_and_to_change_the_past(store):
    case_id = opened(store)
    with store.case_file(case_id) as file:
        file.ledger.append("StepDone")
        file.ledger.append("StepDone")
    for number in (1, 2, 3, 5):
        row = {"chain": case_id, "number": number, "body": "{}", "digest": "0" * 64}
        with pytest.raises((RuntimeError, Transient)), store.database.transaction() as session:
            session.execute(insert(LedgerRow).values(row))
        assert not faults(store, case_id)

    for statement in (
        "UPDATE ledger SET body = '{}' WHERE number = 1",
        "UPDATE ledger SET chain = 'X'",
        "DELETE FROM ledger WHERE number = 1",
        "DELETE FROM ledger",
        "UPDATE chains SET number = 0",
        "UPDATE chains SET digest = 'x'",
        "UPDATE chains SET chain = 'x'",
        "DELETE FROM chains",
        "INSERT INTO ledger (chain, number, body, digest) VALUES ('DSR-2026-AAAAAA', 2, '{}', 'x')",
    ):
        with pytest.raises((RuntimeError, Transient)), store.database.transaction() as session:
            session.execute(text(statement))
        assert not faults(store, case_id)

    case_id = opened(store)
    with store.case_file(case_id) as file:
        file.ledger.append("StepDone", matches=3)
    without_guards(store, """UPDATE ledger SET body = replace(body, 'StepDone', 'StepGone')""")
    assert [(fault.kind, fault.place) for fault in faults(store, case_id)] == [
        (FaultKind.ALTERED, f"entry 2 of {case_id}")
    ]


def test_a_purged_chain_lets_its_entries_go_and_is_final(store):
    case_id, other = opened(store), opened(store)
    with store.database.transaction() as session:
        session.execute(
            text("UPDATE chains SET purged_at = '2026-11-24 09:00:00+00:00' WHERE chain = :c"), {"c": case_id}
        )
        session.execute(text("DELETE FROM ledger WHERE chain = :c"), {"c": case_id})
    with pytest.raises((RuntimeError, Transient)), store.database.transaction() as session:
        session.execute(text("UPDATE chains SET purged_at = NULL"))
    with pytest.raises((RuntimeError, Transient)), store.case_file(case_id) as file:
        file.ledger.append("StepDone")
    assert not faults(store, other)


def faults(store: Store, case_id: str) -> list[Fault]:
    with store.database.transaction() as session:
        return check_chain(case_id, list(links_of(session, case_id)), head_of(session, case_id))


def without_guards(store: Store, statement: str) -> None:
    """As a person with all rights at the database can."""
    with store.database.transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ALTER TABLE ledger DISABLE TRIGGER USER"))
        else:
            session.execute(text("DROP TRIGGER ledger_unchanged"))
        session.execute(text(statement))
