"""Open cases: from a checked request, or by reference to a ticket, whose requester the ticket's system names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Final, cast

from rightsflow.cases.app import App
from rightsflow.cases.course.gates.gates import decide
from rightsflow.cases.course.intake.agents import read_standing
from rightsflow.cases.course.letters.answers import write_acknowledgement
from rightsflow.cases.course.letters.renewal import write_anew
from rightsflow.cases.course.sending.delivery import JOINED
from rightsflow.cases.course.sending.mail import try_to_mail
from rightsflow.cases.facts.deadlines.clock import dates_on_receipt, forecast_case, renew_case_dates, store_forecast
from rightsflow.cases.facts.overview.personal_data import POSTAL_ADDRESS
from rightsflow.cases.work.erasure.suppression import keep_from_advertising
from rightsflow.config.sections.controller import CASE_OWNER
from rightsflow.domain.agents.requests import NewAgentRequest
from rightsflow.domain.connector import ReadsRequesters
from rightsflow.domain.deadlines.receipt import offset_minutes
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.orders.order import NewOrder
from rightsflow.domain.request import Request, RequestForm, read_form
from rightsflow.domain.requesters import Requester, read_ticket_number
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import day
from rightsflow.store import CaseFile
from rightsflow.store.opening import Opening

_BY_ORDER = "The controller has identified the person, and answers for it."


@dataclass(frozen=True, slots=True)
class OpenedCase:
    """A case that was opened.

    Args:
        case_id: Its id.
        right: What is asked for.
        due_on: The last day of the law, in the controller's time zone.
        safe_due_on: The conservative reading of that day.
        work_to_on: The target date: the last working day on or before it.
        systems: The systems that will be searched.
    """

    case_id: str
    right: Right
    due_on: date
    safe_due_on: date
    work_to_on: date
    systems: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Intake:
    """A request that is to become a case.

    Args:
        request: The request, checked.
        intake_id: A name by which it becomes one case only, however often it is taken in; empty for none.
        identity: The decision that identity is confirmed, where it was before.
        despite_duplicate: Whether to open a second case although the person has an open one of the kind.
        order: What a controller ordered, where the case is handled on its behalf; it has identified the person, and no
            letter is written.
        agent: What an authorised agent asked; the answer to its call acknowledges it, in place of a letter.
    """

    request: Request
    intake_id: str = ""
    identity: Decision | None = None
    despite_duplicate: bool = False
    order: NewOrder | None = None
    agent: NewAgentRequest | None = None

    @property
    def is_from_outside(self) -> bool:
        """True if the request came over another organisation's interface, which also carries the answer."""
        return self.order is not None or self.agent is not None


class How(Enum):
    """The way in which a request led to its case."""

    OPENED = auto()
    """It was opened."""
    BEFORE = auto()
    """The same intake became one before."""
    DUPLICATE = auto()
    """The person has an open case of the kind; nothing was opened."""


@dataclass(frozen=True, slots=True)
class TakenRequest:
    """The result of taking a request.

    Args:
        case_id: Its case, or the one that it is a duplicate of.
        how: How that happened.
        opened: The case, where it was opened by it.
    """

    case_id: str
    how: How
    opened: OpenedCase | None = None


def open_request_form(
    app: App, form: RequestForm, *, despite_duplicate: bool = False, intake_id: str = ""
) -> OpenedCase:
    """Check a form and open its case: clock started, owner set, acknowledgement written.

    Args:
        app: What it works with.
        form: What was typed.
        despite_duplicate: Whether to open a second case although the person has an open one of the kind.
        intake_id: A name by which it becomes one case only, however often it is opened; empty for none.

    Raises:
        BadInput: The form is not usable; nothing was changed.
        Conflict: The person has an open case of the kind already.
        Transient: The case store does not answer.
    """
    return _open_one(app, read_form(form, app.reading), despite_duplicate=despite_duplicate, intake_id=intake_id)


def _open_one(app: App, request: Request, *, despite_duplicate: bool = False, intake_id: str = "") -> OpenedCase:
    """Open the case of a request: clock started, owner set, acknowledgement written."""
    intake = Intake(request=request, intake_id=intake_id, despite_duplicate=despite_duplicate)
    (taken,) = open_requests([intake], app)
    if taken.how is How.DUPLICATE:
        raise Conflict(
            f"This person has an open {request.right.value} case already, {taken.case_id}, and nothing was changed; "
            "join the request to that one where it is the same, or say that a second one is wanted."
        )
    if request.right.keeps_from_advertising:
        keep_from_advertising(app, taken.case_id)
    try_to_mail(taken.case_id, app)
    return taken.opened or _opened_before(app, taken.case_id)


