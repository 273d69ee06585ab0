"""The events that moved a case's clock, and the dates computed from them."""

from __future__ import annotations

from datetime import datetime

from rightsflow.domain.deadlines.case_dates import CaseDates
from rightsflow.domain.deadlines.clock_events import ClockEvent, ClockEventKind, refuse_repeated
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.core.case_ledger import CasePart
from rightsflow.store.tables import CaseRow, ClockEventRow


class CaseClock(CasePart):
    """The clock of one case."""

    def events(self) -> dict[ClockEventKind, ClockEvent]:
        """Return the clock events so far, by kind."""
        # The order of their numbers is the order of two at one instant.
        rows = sorted(self._context.rows(ClockEventRow), key=lambda row: row.at)
        return {(kind := ClockEventKind(row.kind)): ClockEvent(kind, row.at, row.by) for row in rows}

    def record(self, kind: ClockEventKind, at: datetime, *, by: str) -> None:
        """Note that something happened; the dates have to be computed again.

        Args:
            kind: What.
            at: When (aware).
            by: Who records it.

        Raises:
            Conflict: It happened already.
        """
        refuse_repeated(kind, self.events(), self._context.row.id)
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

    def take_back(self, kind: ClockEventKind, *, by: str) -> None:
        """Note that something which moved the clock did not happen after all; the dates have to be computed again.

        Args:
            kind: What.
            by: Who records it.
        """
        for row in self._context.rows(ClockEventRow):
            if row.kind == kind.value:
                self._context.session.delete(row)
        self._context.session.flush()
        what = f"{kind.value.removesuffix('_at')}_taken_back"
        self._ledger.append(CaseEvent.CLOCK_MOVED, actor=by, what=what, at=self._context.now.isoformat())

    def count_from(self, received_at: datetime, sent_offset: int | None) -> dict[str, str]:
        """Let the case count from when the same request was received before, unless it is closed or was earlier itself.

        Args:
            received_at: When that was (aware).
            sent_offset: The offset of the clock where it was sent, in minutes; ``None`` where that is not known.

        Returns:
            What the ledger says of that: from when it counts. Empty where nothing moves; else its dates have to be
            computed again.
        """
        row = self._context.row
        if row.closed_at is not None or received_at >= row.received_at:
            return {}
        row.received_at, row.sent_offset = received_at, sent_offset
        return {"counts_from": received_at.isoformat()}

    def dates(self) -> CaseDates:
        """The dates the case is held to."""
        row = self._context.row
        return CaseDates(**{name: getattr(row, name) for name in CaseDates.__dataclass_fields__})

    def set_dates(self, dates: CaseDates) -> None:
        """Set the case's dates."""
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
    """Write the dates into the columns of a case's row, which have the same names."""
    for name in CaseDates.__dataclass_fields__:
        setattr(row, name, getattr(dates, name))
