"""Letters on a case that ends without an answer: withdrawn (L18), stopped (L27), and the time to reconsider."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answers import put_letter
from rightsflow.cases.course.letters.letter_facts import LetterFacts, title_of
from rightsflow.cases.work.erasure.suppression import listed_of
from rightsflow.documents.letters import AnsweredElsewhere, BeforeErasure, StopNotice, Withdrawal, render
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.erasure.dates import begins_on
from rightsflow.domain.erasure.plan_groups import RUNS_ON, foretold, preflight
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.processors.terms import Action, ProcessorAnswer
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import counted, promised_day
from rightsflow.store import CaseFile

_LISTED: Final = (
    "What you gave us with the request is on our list of addresses and telephone numbers to which we send no "
    "advertising, and stays there until you ask us to take it off."
)
_ASKED: Final[Mapping[Action, str]] = MappingProxyType(
    {
        Action.ERASE: "to erase what is there of you",
        Action.HAND_OVER: "for a copy of what is there of you",
        Action.STOP_MARKETING: "to end our advertising to you",
        Action.RESTRICT: "to store only what is there of you",
        Action.END_CONSENT: "to end what rests on your consent",
        Action.RECTIFY: "to correct what is there of you",
        Action.LIFT: "to use again what is there of you",
        Action.TAKE_NOTE: "to take note of the request",
        Action.CALL_OFF: "to do nothing more",
    }
)


def write_withdrawal(file: CaseFile, app: App) -> None:
    """L18: once the withdrawal is noted in the case file, in the same transaction.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    facts = LetterFacts(file, app)
    asked = [instruction for instruction in file.instructions.all() if instruction.sent_at]
    has_changed = any(finding.outcome is not None for finding in file.findings.all())
    variables = Withdrawal(
        # While it is not clear who asks, nothing may say that a person of that name is known here.
        **facts.common(),
        right=file.right,
        withdrawn_at=app.now(),
        request_file_until=facts.evidence_until,
        done_already=_done_before(file, app),
        is_untouched=not has_changed and all(instruction.action is Action.HAND_OVER for instruction in asked),
    )
    put_letter(file, render(LetterId.WITHDRAWAL, variables))


def _done_before(file: CaseFile, app: App) -> tuple[str, ...]:
    """Return the acts of a case that ends without an answer: entries on the suppression list, and instructions sent."""
    return (
        *_listed(file, app),
        *(_asked(instruction) for instruction in file.instructions.all() if instruction.sent_at),
    )


def _listed(file: CaseFile, app: App) -> Iterator[str]:
    if file.right.keeps_from_advertising and listed_of(file, app):
        yield _LISTED


def _asked(instruction: Instruction) -> str:
    whom = f"who looks after {instruction.name}" if instruction.role.is_colleague else instruction.name
    done = next((each for each in reversed(instruction.answers) if each.answer is ProcessorAnswer.DONE), None)
    sentence = f"We had asked {whom} {_ASKED[instruction.action]}."
    if instruction.is_open:
        return f"{sentence} There is no answer yet, and we tell them that nothing more is to be done."
    if instruction.action is not Action.ERASE or done is None:
        return sentence
    erased = counted(done.records, "record") if done.records else "what was there of you"
    return f"{sentence} The answer was that {erased} had been erased."


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
        done_already=_done_before(file, app),
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


def waits_until(file: CaseFile, app: App) -> date | None:
    """Return the day on which an approved erasure begins; ``None`` if it has begun, or need not wait.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    days, approval = app.settings.controller.cooling_off_days, file.decisions.at(Gate.APPROVAL)
    is_approved = approval is not None and approval.verdict is Verdict.APPROVED
    if (
        not days
        or file.orders.is_one
        or not is_approved
        or file.right is not Right.ERASURE
        or file.state is not CaseState.EXECUTING
    ):
        return None
    if file.found_nothing or any(step.step == StepName.SETTLE_PLAN for step in file.steps.all()):
        return None
    decided_at = approval.decided_at if approval else None
    on = begins_on(app.day_of(decided_at or app.now()), days, file.work_to_on)
    return on if app.today < on else None


def cool_off(app: App, case_id: str) -> date | None:
    """Tell the person from which day on an approved erasure begins; its run is started by the follow-up on that day.

    Args:
        app: What it works with.
        case_id: The case.

    Returns:
        The day; ``None`` if the erasure begins now.
    """
    if not app.settings.controller.cooling_off_days:
        return None
    with app.store.case_file(case_id) as file:
        on = waits_until(file, app)
        if on is None:
            return None
        if not file.outbox.has(LetterId.BEFORE_ERASURE):
            _write(file, app, on)
    return on


def start_cooled(app: App) -> None:
    """Let the keeper start the runs whose erasure begins today.

    Args:
        app: What it works with.
    """
    for case_id in app.store.waiting.cooling_off():
        with app.store.case_file(case_id) as file:
            if waits_until(file, app) is None:
                file.bulk.start_again()


def _write(file: CaseFile, app: App, on: date) -> None:
    facts = LetterFacts(file, app)
    mine = [record for record in facts.account.records if record.attribution is Attribution.SUBJECT]
    variables = BeforeErasure(
        **facts.common(),
        received_on=facts.received_on,
        begins_on=on,
        remedies=facts.remedies,
        runs_on=tuple(
            f"{counted(runs_on.records, *RUNS_ON[runs_on.fact])} ({title_of(runs_on.system)})"
            for runs_on in preflight((record, 1) for record in mine)
        ),
        consequences=foretold(mine, app.profiles),
    )
    put_letter(file, render(LetterId.BEFORE_ERASURE, variables))
