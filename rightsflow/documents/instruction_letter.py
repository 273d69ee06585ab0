"""L13, the instruction to a processor (Art. 28(3)(a), (e) GDPR), and L12, the notice to a recipient (Art. 19 GDPR).

They give no reasons, and nothing of the request. The reader works for another company: the letter names the person only
by what the records are found by. Without a notice that a restriction has ended, recipients would keep data restricted;
the notice that an instruction is void names no person, since its reference identifies it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from rightsflow.documents.instruction_parts import (
    EndedRestriction,
    InstructionLetter,
    kept,
    line_of,
    opening,
    passed_on,
    proofs,
)
from rightsflow.domain.processors.terms import Action
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.vocabulary.rights import Right
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
    """Return the paragraphs of a notice to an independent recipient.

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


def instruction_text(letter: InstructionLetter) -> str:
    """Return the text of an instruction.

    Args:
        letter: What it says.
    """
    if letter.ended:
        notice = notice_of_end if letter.action is Action.TAKE_NOTE else lifting
        write_end = task_to_lift if letter.role.is_colleague else notice
        return "\n\n".join(filter(None, write_end(letter, letter.ended))) + "\n"
    written = {Action.HAND_OVER: _handing_over, Action.TAKE_NOTE: _notice}.get(letter.action, _paragraphs)
    write = _task if letter.role.is_colleague else written
    return "\n\n".join(filter(None, write(letter))) + "\n"


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


_HELD = (
    "Keep every record that you hold for us under these, and use it for nothing else until we release it. Erase none "
    "of it, even where a period of your own ends:"
)
"""The request to a processor whose records a legal hold excludes from an erasure."""


def _is_held(letter: InstructionLetter) -> bool:
    """Return whether a legal hold covers all records of the processor, so that it erases none."""
    return letter.action is Action.RESTRICT and letter.right is Right.ERASURE


def _task(letter: InstructionLetter) -> Sequence[str]:
    """Return the task of a colleague, who is no processor and has no contract: please look in the archive."""
    wanted, provision, rule = _HELD_BY_HAND if _is_held(letter) else _TASKS_BY_HAND[letter.action]
    return (
        f"{letter.owner}\n\nTask {letter.reference}",
        (
            f"Please look in {letter.processor} for records of one person, {wanted} "
            f"(Art. {provision} {letter.law.name}). No program of ours reaches that system, so that only you can."
        ),
        "Look under:\n" + "\n".join(map(line_of, letter.identifiers)),
        letter.concerns,
        _corrections(letter.corrections),
        kept(letter.exclusions),
        rule,
        f"Answer by {day(letter.due_on)} at the latest, with the reference {letter.reference}. Return:\n"
        + "\n".join(f"- {text}" for text in _wanted_of_task(letter)),
        _IF_NOT_TASK + (_IF_KEPT if letter.action in _ERASES_BY_HAND else ""),
        "Do not contact the person, and tell no one who is not needed for this.",
        f"{letter.controller}\n{letter.contact}",
    )


_IF_NOT_TASK = "If nothing is there, you cannot do it, or you need more time, tell us that by the same day, and why."
_IF_KEPT = " If a law or an agreement demands that something is kept, you cannot erase it: name the provision."
_ERASES_BY_HAND = frozenset({Action.ERASE, Action.STOP_MARKETING, Action.END_CONSENT})
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


_HELD_BY_HAND = (
    "and keep them, stored and used for nothing else until we release them",
    "17(3)(e)",
    "Erase none of them, even where a period of your own ends. Leave what is about other people as it is.",
)
_TASKS_BY_HAND = {
    Action.ERASE: ("and erase them", "17", _ONLY_THEIRS_TO_ERASE),
    Action.HAND_OVER: ("and give us a copy of them", "15", _ONLY_THEIRS_TO_GIVE),
    Action.STOP_MARKETING: ("and end that they are used for our direct marketing", "21(3)", _ONLY_THEIRS_TO_CHANGE),
    Action.RESTRICT: ("and see to it that they are stored and used for nothing else", "18", _ONLY_THEIRS_TO_CHANGE),
    Action.END_CONSENT: ("and erase what rests on their consent alone", "7(3)", _ONLY_THEIRS_TO_ERASE),
    Action.RECTIFY: ("and correct them as said below", "16", _ONLY_THEIRS_TO_CHANGE),
}
"""The task of a colleague, its provision and its caution."""


