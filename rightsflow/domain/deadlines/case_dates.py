"""The dates of a case: what the clock of the law says of its events, and what is worked to during a suspension."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from rightsflow.domain.deadlines import ClockInput, ExtensionState, due_dates, explain, standing_since
from rightsflow.domain.deadlines.standing import without_open_questions


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseDates:
    """The dates a case is held to; days are days in the controller's zone.

    Args:
        regime: The law.
        rule_version: Which version of its rule.
        holidays_version: Which holiday table.
        due_on: The last day of the law. During a suspension it is the last day without the question that is open, so
            that nothing is lost should the suspension be held unjustified. What was answered before counts: under the
            UK GDPR the month goes on starting with the proof of identity (Art. 12A UK GDPR).
        due_at: The last second of that day (aware).
        safe_due_on: The conservative reading of that day.
        work_to_on: The target date.
        notice_due_on: The last day for the notice of an extension, where the law has one.
        no_pause_due_on: The last day without the suspension, where there was one.
        suspended_since: Since when the clock is suspended (aware), or ``None``.
        extended: Whether the period was extended.
        explanation: How the dates follow from the events, in words.
    """

    regime: str
    rule_version: str
    holidays_version: str
    due_on: date
    due_at: datetime
    safe_due_on: date
    work_to_on: date
    notice_due_on: date | None
    no_pause_due_on: date | None
    suspended_since: datetime | None
    extended: bool
    explanation: str

    def with_agreed_target(self, on: date) -> CaseDates:
        """Return these dates with the target date that a processor agreed with its controller, if that is earlier.

        Args:
            on: The day, in the processor's zone.
        """
        if on >= self.work_to_on:
            return self
        explanation = f"{self.explanation} It is worked to {on:%a %d %b %Y}, as agreed with the controller."
        return replace(self, work_to_on=on, explanation=explanation)

    def no_later_than(self, promised: CaseDates) -> CaseDates:
        """Return these dates, none later than the dates promised before on the same events.

        Holiday tables change; a date that was told to a person, or worked to, never moves later for that. Where
        something happened that moves the clock (a suspension, an extension), the new dates stand as they are.

        Args:
            promised: The dates that were given before.
        """
        return replace(
            self,
            due_on=min(self.due_on, promised.due_on),
            due_at=min(self.due_at, promised.due_at),
            safe_due_on=min(self.safe_due_on, promised.safe_due_on),
            work_to_on=min(self.work_to_on, promised.work_to_on),
            notice_due_on=_earlier(self.notice_due_on, promised.notice_due_on),
            no_pause_due_on=_earlier(self.no_pause_due_on, promised.no_pause_due_on),
        )


def _earlier(*days: date | None) -> date | None:
    return min((day for day in days if day), default=None)


def case_dates(clock: ClockInput) -> CaseDates:
    """Return the dates that follow from a case's events.

    Args:
        clock: The events, in the controller's zone and place.

    Raises:
        BadInput: The law has no such deadline, or the place is unknown.
    """
    due = due_dates(clock)
    since = standing_since(clock) if due.suspended else None
    explanation = explain(clock, due, since)
    if since is not None:
        due = due_dates(without_open_questions(clock))
    if due.due_on is None or due.due_at is None or due.safe_due_on is None or due.operational_target_on is None:
        raise ValueError("a clock that no suspension stops has a due date")
    return CaseDates(
        regime=due.regime.value,
        rule_version=due.rule_version,
        holidays_version=due.holidays_version,
        due_on=due.due_on,
        due_at=due.due_at,
        safe_due_on=due.safe_due_on,
        work_to_on=due.operational_target_on,
        notice_due_on=due.extension_notice_due_on,
        no_pause_due_on=_earlier(due.due_on, due.no_pause_due_on) if since else due.no_pause_due_on,
        suspended_since=since,
        extended=due.extension is ExtensionState.GRANTED,
        explanation=explanation,
    )
