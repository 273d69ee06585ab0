"""What a process remembers of a case on which it works: always what is stored, and read again only where it changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.orm import Session

from rightsflow.domain.case.task_kinds import TaskKind
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind
from rightsflow.store import CaseFile, Database, Store
from rightsflow.store.case.case_tasks import NewTask
from rightsflow.store.case.memory import MOST_KEPT, KeptMemories
from rightsflow.store.proofs.ledger_check import check_ledger
from rightsflow.vault import MasterKey
from tests.support.casework import EMAIL, PHONE, SECRET, Clock, email, located, opened

TASK: Final = NewTask(kind=TaskKind.MANUAL, system="calls", what="Ask.", records=1, due_on=date(2026, 4, 1))


def say_so(file: CaseFile) -> None:
    file.ledger.append(CaseEvent.STEP_DONE, step="locate", system="helpdesk")


def note_step(file: CaseFile) -> None:
    file.steps.start(StepName.LOCATE, "helpdesk", "a")
    file.steps.finish(StepName.LOCATE, "helpdesk", matches=len(file.steps.all()))


def learn(file: CaseFile) -> None:
    file.identifiers.add({email(f"name{len(file.identifiers.known())}")}, learnt_from="helpdesk")


def contest(file: CaseFile) -> None:
    file.identifiers.mark_contested(file.identifiers.known())


def keep_secret(file: CaseFile) -> None:
    file.outbox.keep_secret(f"search/{len(file.outbox.secrets_below('search/'))}", "why")


def write_letter(file: CaseFile) -> None:
    name = f"L{len(file.outbox.lines()) + 1}"
    file.outbox.put(template_id=name, version="1", language="en", subject_line="s", body="b", variables_hash="v")


def send_letter(file: CaseFile) -> None:
    for one in file.outbox.lines():
        if one.sent_at is None:
            file.outbox.mark_sent(one.template_id, datetime(2026, 11, 30, tzinfo=UTC), by="Olga Opener")


def find_one(file: CaseFile) -> None:
    there = [one.ref.ref for one in file.findings.all("helpdesk")]
    file.findings.replace("helpdesk", [located(key, EMAIL) for key in (*there, str(len(there)))])


def find_none(file: CaseFile) -> None:
    file.findings.replace("helpdesk", [])


def resolve(file: CaseFile) -> None:
    file.findings.resolve()


def end_one(file: CaseFile) -> None:
    for one in file.findings.all()[:1]:
        file.findings.record_outcome(
            Outcome(record=one.ref, kind=OutcomeKind.ERASED, reason="gone", request_id="req-1")
        )


def move_clock(file: CaseFile) -> None:
    if not file.clock.events():
        file.clock.record(ClockEventKind.IDENTITY_REQUESTED, datetime(2026, 11, 24, tzinfo=UTC), by="Ida Identity")
    else:
        file.clock.take_back(ClockEventKind.IDENTITY_REQUESTED, by="Ida Identity")


def note_task(file: CaseFile) -> None:
    file.tasks.note([TASK], owner="case_owner")


def hand_over(file: CaseFile) -> None:
    file.ownership.hand_over(f"person{len(file.ownership.handovers())}", by="Olga Opener", reason="holidays")


ACTS: Final[tuple[Callable[[CaseFile], None], ...]] = (
    *(say_so, note_step, learn, contest, keep_secret, write_letter, send_letter, find_one, find_none, resolve),
    *(end_one, move_clock, note_task, hand_over),
)


def said_of(file: CaseFile) -> dict[str, Any]:
    """All that the case file says, as far as it may be remembered."""
    return {
        "state": file.state,
        "owner": file.ownership.owner,
        "ledger": [(one.number, one.event, one.details) for one in file.ledger.entries()],
        "head": file.ledger.head,
        "steps": file.steps.all(),
        "identifiers": sorted(file.identifiers.known()),
        "contested": sorted(file.identifiers.contested()),
        "secrets": file.outbox.secrets_below(""),
        "letters": file.outbox.lines(),
        "findings": file.findings.all(),
        "standing": sorted(map(repr, file.findings.counted())),
        "clock": file.clock.events(),
        "tasks": file.tasks.all(),
        "handovers": file.ownership.handovers(),
        "masks": file.masks.all(),
        "instructions": file.instructions.all(),
        "agent": file.agents.present,
    }


@pytest.fixture
def other(store: Store, clock: Clock) -> Iterator[Store]:
    """Another process on the same cases."""
    database = Database(store.database.url)
    yield Store(database, MasterKey(SECRET), clock)
    database.close()


@contextmanager
def heard(store: Store) -> Iterator[list[str]]:
    statements: list[str] = []

    def hear(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        statements.append(statement)

    event.listen(store.database.engine, "before_cursor_execute", hear)
    try:
        yield statements
    finally:
        event.remove(store.database.engine, "before_cursor_execute", hear)


def _fail_in(opened: AbstractContextManager[CaseFile], *acts: Callable[[CaseFile], None]) -> None:
    with opened as file:
        for act in acts:
            act(file)
        raise ZeroDivisionError


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["own", "own", "another's"]), st.sampled_from(ACTS)), max_size=12))
def test_it_says_what_is_stored(
    store: Store, other: Store, clock: Clock, acts: list[tuple[str, Callable[[CaseFile], None]]]
) -> None:
    case_id = opened(store, EMAIL, PHONE)
    with store.keeping(case_id):
        for whose, act in acts:
            clock.pass_time(timedelta(seconds=1))
            with (store if whose == "own" else other).case_file(case_id) as file:
                act(file)
                said = said_of(file)
            with store.case_file(case_id) as file:
                remembered = said_of(file)
            # What waits for the end of a transaction is said in it by now.
            assert said == remembered
            with other.case_file(case_id) as file:
                assert remembered == said_of(file)
    assert not list(check_ledger(other.database))


def test_where_no_one_changed_the_case_only_its_row_is_read(store: Store) -> None:
    case_id = opened(store, EMAIL)
    with store.keeping(case_id):
        with store.case_file(case_id) as file:
            find_one(file)
            before = said_of(file)
        with heard(store) as statements, store.case_file(case_id) as file:
            assert said_of(file) == before
    assert [one for one in statements if one.startswith("SELECT") and "FROM cases" not in one] == []


def test_a_transaction_that_fails_is_forgotten(store: Store) -> None:
    case_id = opened(store, EMAIL)
    with store.keeping(case_id):
        with store.case_file(case_id) as file:
            before = said_of(file)
        with pytest.raises(ZeroDivisionError):
            _fail_in(store.case_file(case_id), note_step, learn, keep_secret, find_one, say_so)
        with store.case_file(case_id) as file:
            assert said_of(file) == before


def test_what_was_refused_within_a_transaction_is_not_remembered(store: Store) -> None:
    case_id = opened(store, EMAIL)
    with store.keeping(case_id):
        with store.case_file(case_id) as file:
            before = said_of(file)
            with pytest.raises(ZeroDivisionError), file.trying():
                _fail_in(nullcontext(file), keep_secret)
        with store.case_file(case_id) as file:
            assert said_of(file) == before


def test_nothing_is_remembered_after_the_work(store: Store, other: Store) -> None:
    case_id = opened(store, EMAIL)
    with store.keeping(case_id), store.case_file(case_id) as file:
        said_of(file)
        head = file.ledger.head.number
    with heard(store) as statements, store.case_file(case_id) as file:
        said_of(file)
    assert any("FROM steps" in one for one in statements)
    with other.case_file(case_id) as file:
        say_so(file)
    with store.case_file(case_id) as file:
        assert file.ledger.head.number == head + 1


def test_of_a_large_case_the_records_are_read_again(store: Store) -> None:
    case_id = opened(store, EMAIL)
    with store.keeping(case_id):
        with store.case_file(case_id) as file:
            file.findings.replace("helpdesk", [located(str(key), EMAIL) for key in range(MOST_KEPT + 1)])
            before = file.findings.kinds()
        with heard(store) as statements, store.case_file(case_id) as file:
            assert file.findings.kinds() == before
    assert sum("FROM findings" in one for one in statements) == 1


def test_another_case_is_read_as_it_stands(store: Store, other: Store) -> None:
    case_id, beside = opened(store, EMAIL), opened(store, EMAIL)
    with store.keeping(case_id):
        for count in (1, 2, 3):
            with other.case_file(beside) as file:
                keep_secret(file)
            with store.case_file(case_id) as file:
                assert len(file.beside(beside).outbox.secrets_below("search/")) == count
                say_so(file)


def test_a_thread_that_does_not_let_go_is_not_waited_for_for_ever() -> None:
    memories = KeptMemories(seconds=0.01)
    with (
        memories.keeping("RF-1"),
        memories.taken("RF-1", Session),
        pytest.raises(Transient, match="open for too long"),
        memories.taken("RF-1", Session),
    ):
        pytest.fail("it was taken twice")
