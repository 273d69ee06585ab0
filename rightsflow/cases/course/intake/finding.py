"""Find requests in the texts of the systems, and lead each to its case, or note that it is none.

A text is read, judged and forgotten: of a request only the place of its words is kept, and a person who decides on it
sees the text by a fresh read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, cast

from rightsflow.cases.app import App
from rightsflow.cases.course.intake.opening import join_from_ticket, open_from_ticket
from rightsflow.cases.facts.deadlines.clock import dates_on_receipt
from rightsflow.cases.facts.people import acting
from rightsflow.detecting.detector import POSSIBLE, find_requests
from rightsflow.domain.connector import NewText, ReadsNewTexts
from rightsflow.domain.errors import BadInput, Conflict, RightsflowError
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.unopened import RIGHT_OF_PHRASE, UnopenedEnd, UnopenedRequest, UnopenedWithDates, with_dates
from rightsflow.domain.wording import counted, listed
from rightsflow.store.coordination.unopened_requests import NewUnopened

FIRST_LOOK: Final = timedelta(days=30)
"""How far back the texts of a system are read for the first time: what is older has lost its month already."""
_OVERLAP: Final = timedelta(minutes=15)
"""What is read once more: a text may show only some time after it arrived."""
_AT_ONCE: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRound:
    """The result of one round.

    Args:
        systems: How many systems were read.
        texts: How many texts.
        new: How many requests are new.
        failed: The systems that could not be read to the end.
    """

    systems: int
    texts: int
    new: int
    failed: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The result in words: counts and names of systems."""
        texts, systems = counted(self.texts, "text"), counted(self.systems, "system")
        read = f"{texts} of {systems} read, {counted(self.new, 'new request')}."
        return (
            f"{read} Not read to the end: {listed(self.failed)}; `rightsflow doctor` says why." if self.failed else read
        )


def find_unopened(
    app: App,
    tell: Callable[[Sequence[UnopenedWithDates]], None] | None = None,
    *,
    since: datetime | None = None,
    read: Callable[[str, int], None] | None = None,
) -> FindingRound:
    """Read what arrived in every system that shows its texts, note the requests in it, and tell people of alerts.

    A system that cannot be read to the end is named, begins at the same place the next time, and keeps no other one
    from being read. Nothing is listed twice.

    Args:
        app: What it works with.
        tell: Tells people of requests; what it did not tell, because it raised, is told the next time. ``None`` leaves
            that to the next round that tells.
        since: From when to read (aware), to look into the past; by default where the last round ended.
        read: Is called with the system, and how many of its texts are read, every few hundred texts.

    Raises:
        Transient: The case store, or what tells people, does not answer.
    """
    texts, new, failed, systems = 0, 0, [], 0
    for system, connector in app.connectors.items():
        if not app.capabilities[system].has_new_texts:
            continue
        systems += 1
        begun = app.now()
        seen = 0
        try:
            texts_there = cast("ReadsNewTexts", connector).new_texts(_since(app, system, since))
            while some := list(islice(texts_there, _AT_ONCE)):
                new += app.store.unopened.note(system, list(_requests_in(some)))
                seen += len(some)
                if read:
                    read(system, seen)
        except RightsflowError:
            failed.append(system)
        else:
            app.store.unopened.note_read(system, begun)
        texts += seen
    if tell and (due := [one for one in unopened_requests(app) if one.is_new_alert]):
        tell(due)
        app.store.unopened.note_told({one.request.number: one.rung for one in due})
    return FindingRound(systems=systems, texts=texts, new=new, failed=tuple(failed))


def _since(app: App, system: str, since: datetime | None) -> datetime:
    if since is not None:
        return since
    read_to = app.store.unopened.read_to(system)
    return read_to - _OVERLAP if read_to else app.now() - FIRST_LOOK


def _requests_in(texts: Sequence[NewText]) -> Iterator[NewUnopened]:
    for text in texts:
        for found in find_requests(text.text):
            if found.score >= POSSIBLE:
                yield NewUnopened(
                    record=text.record,
                    ticket=text.ticket,
                    right=RIGHT_OF_PHRASE[found.right],
                    is_sure=found.is_sure,
                    language=found.language,
                    span=(found.start, found.end),
                    received_at=text.received_at,
                )


