"""Lines of the sheet and the gates: records, search, clock, steps, and a sender's instructions. No personal data."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time
from itertools import groupby
from typing import Final
from zoneinfo import ZoneInfo

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import RecordLine, Search
from rightsflow.cases.facts.overview.overview import CaseOverview
from rightsflow.cases.facts.systems import samples_of
from rightsflow.domain import wording
from rightsflow.domain.agents.requests import AgentRequest
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.connector import Sample
from rightsflow.domain.deadlines.clock_events import ClockEvent, ClockEventKind
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.package_changes import is_taken_in
from rightsflow.domain.identifier_kinds import declared_kinds
from rightsflow.domain.identifiers import kind_words
from rightsflow.domain.orders.order import Order
from rightsflow.domain.processors.instructions import Exclusion
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.records import OutcomeKind, PresenceState
from rightsflow.domain.wording import counted, listed
from rightsflow.store.case.steps import Step

_MOST_SINGLE: Final = 300
"""From how many records on they are listed by ranges of numbers instead of by days."""


def numbered(lines: Iterable[RecordLine]) -> str:
    """Return the numbers of records, as ``3–7, 12``."""
    runs: list[list[int]] = []
    for number in sorted(line.number for line in lines):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else str(run[0]) for run in runs)


def record_list(lines: Sequence[RecordLine]) -> Iterator[str]:
    """Yield every record by its number, with system, kind and day, as lines of Markdown.

    Args:
        lines: The records of the case.
    """
    by_kind: dict[tuple[str, str], list[RecordLine]] = {}
    for line in lines:
        by_kind.setdefault((line.system, line.kind), []).append(line)
    for (system, kind), these in sorted(by_kind.items()):
        lines_of_records = _spans(these) if len(lines) > _MOST_SINGLE else _days(these)
        yield f"- {system} {kind}: {', '.join(lines_of_records)}"
    if len(lines) > _MOST_SINGLE:
        yield "- The day of each number is in the list of `rightsflow show`."


def _days(lines: Sequence[RecordLine]) -> Iterator[str]:
    for day, these in groupby(lines, key=lambda line: line.occurred_on):
        yield f"{numbered(these)} ({f'{day:%d %b %Y}' if day else 'no date'})"


def _spans(lines: Sequence[RecordLine]) -> Iterator[str]:
    days = sorted(line.occurred_on for line in lines if line.occurred_on)
    span = f" ({days[0]:%d %b %Y} to {days[-1]:%d %b %Y})" if days else ""
    yield f"{numbered(lines)}{span}"


MAY_BE_TAKEN_IN: Final = (
    "If one is the person's, look at it and take it in before the release, at the desk or with `rightsflow case "
    "take-in`."
)
"""The officer's options for a record in doubt that is left out of a copy."""


def taken_in_lines(lines: Iterable[RecordLine]) -> Iterator[str]:
    """Yield the records in doubt that are disclosed, the decider of each, and a note if the package lacks them yet.

    Args:
        lines: The records of the case.
    """
    taken: dict[tuple[str, bool], list[RecordLine]] = {}
    for line in filter(is_taken_in, lines):
        by = line.decided.by if line.decided else ""
        taken.setdefault((by, line.fate is Fate.FOUND), []).append(line)
    for (by, is_missing), these in taken.items():
        what = "The package has to be made again with that." if is_missing else "Read that in the package."
        count = counted(len(these), "record in doubt was", "records in doubt were")
        yield ""
        yield f"**{count} taken in by {by}** ({numbered(these)}). {what}"


def sent_lines(order: Order | None, agent: AgentRequest | None) -> Iterator[str]:
    """Yield the facts about an order or an agent's request, a sentence each; none for the person's own request.

    Args:
        order: The order of a controller, or ``None``.
        agent: The request of an authorised agent, or ``None``.
    """
    if order:
        yield from _order_lines(order)
    if agent:
        yield from _agent_lines(agent)


def _order_lines(order: Order) -> Iterator[str]:
    yield (
        f"This is an order of {order.name}, which has identified the person and writes to them itself. It has to be "
        f"proved by {wording.day(order.due_on)}."
    )
    for exclusion in order.exclusions:
        yield (
            f"The controller has to keep {exclusion.category} ({exclusion.provision}){_until(exclusion)}: do "
            "not erase them."
        )


def _agent_lines(agent: AgentRequest) -> Iterator[str]:
    law = ", under the CCPA" if agent.regime else ""
    yield (
        f"The authorised agent {agent.name} asks for the person over the Data Rights Protocol ({agent.exercise.value}"
        f"{law}). Who the person is and the agent's mandate have to be checked by a person, as of any representative."
    )
    claims = [_CLAIMED[item] for item in agent.claims.verified]
    stated = f"says that it verified {listed(claims)}" if claims else "says of no contact data that it verified them"
    attorney = "a power of attorney" if agent.claims.has_attorney else "no power of attorney"
    yield f"The agent {stated}, and sent {attorney}. That is its statement, and proves nothing by itself."


_CLAIMED = {"email": "the e-mail address", "phone_number": "the phone number", "address": "the postal address"}


