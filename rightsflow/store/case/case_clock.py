"""The clock of a case: the events that moved it, the dates computed from them, and the forecast with its durations."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, tuple_
from sqlalchemy.orm import Session

from rightsflow.domain.deadlines.case_dates import CaseDates
from rightsflow.domain.deadlines.clock_events import ClockEvent, ClockEventKind, refuse_repeated
from rightsflow.domain.forecast import History, Part
from rightsflow.domain.forecast_trail import StepTrail, Trail, measure
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import StepState
from rightsflow.store.case.steps import Step, Steps
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.tables import CaseRow, ClockEventRow, DurationRow


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
        """Return the dates of the case."""
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


@dataclass(frozen=True, slots=True)
class ForecastLine:
    """The forecast of a case's answer.

    Args:
        expected_on: The day by which half of such cases are answered, in the controller's zone.
        late_on: The day by which nine in ten are.
        at_risk: Whether that is later than the target date.
        basis: What the forecast rests on, in words.
    """

    expected_on: date
    late_on: date
    at_risk: bool
    basis: str


class Forecasts(CasePart):
    """The forecast of one case."""

    @property
    def present(self) -> ForecastLine | None:
        """The last forecast of the answer; ``None`` before the first."""
        row = self._context.row
        if row.expected_on is None or row.expected_late_on is None:
            return None
        return ForecastLine(row.expected_on, row.expected_late_on, row.at_risk, row.forecast_basis)

    def keep(self, forecast: ForecastLine) -> None:
        """Store a forecast; the ledger notes one that newly puts the case at risk."""
        row = self._context.row
        if forecast.at_risk and not row.at_risk:
            self._ledger.append(
                CaseEvent.CASE_AT_RISK, late_on=forecast.late_on.isoformat(), work_to_on=str(row.work_to_on)
            )
        if forecast.at_risk != row.at_risk:
            row.watch_at = self._context.now
        row.expected_on, row.expected_late_on = forecast.expected_on, forecast.late_on
        row.forecast_at = self._context.now
        row.at_risk, row.forecast_basis = forecast.at_risk, forecast.basis


NEWEST = 500
"""The number of cases per part and system in a history: enough for a steady 90 % quantile."""
REACHING_BACK = timedelta(days=400)
"""The length of the history: a year with all its seasons, and not the ways of working before it."""


class Durations:
    """The durations of one case, and those of earlier cases.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        steps: The case's steps.
    """

    def __init__(self, context: Context, ledger: Ledger, steps: Steps) -> None:
        self._context = context
        self._ledger = ledger
        self._steps = steps

    def trail(self) -> Trail:
        """Return the trail of the case so far."""
        events = [(entry.event, entry.at) for entry in self._ledger.entries()]
        return Trail.of(Right(self._context.row.right), events, map(_left_behind, self._steps.all()))

    def record(self) -> None:
        """Note how long each part took; the case has just been closed."""
        row = self._context.row
        self._context.session.add_all(
            DurationRow(
                case_id=row.id,
                right=row.right,
                part=item.part.value,
                system=item.system,
                seconds=item.seconds,
                ended_at=self._context.now,
            )
            for item in measure(self.trail(), row.closed_at or self._context.now)
        )
        self._context.session.flush()

    def forget(self) -> None:
        """Delete the noted durations: the case is not closed after all."""
        self._context.session.execute(delete(DurationRow).where(DurationRow.case_id == self._context.row.id))

    def history(self, newest: int = NEWEST) -> History:
        """Return the durations measured in cases for the same right.

        It is read in the case's own transaction: on SQLite a second one would wait for this one to end.

        Args:
            newest: How many durations are read per part and system.
        """
        return read_history(self._context.session, Right(self._context.row.right), self._context.now, newest)


def read_history(session: Session, right: Right, now: datetime, newest: int = NEWEST) -> History:
    """Return the newest durations of each part at each system.

    Each is sought in the index, so that the cost does not grow with the number of closed cases.

    Args:
        session: The open transaction.
        right: What the cases are about.
        now: The present instant (aware).
        newest: How many are read per part and system.
    """
    seconds = {}
    last = ("", "")
    while (measured := _next_measured(session, right, last)) is not None:
        part, system = last = measured
        query = (
            select(DurationRow.seconds)
            .where(
                DurationRow.right == right.value,
                DurationRow.part == part,
                DurationRow.system == system,
                DurationRow.ended_at > now - REACHING_BACK,
            )
            .order_by(DurationRow.ended_at.desc())
            .limit(newest)
        )
        seconds[Part(part), system] = tuple(session.scalars(query))
    return History(right, seconds)


def _next_measured(session: Session, right: Right, last: tuple[str, str]) -> tuple[str, str] | None:
    """Return the next part and system in the index, or ``None`` after the last."""
    columns = (DurationRow.part, DurationRow.system)
    query = (
        select(*columns).where(DurationRow.right == right.value, tuple_(*columns) > last).order_by(*columns).limit(1)
    )
    row = session.execute(query).one_or_none()
    return (row.part, row.system) if row else None


def _left_behind(step: Step) -> StepTrail:
    return StepTrail(
        step=step.step,
        system=step.system,
        done_at=step.finished_at if step.state is StepState.DONE else None,
        holds=bool(step.counts.get("matches")),
    )
