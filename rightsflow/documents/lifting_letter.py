"""The notice that a restriction has ended: to processors (L13), and to recipients that are controllers (L12).

Art. 19 GDPR has the recipients of a restriction notice in mind; without this one they would keep data restricted.
"""

from __future__ import annotations

from collections.abc import Sequence

from rightsflow.documents.instruction_parts import (
    EndedRestriction,
    InstructionLetter,
    kept,
    line_of,
    opening,
    passed_on,
    proofs,
)
from rightsflow.domain.wording import day


def lifting(letter: InstructionLetter, ended: EndedRestriction) -> Sequence[str]:
    """Return the paragraphs of an instruction to use restricted records again.

    Args:
        letter: What the instruction says.
        ended: The restriction that has ended.
    """
    before = (
        f"With instruction {ended.reference} of {day(ended.told_on)} we had you store personal data and use them for "
        "nothing else."
    )
    return (
        f"{letter.processor}\n\nInstruction {letter.reference}",
        opening(letter),
        f"{before} {_what_ended(ended)}. Use them again for what you hold them for us. You find the records under:\n"
        + "\n".join(map(line_of, letter.identifiers)),
        kept(letter.exclusions),
        (
            "What we have restricted with another instruction stays restricted. Erase nothing for this: when records "
            "are to be erased stays as it was agreed."
        ),
        passed_on(letter.sub_processors),
        f"Confirm it to us by {day(letter.due_on)} at the latest, with the reference {letter.reference}. Return:\n"
        + "\n".join(f"- {proof}" for proof in proofs(letter))
        + "\n- the day on which it was done and who did it",
        "If nothing was restricted, you cannot do it, or need more time, tell us that by the same day, and why.",
        "Do not contact the person, and pass on nothing of this but what your own processors need for it.",
        f"{letter.controller}\n{letter.contact}",
    )


def task_to_lift(letter: InstructionLetter, ended: EndedRestriction) -> Sequence[str]:
    """Return the paragraphs of a task for a colleague who was asked to restrict data.

    Args:
        letter: What the task says.
        ended: The restriction that has ended.
    """
    return (
        f"{letter.owner}\n\nTask {letter.reference}",
        (
            f"With task {ended.reference} of {day(ended.told_on)} we asked you to see to it that records of one person "
            f"in {letter.processor} are stored and used for nothing else. {_what_ended(ended)}. See to it that they "
            "are used again for what they are held for. They are found under:\n"
        )
        + "\n".join(map(line_of, letter.identifiers)),
        "What another task has restricted stays restricted. Erase nothing for this.",
        f"Answer by {day(letter.due_on)} at the latest, with the reference {letter.reference}. Return:\n"
        + "\n".join(f"- {proof}" for proof in proofs(letter))
        + "\n- the day on which it was done, and who did it",
        "If nothing was restricted there, you cannot do it, or need more time, tell us that by the same day, and why.",
        "Do not contact the person, and tell no one who is not needed for this.",
        f"{letter.controller}\n{letter.contact}",
    )


def notice_of_end(letter: InstructionLetter, ended: EndedRestriction) -> Sequence[str]:
    """The paragraphs of a notice to a recipient that answers for itself.

    Args:
        letter: What the notice says.
        ended: The restriction that has ended.
    """
    before = (
        f"With notice {ended.reference} of {day(ended.told_on)} we told you that we had restricted the use of personal "
        "data that we had disclosed to you."
    )
    return (
        f"{letter.processor}\n\nNotice {letter.reference}",
        f"{before} {_what_ended(ended, f' (Art. 18(3) and 19 {letter.law.name})')}. You find the data under:\n"
        + "\n".join(map(line_of, letter.identifiers)),
        _still_restricted(letter),
        "On which ground of your own you use these data, or store them only, is for you to check.",
        f"If you have questions, give the reference {letter.reference}.",
        f"{letter.controller}\n{letter.contact}",
    )


def _what_ended(ended: EndedRestriction, by_law: str = "") -> str:
    return f"That has ended{by_law}{'' if ended.is_of_all else ' in part'}, for: {', '.join(ended.categories)}"


def _still_restricted(letter: InstructionLetter) -> str:
    return (
        f"Still restricted: {', '.join(exclusion.category for exclusion in letter.exclusions)}."
        if letter.exclusions
        else ""
    )
