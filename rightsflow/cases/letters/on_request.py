"""Write L4, what the person can add so that their data are found, and L16, who was told of what was done."""

from __future__ import annotations

from datetime import date

from rightsflow.cases.access.package_info import yours
from rightsflow.cases.app import App
from rightsflow.cases.letters.answering import put_letter, refuse_to_write
from rightsflow.cases.letters.letter_facts import LetterFacts
from rightsflow.cases.people import acting
from rightsflow.cases.processors.standing import told_recipients, untold_recipients
from rightsflow.cases.sending.mailing import try_to_mail
from rightsflow.documents.letters import CannotIdentify, LetterId, NotInformed, RecipientsNamed, render
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.states import read_case_id
from rightsflow.domain.events import CaseEvent
from rightsflow.domain.gates.refusals import would_show
from rightsflow.domain.on_request import check_recipients_asked, refuse_cannot_identify
from rightsflow.domain.processors.recipients import told_by_task
from rightsflow.store import CaseFile


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
            attributed=sum(one.attribution is Attribution.SUBJECT for one in file.findings.all()),
            was_asked=file.outbox.has(LetterId.CANNOT_IDENTIFY),
        )
        facts, given = LetterFacts(file, app), file.identifiers.asked_with()
        letter = CannotIdentify(
            **facts.common(greeting=False),
            remedies=facts.remedies,
            right=file.right,
            received_on=facts.received_on,
            given=tuple(dict.fromkeys(yours(one.kind for one in given))),
            would_show=would_show({one.kind for one in given}),
        )
        put_letter(file, render(LetterId.CANNOT_IDENTIFY, letter))
        file.ledger.append(CaseEvent.MORE_TO_IDENTIFY_ASKED, actor=who)
        name = file.case_id
    is_sent = LetterId.CANNOT_IDENTIFY in try_to_mail(name, app)
    done = "has gone out by mail" if is_sent else "is in the outbox; send it, and record when it went out"
    return f"The letter (L4) {done}. The clock goes on; what the person adds is a new request, which joins this one."


def _by_hand(file: CaseFile) -> tuple[list[str], list[NotInformed]]:
    """The recipients whom a person told, and whom a person could not tell, by the tasks that are done."""
    reasons = file.tasks.reasons()
    done = [(told_by_task(one.what), reasons.get(one.number, "")) for one in file.tasks.all() if not one.is_open]
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
