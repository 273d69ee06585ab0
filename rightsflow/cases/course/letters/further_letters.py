"""Letters besides the answer: L4, L5, L6 (extension, Art. 12(3) GDPR), L16 and the interim answer L28.

An extension takes effect only once its notice was sent in time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answers import put_letter, refuse_to_write
from rightsflow.cases.course.letters.letter_facts import LetterFacts, title_of
from rightsflow.cases.course.sending.mail import try_to_mail
from rightsflow.cases.facts.deadlines.clock import dates_of_file
from rightsflow.cases.facts.people import acting
from rightsflow.cases.work.access.package_info import yours
from rightsflow.cases.work.processors.status import told_recipients, untold_recipients
from rightsflow.documents.letters import (
    CannotIdentify,
    ExtensionNotice,
    FeeNotice,
    InterimAnswer,
    NotInformed,
    NotYet,
    RecipientsNamed,
    render,
)
from rightsflow.documents.letters.extension import check_reason
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.acts import refuse_extension
from rightsflow.domain.deadlines.case_dates import CaseDates
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.four_eyes import refuse_opener
from rightsflow.domain.gates.refusals import would_show
from rightsflow.domain.letter_rules import (
    answer_by,
    check_recipients_asked,
    read_fee,
    refuse_cannot_identify,
    refuse_interim,
)
from rightsflow.domain.processors.instructions import told_by_task
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.letter_ids import LetterId, kind_of_letter
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.states import StepState, read_case_id
from rightsflow.domain.wording import promised_day
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedFee:
    """A fee, as it was typed.

    Args:
        ground: Why it may be charged: unfounded, excessive or further copy.
        amount: How much, such as ``12.50 EUR``.
        facts: What shows the ground, in words for the person.
        costs: Which administrative costs it covers.
    """

    ground: str
    amount: str
    facts: str
    costs: str


def ask_for_more(app: App, case_id: str, *, by: str) -> str:
    """Tell the person that they cannot be identified with what they gave, and what they may add (Art. 11(2) GDPR).

    Returns in a sentence what has to happen now.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who decides that.

    Raises:
        BadInput: There is no such case.
        Conflict: The case is closed or not searched, something was attributed to the person, or they were told already.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_to_write(file)
        refuse_cannot_identify(
            file.case_id,
            state=file.state,
            is_searched=file.is_searched,
            attributed=sum(finding.attribution is Attribution.SUBJECT for finding in file.findings.all()),
            was_asked=file.outbox.has(LetterId.CANNOT_IDENTIFY),
        )
        facts, given = LetterFacts(file, app), file.identifiers.asked_with()
        letter = CannotIdentify(
            **facts.common(greeting=False),
            remedies=facts.remedies,
            right=file.right,
            received_on=facts.received_on,
            given=tuple(dict.fromkeys(yours(identifier.kind for identifier in given))),
            would_show=would_show({identifier.kind for identifier in given}),
        )
        put_letter(file, render(LetterId.CANNOT_IDENTIFY, letter))
        file.ledger.append(CaseEvent.MORE_TO_IDENTIFY_ASKED, actor=who)
        name = file.case_id
    is_sent = LetterId.CANNOT_IDENTIFY in try_to_mail(name, app)
    done = "has gone out by mail" if is_sent else "is in the outbox; send it, and record when it went out"
    return f"The letter (L4) {done}. The clock goes on; what the person adds is a new request, which joins this one."


