"""The notice to instructed parties that an instruction is void: the request was withdrawn, or its case stopped.

It does not name the person: the reference identifies the instruction.
"""

from __future__ import annotations

from datetime import date

from rightsflow.documents.instruction_parts import InstructionLetter
from rightsflow.domain.wording import day


def call_off_text(letter: InstructionLetter, before: str, told_on: date) -> str:
    """The text.

    Args:
        letter: What it says besides.
        before: By which what they were asked is known to both sides.
        told_on: The day on which that went out, in the controller's zone.
    """
    is_task = letter.role.is_colleague
    whom, asked = (letter.owner, "task") if is_task else (letter.processor, "instruction")
    where = f" in {letter.processor}" if is_task else ""
    paragraphs = (
        f"{whom}\n\n{asked[:1].upper()}{asked[1:]} {letter.reference}",
        (
            f"With {asked} {before} of {day(told_on)} we asked you to act on personal data of one person{where}. The "
            "request behind it has ended. Do nothing more for it, and give us nothing more for it. What you have "
            "copied for it alone, erase; what lies in its own place stays there as it is."
        ),
        "" if is_task else "Tell that to each of your own processors to whom you have passed it on.",
        "You need not answer this. If something had been done already, tell us what, with the reference.",
        f"{letter.controller}\n{letter.contact}",
    )
    return "\n\n".join(filter(None, paragraphs)) + "\n"
