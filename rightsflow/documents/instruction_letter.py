"""L13, the instruction to a processor (Art. 28(3)(a), (e) GDPR), and L12, the notice to a recipient (Art. 19 GDPR).

They give no reasons, and nothing of the request.

Who reads it works for another company: it names the person by nothing but what the records are found by.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.law import Law
from rightsflow.domain.processors.instructing import Exclusion
from rightsflow.domain.processors.terms import Action, ProcessorRole, ProofKind
from rightsflow.domain.rectification.change import Change, in_words
from rightsflow.domain.request import Right
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
class InstructionLetter:
    """What an instruction says.

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


def instruction_text(letter: InstructionLetter) -> str:
    """The text.

    Args:
        letter: What it says.
    """
    written = {Action.HAND_OVER: _handing_over, Action.TAKE_NOTE: _notice}.get(letter.action, _paragraphs)
    write = _task if letter.role.is_colleague else written
    return "\n\n".join(filter(None, write(letter))) + "\n"


_TO_DO = {
    Action.ERASE: "erase records",
    Action.STOP_MARKETING: "end our direct marketing to a person",
    Action.RESTRICT: "restrict the use of records",
    Action.END_CONSENT: "end what rests on the consent of a person who withdrew it",
    Action.RECTIFY: "correct records",
}
"""What it is asked, to go on after "we instruct you to"."""
_TASKS = {
    Action.ERASE: "Erase every record that you hold for us under:",
    Action.STOP_MARKETING: (
        "Use nothing for our direct marketing any more that you hold for us under these, and erase what you hold for "
        "that alone:"
    ),
    Action.RESTRICT: "Store every record that you hold for us under these, and use it for nothing else:",
    Action.END_CONSENT: (
        "Process nothing any more on the ground of consent that you hold for us under these, and erase what you hold "
        "on that ground alone:"
    ),
    Action.RECTIFY: "Correct every record that you hold for us under these, as said below:",
}
_COUNTED = {
    Action.ERASE: "that you have erased",
    Action.STOP_MARKETING: "that you have taken out of it",
    Action.RESTRICT: "that are stored only",
    Action.END_CONSENT: "that it concerned",
    Action.RECTIFY: "that you have corrected",
}


def _task(letter: InstructionLetter) -> Sequence[str]:
    """The same for a colleague, who is no processor and has no contract: please look in the archive."""
    wanted, provision, rule = _TASKS_BY_HAND[letter.action]
    return (
        f"{letter.owner}\n\nTask {letter.reference}",
        (
            f"Please look in {letter.processor} for records of one person, {wanted} "
            f"(Art. {provision} {letter.law.name}). No program of ours reaches that system, so that only you can."
        ),
        "Look under:\n" + "\n".join(map(_line, letter.identifiers)),
        f"This concerns: {', '.join(letter.categories)}.",
        _corrections(letter.corrections),
        rule,
        f"Answer by {day(letter.due_on)} at the latest, with the reference {letter.reference}. Return:\n"
        + "\n".join(f"- {one}" for one in _wanted_of_task(letter)),
        _IF_NOT_TASK,
        "Do not contact the person, and tell no one who is not needed for this.",
        f"{letter.controller}\n{letter.contact}",
    )


_IF_NOT_TASK = (
    "If nothing is there, you cannot do it, or you need more time, tell us that by the same day, and why. If a law or "
    "an agreement demands that something is kept, it is what you cannot erase: name the provision."
)
_ONLY_THEIRS_TO_ERASE = (
    "Erase what is about this person alone. What is about others as well, and what you are not sure of, leave as it "
    "is, and tell us."
)
_ONLY_THEIRS_TO_CHANGE = (
    "Change what is about this person alone. What is about others as well, and what you are not sure of, leave as it "
    "is, and tell us."
)
_ONLY_THEIRS_TO_GIVE = (
    "Give it as plain text, CSV, JSON or PDF, pictures as PNG or JPEG, recordings as WAV or MP3. Let each text name "
    "the person by what stands above, so that we see whose it is, and leave out what is about others; if you cannot, "
    "tell us."
)


_TASKS_BY_HAND = {
    Action.ERASE: ("and erase them", "17", _ONLY_THEIRS_TO_ERASE),
    Action.HAND_OVER: ("and give us a copy of them", "15", _ONLY_THEIRS_TO_GIVE),
    Action.STOP_MARKETING: ("and end that they are used for our direct marketing", "21(3)", _ONLY_THEIRS_TO_CHANGE),
    Action.RESTRICT: ("and see to it that they are stored and used for nothing else", "18", _ONLY_THEIRS_TO_CHANGE),
    Action.END_CONSENT: ("and erase what rests on their consent alone", "7(3)", _ONLY_THEIRS_TO_ERASE),
    Action.RECTIFY: ("and correct them as said below", "16", _ONLY_THEIRS_TO_CHANGE),
}
"""What a colleague is asked, on which provision, and what they have to mind."""


def _proofs(letter: InstructionLetter) -> list[str]:
    return [_PROOFS[one].format(counted=_COUNTED[letter.action]) for one in letter.proof]


def _wanted_of_task(letter: InstructionLetter) -> Sequence[str]:
    proofs = ["the files"] if letter.action is Action.HAND_OVER else _proofs(letter)
    return (*proofs, "the day on which you looked, and who did")


