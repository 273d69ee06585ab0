"""The word to a person who was written to that the case was opened in error, or that another one answers them (L27)."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answering import put_letter
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.course.letters.withdrawn import done_before
from rightsflow.documents.letters import AnsweredElsewhere, LetterId, StopNotice, render
from rightsflow.domain.wording import promised_day
from rightsflow.store import CaseFile


def write_stopped(file: CaseFile, instead: CaseFile | None, app: App) -> None:
    """L27: once the stop is noted in the case file, in the same transaction.

    Args:
        file: The case file, open.
        instead: That of the case that answers the request; ``None`` where the case was opened in error.
        app: What it works with.
    """
    facts = LetterFacts(file, app)
    variables = StopNotice(
        # While it is not clear who asks, nothing may say that a person of that name is known here.
        **facts.common(),
        remedies=facts.remedies,
        right=file.right,
        received_on=facts.received_on,
        stopped_at=app.now(),
        request_file_until=facts.evidence_until,
        elsewhere=_elsewhere(instead, app) if instead else None,
        done_already=done_before(file, app),
    )
    put_letter(file, render(LetterId.CASE_STOPPED, variables))


def _elsewhere(instead: CaseFile, app: App) -> AnsweredElsewhere:
    is_suspended = instead.suspended_since is not None
    promised = promised_day(instead.work_to_on, instead.safe_due_on, on=app.today)
    return AnsweredElsewhere(
        case_id=instead.case_id,
        received_on=LetterFacts(instead, app).received_on,
        answered_on=app.day_of(instead.closed_at) if instead.closed_at else None,
        answer_by=None if is_suspended else promised,
        is_suspended=is_suspended,
    )
