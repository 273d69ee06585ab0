"""Cases for the board and its figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import event, insert

from rightsflow.domain.board import Group
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import Database
from rightsflow.store.tables import CaseRow

TODAY = date(2026, 11, 24)


NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)


ALL = dict.fromkeys(Group, 10_000)


def row(number: int, work_to: int = 20, **changes: Any) -> dict[str, Any]:
    """A case's row; its dates in days from today."""
    due_on = TODAY + timedelta(days=changes.pop("due", work_to + 2))
    return {
        "id": f"DSR-2026-{number:06d}",
        "right": "access",
        "state": CaseState.IN_PROGRESS.value,
        "channel": "e-mail",
        "opened_by": "Olga Opener",
        "owner": "case_owner",
        "received_at": NOW,
        "opened_at": NOW,
        "state_since": NOW,
        "regime": "gdpr",
        "rule_version": "1",
        "due_on": due_on,
        "due_at": NOW,
        "safe_due_on": due_on,
        "work_to_on": TODAY + timedelta(days=work_to),
        "explanation": "",
        "wrapped_key": b"no key is needed",
        "closed_at": None,
        "suspended_since": None,
    } | changes


def put(database: Database, *rows: dict[str, Any]) -> None:
    with database.transaction() as session:
        session.execute(insert(CaseRow), list(rows))


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(*arguments: Any) -> None:
        sent.append(arguments[2])

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
