"""What moved a case's clock, and the dates that follow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from rightsflow.domain.deadlines.case_dates import CaseDates
from rightsflow.domain.errors import Conflict
from rightsflow.domain.events import CaseEvent
from rightsflow.store.case.case_ledger import Ledger
from rightsflow.store.case.context import Context
from rightsflow.store.tables import CaseRow, ClockEventRow


class ClockEventKind(StrEnum):
    """What can move a clock; named as :class:`rightsflow.domain.deadlines.ClockInput` names it."""

    IDENTITY_REQUESTED = "identity_requested_at"
    IDENTITY_CONFIRMED = "identity_confirmed_at"
    CLARIFICATION_REQUESTED = "clarification_requested_at"
    CLARIFICATION_RECEIVED = "clarification_received_at"
    EXTENSION_NOTICE_SENT = "extension_notice_sent_at"

    @property
    def happened(self) -> str:
        """What happened, in words."""
        return _HAPPENED[self]


_HAPPENED = {
    ClockEventKind.IDENTITY_REQUESTED: "The person was asked to prove who they are",
    ClockEventKind.IDENTITY_CONFIRMED: "The proof of identity arrived",
    ClockEventKind.CLARIFICATION_REQUESTED: "The person was asked what they mean",
    ClockEventKind.CLARIFICATION_RECEIVED: "The person answered what they mean",
    ClockEventKind.EXTENSION_NOTICE_SENT: "The notice of extension went out",
}


ANSWER_TO = {
    ClockEventKind.IDENTITY_REQUESTED: ClockEventKind.IDENTITY_CONFIRMED,
    ClockEventKind.CLARIFICATION_REQUESTED: ClockEventKind.CLARIFICATION_RECEIVED,
}
"""The questions, each with what answers it."""


@dataclass(frozen=True, slots=True)
class ClockEvent:
    """One thing that happened.

    Args:
        kind: What.
        at: When (aware).
        by: Who recorded it.
    """

    kind: ClockEventKind
    at: datetime
    by: str


class CaseClock:
    """The clock of one case.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
    """

    def __init__(self, context: Context, ledger: Ledger) -> None:
        self._context = context
        self._ledger = ledger

    def events(self) -> dict[ClockEventKind, ClockEvent]:
        """What happened so far, by kind."""
        if not self._context.may_hold(ClockEventRow):
            return {}
        query = (
            select(ClockEventRow)
            .where(ClockEventRow.case_id == self._context.row.id)
            .order_by(ClockEventRow.at, ClockEventRow.id)
        )
        return {
            (kind := ClockEventKind(row.kind)): ClockEvent(kind, row.at, row.by)
            for row in self._context.session.scalars(query)
        }

    def record(self, kind: ClockEventKind, at: datetime, *, by: str) -> None:
        """Note that something happened; the dates have to be computed again.

        Args:
            kind: What.
            at: When (aware).
            by: Who records it.

        Raises:
            Conflict: It happened already.
        """
        if kind in self.events():
            raise Conflict(f"{kind.happened} already; look at `rightsflow show {self._context.row.id}`.")
        row = ClockEventRow(
            case_id=self._context.row.id,
            kind=kind.value,
            at=at,
            by=by,
            recorded_at=self._context.now,
        )
        self._context.session.add(row)
        self._context.session.flush()
        self._context.puts_in(ClockEventRow)
        self._ledger.append(CaseEvent.CLOCK_MOVED, actor=by, what=kind.value, at=at.isoformat())

    def dates(self) -> CaseDates:
        """The dates the case is held to."""
        row = self._context.row
        return CaseDates(**{name: getattr(row, name) for name in CaseDates.__dataclass_fields__})

    def set_dates(self, dates: CaseDates) -> None:
        """Hold the case to these dates from now on."""
        row = self._context.row
        before = row.due_on
        if row.closed_at is None and dates != self.dates():
            # Any of them moves rungs of the watch, also where the law's last day stays.
            row.watch_at = self._context.now
        apply_dates(row, dates)
        if row.due_on != before:
            self._ledger.append(
                CaseEvent.DUE_DATE_MOVED,
                before=before.isoformat(),
                now=row.due_on.isoformat(),
                safe_due_on=row.safe_due_on.isoformat(),
                work_to_on=row.work_to_on.isoformat(),
                explanation=row.explanation,
            )


def apply_dates(row: CaseRow, dates: CaseDates) -> None:
    """Write the dates into a case's row, whose columns are named as they are."""
    for name in CaseDates.__dataclass_fields__:
        setattr(row, name, getattr(dates, name))