def announce_fee(app: App, case_id: str, fee: TypedFee, *, by: str) -> str:
    """Announce a fee before anything is charged (L5, Art. 12(5) GDPR), as a second person beside the case's opener.

    The clock goes on. Returns in a sentence what has to happen now.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        fee: The fee, as it was typed.
        by: Who decides that.

    Raises:
        BadInput: There is no such case, or the fee cannot be read.
        Conflict: The case is closed, identity is not clear, a fee was announced already, it is too late, or the same
            person opened the case.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_to_write(file)
        if file.state.is_settled or file.outbox.has(LetterId.FEE):
            raise Conflict("The case is closed, or a fee was announced already.")
        if not file.identity_is_clear:
            raise Conflict("It is not clear yet who asks; confirm the person's identity first.")
        refuse_opener(who, opened_by=file.opened_by)
        read = read_fee(fee.ground, fee.amount, fee.facts, fee.costs, file.right)
        facts, until = LetterFacts(file, app), answer_by(app.today, file.safe_due_on)
        letter = FeeNotice(
            **facts.common(),
            remedies=facts.remedies,
            right=file.right,
            received_on=facts.received_on,
            ground=read.ground.words,
            article=read.ground.article,
            facts=read.facts,
            amount=read.amount,
            costs=read.costs,
            answer_by=until,
            promised_on=file.safe_due_on,
        )
        put_letter(file, render(LetterId.FEE, letter))
        file.ledger.append(
            CaseEvent.FEE_ANNOUNCED, actor=who, ground=read.ground.value, amount=read.amount, until=until.isoformat()
        )
    return (
        f"The letter (L5) is in the outbox; send it, and record when it went out. The clock goes on. If the person has "
        f"not chosen by {until:%a %d %b %Y}, answer without the fee, or refuse with R2."
    )


def _by_hand(file: CaseFile) -> tuple[list[str], list[NotInformed]]:
    """Return the recipients that a person notified or could not notify, by the tasks that are done."""
    reasons = file.tasks.reasons()
    done = [(told_by_task(task.what), reasons.get(task.number, "")) for task in file.tasks.all() if not task.is_open]
    notified = [name for name, reason in done if name and not reason]
    return notified, [NotInformed(name=name, reason=reason) for name, reason in done if name and reason]


def name_recipients(app: App, case_id: str, *, asked_on: date | None = None, by: str) -> str:
    """Name to the person, who asked for it, who was told of what was done (Art. 19 s. 2 GDPR).

    Returns in a sentence what has to happen now.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        asked_on: On which day the person asked, in the controller's zone; today by default.
        by: Who writes it.

    Raises:
        BadInput: There is no such case, or the day is impossible.
        Conflict: The request was not answered, or is not about an erasure, a restriction or a rectification.
    """
    who, on = acting(app, by, case_id), asked_on or app.today
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_to_write(file)
        facts = LetterFacts(file, app)
        check_recipients_asked(
            file.case_id, file.right, file.state, asked_on=on, received_on=facts.received_on, today=app.today
        )
        notified, untold = _by_hand(file)
        letter = RecipientsNamed(
            **facts.common(),
            remedies=facts.remedies,
            right=file.right,
            received_on=facts.received_on,
            asked_on=on,
            informed=tuple(dict.fromkeys((*told_recipients(file), *notified))),
            to_inform=facts.to_inform(),
            not_informed=(*untold_recipients(file, app.settings), *untold),
        )
        name = put_letter(file, render(LetterId.RECIPIENTS, letter))
        named = len(letter.informed) + len(letter.to_inform) + len(letter.not_informed)
        file.ledger.append(
            CaseEvent.RECIPIENTS_ASKED, actor=who, asked_on=on.isoformat(), letter=name, recipients=named
        )
    return f"The letter ({name}) is in the outbox; send it, and record when it went out."


_COULD_NOT: Final[Mapping[str, str]] = MappingProxyType(
    {
        StepName.LOCATE: "search it",
        StepName.EXTRACT: "copy your data from it",
        StepName.ERASE: "carry out there what you asked",
        StepName.VERIFY: "check there what was done",
    }
)
_GONE: Final = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED})


def write_interim(app: App, case_id: str, *, by: str) -> str:
    """Write the interim answer of a case; returns in a sentence what has to happen now.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who decides that.

    Raises:
        BadInput: There is no such case.
        Conflict: The case is closed, it is not clear who asks, nothing fails at a system, the last day is far, or an
            interim answer waits to be sent.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_to_write(file)
        not_yet = _not_yet(file, app)
        unsent = any(
            kind_of_letter(line.template_id) is LetterId.INTERIM_ANSWER and line.sent_at is None
            for line in file.outbox.lines()
        )
        refuse_interim(
            file.case_id,
            is_settled=file.state.is_settled,
            identity_is_clear=file.identity_is_clear,
            fails=bool(not_yet),
            is_suspended=file.suspended_since is not None,
            waits=unsent,
            due_on=file.due_on,
            today=app.today,
        )
        facts = LetterFacts(file, app)
        letter = InterimAnswer(
            **facts.common(),
            remedies=facts.remedies,
            right=file.right,
            received_on=facts.received_on,
            due_on=file.due_on,
            erased=tuple(row for row in facts.outcome_rows() if row.outcome in _GONE) if file.right.has_plan else (),
            not_yet=not_yet,
        )
        name = put_letter(file, render(LetterId.INTERIM_ANSWER, letter))
        systems = [yet.system for yet in not_yet]
        file.ledger.append(CaseEvent.INTERIM_ANSWER_WRITTEN, actor=who, letter=name, systems=systems)
    return (
        f"The interim answer (letter {name}) is in the outbox; send it, and record when it went out. The case stays "
        "open, and its due date stays."
    )


