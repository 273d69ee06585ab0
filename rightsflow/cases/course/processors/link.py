"""The page of a one-time link, on which a processor sees and answers an instruction without an account.

Anyone with the link is treated as the processor. So the page says nothing about the person, and every answer is checked
by the rules for all answers, and by a person where a letter would quote it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.processors.processor_answers import ReceivedAnswer, put_answer
from rightsflow.cases.work.processors.instructions import reference_of
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import Actor, Proof
from rightsflow.domain.processors.answers import (
    ConfirmationLink,
    Instruction,
    StatedAnswer,
    doubts_of_own_words,
    latest_day,
    says_zero,
)
from rightsflow.domain.processors.terms import Action, InstructionStanding, ProcessorAnswer, ProcessorRole, ProofKind
from rightsflow.domain.vocabulary.file_kinds import kind_of_proof
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.store import CaseFile
from rightsflow.store.case.one_time_codes import NO_LINK

MOST_WORDS: Final = 2000
"""The largest number of characters in a reason or a name that comes by a link."""
OTHERS: Final = "others, named in its answer"
"""Stands for sub-processors that the register does not name."""


_Linked = tuple[CaseFile, Instruction, ConfirmationLink]


class UnexplainedZero(BadInput):
    """A processor says that it holds nothing, although records were found where it works, and does not say why."""

    def __init__(self) -> None:
        super().__init__(
            "We found records of this person in a system in which you work. Search again; if you hold none, say why."
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedByLink:
    """The content of a link's page; nothing about the person.

    Args:
        reference: By which the instruction is known to both sides.
        controller: The controller's name.
        contact: Where it is written to.
        processor: Whom the link is for.
        role: What that company is to the controller.
        contract: The reference of the contract; may be empty.
        categories: Which data it concerns.
        due_on: By when it has to be proved.
        latest_on: The last day that "more time" can ask for.
        proof: What has to be returned.
        sub_processors: Whom the processor has engaged, as far as the controller knows.
        is_questioned: Whether its last answer is being checked.
        action: What it is asked to do.
    """

    reference: str
    controller: str
    contact: str
    processor: str
    role: ProcessorRole
    contract: str
    categories: tuple[str, ...]
    due_on: date
    latest_on: date
    proof: tuple[ProofKind, ...]
    sub_processors: tuple[str, ...]
    is_questioned: bool
    action: Action

    @property
    def hands_over(self) -> bool:
        """True if the processor is asked for a copy of the data it holds."""
        return self.action is Action.HAND_OVER


def read_link(app: App, case_id: str, number: int, token: str) -> AskedByLink:
    """Return the request that a link is for.

    Args:
        app: What it works with.
        case_id: The case that its address names.
        number: The instruction's number that it names.
        token: Its token.

    Raises:
        BadInput: There is no such link, or it is over.
    """
    with _linked(app, case_id, number, token) as (file, linked, _):
        section = app.settings.asked.get(linked.processor)
        return AskedByLink(
            reference=reference_of(file.case_id, linked.processor, linked.task),
            controller=app.settings.controller.name,
            contact=app.settings.owners.case_owner.email,
            processor=linked.name,
            role=linked.role,
            contract=section.contract if section else "",
            # Which of them are used again, the instruction says.
            categories=section.categories if section and not linked.task else (),
            due_on=linked.due_on,
            latest_on=latest_day(linked, file.work_to_on, app.today),
            proof=section.proof if section else (ProofKind.COUNTS,),
            sub_processors=tuple(sub.name for sub in section.sub_processors) if section else (),
            is_questioned=linked.standing is InstructionStanding.QUESTIONED,
            action=linked.action,
        )


def answer_by_link(
    app: App,
    case_id: str,
    number: int,
    token: str,
    stated: StatedAnswer,
    *,
    name: str = "",
    proof: bytes = b"",
    documents: Sequence[bytes] = (),
) -> Instruction:
    """Record what a processor answered by its link, which is over with that.

    Args:
        app: What it works with.
        case_id: The case that the link's address names.
        number: The instruction's number that it names.
        token: Its token.
        stated: The answer.
        name: Who answers, of those who work for the processor; kept encrypted.
        proof: The document that came with it; empty for none.
        documents: The files that it handed over, which are the person's records.

    Raises:
        BadInput: There is no such link, or something is missing or impossible.
    """
    if max(map(len, (stated.note, name))) > MOST_WORDS:
        raise BadInput(f"That is too long; use at most {MOST_WORDS:,} letters.")
    if proof:
        kind_of_proof(proof)
    with _linked(app, case_id, number, token) as (file, linked, link):
        if says_zero(linked, stated) and not stated.note.strip():
            raise UnexplainedZero
        by = Actor(linked.name, role=linked.role.value, proof=Proof.LINK)
        file.instructions.links.use(link, by=by)
        whole = replace(stated, note=_words(stated, name), sub_processors=_known(app, linked, stated))
        doubts = doubts_of_own_words(stated)
        received = ReceivedAnswer(stated=whole, proof=proof, documents=documents, doubts=doubts)
        answered, _ = put_answer(file, app, number, received, by=by)
    return answered


@contextmanager
def _linked(app: App, case_id: str, number: int, token: str) -> Iterator[_Linked]:
    """Open the case file of a usable link; whatever is wrong with a link, the error is the same."""
    with ExitStack() as stack:
        try:
            file = stack.enter_context(app.store.case_file(read_case_id(case_id)))
            instruction = file.instructions.one(number)
            link = file.instructions.links.demand(number, instruction.processor, token)
        except BadInput:
            raise BadInput(NO_LINK) from None
        if not instruction.is_open:
            raise BadInput(NO_LINK)
        yield file, instruction, link


def _words(stated: StatedAnswer, name: str) -> str:
    """Return the words with the name of the respondent; a reason that a letter quotes stays as it is."""
    if stated.answer is ProcessorAnswer.CANNOT or not name.strip():
        return stated.note.strip()
    return f"{stated.note.strip()}\n\nAnswered by {name.strip()}.".strip()


def _known(app: App, instruction: Instruction, stated: StatedAnswer) -> tuple[str, ...]:
    """Return the sub-processors by their names in the register: the ledger has them in clear."""
    section = app.settings.asked.get(instruction.processor)
    known = {sub.name for sub in section.sub_processors} if section else set()
    named = tuple(sub for sub in stated.sub_processors if sub in known)
    return (*named, OTHERS) if len(named) < len(stated.sub_processors) else named
