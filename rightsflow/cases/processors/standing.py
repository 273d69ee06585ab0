"""The status at a case's processors, and in systems that colleagues search by hand, for the letters."""

from __future__ import annotations

from collections.abc import Collection

from rightsflow.cases.app import App
from rightsflow.config.settings import Settings
from rightsflow.documents.letters import AtProcessor, NotInformed
from rightsflow.domain.identifiers import KIND_WORDS
from rightsflow.domain.processors.answering import Instruction
from rightsflow.domain.processors.terms import Action, InstructionStanding, ProcessorAnswer, ProcessorChannel
from rightsflow.domain.wording import listed
from rightsflow.store import CaseFile


def at_processors(
    file: CaseFile, settings: Settings, *, only: Collection[int] | None = None
) -> tuple[AtProcessor, ...]:
    """Return the status of the data at each processor and in each system searched by hand that the case concerns.

    Args:
        file: The case file, open.
        settings: The configuration.
        only: The numbers of the instructions that are wanted; all by default.
    """
    return tuple(
        _line(file, settings, one)
        for one in file.instructions.all()
        if not one.is_notice and (only is None or one.number in only)
    )


def told_recipients(file: CaseFile) -> tuple[str, ...]:
    """The controllers of their own that were told of what was done (Art. 19 GDPR), by their names.

    Args:
        file: The case file, open.
    """
    told = (one.name for one in file.instructions.all() if one.standing is InstructionStanding.TOLD)
    return tuple(dict.fromkeys(told))


def untold_recipients(file: CaseFile, settings: Settings) -> tuple[NotInformed, ...]:
    """The controllers of their own that cannot be told of the erasure, each with the reason (Art. 19 GDPR).

    Args:
        file: The case file, open.
        settings: The configuration.
    """
    return tuple(
        NotInformed(name=one.name, reason=_why_not_told(file, settings, one))
        for one in file.instructions.all()
        if one.is_notice and one.standing in {InstructionStanding.NOT_TOLD, InstructionStanding.NOT_ASKED}
    )


def _why_not_told(file: CaseFile, settings: Settings, one: Instruction) -> str:
    if one.standing is InstructionStanding.NOT_TOLD:
        return file.instructions.note(one.number)
    return f"it finds records by {_finds_by(settings, one.processor)} only, and we know none that is yours alone"


def why_by_people(settings: Settings, one: Instruction) -> str:
    """Return the reason a person sends an instruction that another channel would carry; empty if none does.

    Args:
        settings: The configuration.
        one: The instruction.
    """
    section = settings.asked.get(one.processor)
    if section is None or one.channel is not ProcessorChannel.MANUAL or section.channel is ProcessorChannel.MANUAL:
        return ""
    if section.channel_for(one.action) is ProcessorChannel.MANUAL:
        return "OpenDSR has no request for that; send the text in another way."
    return "It was refused on its way; send the text in another way."


def waits_for_processors(app: App, case_id: str) -> bool:
    """Return True if the answer can still wait for a processor: an instruction is open, and its day has not passed.

    That day lies a week before the date to work to, so that waiting endangers nothing; afterwards the answer names what
    is open.

    Args:
        app: What it works with.
        case_id: The case.
    """
    if not app.settings.asked:
        return False
    with app.store.case_file(case_id) as file:
        return any(one.is_waited_for and app.today <= one.due_on < file.work_to_on for one in file.instructions.all())


def looked_by_hand(file: CaseFile, settings: Settings) -> tuple[AtProcessor, ...]:
    """The same of the systems alone in which colleagues look by hand.

    Args:
        file: The case file, open.
        settings: The configuration.
    """
    return tuple(one for one in at_processors(file, settings) if one.by_hand)


def waits_by_hand(app: App, case_id: str) -> bool:
    """Return True if a colleague has still to search a system, so that the case cannot state that nothing is held.

    The answer to an objection to marketing and to a withdrawal of consent does not say that: it waits for colleagues as
    for processors, until their day, and names what is open then.

    Args:
        app: What it works with.
        case_id: The case.
    """
    with app.store.case_file(case_id) as file:
        if not file.right.keeps_from_advertising:
            return bool(open_by_hand(file))
    return waits_for_processors(app, case_id)


def open_by_hand(file: CaseFile) -> tuple[str, ...]:
    """The systems in which a colleague has still to look, by their names; the day that was agreed changes nothing.

    Args:
        file: The case file, open.
    """
    return tuple(one.name for one in file.instructions.all() if one.role.is_colleague and one.is_open)


def acted_by_hand(app: App, case_id: str) -> bool:
    """Return True if a colleague has acted on data in a system that no program reaches.

    Args:
        app: What it works with.
        case_id: The case.
    """
    with app.store.case_file(case_id) as file:
        return any(one.has_acted_by_hand for one in looked_by_hand(file, app.settings))


def has_erased_by_hand(file: CaseFile, settings: Settings) -> bool:
    """Return True if a colleague has erased data in a system that no program reaches.

    Args:
        file: The case file, open.
        settings: The configuration.
    """
    return any(one.has_erased for one in looked_by_hand(file, settings))


def _line(file: CaseFile, settings: Settings, one: Instruction) -> AtProcessor:
    standing, last = one.standing, one.last
    has_answered = standing in {
        InstructionStanding.CONFIRMED,
        InstructionStanding.CANNOT,
        InstructionStanding.QUESTIONED,
    }
    return AtProcessor(
        name=one.name,
        standing=standing,
        on=last.on if last and has_answered else None,
        records=_records(one) if standing is InstructionStanding.CONFIRMED else None,
        due_on=one.due_on if standing.is_open else None,
        reason=file.instructions.note(one.number) if standing is InstructionStanding.CANNOT else "",
        action=one.action,
        by_hand=one.role.is_colleague,
        finds_by=_finds_by(settings, one.processor) if standing is InstructionStanding.NOT_ASKED else "",
    )


def _records(one: Instruction) -> int | None:
    if one.last is None:
        return None
    if one.last.answer is ProcessorAnswer.NOTHING_HELD:
        return 0
    # What it handed over are files; a number that it gave besides says nothing of them.
    return None if one.action is Action.HAND_OVER else one.last.records


def _finds_by(settings: Settings, processor: str) -> str:
    section = settings.asked.get(processor)
    kinds = [KIND_WORDS[kind][0] for kind in section.identifiers] if section else []
    return listed(kinds) or "other identifiers"
