"""The course of the clock: the start of the period, the days of suspension, and whether it is suspended now.

The European Union and the United Kingdom differ. Under the GDPR a prompt and justified question of identity suspends
the month (EDPB Guidelines 01/2022, 5.3). Under the UK GDPR the month starts with the proof of identity or the fee,
and the days of a clarification of an access request, first and last included, do not count.
"""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from rightsflow.domain.deadlines.model import ClockInput, SuspensionState
from rightsflow.domain.deadlines.regimes import IdentityEffect, Rule


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
    """The course with the suspension that the events, or a person's judgement of them, bring.

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
    """The clock is suspended from the day of the question to the day of the proof: the difference of the two dates."""
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
    """The days from the question to the answer do not count, both included; the older practice left one out."""
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
