"""The case sheet's lines on the clock: what moved it, what would move it, and when the answer is expected."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from rightsflow.cases.facts.overview.glance import CaseGlance
from rightsflow.documents.letters import LetterId
from rightsflow.domain.deadlines.clock_events import ClockEvent, ClockEventKind
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.events import CaseEvent

_MACHINE = "rightsflow"
_DECIDED = {
    ClockEventKind.IDENTITY_REQUESTED: ("asked", CaseEvent.PROOF_OF_IDENTITY_ASKED),
    ClockEventKind.CLARIFICATION_REQUESTED: ("asked", CaseEvent.CLARIFICATION_ASKED),
    ClockEventKind.EXTENSION_NOTICE_SENT: ("decided", CaseEvent.EXTENSION_DECIDED),
}
"""Behind each letter that moves the clock a person's act, by the ledger's word for it."""


def clock_lines(case: CaseGlance, zone: ZoneInfo, today: date) -> Iterator[str]:
    """A list in Markdown, and the empty line behind it.

    Args:
        case: The case.
        zone: The controller's time zone.
        today: The present day there.
    """
    for event in case.clock_events:
        unanswered = "; no answer noted" if event == case.open_question and not case.state.is_settled else ""
        yield f"- {event.kind.happened}: {moment(event.at, zone)} ({_by(event, case)}){unanswered}"
    if case.suspended_since and case.state.is_settled:
        yield f"- The clock had been suspended since {moment(case.suspended_since, zone)} when the case was closed."
    elif case.suspended_since:
        yield (
            f"- **The clock has been suspended since {moment(case.suspended_since, zone)}.** The dates above are those "
            "without the suspension."
        )
    elif case.no_pause_due_on and case.no_pause_due_on != case.due_on:
        yield f"- Without the suspension it would be due {day(case.no_pause_due_on)}."
    if not case.state.is_settled:
        yield from _questions(case)
    yield from _extension(case, today)
    if case.forecast and case.closed_at is None:
        risk = " **It is at risk.**" if case.forecast.at_risk else ""
        yield (
            f"- Expected {day(case.forecast.expected_on)}, nine in ten by {day(case.forecast.late_on)}.{risk} "
            f"Forecast: {case.forecast.basis}."
        )
    yield ""


def _by(event: ClockEvent, case: CaseGlance) -> str:
    """Return the decider of an event and who mailed or recorded it: an automatic mail is a person's act as well."""
    verb, decided = _DECIDED.get(event.kind, ("", ""))
    wanted = [f"{verb} by {entry.actor}, " for entry in case.ledger if entry.event == decided]
    return f"{wanted[0] if wanted else ''}{'mailed' if wanted and event.by == _MACHINE else 'recorded'} by {event.by}"


def _questions(case: CaseGlance) -> Iterator[str]:
    """Yield the questions that would stop the clock, are written, and were not sent."""
    decided = {decision.gate for decision in case.decisions}
    if _unsent(case, LetterId.IDENTITY_REQUEST) and Gate.IDENTITY not in decided:
        yield "- **The question for proof of identity (L2) has not gone out.** The clock runs until it has."
    if _unsent(case, LetterId.CLARIFICATION):
        yield "- **The question what is meant (L3) has not gone out.**"


def _extension(case: CaseGlance, today: date) -> Iterator[str]:
    sent = any(event.kind is ClockEventKind.EXTENSION_NOTICE_SENT for event in case.clock_events)
    if case.extended:
        yield f"- **The period is extended** to {day(case.due_on)}."
    elif sent and case.suspended_since:
        yield "- Whether the notice extends the period is settled by the answer: without the suspension it was late."
    elif sent:
        yield "- **The notice of extension came too late and extends nothing.**"
    elif case.state.is_settled or case.notice_due_on is None:
        return
    elif not _unsent(case, LetterId.EXTENSION):
        if today <= case.notice_due_on:
            yield f"- Last day for the notice of an extension: {day(case.notice_due_on)}."
    elif today <= case.notice_due_on:
        yield (
            f"- **The notice of extension (L6) has not gone out.** The period is not extended before it has; its last "
            f"day is {day(case.notice_due_on)}."
        )
    else:
        yield (
            f"- **The notice of extension (L6) did not go out** by its last day, {day(case.notice_due_on)}: the period "
            "is not extended. Do not send it any more."
        )


def _unsent(case: CaseGlance, letter: LetterId) -> bool:
    return any(line.template_id == letter and line.sent_at is None for line in case.letters)


def day(value: date) -> str:
    """A day as the sheet writes it."""
    return f"{value:%a %d %b %Y}"


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """An instant as the sheet writes it, in the controller's zone; the day alone where no time of day was noted."""
    local = instant.astimezone(zone)
    return day(local) if local.time() == time.min else f"{day(local)}, {local:%H:%M}"