def _handing_over(letter: InstructionLetter) -> Sequence[str]:
    """L13 in an access request: help with the answer (Art. 28(3)(e) GDPR)."""
    contract = f" under our contract {letter.contract}" if letter.contract else ""
    return (
        f"{letter.processor}\n\nInstruction {letter.reference}",
        f"We instruct you{contract} to give us a copy of records (Art. 28(3)(a) and (e) {letter.law.name}).",
        "Give us every record that you hold for us under:\n" + "\n".join(map(_line, letter.identifiers)),
        _what_to_hand_over(letter),
        (
            "Give it as plain text, CSV, JSON or PDF, pictures as PNG or JPEG, recordings as WAV or MP3. Let each text "
            "name the person by what stands above, so that we see whose it is."
        ),
        _passed_on(letter.sub_processors),
        (
            f"We need it by {day(letter.due_on)} at the latest, with the reference {letter.reference}, the number of "
            "records of each kind, the day on which you looked and who did."
        ),
        "If you hold nothing besides, cannot do it, or need more time, tell us that by the same day, and why.",
        "Do not contact the person, and pass on nothing of this but what your own processors need for it.",
        f"{letter.controller}\n{letter.contact}",
    )


def _what_to_hand_over(letter: InstructionLetter) -> str:
    systems = ", ".join(letter.own_systems)
    return (
        f"This concerns: {', '.join(letter.categories)}. What lies in our own systems ({systems}) we take from there "
        "ourselves: give us what you hold besides, and nothing of other persons."
    )


def _passed_on(sub_processors: Sequence[str]) -> str:
    known = f", as far as we know {', '.join(sub_processors)}" if sub_processors else ""
    return f"Have each of your own processors do the same that holds such records{known}."


def _notice(letter: InstructionLetter) -> Sequence[str]:
    """L12: the notice to a recipient that answers for itself (Art. 19 GDPR)."""
    done, article, wanted = _NOTICES.get(letter.right, _ERASED if letter.is_erased else _TO_BE_ERASED)
    return (
        f"{letter.processor}\n\nNotice {letter.reference}",
        f"{done} (Art. {article} and 19 {letter.law.name}). "
        f"They concern {', '.join(letter.categories)}, and you find them under:\n"
        + "\n".join(map(_line, letter.identifiers)),
        _corrections(letter.corrections),
        wanted,
        f"If you have questions, give the reference {letter.reference}.",
        f"{letter.controller}\n{letter.contact}",
    )


_ERASED = (
    "We have erased personal data that we had disclosed to you",
    "17",
    "Erase links to these data and copies of them, or check on which ground of your own you keep them.",
)
_TO_BE_ERASED = (
    # All of ours is kept for now, or could not be erased yet.
    "Personal data that we had disclosed to you are to be erased; ours are not erased yet",
    *_ERASED[1:],
)
_NOTICES = {
    Right.RESTRICTION: (
        "We have restricted the use of personal data that we had disclosed to you",
        "18",
        "Store these data only, or check on which ground of your own you use them.",
    ),
    Right.RECTIFICATION: (
        # It is decided; where it was corrected in our systems, and where a person still does that, is another matter.
        "Personal data that we had disclosed to you are wrong or incomplete",
        "16",
        "Correct what you hold of these data, or check on which ground of your own you keep it as it is.",
    ),
}
"""What was done, by which article, and what is asked, where that is no erasure."""


def _corrections(changes: Sequence[Change]) -> str:
    """What is put in the place of what; the values are what it is about, so that they are written out."""
    if not changes:
        return ""
    return "What is right:\n" + "\n".join(map(_corrected, changes))


def _corrected(one: Change) -> str:
    name = in_words(one.field)
    if one.is_added:
        return f"- {name}, to be put beside it: {one.new}"
    return f"- {name}: {one.new}" + (f" (instead of {one.old})" if one.old else " (was missing)")


def _paragraphs(letter: InstructionLetter) -> Sequence[str]:
    return (
        f"{letter.processor}\n\nInstruction {letter.reference}",
        _opening(letter),
        f"{_TASKS[letter.action]}\n" + "\n".join(map(_line, letter.identifiers)),
        "This concerns: " + ", ".join(letter.categories) + ".",
        _corrections(letter.corrections),
        _kept(letter.exclusions),
        "Have each of your own processors do the same that holds such records"
        + (f", as far as we know {', '.join(letter.sub_processors)}" if letter.sub_processors else "")
        + ", and let them confirm it to you. Of back-ups, tell us until when they still hold the records.",
        f"Confirm it to us by {day(letter.due_on)} at the latest, with the reference {letter.reference}. Return:\n"
        + "\n".join(f"- {one}" for one in _proofs(letter))
        + "\n- the day on which it was done and who did it",
        "If you hold nothing, cannot do it, or need more time, tell us that by the same day, and why.",
        "Do not contact the person, and pass on nothing of this but what your own processors need for it.",
        f"{letter.controller}\n{letter.contact}",
    )


def _opening(letter: InstructionLetter) -> str:
    contract = f" under our contract {letter.contract}" if letter.contract else ""
    if letter.role is ProcessorRole.JOINT_CONTROLLER:
        wanted = f"{_TO_DO[letter.action]} for which we are joint controllers"
        return f"We ask you{contract} to {wanted} (Art. 26 {letter.law.name})."
    return f"We instruct you{contract} to {_TO_DO[letter.action]} (Art. 28(3)(a) and (e) {letter.law.name})."


def _line(one: Identifier) -> str:
    return f"- {_KINDS[one.kind]}{f' in {one.issuer}' if one.issuer else ''}: {one.value}"


def _kept(exclusions: Sequence[Exclusion]) -> str:
    if not exclusions:
        return ""
    lines = (f"- {one.category}, until {_end(one)} ({one.provision})" for one in exclusions)
    return "Keep, and use for nothing else:\n" + "\n".join(lines)


def _end(one: Exclusion) -> str:
    """What ends the keeping; which event that is besides a day, may say more of the person than they need to know."""
    if one.until is None:
        return "we release them"
    return f"{day(one.until)}, or until we release them if that is later" if one.ends_when else day(one.until)