def join_request(app: App, form: RequestForm) -> tuple[str, str]:
    """Note on the person's open case of the kind that the request arrived again; returns the case, and a sentence.

    Args:
        app: What it works with.
        form: The request as it was typed.

    Raises:
        BadInput: The form is not usable; nothing was changed.
        Conflict: The person has no open case of the kind.
        Transient: The case store does not answer.
    """
    return _join(app, read_form(form, app.reading))


def _join(app: App, request: Request) -> tuple[str, str]:
    (there,) = look_up_requests([Intake(request=request)], app)
    if there is None:
        raise Conflict(f"This person has no open {request.right.value} case to join; open the request.")
    joined = note_joined(there.case_id, request, app)
    text = f"The request joined {there.case_id}.{joined.moved}"
    if not joined.is_written:
        return there.case_id, text
    return there.case_id, (
        f"{text} Its answer is written and not noted as sent, so it answers this request too; if it was sent before "
        "this request arrived, note that first with `rightsflow letter mark-sent`, and open this one then."
    )


@dataclass(frozen=True, slots=True)
class Joined:
    """The effect of a request on the open case that it joined.

    Args:
        is_written: Whether the case's answer is written already.
        moved: The sentence on the dates, where they moved; empty where not.
    """

    is_written: bool
    moved: str = ""


def note_joined(case_id: str, request: Request, app: App, *, is_listed_twice: bool = False) -> Joined:
    """Note that a request came while the first one's answer was not sent, which answers it too.

    Art. 12(3) and (5) GDPR: until the answer is out, the same request of the same person is answered by it; one that
    arrives after that is a request of its own, with a month of its own. Of the two the earlier receipt decides when the
    answer is due, whichever was entered first.

    Args:
        case_id: The case of the first one.
        request: The further one.
        app: What it works with.
        is_listed_twice: Whether it stands in one list with the first, so that of the same instant it is the same one.
    """
    received_at, moved = request.received_at.isoformat(), dict[str, str]()
    with app.store.case_file(case_id) as file:
        known = {entry.details["received_at"] for entry in file.ledger.entries(JOINED)}
        is_same = is_listed_twice and request.received_at == file.received_at
        if received_at not in known and not is_same:
            moved = file.clock.count_from(request.received_at, offset_minutes(request.received_at))
            details = {"received_at": received_at, "channel": request.channel.value, **moved}
            file.ledger.append(JOINED, actor=request.opened_by, **details)
            if moved:
                renew_case_dates(file, app)
                write_anew(file, app)
        return Joined(file.outbox.has_answer, _counts_from(file, app) if moved else "")


def _counts_from(file: CaseFile, app: App) -> str:
    return f" It counts from {day(app.day_of(file.received_at))} now, and is due on {day(file.due_on)} at the latest."


def open_requests(intakes: Sequence[Intake], app: App, *, in_bulk: bool = False) -> list[TakenRequest]:
    """Open the cases of some requests in one transaction: all of what is missing, or nothing.

    Of each: clock started, owner set, earlier cases of the person noted, forecast made, acknowledgement written. It is
    not mailed here; :func:`rightsflow.cases.course.sending.mail.try_to_mail` or the watch's next round does.

    Args:
        intakes: The requests, a few hundred at most.
        app: What it works with.
        in_bulk: Whether they are of many, which wait until the keeper starts them.

    Returns:
        What became of each, in their order.

    Raises:
        Misconfigured: The configuration is wrong.
        Transient: The case store does not answer; nothing was stored.
    """
    with app.store.opening() as opening:
        opening.look_up([intake.request for intake in intakes], [intake.intake_id for intake in intakes])
        return [_open(intake, opening, app, in_bulk=in_bulk) for intake in intakes]


def look_up_requests(intakes: Sequence[Intake], app: App) -> list[TakenRequest | None]:
    """Return the results that :func:`open_requests` would find in the store; ``None`` for a request it would open.

    Args:
        intakes: The requests, a few hundred at most.
        app: What it works with.
    """
    with app.store.opening() as opening:
        opening.look_up([intake.request for intake in intakes], [intake.intake_id for intake in intakes])
        return [_there_already(intake, opening) for intake in intakes]


def _there_already(intake: Intake, opening: Opening) -> TakenRequest | None:
    if known := opening.case_of(intake.intake_id):
        return TakenRequest(known, How.BEFORE)
    twins = [] if intake.despite_duplicate else opening.twins(intake.request)
    return TakenRequest(twins[0], How.DUPLICATE) if twins else None


