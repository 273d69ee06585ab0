"""Between approval and erasure the person can take the request back, where the controller gives them the time."""

from __future__ import annotations

from datetime import date

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answering import put_letter
from rightsflow.cases.course.letters.letter_facts import LetterFacts, title_of
from rightsflow.documents.letters import BeforeErasure, LetterId, render
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.erasure.dates import begins_on
from rightsflow.domain.erasure.plan_groups import RUNS_ON, foretold, preflight
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile


def waits_until(file: CaseFile, app: App) -> date | None:
    """The day on which an approved erasure begins; ``None`` if it has begun, or need not wait.

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
