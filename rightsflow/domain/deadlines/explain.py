"""A deadline in words that a lawyer can check and sign."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from rightsflow.domain import wording
from rightsflow.domain.deadlines.due import Reckoning, reckon
from rightsflow.domain.deadlines.model import ClockInput, DueDates, EventDays, ExtensionState, SuspensionState
from rightsflow.domain.deadlines.periods import Period
from rightsflow.domain.deadlines.regimes import IdentityEffect
from rightsflow.domain.deadlines.working_days import DAY, Place
from rightsflow.domain.wording import MONTHS, counted, listed

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_YEAR = re.compile(rf"(?P<month>{'|'.join(MONTHS)}) (?P<year>\d{{4}})")


def explain(clock: ClockInput, due: DueDates, since: datetime | None) -> str:
    """Explain the dates by the events: receipt, suspension, extension, end, weekend or holiday, and the sources.

    Args:
        clock: The events.
        due: What :func:`rightsflow.domain.deadlines.due_dates` made of them.
        since: What :func:`rightsflow.domain.deadlines.standing_since` made of them.

    Returns:
        A paragraph in English without personal data.
    """
    it = reckon(clock)
    days, asked_on = clock.days, since.astimezone(clock.zone).date() if since else None
    course = [*_receipt(clock, it), *_suspension(days, it), *_extension(days, it), *_end(clock.zone, it, due, asked_on)]
    text = _with_the_year_once(". ".join(["; ".join(course), *_caveats(clock, it, due)]))
    return f"{text}. Sources: {it.rule.law}; rule {due.rule_version}; {due.holidays_version}."


def words(day: date) -> str:
    """Return a date as a letter writes it, for example ``Thursday 5 March 2026``."""
    return f"{_WEEKDAYS[day.weekday()]} {wording.day(day)}"


def _with_the_year_once(text: str) -> str:
    """Write the year with the first date only, where all dates are of one year."""
    if len({match["year"] for match in _YEAR.finditer(text)}) > 1:
        return text
    first = next(_YEAR.finditer(text)).end()
    return text[:first] + _YEAR.sub(r"\g<month>", text[first:])


def _city(zone: ZoneInfo) -> str:
    return zone.key.rpartition("/")[2].replace("_", " ")


def _day_of(day: date | None) -> str:
    return words(day) if day else "a day not recorded"


def _receipt(clock: ClockInput, it: Reckoning) -> Iterator[str]:
    city = _city(clock.zone)
    local = clock.received_at.astimezone(clock.zone)
    at = "" if local.time() == time.min else f", {local:%H:%M}"  # else only the day was noted
    yield f"Received {words(it.received_on)}{at} in {city}"
    if clock.received_at.date() < it.received_on:
        yield f"where it was sent it was still {words(clock.received_at.date())}"
    if it.course.start_on > it.received_on:
        proof, paid = clock.identity_confirmed_at, clock.fee_paid_at
        fee_last = it.rule.fee_starts and paid is not None and (proof is None or paid > proof)
        arrived = "the fee was paid" if fee_last else "the proof of identity arrived"
        yield f"the period starts on {words(it.course.start_on)}, when {arrived}"


def _suspension(days: EventDays, it: Reckoning) -> Iterator[str]:
    if it.course.suspension is SuspensionState.NOT_COUNTED:
        asked = (days.identity_requested_on, days.clarification_requested_on, days.fee_requested_on)
        yield f"what was asked of the person on {words(min(day for day in asked if day))} does not stop the clock"
    elif it.course.suspension is SuspensionState.COUNTED:
        if it.rule.identity is IdentityEffect.STARTS:
            asked_on, answered_on = days.clarification_requested_on, days.clarification_received_on
            subject, rule = "the meaning of the request", "both days included"
        else:
            asked_on, answered_on = days.identity_requested_on, days.identity_confirmed_on
            subject, rule = "identity", "the difference of the two dates"
        yield (
            f"{subject} was open from {_day_of(asked_on)} to {_day_of(answered_on)}, "
            f"and the clock was suspended for {counted(it.course.days, 'day')}, {rule}"
        )


def _extension(days: EventDays, it: Reckoning) -> Iterator[str]:
    if days.extended_on is None:
        return
    notice = f"the notice of extension of {words(days.extended_on)}"
    match it.extension:
        case ExtensionState.GRANTED:
            yield f"{notice} came in time (its last day was {words(it.notice_on)}) and makes it {it.total} in all"
        case ExtensionState.LATE:
            yield f"{notice} came after its last day, {words(it.notice_on)}, and extends nothing"
        case ExtensionState.NOT_VALID:
            yield f"{notice} was not valid and extends nothing"
        case ExtensionState.NOT_PROVIDED:
            yield f"{notice} does not extend this deadline"


def _end(zone: ZoneInfo, it: Reckoning, due: DueDates, asked_on: date | None) -> Iterator[str]:
    if due.operational_target_on is None:
        yield f"the person was asked on {_day_of(asked_on)} and has not answered"
        yield "the clock is suspended, and there is no due date"
        return
    length = "the month" if it.total == Period(months=1) else f"the {it.total}"
    if it.course.days:
        length += f" and the {counted(it.course.days, 'day')} of suspension"
    yield f"{length} {'ends' if length == 'the month' else 'end'} on {words(it.nominal_on)}"
    days_off = it.days_off
    if not it.rule.shifts and days_off:
        yield "this law moves no end from a weekend or a holiday"
    if it.last_on > it.nominal_on and days_off:
        yield _days_off(days_off, it.place)
    if it.last_on > it.nominal_on + len(days_off) * DAY:
        yield "a period of two days or more has to hold at least two working days"
    yield f"due {words(it.last_on)}, 24:00 in {_city(zone)}"
    yield f"target date {words(due.operational_target_on)}"


def _days_off(days: Sequence[tuple[date, str]], place: Place) -> str:
    named = [
        f"{words(day)} ({name.replace(' (observed)', ', observed')})" if name else words(day) for day, name in days
    ]
    return f"{listed(named)} {'is no working day' if len(named) == 1 else 'are no working days'} in {place}"


def _caveats(clock: ClockInput, it: Reckoning, due: DueDates) -> Iterator[str]:
    if due.no_pause_due_on is not None:
        sentence = f"If the suspension is held unjustified, the last day is {words(due.no_pause_due_on)}"
        if it.is_started_late:
            sentence = (
                f"Identity was asked for on {_day_of(it.identity_asked_on)}, and the ICO expects that "
                f"promptly; if it is held too late, the last day is {words(due.no_pause_due_on)}"
            )
        told_on, last_on = clock.days.extended_on, it.unsuspended_notice_on
        if it.extension is ExtensionState.GRANTED and told_on is not None and told_on > last_on:
            earlier = "" if last_on == due.no_pause_due_on else f", or even {words(last_on)}"
            sentence += f"{earlier}, because the notice of extension was then late"
        yield sentence if due.due_on else f"{sentence}: write to the person by then"
    if it.rule.begins_with_receipt:
        yield f"The law counts from the receipt itself; with it as day one the last day is {words(it.day_one_on)}"
    if due.safe_due_on is not None and due.safe_due_on != due.nominal_on:
        yield f"On the strictest reading ({listed([*_strictest(it)])}) the last day is {words(due.safe_due_on)}"


def _strictest(it: Reckoning) -> Iterator[str]:
    """Yield the differences of the strictest reading."""
    if it.course.strict_start_on < it.course.start_on:
        yield "the sender's date counts"
    if it.course.strict_days < it.course.days:
        yield "the suspension is a day shorter"
    if it.rule.strict_counts_receipt_day:
        yield "the day of receipt is day one"
    if it.counts_holidays:
        yield "holidays are business days"
    start_on = it.course.strict_start_on
    first_on = it.base.after(start_on)
    if it.total.beyond(it.base).after(first_on) < it.total.after(start_on):
        yield f"the extension starts on {words(first_on)}"
