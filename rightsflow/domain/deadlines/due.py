"""Due dates: from the events of a request to the dates of the law. Pure: nothing here knows what day it is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import NamedTuple

from rightsflow.domain.deadlines.course import Course, start_of, suspend
from rightsflow.domain.deadlines.model import ClockInput, DueDates, ExtensionState, SuspensionState
from rightsflow.domain.deadlines.periods import Period
from rightsflow.domain.deadlines.receipt import end_of_day, local_day
from rightsflow.domain.deadlines.regimes import UNDUE_AFTER_WORKING_DAYS, IdentityEffect, Rule, rule_for
from rightsflow.domain.deadlines.working_days import (
    DAY,
    HOLIDAYS_VERSION,
    WEEKENDS_ONLY,
    Place,
    add_working_days,
    on_or_after,
    on_or_before,
    working_days_between,
)


class Reckoning(NamedTuple):
    """What a due date rests on; :func:`rightsflow.domain.deadlines.explain` puts it into words.

    Args:
        rule: The rule that applies.
        place: Whose holidays count.
        received_on: The day of receipt.
        course: When the period started and how long it stood.
        base: The unextended length.
        total: The length that applies.
        extension: What became of a notice of extension.
        notice_on: The last day of the unextended period, and so the last day for that notice.
        nominal_on: The end of the period that applies, before weekends and holidays move it.
        last_on: The last day by law.
    """

    rule: Rule
    place: Place
    received_on: date
    course: Course
    base: Period
    total: Period
    extension: ExtensionState
    notice_on: date
    nominal_on: date
    last_on: date


def due_dates(clock: ClockInput) -> DueDates:
    """The dates of one deadline, as the law stood on the day of receipt.

    Args:
        clock: The events; dates are taken in its ``zone``.

    Raises:
        BadInput: The law has no such deadline, the place is unknown, or a length is missing.
    """
    it = reckon(clock)
    rule, place = it.rule, it.place
    course = it.course
    standing = course.suspension is SuspensionState.STANDING
    safe_on = _safe_day(it)
    return DueDates(
        regime=rule.regime,
        rule_version=rule.version,
        holidays_version=HOLIDAYS_VERSION,
        due_on=None if standing else it.last_on,
        due_at=None if standing else end_of_day(it.last_on, clock.zone),
        nominal_on=None if standing else it.nominal_on,
        safe_due_on=None if standing else safe_on,
        operational_target_on=None if standing else on_or_before(safe_on, place),
        extension_notice_due_on=it.notice_on if rule.names_notice_day and not standing else None,
        no_pause_due_on=unsuspended_day(clock, it),
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
    received = local_day(clock.received_at, clock.zone)
    rule = rule_for(clock.regime, clock.deadline_type, received)
    place = Place(clock.country, "" if rule.national_holidays_only else clock.subdivision)
    base = rule.length(clock.period)
    told_at = clock.extension_notice_sent_at
    told_on = local_day(told_at, clock.zone) if told_at else None

    def runs_out(start_on: date) -> date:
        """The last day of the period as it would run; a clock that has run out cannot be stopped."""
        end_on = last_day(rule, start_on, nominal_end(start_on, base, place), place)
        if told_on is None or told_on > end_on:
            return end_on
        return last_day(rule, start_on, nominal_end(start_on, _longest(clock, rule, base), place), place)

    course = start_of(clock, rule, received, runs_out(received))
    nominal_on = nominal_end(course.start_on, base, place)
    notice_on = last_day(rule, course.start_on, nominal_on, place)
    course = suspend(clock, rule, course, runs_out(course.start_on), place)
    if course.days:
        nominal_on += timedelta(days=course.days)
        notice_on = last_day(rule, course.start_on, nominal_on, place)
    extension = _extension(clock, rule, base, told_on, notice_on)
    if extension is not ExtensionState.GRANTED:
        return Reckoning(rule, place, received, course, base, base, extension, notice_on, nominal_on, notice_on)
    total = _longest(clock, rule, base)
    nominal_on = nominal_end(course.start_on, total, place) + timedelta(days=course.days)
    last_on = last_day(rule, course.start_on, nominal_on, place)
    return Reckoning(rule, place, received, course, base, total, extension, notice_on, nominal_on, last_on)


def nominal_end(start_on: date, period: Period, place: Place) -> date:
    """The end of a period before weekends and holidays move it."""
    if period.business_days:
        return add_working_days(start_on, period.business_days, place)
    return period.after(start_on)


def last_day(rule: Rule, start_on: date, nominal_on: date, place: Place) -> date:
    """The last day by law: the nominal end, moved to a working day where the law moves it.

    Art. 3(5) of Reg. 1182/71 gives every period of two days or more two working days; a month always has them.
    """
    if not rule.shifts:
        return nominal_on
    end_on = on_or_after(nominal_on, place)
    if rule.least_working_days and nominal_on - start_on > DAY:
        while working_days_between(start_on, end_on, place) < rule.least_working_days:
            end_on = on_or_after(end_on + DAY, place)
    return end_on


def unsuspended_day(clock: ClockInput, it: Reckoning) -> date | None:
    """The last day if what suspended the clock, or delayed its start, is held unjustified; ``None`` where nothing did.

    A notice of extension that was in time only because of the suspension was then late and extended nothing, unless a
    person judged it valid.

    Args:
        clock: The events.
        it: What their due date rests on.
    """
    found = []
    if it.course.suspension in {SuspensionState.STANDING, SuspensionState.COUNTED}:
        found.append(_plain_day(clock, it, it.course.start_on))
    if is_started_late(clock, it):
        found.append(_plain_day(clock, it, it.received_on))
    return min(found, default=None)


def is_started_late(clock: ClockInput, it: Reckoning) -> bool:
    """Whether the period began anew with a proof of identity that was not asked for promptly.

    Args:
        clock: The events.
        it: What their due date rests on.
    """
    asked_at = clock.identity_requested_at
    if it.rule.identity is not IdentityEffect.STARTS or asked_at is None or it.course.start_on == it.received_on:
        return False
    return local_day(asked_at, clock.zone) > add_working_days(it.received_on, UNDUE_AFTER_WORKING_DAYS, it.place)


def _plain_day(clock: ClockInput, it: Reckoning, start_on: date) -> date:
    """The last day of a period that nothing suspended, extended only if the notice was in time for it."""
    told_at = clock.extension_notice_sent_at
    first_on = last_day(it.rule, start_on, nominal_end(start_on, it.base, it.place), it.place)
    is_late = told_at is not None and local_day(told_at, clock.zone) > first_on
    if it.extension is ExtensionState.GRANTED and is_late and not clock.extension_valid:
        return first_on
    return last_day(it.rule, start_on, nominal_end(start_on, it.total, it.place), it.place)


def _longest(clock: ClockInput, rule: Rule, base: Period) -> Period:
    """The whole length after a valid extension; the unextended one where the notice names none longer."""
    if rule.extended_to is not None:
        return rule.extended_to
    announced = clock.period
    if rule.extension_announced and announced is not None:
        day = local_day(clock.received_at, clock.zone)
        return max(base, announced, key=lambda period: period.after(day))
    return base


def _extension(clock: ClockInput, rule: Rule, base: Period, told_on: date | None, notice_on: date) -> ExtensionState:
    if told_on is None:
        return ExtensionState.NONE
    if rule.extended_to is None and not rule.extension_announced:
        return ExtensionState.NOT_PROVIDED
    if told_on > notice_on:
        return ExtensionState.LATE
    if clock.extension_valid is False or _longest(clock, rule, base) == base:
        return ExtensionState.NOT_VALID
    return ExtensionState.GRANTED


def _safe_day(it: Reckoning) -> date:
    """The earliest day on any serious reading: no shift, the sender's date, the shorter suspension and extension."""
    start_on = it.course.strict_start_on
    safe_on = nominal_end(start_on, it.total, WEEKENDS_ONLY)
    if it.extension is ExtensionState.GRANTED:
        first_on = nominal_end(start_on, it.base, WEEKENDS_ONLY)
        safe_on = min(safe_on, nominal_end(first_on, it.total.beyond(it.base), WEEKENDS_ONLY))
    return safe_on + timedelta(days=it.course.strict_days - it.rule.strict_counts_receipt_day)
