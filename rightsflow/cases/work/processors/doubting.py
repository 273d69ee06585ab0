"""Doubt what processors have proved, where what they are to have erased is there again."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.domain.processors.terms import Action, Doubt
from rightsflow.store import CaseFile


def doubt_claims(file: CaseFile, app: App, system: str) -> int:
    """Have the answers checked again of those who work in a system in which erased records are back.

    Whose fault it is that they are is not known: a restored back-up of ours brings them back as well. So nothing is
    taken from the answer, and a person finds out.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.

    Returns:
        How many answers are doubted by it.
    """
    count = 0
    for instruction in file.instructions.all():
        section, last = app.settings.processors.get(instruction.processor), instruction.last
        if section is None or system not in section.systems or last is None or instruction.action is not Action.ERASE:
            continue
        if last.answer.claims and Doubt.BACK not in last.doubts:
            file.instructions.doubts.add(instruction.number, Doubt.BACK)
            count += 1
    return count