def _open(intake: Intake, opening: Opening, app: App, *, in_bulk: bool) -> TakenRequest:
    if there := _there_already(intake, opening):
        return there
    request, controller = intake.request, app.settings.controller
    dates = dates_on_receipt(request.received_at, request.right, controller)
    if intake.order:
        dates = dates.with_agreed_target(intake.order.due_on)
    # By keyed hashes, also when everything else of them was erased.
    earlier = opening.earlier(request)
    file = opening.open(
        request, dates, CASE_OWNER, intake.intake_id, in_bulk=in_bulk, from_outside=intake.is_from_outside
    )
    if earlier:
        file.others.note_earlier(earlier)
    if intake.identity:
        decide(file, intake.identity, app)
    if intake.order:
        file.orders.put(intake.order)
        file.decide(Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by=request.opened_by, reason=_BY_ORDER))
    if intake.agent:
        _put_agent(file, intake.agent, app)
    store_forecast(file, app, forecast_case(file, app))
    if not intake.is_from_outside:
        write_acknowledgement(file, app)
    return TakenRequest(file.case_id, How.OPENED, _opened(file, app))


def _put_agent(file: CaseFile, agent: NewAgentRequest, app: App) -> None:
    file.agents.put(agent)
    # The answer to its call says so, and no callback repeats it.
    file.agents.note_answered(read_standing(file, app))
    if agent.asked.postal_address:
        file.outbox.keep_secret(POSTAL_ADDRESS, agent.asked.postal_address)


def _opened_before(app: App, case_id: str) -> OpenedCase:
    with app.store.case_file(case_id) as file:
        return _opened(file, app)


def _opened(file: CaseFile, app: App) -> OpenedCase:
    return OpenedCase(file.case_id, file.right, file.due_on, file.safe_due_on, file.work_to_on, tuple(app.connectors))


RIGHTS: Final = (Right.ACCESS, Right.ERASURE, Right.OBJECTION, Right.CONSENT)
"""The rights that a ticket's number is enough for; a restriction needs its ground, a rectification its items."""


def ticket_systems(app: App) -> list[str]:
    """Return the systems from whose tickets a request can be opened, in the order of the configuration.

    Args:
        app: What it works with.
    """
    return [system for system, capability in app.capabilities.items() if capability.has_tickets]


def open_from_ticket(
    app: App,
    system: str,
    ticket: str,
    right: Right,
    *,
    by: str,
    received_on: date | None = None,
    intake_id: str = "",
) -> OpenedCase:
    """Open the case of a ticket's requester, whose data go straight to the vault.

    Args:
        app: What it works with.
        system: The ticket's system, as it is called in the configuration.
        ticket: The ticket's number.
        right: What the requester asks for.
        by: Who opens it.
        received_on: The day on which the request arrived; the ticket's own by default.
        intake_id: A name by which it becomes one case only, however often it is opened; empty for none.

    Raises:
        BadInput: The right needs more than a ticket, there is no such system, or the ticket shows no one person to
            whom it belongs; nothing was opened.
        Conflict: The person has an open case of the kind already.
        Transient: The system or the case store does not answer.
    """
    return _open_one(app, _request_of_ticket(app, system, ticket, right, by, received_on), intake_id=intake_id)


def join_from_ticket(
    app: App, system: str, ticket: str, right: Right, *, by: str, received_on: date | None = None
) -> tuple[str, str]:
    """Note on the open case of a ticket's requester that the request arrived again; returns the case, and a sentence.

    Args:
        app: What it works with.
        system: The ticket's system.
        ticket: The ticket's number.
        right: What the requester asks for.
        by: Who notes it.
        received_on: The day on which the request arrived; the ticket's own by default.

    Raises:
        BadInput: As when it is opened.
        Conflict: The person has no open case of the kind.
        Transient: The system or the case store does not answer.
    """
    return _join(app, _request_of_ticket(app, system, ticket, right, by, received_on))


def _request_of_ticket(app: App, system: str, ticket: str, right: Right, by: str, received_on: date | None) -> Request:
    if right not in RIGHTS:
        needed = "its ground" if right is Right.RESTRICTION else "what is to be corrected"
        raise BadInput(f"A {right.value} needs {needed} too; open it at the desk or with `rightsflow open`.")
    requester = _requester(app, system, ticket)
    received = received_on.isoformat() if received_on else requester.asked_at.isoformat() if requester.asked_at else ""
    form = RequestForm(
        right=right.value,
        received=received,
        channel=requester.channel.value,
        language=requester.language,
        ticket=ticket,
        opened_by=by,
    )
    return read_form(form, app.reading, requester.identifiers)


def _requester(app: App, system: str, ticket: str) -> Requester:
    known = ticket_systems(app)
    if not known:
        raise BadInput("No configured system reads the requester from a ticket; open the request at the desk.")
    name = system.strip().lower()
    if name not in known:
        raise BadInput(f"The system has no tickets to open a request from; name one of {', '.join(known)}.")
    return cast("ReadsRequesters", app.connectors[name]).requester_of(read_ticket_number(ticket))
