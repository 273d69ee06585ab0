"""Write L4, what the person can add so that their data are found, L5, a fee, and L16, who was told of what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answering import put_letter, refuse_to_write
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.course.sending.mailing import try_to_mail
from rightsflow.cases.facts.people import acting
from rightsflow.cases.work.access.package_info import yours
from rightsflow.cases.work.processors.standing import told_recipients, untold_recipients
from rightsflow.documents.letters import CannotIdentify, FeeNotice, LetterId, NotInformed, RecipientsNamed, render
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.four_eyes import refuse_opener
from rightsflow.domain.gates.refusals import would_show
from rightsflow.domain.letter_rules import answer_by, check_recipients_asked, read_fee, refuse_cannot_identify
from rightsflow.domain.processors.instructions import told_by_task
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import read_case_id
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
    """The recipients whom a person told, and whom a person could not tell, by the tasks that are done."""
    reasons = file.tasks.reasons()
    done = [(told_by_task(task.what), reasons.get(task.number, "")) for task in file.tasks.all() if not task.is_open]
    told = [name for name, reason in done if name and not reason]
    return told, [NotInformed(name=name, reason=reason) for name, reason in done if name and reason]


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
        told, untold = _by_hand(file)
        letter = RecipientsNamed(
            **facts.common(),
            remedies=facts.remedies,
            right=file.right,
            received_on=facts.received_on,
            asked_on=on,
            informed=tuple(dict.fromkeys((*told_recipients(file), *told))),
            to_inform=facts.to_inform(),
            not_informed=(*untold_recipients(file, app.settings), *untold),
        )
        name = put_letter(file, render(LetterId.RECIPIENTS, letter))
        named = len(letter.informed) + len(letter.to_inform) + len(letter.not_informed)
        file.ledger.append(
            CaseEvent.RECIPIENTS_ASKED, actor=who, asked_on=on.isoformat(), letter=name, recipients=named
        )
    return f"The letter ({name}) is in the outbox; send it, and record when it went out."
