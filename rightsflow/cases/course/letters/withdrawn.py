"""The word to the person that their request is taken as withdrawn (L18): what had been done before, and what not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.letters.answering import put_letter
from rightsflow.cases.course.letters.letter_facts import LetterFacts
from rightsflow.cases.work.erasure.suppression import listed_of
from rightsflow.documents.letters import LetterId, Withdrawal, render
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.processors.terms import Action, ProcessorAnswer
from rightsflow.domain.wording import counted
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
        done_already=done_before(file, app),
        is_untouched=not has_changed and all(instruction.action is Action.HAND_OVER for instruction in asked),
    )
    put_letter(file, render(LetterId.WITHDRAWAL, variables))


def done_before(file: CaseFile, app: App) -> tuple[str, ...]:
    """Return the acts of a case that ends without an answer: entries on the suppression list, and instructions sent.

    Args:
        file: The case file, open.
        app: What it works with.
    """
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
    said = f"We had asked {whom} {_ASKED[instruction.action]}."
    if instruction.is_open:
        return f"{said} There is no answer yet, and we tell them that nothing more is to be done."
    if instruction.action is not Action.ERASE or done is None:
        return said
    erased = counted(done.records, "record") if done.records else "what was there of you"
    return f"{said} The answer was that {erased} had been erased."
