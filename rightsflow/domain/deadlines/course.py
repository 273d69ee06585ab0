"""How the clock ran: when the period started, for how many days it stood, whether it stands now.

The European Union and the United Kingdom differ. Under the GDPR a prompt and justified question of identity suspends
the month (EDPB Guidelines 01/2022, 5.3). Under the UK GDPR the month starts with the proof of identity or the fee,
and the days of a clarification of an access request, first and last included, do not count.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from rightsflow.domain.deadlines.model import ClockInput, SuspensionState
from rightsflow.domain.deadlines.receipt import local_day
from rightsflow.domain.deadlines.regimes import UNDUE_AFTER_WORKING_DAYS, IdentityEffect, Rule
from rightsflow.domain.deadlines.working_days import Place, add_working_days


class Course(NamedTuple):
    """How one clock ran.

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


def start_of(clock: ClockInput, rule: Rule, received: date, runs_out_on: date) -> Course:
    """When the period started, standing where what would start it has not arrived.

    Args:
        clock: The events.
        rule: The rule that applies.
        received: The day of receipt.
        runs_out_on: The last day of the period if it starts then; what is asked later starts nothing anew.
    """
    event_at, start_on, state = clock.received_at, received, SuspensionState.NONE
    if clock.pause_valid is not False:
        for applies, asked_at, arrived_at in (
            (rule.identity is IdentityEffect.STARTS, clock.identity_requested_at, clock.identity_confirmed_at),
            (rule.fee_starts, clock.fee_requested_at, clock.fee_paid_at),
        ):
            if not applies or asked_at is None:
                continue
            if local_day(asked_at, clock.zone) > runs_out_on:
                state = SuspensionState.NOT_COUNTED if state is SuspensionState.NONE else state
                continue
            if arrived_at is None:
                state = SuspensionState.STANDING
            elif arrived_at > event_at:
                event_at, start_on = arrived_at, local_day(arrived_at, clock.zone)
    return Course(start_on, min(start_on, event_at.date()), state)


def suspend(clock: ClockInput, rule: Rule, course: Course, runs_out_on: date, place: Place) -> Course:
    """The course with the suspension that the events, or a person's judgement of them, bring.

    Args:
        clock: The events.
        rule: The rule that applies.
        course: The course as started.
        runs_out_on: The last day of the period as it would run; a clock that has run out cannot be stopped.
        place: Whose holidays count.
    """
    if rule.identity is IdentityEffect.SUSPENDS:
        return _identity_suspension(clock, course, runs_out_on, place)
    if rule.identity is IdentityEffect.STARTS:
        return _clarification_suspension(clock, rule, course, runs_out_on)
    return course


def _identity_suspension(clock: ClockInput, course: Course, runs_out_on: date, place: Place) -> Course:
    """The clock is suspended from the day of the question to the day of the proof: the difference of the two dates."""
    if clock.identity_requested_at is None:
        # Recital 63 lets some authorities stop the clock for a clarification, others not: no one should rely on it.
        asked_other = clock.clarification_requested_at or clock.fee_requested_at
        return course._replace(suspension=SuspensionState.NOT_COUNTED) if asked_other else course
    asked_on = local_day(clock.identity_requested_at, clock.zone)
    justified = clock.pause_valid
    if justified is None:
        justified = asked_on <= add_working_days(course.start_on, UNDUE_AFTER_WORKING_DAYS, place)
    if not justified or asked_on > runs_out_on:
        return course._replace(suspension=SuspensionState.NOT_COUNTED)
    if clock.identity_confirmed_at is None:
        return course._replace(suspension=SuspensionState.STANDING)
    days = (local_day(clock.identity_confirmed_at, clock.zone) - asked_on).days
    return course._replace(suspension=SuspensionState.COUNTED, days=days, strict_days=max(0, days - 1))


def _clarification_suspension(clock: ClockInput, rule: Rule, course: Course, runs_out_on: date) -> Course:
    """The days from the question to the answer do not count, both included; the older practice left one out."""
    if clock.clarification_requested_at is None or course.suspension is SuspensionState.STANDING:
        return course
    asked_on = local_day(clock.clarification_requested_at, clock.zone)
    known = clock.request_type in rule.clarification_for and clock.pause_valid is not False
    if not known or asked_on > runs_out_on:
        return course._replace(suspension=SuspensionState.NOT_COUNTED)
    if clock.clarification_received_at is None:
        return course._replace(suspension=SuspensionState.STANDING)
    answered_on = local_day(clock.clarification_received_at, clock.zone)
    days = max(0, (answered_on - max(asked_on, course.start_on)).days + 1)
    return course._replace(suspension=SuspensionState.COUNTED, days=days, strict_days=max(0, days - 1))
