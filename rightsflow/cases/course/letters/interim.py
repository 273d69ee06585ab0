"""Write the interim answer (L28): where a system fails for good, the person hears what is done and what is not yet."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answering import put_letter, refuse_to_write
from rightsflow.cases.course.letters.letter_facts import LetterFacts, title_of
from rightsflow.cases.facts.people import acting
from rightsflow.documents.letters import InterimAnswer, LetterId, NotYet, render
from rightsflow.domain.letter_rules import refuse_interim
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.letter_ids import kind_of_letter
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.store import CaseFile
from rightsflow.store.core.stages import StepState

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