def _not_yet(file: CaseFile, app: App) -> tuple[NotYet, ...]:
    return tuple(
        NotYet(system=title_of(step.system), what=_COULD_NOT[step.step], since=app.day_of(step.failing_since))
        for step in file.steps.all()
        if step.state is StepState.FAILED and step.step in _COULD_NOT and step.system and step.failing_since
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedExtension:
    """An extension whose notice is written and has to go out.

    Args:
        send_by_on: The day to send it by: the last working day inside the first month, not counting a suspension.
        notice_due_on: The last day for it by law.
        extended_until: The last day of the extended period, if it goes out in time.
        is_sent: Whether it was mailed at once, so that the period is extended.
    """

    send_by_on: date
    notice_due_on: date
    extended_until: date
    is_sent: bool = False

    @property
    def sentence(self) -> str:
        """The next step, in a sentence."""
        if self.is_sent:
            return (
                f"The notice (letter L6) has gone out by mail; the period now ends {self.extended_until:%a %d %b %Y}."
            )
        return (
            f"The notice (letter L6) is in the outbox. It has to go out by {self.send_by_on:%a %d %b %Y}, "
            f"at the latest by {self.notice_due_on:%a %d %b %Y}, and that has to be recorded; the period then ends "
            f"{self.extended_until:%a %d %b %Y}."
        )


def extend(app: App, case_id: str, *, reason: str, by: str) -> PreparedExtension:
    """Decide that the answer takes longer, and write the notice to the person.

    The clock moves when the notice goes out, and only if that is in time.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        reason: The concrete reasons, with regard to the complexity and number of the requests; they are quoted to the
            person.
        by: Who decides.

    Raises:
        BadInput: There is no such case, or the reason is none that the law knows.
        Conflict: The law gives no extension here, it is too late, or it was extended already.
    """
    decider, why = acting(app, by, case_id), check_reason(reason)
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_to_write(file)
        notice_due_on = _refuse_outside_the_law(file, app)
        extended = _extended(file, app)
        put_letter(file, render(LetterId.EXTENSION, notice_of(file, app, (why,))))
        file.ledger.append(CaseEvent.EXTENSION_DECIDED, actor=decider, until=extended.due_on.isoformat())
        prepared = PreparedExtension(
            send_by_on=_send_by(file, app),
            notice_due_on=notice_due_on,
            extended_until=extended.due_on,
        )
    return replace(prepared, is_sent=LetterId.EXTENSION in try_to_mail(file.case_id, app))


def _send_by(file: CaseFile, app: App) -> date:
    """Inside the month without the suspension, which may be held unjustified; today, where that is over."""
    return max(app.today, min(file.work_to_on, file.no_pause_due_on or file.work_to_on))


def _refuse_outside_the_law(file: CaseFile, app: App) -> date:
    """Return the last day for the notice; refuse an extension that the law does not allow.

    Raises:
        Conflict: The law gives no extension here.
    """
    return refuse_extension(
        file.case_id,
        is_settled=file.state.is_settled,
        is_extended=file.is_extended or file.outbox.has(LetterId.EXTENSION),
        is_suspended=file.suspended_since is not None,
        notice_due_on=file.notice_due_on,
        today=app.today,
    )


def _extended(file: CaseFile, app: App) -> CaseDates:
    return dates_of_file(file, app.settings.controller, supposed={ClockEventKind.EXTENSION_NOTICE_SENT: app.now()})


def notice_of(file: CaseFile, app: App, reasons: tuple[str, ...]) -> ExtensionNotice:
    """Return the notice of an extension as it would be written now.

    Args:
        file: The case file, open.
        app: What it works with.
        reasons: The concrete reasons; they are quoted to the person.
    """
    facts, extended = LetterFacts(file, app), _extended(file, app)
    # One date for the person everywhere: the working day that the case is worked to, as in the acknowledgement.
    until = promised_day(extended.work_to_on, extended.safe_due_on, on=app.today) or extended.safe_due_on
    return ExtensionNotice(
        **facts.common(),
        right=file.right,
        received_on=facts.received_on,
        reasons=reasons,
        first_due_on=file.notice_due_on or file.due_on,
        extended_until=until,
        found=facts.found(),
        question_of=facts.question_of,
        clock_stands=file.suspended_since is not None,
        remedies=facts.remedies,
    )
