"""Common parts of instructions, tasks and notices: their content, and lines that occur in each of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.law import Law
from rightsflow.domain.processors.instructions import Exclusion
from rightsflow.domain.processors.terms import Action, ProcessorRole, ProofKind
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import day

_KINDS = {
    IdentifierKind.EMAIL: "e-mail address",
    IdentifierKind.PHONE: "telephone number (E.164)",
    IdentifierKind.CUSTOMER_ID: "customer number",
    IdentifierKind.ACCOUNT_ID: "account number",
}
_PROOFS = {
    ProofKind.COUNTS: "the number of records of each kind {counted}",
    ProofKind.FILE: "a document that shows it, such as a log or a signed confirmation",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedRestriction:
    """A restriction that a recipient was notified of, and that has ended (Art. 18(3) GDPR).

    Args:
        reference: By which what they were told then is known to both sides.
        told_on: The day on which that went out, in the controller's zone.
        categories: Which data are used again.
        is_of_all: Whether nothing of what they were told stays restricted.
    """

    reference: str
    told_on: date
    categories: Sequence[str]
    is_of_all: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionLetter:
    """The content of an instruction.

    Args:
        reference: By which it is known to both sides; no personal data.
        controller: The controller's name.
        contact: The address that is answered to.
        processor: Whom it is for; of a colleague, in which system they look.
        owner: The colleague who looks in it; empty for a company.
        role: What that company is to the controller.
        action: What it is asked to do.
        own_systems: The controller's systems in which it works, for one that hands over what it holds besides.
        contract: The reference of the contract; may be empty.
        categories: Which data it concerns.
        identifiers: By what the records are found.
        exclusions: What has to be kept.
        due_on: By when it has to be proved.
        proof: What has to be returned.
        sub_processors: Whom the processor has engaged, as far as the controller knows.
        law: The law that the case comes under.
        right: What the person asked for.
        corrections: What is put in the place of what, of a rectification.
        is_erased: Whether any record of them was erased, where a notice is of an erasure.
        ended: The restriction that has ended, where that is what it says.
        about: What a request for a part is about, in words; empty where it is about everything.
    """

    reference: str
    controller: str
    contact: str
    processor: str
    owner: str = ""
    role: ProcessorRole
    action: Action
    own_systems: Sequence[str]
    contract: str
    categories: Sequence[str]
    identifiers: Sequence[Identifier] = field(repr=False)
    exclusions: Sequence[Exclusion]
    due_on: date
    proof: Sequence[ProofKind]
    sub_processors: Sequence[str]
    law: Law
    right: Right = Right.ERASURE
    corrections: Sequence[Change] = field(default=(), repr=False)
    is_erased: bool = True
    ended: EndedRestriction | None = None
    about: str = ""

    @property
    def concerns(self) -> str:
        """Which data it concerns, and which part of them alone."""
        part = f" Of these, {self.about} alone; leave everything else as it is." if self.about else ""
        return f"This concerns: {', '.join(self.categories)}.{part}"


_TO_DO = {
    Action.ERASE: "erase records",
    Action.STOP_MARKETING: "end our direct marketing to a person",
    Action.RESTRICT: "restrict the use of records",
    Action.END_CONSENT: "end what rests on the consent of a person who withdrew it",
    Action.RECTIFY: "correct records",
    Action.LIFT: "lift the restriction of records",
}
"""The requested action, to go on after "we instruct you to"."""
_COUNTED = {
    Action.ERASE: "that you have erased",
    Action.STOP_MARKETING: "that you have taken out of it",
    Action.RESTRICT: "that are stored only",
    Action.END_CONSENT: "that it concerned",
    Action.RECTIFY: "that you have corrected",
    Action.LIFT: "that are used again",
}


def opening(letter: InstructionLetter) -> str:
    """Return the sentence that asks, with its ground.

    Args:
        letter: What the instruction says.
    """
    contract = f" under our contract {letter.contract}" if letter.contract else ""
    if letter.role is ProcessorRole.JOINT_CONTROLLER:
        wanted = f"{_TO_DO[letter.action]} for which we are joint controllers"
        return f"We ask you{contract} to {wanted} (Art. 26 {letter.law.name})."
    return f"We instruct you{contract} to {_TO_DO[letter.action]} (Art. 28(3)(a) and (e) {letter.law.name})."


def proofs(letter: InstructionLetter) -> list[str]:
    """Return the proofs to be returned, a line each.

    Args:
        letter: What the instruction says.
    """
    return [_PROOFS[item].format(counted=_COUNTED[letter.action]) for item in letter.proof]


def passed_on(sub_processors: Sequence[str]) -> str:
    """Return the sentence that passes the instruction on to sub-processors.

    Args:
        sub_processors: Those that the controller knows.
    """
    known = f", as far as we know {', '.join(sub_processors)}" if sub_processors else ""
    return f"Have each of your own processors do the same that holds such records{known}."


def line_of(identifier: Identifier) -> str:
    """Return the line of an identifier by which records are found."""
    return f"- {_KINDS[identifier.kind]}{f' in {identifier.issuer}' if identifier.issuer else ''}: {identifier.value}"


def kept(exclusions: Sequence[Exclusion]) -> str:
    """Return the lines of records to be retained and used for nothing else; empty if there are none."""
    if not exclusions:
        return ""
    lines = (f"- {exclusion.category}, until {_end(exclusion)} ({exclusion.provision})" for exclusion in exclusions)
    return "Keep, and use for nothing else:\n" + "\n".join(lines)


def _end(exclusion: Exclusion) -> str:
    """Return the end of a retention in words; an event is not named, since the processor need not know it."""
    if exclusion.until is None:
        return "we release them"
    return (
        f"{day(exclusion.until)}, or until we release them if that is later"
        if exclusion.ends_when
        else day(exclusion.until)
    )
