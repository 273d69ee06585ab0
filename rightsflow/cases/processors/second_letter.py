"""L20: what those have answered whom the answer named as open, and those whose word had to be doubted since."""

from __future__ import annotations

from datetime import date
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.letters.answering import put_letter
from rightsflow.cases.letters.letter_facts import LetterFacts
from rightsflow.cases.processors.standing import at_processors
from rightsflow.documents.letters import LetterId, ProcessorsAnswered, render
from rightsflow.domain.processors.terms import Doubt, ProcessorAnswer
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, kind_of_letter
from rightsflow.store import CaseFile

_TELLING: Final = ANSWERS | {LetterId.PROCESSORS_ANSWERED}


def write_second_letter(file: CaseFile, app: App) -> bool:
    """Write L20 once nothing is open of what it tells; returns whether it was written now.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    instructions, answered_on = file.instructions.all(), _answered_on(file, app)
    if answered_on is None or any(instruction.is_waited_for for instruction in instructions):
        return False
    is_first = not file.outbox.has(LetterId.PROCESSORS_ANSWERED)
    promised = {instruction.number for instruction in instructions if instruction.is_promised and is_first}
    again = _doubted_since(file) - promised
    if not promised | again:
        return False
    facts = LetterFacts(file, app)
    variables = ProcessorsAnswered(
        **facts.common(),
        received_on=facts.received_on,
        answered_on=answered_on,
        right=file.right,
        processors=at_processors(file, app.settings, only=promised),
        again=at_processors(file, app.settings, only=again),
        remedies=facts.remedies,
    )
    put_letter(file, render(LetterId.PROCESSORS_ANSWERED, variables))
    return True


def _doubted_since(file: CaseFile) -> set[int]:
    """The instructions of which the person was told an answer that was doubted or taken back since.

    By the ledger's order: what was told before it was doubted has to be told anew.
    """
    doubted: set[int] = set()
    for entry in file.ledger.entries():
        said = entry.details
        if entry.event == CaseEvent.LETTER_WRITTEN and kind_of_letter(str(said["letter"])) in _TELLING:
            doubted.clear()
        elif (entry.event == CaseEvent.PROCESSOR_ANSWER_DOUBTED and said["doubt"] == Doubt.BACK.name.lower()) or (
            entry.event == CaseEvent.PROCESSOR_ANSWERED and said["answer"] == ProcessorAnswer.TAKEN_BACK
        ):
            doubted.add(int(said["number"]))
    return doubted


def _answered_on(file: CaseFile, app: App) -> date | None:
    written = (line.written_at for line in file.outbox.lines() if line.template_id in ANSWERS)
    first = next(written, None)
    return app.day_of(first) if first else None
