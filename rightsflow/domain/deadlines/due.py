"""Due dates: from the events of a request to the dates of the law. Pure: nothing here knows what day it is.

The European Union and the United Kingdom differ. Under the GDPR a prompt and justified question of identity suspends
the month (EDPB Guidelines 01/2022, 5.3). Under the UK GDPR the month starts with the proof of identity or the fee,
and the days of a clarification of an access request, first and last included, do not count.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from rightsflow.domain.deadlines.model import ClockInput, DueDates, ExtensionState, SuspensionState
from rightsflow.domain.deadlines.periods import Period, PeriodEnds, nominal_end
from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.deadlines.regimes import UNDUE_AFTER_WORKING_DAYS, IdentityEffect, Rule, rule_for
from rightsflow.domain.deadlines.working_days import (
    DAY,
    HOLIDAYS_VERSION,
    WEEKENDS_ONLY,
    Place,
    add_working_days,
    names_of_days,
    on_or_after,
    on_or_before,
)


class Course(NamedTuple):
    """The course of one clock.

    Args:
        start_on: The day of the event that starts the period; it is not counted itself.
        strict_start_on: The same on the strictest reading: the sender's date where that was earlier.
        suspension: Whether the clock was suspended.
        days: How many days that adds.
        strict_days: The same on the strictest reading, which leaves one of the two end days out.
    """

    start_on: date
    strict_start_on: date
    suspension: SuspensionState
    days: int = 0
    strict_days: int = 0


def start_of(clock: ClockInput, rule: Rule, runs_out_on: date) -> Course:
    """Return the start of the period; the clock is suspended until the event that starts it.

    Args:
        clock: The events.
        rule: The rule that applies.
        runs_out_on: The last day of the period if it starts with the receipt; what is asked later starts nothing anew.
    """
    days = clock.days
    event_at, start_on, state = clock.received_at, days.received_on, SuspensionState.NONE
    if clock.pause_valid is not False:
        for applies, asked_on, arrived_at, arrived_on in (
            (
                rule.identity is IdentityEffect.STARTS,
                days.identity_requested_on,
                clock.identity_confirmed_at,
                days.identity_confirmed_on,
            ),
            (rule.fee_starts, days.fee_requested_on, clock.fee_paid_at, days.fee_paid_on),
        ):
            if not applies or asked_on is None:
                continue
            if asked_on > runs_out_on:
                state = SuspensionState.NOT_COUNTED if state is SuspensionState.NONE else state
            elif arrived_at is None or arrived_on is None:
                state = SuspensionState.STANDING
            elif arrived_at > event_at:
                event_at, start_on = arrived_at, arrived_on
    return Course(start_on, min(start_on, event_at.date()), state)


def suspend(clock: ClockInput, rule: Rule, course: Course, runs_out_on: date, prompt_until_on: date) -> Course:
    """Suspend the course as the events require, or the judgement of a person on them.

    Args:
        clock: The events.
        rule: The rule that applies.
        course: The course as started.
        runs_out_on: The last day of the period as it would run; a clock that has run out cannot be stopped.
        prompt_until_on: The last day on which a question of identity is prompt.
    """
    if rule.identity is IdentityEffect.SUSPENDS:
        return _identity_suspension(clock, course, runs_out_on, prompt_until_on)
    if rule.identity is IdentityEffect.STARTS:
        return _clarification_suspension(clock, rule, course, runs_out_on)
    return course


def _identity_suspension(clock: ClockInput, course: Course, runs_out_on: date, prompt_until_on: date) -> Course:
    """Suspend the clock from the day of the question to the day of the proof: the difference of the two dates."""
    asked_on, proved_on = clock.days.identity_requested_on, clock.days.identity_confirmed_on
    if asked_on is None:
        # Recital 63 lets some authorities stop the clock for a clarification, others not: no one should rely on it.
        asked_other = clock.clarification_requested_at or clock.fee_requested_at
        return course._replace(suspension=SuspensionState.NOT_COUNTED) if asked_other else course
    justified = clock.pause_valid
    if justified is None:
        justified = asked_on <= prompt_until_on
    if not justified or asked_on > runs_out_on:
        return course._replace(suspension=SuspensionState.NOT_COUNTED)
    if proved_on is None:
        return course._replace(suspension=SuspensionState.STANDING)
    days = (proved_on - asked_on).days
    return course._replace(suspension=SuspensionState.COUNTED, days=days, strict_days=max(0, days - 1))


def _clarification_suspension(clock: ClockInput, rule: Rule, course: Course, runs_out_on: date) -> Course:
    """Exclude the days from the question to the answer, both included; the older practice left one out."""
    asked_on, answered_on = clock.days.clarification_requested_on, clock.days.clarification_received_on
    if asked_on is None or course.suspension is SuspensionState.STANDING:
        return course
    known = clock.request_type in rule.clarification_for and clock.pause_valid is not False
    if not known or asked_on > runs_out_on:
        return course._replace(suspension=SuspensionState.NOT_COUNTED)
    if answered_on is None:
        return course._replace(suspension=SuspensionState.STANDING)
    days = max(0, (answered_on - max(asked_on, course.start_on)).days + 1)
    return course._replace(suspension=SuspensionState.COUNTED, days=days, strict_days=max(0, days - 1))


class Reckoning(NamedTuple):
    """The basis of a due date; :func:`rightsflow.domain.deadlines.explain` renders it in words.

    Args:
        rule: The rule that applies.
        ends: How its periods end at the place whose holidays count.
        received_on: The day of receipt.
        identity_asked_on: The day on which a proof of identity was asked for, or ``None``.
        prompt_until_on: The last day on which that question is prompt.
        course: When the period started and for how long the clock was suspended.
        base: The unextended length.
        total: The length that applies.
        extension: What became of a notice of extension.
        notice_on: The last day of the unextended period, and so the last day for that notice.
        nominal_on: The end of the period that applies, before weekends and holidays move it.
        last_on: The last day by law.
    """

    rule: Rule
    ends: PeriodEnds
    received_on: date
    identity_asked_on: date | None
    prompt_until_on: date
    course: Course
    base: Period
    total: Period
    extension: ExtensionState
    notice_on: date
    nominal_on: date
    last_on: date

    @property
    def place(self) -> Place:
        """Place whose holidays count."""
        return self.ends.place

    @property
    def is_started_late(self) -> bool:
        """True if the period began anew with a proof of identity that was not requested promptly."""
        if self.rule.identity is not IdentityEffect.STARTS or self.course.start_on == self.received_on:
            return False
        return self.identity_asked_on is not None and self.identity_asked_on > self.prompt_until_on

    @property
    def unsuspended_notice_on(self) -> date:
        """The last day for a notice of extension if nothing had suspended the clock or delayed its start."""
        return self.ends.of(self.received_on, self.base).last_on

    @property
    def days_off(self) -> list[tuple[date, str]]:
        """The days from the nominal end to the next working day, each with its name as a holiday or an empty text."""
        return names_of_days(self.nominal_on, on_or_after(self.nominal_on, self.place), self.place)

    @property
    def day_one_on(self) -> date:
        """The last day where the law counts from the receipt itself, with that day as day one."""
        return nominal_end(self.received_on, self.total, WEEKENDS_ONLY) - DAY

    @property
    def counts_holidays(self) -> bool:
        """True if the period ends earlier where holidays are business days."""
        return bool(self.total.business_days) and (
            nominal_end(self.course.start_on, self.total, WEEKENDS_ONLY) < self.nominal_on
        )


def due_dates(clock: ClockInput) -> DueDates:
    """Return the dates of one deadline, as the law stood on the day of receipt.

    Args:
        clock: The events; dates are taken in its ``zone``.

    Raises:
        BadInput: The law has no such deadline, the place is unknown, or a length is missing.
    """
    it = reckon(clock)
    rule, course = it.rule, it.course
    is_suspended = course.suspension is SuspensionState.STANDING
    safe_on, no_pause_on = _other_readings(clock, it)
    return DueDates(
        regime=rule.regime,
        rule_version=rule.version,
        holidays_version=HOLIDAYS_VERSION,
        due_on=None if is_suspended else it.last_on,
        due_at=None if is_suspended else end_of_day(it.last_on, clock.zone),
        nominal_on=None if is_suspended else it.nominal_on,
        safe_due_on=None if is_suspended else safe_on,
        operational_target_on=None if is_suspended else on_or_before(safe_on, it.place),
        extension_notice_due_on=it.notice_on if rule.names_notice_day and not is_suspended else None,
        no_pause_due_on=no_pause_on,
        suspension=course.suspension,
        suspended_days=course.days,
        extension=it.extension,
    )


def reckon(clock: ClockInput) -> Reckoning:
    """Settle which rule applies, how the clock ran, and whether the period was extended.

    Args:
        clock: The events.

    Raises:
        BadInput: As for :func:`due_dates`.
    """
    received_on, extended_on = clock.days.received_on, clock.days.extended_on
    rule = rule_for(clock.regime, clock.deadline_type, received_on)
    base, longest = rule.length(clock.period), rule.longest(clock.period, received_on)
    place = Place(clock.country, "" if rule.national_holidays_only else clock.subdivision)
    ends = PeriodEnds(place, rule.shifts, rule.least_working_days)
    prompt_until_on = add_working_days(received_on, UNDUE_AFTER_WORKING_DAYS, place)

    course = start_of(clock, rule, ends.runs_out_on(received_on, base, longest, extended_on))
    runs_out_on = ends.runs_out_on(course.start_on, base, longest, extended_on)
    course = suspend(clock, rule, course, runs_out_on, prompt_until_on)

    unextended = ends.of(course.start_on, base, more_days=course.days)
    extension = _extension(clock, rule, base, longest, unextended.last_on)
    total, end = base, unextended
    if extension is ExtensionState.GRANTED:
        total, end = longest, ends.of(course.start_on, longest, more_days=course.days)
    return Reckoning(
        rule,
        ends,
        received_on,
        clock.days.identity_requested_on,
        prompt_until_on,
        course,
        base,
        total,
        extension,
        unextended.last_on,
        end.nominal_on,
        end.last_on,
    )


def _extension(clock: ClockInput, rule: Rule, base: Period, longest: Period, notice_on: date) -> ExtensionState:
    if clock.days.extended_on is None:
        return ExtensionState.NONE
    if rule.extended_to is None and not rule.extension_announced:
        return ExtensionState.NOT_PROVIDED
    if clock.days.extended_on > notice_on:
        return ExtensionState.LATE
    if clock.extension_valid is False or longest == base:
        return ExtensionState.NOT_VALID
    return ExtensionState.GRANTED


def _other_readings(clock: ClockInput, it: Reckoning) -> tuple[date, date | None]:
    """Return the earliest day on any serious reading, and the last day if the suspension is held unjustified.

    The first: no shift, the sender's date, the shorter suspension and extension. The second is ``None`` where nothing
    suspended the clock or delayed its start. A notice of extension that was in time only because of the suspension
    was then late and extended nothing, unless a person judged it valid.
    """
    strict_on = it.course.strict_start_on
    safe_on = nominal_end(strict_on, it.total, WEEKENDS_ONLY)
    if it.extension is ExtensionState.GRANTED:
        first_on = nominal_end(strict_on, it.base, WEEKENDS_ONLY)
        safe_on = min(safe_on, nominal_end(first_on, it.total.beyond(it.base), WEEKENDS_ONLY))
    starts = [it.course.start_on] if it.course.suspension in _MAY_BE_UNJUSTIFIED else []
    if it.is_started_late:
        starts.append(it.received_on)
    base = it.total if clock.extension_valid else it.base
    unsuspended = (it.ends.runs_out_on(start_on, base, it.total, clock.days.extended_on) for start_on in starts)
    return (
        safe_on + timedelta(days=it.course.strict_days - it.rule.strict_counts_receipt_day),
        min(unsuspended, default=None),
    )


_MAY_BE_UNJUSTIFIED = frozenset({SuspensionState.STANDING, SuspensionState.COUNTED})