def unopened_requests(app: App) -> list[UnopenedWithDates]:
    """Return the found requests on which no one has decided, the nearest due date first.

    Args:
        app: What it works with.
    """
    found = [_dated(app, request) for request in app.store.unopened.open()]
    return sorted(found, key=lambda one: (one.due_on, not one.request.is_sure, one.request.number))


def _dated(app: App, request: UnopenedRequest) -> UnopenedWithDates:
    due_on = dates_on_receipt(request.received_at, request.right, app.settings.controller).due_on
    return with_dates(request, app.day_of(request.received_at), due_on, app.now(), app.today)


@dataclass(frozen=True, slots=True, repr=False)
class TextParts:
    """A text as it is read live, around the words that seem to be a request.

    Args:
        before: What stands before them.
        words: These words.
        after: What stands behind them.
    """

    before: str
    words: str
    after: str


def text_of(app: App, number: int, *, by: str) -> TextParts | None:
    """Read the text of a found request afresh from its system; ``None`` where it is not there any more.

    Args:
        app: What it works with.
        number: The request.
        by: Who reads it, which is noted first.

    Raises:
        BadInput: There is none of that number.
        Conflict: It was decided on.
        Transient: The system does not answer.
    """
    request = app.store.unopened.one(number)
    app.store.unopened.note_shown(number, by=acting(app, by))
    system = request.record.system
    if system not in app.capabilities or not app.capabilities[system].has_new_texts:
        return None
    start, end = request.span
    for text in cast("ReadsNewTexts", app.connectors[system]).texts_of(request.record):
        if text.received_at == request.received_at:
            return TextParts(text.text[:start], text.text[start:end], text.text[end:])
    return None


def open_found(app: App, number: int, *, by: str) -> str:
    """Open the case of a found request from its ticket, counted from the day of the text; returns a sentence.

    Where the person has an open case of the kind, the request joins it, and the earlier receipt decides.

    Args:
        app: What it works with.
        number: The request.
        by: Who opens it.

    Raises:
        BadInput: There is none of that number, its right needs more than a ticket, or the ticket shows no one person.
        Conflict: It was decided on.
        Transient: The system or the case store does not answer.
    """
    request, actor = app.store.unopened.one(number), acting(app, by)
    system, day = request.record.system, app.day_of(request.received_at)
    if not (request.ticket and app.capabilities[system].has_tickets):
        raise BadInput(
            f"The system {system} reads no requester from a record; open the request with its form, counted from "
            f"{day.isoformat()}, and then note here that it is open already."
        )
    try:
        # By this name a second attempt, after one that broke off, finds the case and opens none.
        intake, right = f"unopened-{number}", request.right
        opened = open_from_ticket(app, system, request.ticket, right, by=actor, received_on=day, intake_id=intake)
        case_id, end, said = opened.case_id, UnopenedEnd.OPENED, f"Case {opened.case_id} is open."
    except Conflict:
        case_id, said = join_from_ticket(app, system, request.ticket, request.right, by=actor, received_on=day)
        end = UnopenedEnd.JOINED
    app.store.unopened.end(number, end, by=actor, case_id=case_id)
    return said


def note_open_already(app: App, number: int, case_id: str, *, by: str) -> str:
    """Note that a found request is that of a case; returns a sentence.

    Args:
        app: What it works with.
        number: The request.
        case_id: The case.
        by: Who says so.

    Raises:
        BadInput: There is no such request or case, or the case is about another right.
        Conflict: It was decided on.
    """
    request, actor = app.store.unopened.one(number), acting(app, by)
    with app.store.case_file(case_id) as file:
        if file.right is not request.right:
            raise BadInput(f"The case is about {file.right.value}, and the text about {request.right.value}.")
        is_earlier = request.received_at < file.received_at
    app.store.unopened.end(number, UnopenedEnd.JOINED, by=actor, case_id=case_id)
    noted = f"Request {number} is noted as part of {case_id}."
    if not is_earlier:
        return noted
    return f"{noted} The text arrived before the case's receipt; correct the receipt on the case's page of dates."


def dismiss_found(app: App, number: int, *, by: str, reason: str) -> str:
    """Note that a text is no request; returns a sentence.

    Args:
        app: What it works with.
        number: The request.
        by: Who says so.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is none of that number, or the reason is missing.
        Conflict: It was decided on.
    """
    why = stated_reason(reason, "say why it is not a request")
    app.store.unopened.end(number, UnopenedEnd.DISMISSED, by=acting(app, by), reason=why)
    return f"Request {number} is noted as none."
