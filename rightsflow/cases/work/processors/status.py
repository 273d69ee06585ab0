"""The status at a case's processors, and in systems that colleagues search by hand, for the letters."""

from __future__ import annotations

from collections.abc import Collection

from rightsflow.cases.app import App
from rightsflow.config.settings import Settings
from rightsflow.documents.letters import AtProcessor, NotInformed
from rightsflow.domain.identifiers import kind_words
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.processors.terms import Action, Doubt, InstructionStanding, ProcessorAnswer, ProcessorChannel
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
        _line(file, settings, instruction)
        for instruction in file.instructions.all()
        if not instruction.is_notice and (only is None or instruction.number in only)
    )


def told_recipients(file: CaseFile) -> tuple[str, ...]:
    """Return the independent controllers notified of the result (Art. 19 GDPR), by their names.

    Args:
        file: The case file, open.
    """
    notified = (
        instruction.name for instruction in file.instructions.all() if instruction.standing is InstructionStanding.TOLD
    )
    return tuple(dict.fromkeys(notified))


def untold_recipients(file: CaseFile, settings: Settings) -> tuple[NotInformed, ...]:
    """Return the independent controllers that cannot be notified of the erasure, with the reason (Art. 19 GDPR).

    Args:
        file: The case file, open.
        settings: The configuration.
    """
    return tuple(
        NotInformed(name=instruction.name, reason=_why_not_told(file, settings, instruction))
        for instruction in file.instructions.all()
        if instruction.is_notice
        and instruction.standing in {InstructionStanding.NOT_TOLD, InstructionStanding.NOT_ASKED}
    )


def _why_not_told(file: CaseFile, settings: Settings, instruction: Instruction) -> str:
    if instruction.standing is InstructionStanding.NOT_TOLD:
        return file.instructions.note(instruction.number)
    return (
        f"it finds records by {_finds_by(settings, instruction.processor)} only, and we know none that is yours alone"
    )


def why_by_people(settings: Settings, instruction: Instruction) -> str:
    """Return the reason a person sends an instruction that another channel would carry; empty if none does.

    Args:
        settings: The configuration.
        instruction: The instruction.
    """
    section = settings.asked.get(instruction.processor)
    if (
        section is None
        or instruction.channel is not ProcessorChannel.MANUAL
        or section.channel is ProcessorChannel.MANUAL
    ):
        return ""
    if section.channel_for(instruction.action) is ProcessorChannel.MANUAL:
        return "OpenDSR has no request for that; send the text in another way."
    return "It was refused on its way; send the text in another way."


def waits_for_processors(app: App, case_id: str) -> bool:
    """Return True if the answer can still wait for a processor: an instruction is open, and its day has not passed.

    That day lies a week before the target date, so that waiting endangers nothing; afterwards the answer names what
    is open.

    Args:
        app: What it works with.
        case_id: The case.
    """
    if not app.settings.asked:
        return False
    with app.store.case_file(case_id) as file:
        return any(
            instruction.is_waited_for and app.today <= instruction.due_on < file.work_to_on
            for instruction in file.instructions.all()
        )


def looked_by_hand(file: CaseFile, settings: Settings) -> tuple[AtProcessor, ...]:
    """Return the status at the systems that colleagues search by hand.

    Args:
        file: The case file, open.
        settings: The configuration.
    """
    return tuple(at_processor for at_processor in at_processors(file, settings) if at_processor.by_hand)


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
    """Return the systems that a colleague still has to search, by name; the agreed day changes nothing.

    Args:
        file: The case file, open.
    """
    return tuple(
        instruction.name
        for instruction in file.instructions.all()
        if instruction.role.is_colleague and instruction.is_open
    )


def acted_by_hand(app: App, case_id: str) -> bool:
    """Return True if a colleague has acted on data in a system that no program reaches.

    Args:
        app: What it works with.
        case_id: The case.
    """
    with app.store.case_file(case_id) as file:
        return any(at_processor.has_acted_by_hand for at_processor in looked_by_hand(file, app.settings))


def has_erased_by_hand(file: CaseFile, settings: Settings) -> bool:
    """Return True if a colleague has erased data in a system that no program reaches.

    Args:
        file: The case file, open.
        settings: The configuration.
    """
    return any(at_processor.has_erased for at_processor in looked_by_hand(file, settings))


def _line(file: CaseFile, settings: Settings, instruction: Instruction) -> AtProcessor:
    standing, last = instruction.standing, instruction.last
    has_answered = standing in {
        InstructionStanding.CONFIRMED,
        InstructionStanding.CANNOT,
        InstructionStanding.QUESTIONED,
    }
    return AtProcessor(
        name=instruction.name,
        standing=standing,
        on=last.on if last and has_answered else None,
        records=_records(instruction) if standing is InstructionStanding.CONFIRMED else None,
        due_on=instruction.due_on if standing.is_open else None,
        reason=file.instructions.note(instruction.number) if standing is InstructionStanding.CANNOT else "",
        action=instruction.action,
        by_hand=instruction.role.is_colleague,
        finds_by=_finds_by(settings, instruction.processor) if standing is InstructionStanding.NOT_ASKED else "",
    )


def _records(instruction: Instruction) -> int | None:
    if instruction.last is None:
        return None
    if instruction.last.answer is ProcessorAnswer.NOTHING_HELD:
        return 0
    # What it handed over are files; a number that it gave besides says nothing of them.
    return None if instruction.action is Action.HAND_OVER else instruction.last.records


def _finds_by(settings: Settings, processor: str) -> str:
    section = settings.asked.get(processor)
    kinds = [kind_words(kind)[0] for kind in section.identifiers] if section else []
    return listed(kinds) or "other identifiers"


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