def sent_lines_of(app: App, case_id: str) -> list[str]:
    """Return the lines on the sender of a case that is not read yet.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        return list(sent_lines(file.orders.present, file.agents.present))


def _until(exclusion: Exclusion) -> str:
    ends = [f"until {wording.day(exclusion.until)}" if exclusion.until else "", exclusion.ends_when]
    text = ", ".join(filter(None, ends))
    return f", {text}" if text else ""


_MACHINE = "rightsflow"
_DECIDED = {
    ClockEventKind.IDENTITY_REQUESTED: ("asked", CaseEvent.PROOF_OF_IDENTITY_ASKED),
    ClockEventKind.CLARIFICATION_REQUESTED: ("asked", CaseEvent.CLARIFICATION_ASKED),
    ClockEventKind.EXTENSION_NOTICE_SENT: ("decided", CaseEvent.EXTENSION_DECIDED),
}
"""Behind each letter that moves the clock a person's act, by the ledger's word for it."""


def clock_lines(case: CaseOverview, zone: ZoneInfo, today: date) -> Iterator[str]:
    """Yield the events of the clock as a list in Markdown, with an empty line after it.

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


def _by(event: ClockEvent, case: CaseOverview) -> str:
    """Return the decider of an event and who mailed or recorded it: an automatic mail is a person's act as well."""
    verb, decided = _DECIDED.get(event.kind, ("", ""))
    wanted = [f"{verb} by {entry.actor}, " for entry in case.ledger if entry.event == decided]
    return f"{wanted[0] if wanted else ''}{'mailed' if wanted and event.by == _MACHINE else 'recorded'} by {event.by}"


def _questions(case: CaseOverview) -> Iterator[str]:
    """Yield the questions that would stop the clock, are written, and were not sent."""
    decided = {decision.gate for decision in case.decisions}
    if _unsent(case, LetterId.IDENTITY_REQUEST) and Gate.IDENTITY not in decided:
        yield "- **The question for proof of identity (L2) has not gone out.** The clock runs until it has."
    if _unsent(case, LetterId.CLARIFICATION):
        yield "- **The question what is meant (L3) has not gone out.**"


def _extension(case: CaseOverview, today: date) -> Iterator[str]:
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


def _unsent(case: CaseOverview, letter: LetterId) -> bool:
    return any(line.template_id == letter and line.sent_at is None for line in case.letters)


def day(value: date) -> str:
    """Return a day as the sheet writes it."""
    return f"{value:%a %d %b %Y}"


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """Return an instant as the sheet writes it, in the controller's zone; the day alone if no time was noted."""
    local = instant.astimezone(zone)
    return day(local) if local.time() == time.min else f"{day(local)}, {local:%H:%M}"


def search_lines(app: App, case: CaseOverview) -> Iterator[str]:
    """Per system by what it was searched, what its mappings were seen to find, and what it cannot find.

    Args:
        app: What it works with.
        case: The case.
    """
    samples = samples_of(case.ledger)
    for search in case.searches:
        yield from _searched(app, search, case.identifiers, samples.get(search.system, ()))
    if case.found_nothing:
        yield ""
        yield from _before(case)


def _searched(app: App, search: Search, given: Mapping[str, int], samples: tuple[Sample, ...]) -> Iterator[str]:
    zone = app.settings.controller.zone
    at = moment(search.finished_at, zone) if search.finished_at else "not searched to its end"
    unable = {kind: count for kind, count in given.items() if kind not in search.by}
    yield f"- **{search.system}**, {at}: by {_kinds(given, search.by) or _BY_NOTHING}."
    if unable:
        yield f"    - Not searched by: {_kinds(unable, unable)}."
    yield from (f"    - {sample}" for sample in samples or ("Its mappings were not checked with stored values.",))
    yield from (f"    - Does not find: {text}" for text in search.cannot_find)


_BY_NOTHING = "nothing that is known of the person, so that it was not searched"


def _kinds(given: Mapping[str, int], which: Container[str]) -> str:
    return ", ".join(counted(count, *kind_words(kind)) for kind, count in sorted(given.items()) if kind in which)


def _before(case: CaseOverview) -> Iterator[str]:
    if case.other_cases:
        yield (
            f"Other cases of this person: {', '.join(case.other_cases)}. What those left was read again: nothing is "
            "there any more."
        )
    else:
        yield "No other case of this person is known."
    if case.perhaps_same:
        yield (
            f"Perhaps of the same person: {', '.join(case.perhaps_same)}. They share too little to tell, so that "
            "nothing of them was looked at; find out whose they are before you approve a no, where they left anything."
        )


_NOUNS: Final = {
    "matches": ("match", "matches"),
    "unproven": ("mapping that proved nothing", "mappings that proved nothing"),
    "learnt": ("identifier learnt", "identifiers learnt"),
    "subject": ("record of the person", "records of the person"),
    "others": ("record of another person", "records of other people"),
    "letters": ("letter", "letters"),
    "answers": ("answer to the controller", "answers to the controller"),
}
_STATES: Final = frozenset(item.value for kind in (OutcomeKind, PresenceState, Fate) for item in kind)
"""The states of records, as in "3 erased"; any other counted word is a category and precedes its number."""


def step_result(step: Step) -> str:
    """Return the result of a step for the sheet, or the fault where it failed.

    Args:
        step: The step.
    """
    if step.error:
        return step.error.replace("|", "/")
    return ", ".join(_told(word, count) for word, count in step.counts.items() if count) or "nothing"


def _told(word: str, count: int) -> str:
    if word in _NOUNS:
        return counted(count, *_NOUNS[word])
    if word in declared_kinds():
        return counted(count, *kind_words(word))
    return f"{count:,} {word}" if word in _STATES else f"{word}: {count:,}"