def _wanted_of_task(letter: InstructionLetter) -> Sequence[str]:
    wanted = ["the files"] if letter.action is Action.HAND_OVER else proofs(letter)
    return (*wanted, "the day on which you looked, and who did")


def _handing_over(letter: InstructionLetter) -> Sequence[str]:
    """L13 in an access request: help with the answer (Art. 28(3)(e) GDPR)."""
    contract = f" under our contract {letter.contract}" if letter.contract else ""
    return (
        f"{letter.processor}\n\nInstruction {letter.reference}",
        f"We instruct you{contract} to give us a copy of records (Art. 28(3)(a) and (e) {letter.law.name}).",
        "Give us every record that you hold for us under:\n" + "\n".join(map(line_of, letter.identifiers)),
        _what_to_hand_over(letter),
        (
            "Give it as plain text, CSV, JSON or PDF, pictures as PNG or JPEG, recordings as WAV or MP3. Let each text "
            "name the person by what stands above, so that we see whose it is."
        ),
        passed_on(letter.sub_processors),
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
        f"{letter.concerns} What lies in our own systems ({systems}) we take from there "
        "ourselves: give us what you hold besides, and nothing of other persons."
    )


def _notice(letter: InstructionLetter) -> Sequence[str]:
    """L12: the notice to a recipient that answers for itself (Art. 19 GDPR)."""
    done, article, wanted = _NOTICES.get(letter.right, _ERASED if letter.is_erased else _TO_BE_ERASED)
    return (
        f"{letter.processor}\n\nNotice {letter.reference}",
        f"{done} (Art. {article} and 19 {letter.law.name}). "
        f"They concern {', '.join(letter.categories)}, and you find them under:\n"
        + "\n".join(map(line_of, letter.identifiers)),
        _corrections(letter.corrections),
        f"It is about {letter.about} alone." if letter.about else "",
        _still_kept(letter),
        wanted,
        f"If you have questions, give the reference {letter.reference}.",
        f"{letter.controller}\n{letter.contact}",
    )


def _still_kept(letter: InstructionLetter) -> str:
    """Return the exclusions of an erasure notice, by category alone: the reasons for retention are not disclosed."""
    kept_ones = dict.fromkeys(exclusion.category for exclusion in letter.exclusions)
    return f"It is not about what we still have to keep: {', '.join(kept_ones)}." if kept_ones else ""


_ERASED = (
    "We have erased personal data that we had disclosed to you",
    "17",
    "Erase links to these data and copies of them, or check on which ground of your own you keep them.",
)
_TO_BE_ERASED = (
    # A person still has to erase ours by hand.
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
        # The letter states the decision only, not the systems where it was carried out or is still to be.
        "Personal data that we had disclosed to you are wrong or incomplete",
        "16",
        "Correct what you hold of these data, or check on which ground of your own you keep it as it is.",
    ),
}
"""The action, its article and the request of a notice that is not about an erasure."""


def _corrections(changes: Sequence[Change]) -> str:
    """Return the corrected values in words; these are written out, since the notice is about them."""
    if not changes:
        return ""
    return "What is right:\n" + "\n".join(map(_corrected, changes))


def _corrected(change: Change) -> str:
    name = change.named
    if change.is_added:
        return f"- {name}, to be put beside it: {change.new}"
    return f"- {name}: {change.new}" + (f" (instead of {change.old})" if change.old else " (was missing)")


def _paragraphs(letter: InstructionLetter) -> Sequence[str]:
    return (
        f"{letter.processor}\n\nInstruction {letter.reference}",
        opening(letter),
        f"{_HELD if _is_held(letter) else _TASKS[letter.action]}\n" + "\n".join(map(line_of, letter.identifiers)),
        letter.concerns,
        _corrections(letter.corrections),
        kept(letter.exclusions),
        "Have each of your own processors do the same that holds such records"
        + (f", as far as we know {', '.join(letter.sub_processors)}" if letter.sub_processors else "")
        + ", and let them confirm it to you. Of back-ups, tell us until when they still hold the records.",
        f"Confirm it to us by {day(letter.due_on)} at the latest, with the reference {letter.reference}. Return:\n"
        + "\n".join(f"- {proof}" for proof in proofs(letter))
        + "\n- the day on which it was done and who did it",
        "If you hold nothing, cannot do it, or need more time, tell us that by the same day, and why.",
        "Do not contact the person, and pass on nothing of this but what your own processors need for it.",
        f"{letter.controller}\n{letter.contact}",
    )


def call_off_text(letter: InstructionLetter, before: str, told_on: date) -> str:
    """Return the text that calls an instruction off.

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
