"""The extension of the period (Art. 12(3) GDPR): refused outside the law, and effective only once its notice is out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answering import put_letter, refuse_to_write
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.course.sending.mailing import try_to_mail
from rightsflow.cases.facts.deadlines.case_clock import dates_of_file
from rightsflow.cases.facts.people import acting
from rightsflow.documents.letters import ExtensionNotice, LetterId, render
from rightsflow.documents.letters.extension import check_reason
from rightsflow.domain.case.acts import refuse_extension
from rightsflow.domain.deadlines.case_dates import CaseDates
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import promised_day
from rightsflow.store import CaseFile


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
    """The last day for the notice.

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
