"""What a process remembers of a system's breaker, and what it asks the database for."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from rightsflow.domain.circuit_breaker import FAILURES
from rightsflow.store.coordination.system_limits import TRUSTED, Breakers


@pytest.fixture
def here(database, clock):
    return Breakers(database, clock)


@pytest.fixture
def elsewhere(database, clock):
    """Another process's."""
    return Breakers(database, clock)


def break_off(breakers: Breakers) -> None:
    for _ in range(FAILURES):
        breakers.note_failure("helpdesk")


def may_call(breakers: Breakers) -> bool:
    return breakers.ask("helpdesk", "DSR-2026-7K3M9Q") is None


def test_what_is_found_out_here_counts_at_once_and_elsewhere_a_moment_later(here, elsewhere, clock):
    assert may_call(here)
    break_off(here)
    assert not may_call(here)
    here.note_answer("helpdesk")
    assert may_call(here)

    assert may_call(here)
    break_off(elsewhere)
    clock.pass_time(TRUSTED)
    assert not may_call(here)


def test_an_answer_ends_a_moment_later_what_another_process_noted(here, elsewhere, clock):
    assert may_call(here)
    break_off(elsewhere)
    clock.pass_time(TRUSTED)
    here.note_answer("helpdesk")
    assert may_call(elsewhere)


def test_within_a_moment_the_database_is_asked_once(here, database):
    statements: list[str] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def _note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    for _ in range(10):
        assert may_call(here)
        here.note_answer("helpdesk")
    assert len([one for one in statements if "breakers" in one]) == 1


def test_a_clock_that_was_set_back_makes_nothing_last(here, elsewhere, clock):
    assert may_call(here)
    break_off(elsewhere)
    clock.pass_time(-TRUSTED)
    assert not may_call(here)
