"""Ask processors for erasures over OpenDSR 2.0, and read what became of them; the watch does it in each round.

What a processor says counts only with a signature that was checked; what is not proved changes nothing and is told by
the alert that the instruction has not gone out, or is overdue.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from rightsflow.cases.app import App
from rightsflow.cases.processors.proving import put_answer
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.domain.actors import Actor, Proof
from rightsflow.domain.errors import Conflict, ConnectorError, Misconfigured, Permanent, Transient
from rightsflow.domain.processors.answering import Instruction, StatedAnswer
from rightsflow.domain.processors.instructing import fewest_identifiers
from rightsflow.domain.processors.opendsr import ErasureCall, OpenDsrProcessor, OpenDsrStatus, SignedStatus, can_be_told
from rightsflow.domain.processors.terms import Doubt, InstructionStanding, ProcessorAnswer, ProcessorChannel

logger = logging.getLogger(__name__)

_BY = "rightsflow"
_CANCELLED = "It has cancelled the request, without a reason."


def ask_over_opendsr(app: App) -> int:
    """Ask for what has not been asked, and read the status of the rest; returns how many instructions moved on.

    A processor that does not answer, or is set up wrongly, holds up no other.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    by_processor: dict[str, list[Instruction]] = {}
    for one in app.store.work.open_instructions():
        if one.channel is ProcessorChannel.OPENDSR:
            by_processor.setdefault(one.processor, []).append(one)
    return sum(_work_on(app, key, some) for key, some in by_processor.items())


def _work_on(app: App, key: str, some: list[Instruction]) -> int:
    section = app.settings.processors.get(key)
    if app.open_opendsr is None or section is None or section.opendsr is None:
        return 0
    moved = 0
    try:
        processor = app.open_opendsr(key, section.opendsr, app.now)
        for one in some:
            if not app.store.is_worked_on(one.case_id):
                moved += _move(app, processor, one)
    except (ConnectorError, Misconfigured) as error:
        if isinstance(error, Transient) and error.system != key:
            raise
        logger.warning("the processor %s is asked again later: %s", key, error)
    return moved


def _move(app: App, processor: OpenDsrProcessor, one: Instruction) -> int:
    acts: dict[InstructionStanding, Callable[[App, OpenDsrProcessor, Instruction], bool]] = {
        InstructionStanding.UNSENT: _ask,
        InstructionStanding.WAITING: _look,
    }
    moved = 0
    if act := acts.get(one.standing):
        with one_case_of_many(one.case_id):
            moved = int(act(app, processor, one))
    return moved


def _ask(app: App, processor: OpenDsrProcessor, one: Instruction) -> bool:
    """Ask for an erasure, unless another process is doing that."""
    with app.store.case_file(one.case_id) as file:
        section = app.settings.processors[one.processor]
        if not file.instructions.mail.claim(one.number, ProcessorChannel.OPENDSR):
            return False
        told = fewest_identifiers(file.identifiers.of_no_other(), section.identifiers, section.systems)
        request_id = file.instructions.request_id(one.number)
    try:
        if not can_be_told(told) or {each.kind.value for each in told} != set(one.kinds):
            raise Permanent(
                "What the instruction names cannot be told over OpenDSR.",
                system=one.processor,
                operation="ask",
            )
        processor.ask(ErasureCall(request_id=request_id, submitted_at=app.now(), identifiers=told))
    except (ConnectorError, Misconfigured) as error:
        with app.store.case_file(one.case_id) as file:
            file.instructions.mail.give_back(one.number, for_good=isinstance(error, Permanent))
        if not isinstance(error, Permanent):
            raise
        logger.warning("an instruction of %s is left to people: %s", one.case_id, error)
        return False
    try:
        with app.store.case_file(one.case_id) as file:
            file.instructions.mark_sent(one.number, app.now(), by=_BY)
    except Conflict:
        logger.warning("an instruction of %s was noted as sent by a person meanwhile", one.case_id)
    return True


def _look(app: App, processor: OpenDsrProcessor, one: Instruction) -> bool:
    """Read where a request stands, and record what that says."""
    with app.store.case_file(one.case_id) as file:
        request_id = file.instructions.request_id(one.number)
    said = processor.status(request_id)
    stated = _stated(app, said)
    if stated is None:
        return False
    doubts = (Doubt.OWN_WORDS,) if stated.answer is ProcessorAnswer.CANNOT else ()
    by = Actor(one.name, role=one.role.value, proof=Proof.SIGNATURE)
    with app.store.case_file(one.case_id) as file:
        if file.instructions.one(one.number).standing is not InstructionStanding.WAITING:
            return False
        put_answer(file, app, one.number, stated, said.proof, by=by, doubts=doubts)
    return True


def _stated(app: App, said: SignedStatus) -> StatedAnswer | None:
    """The status as an answer; ``None`` while there is none."""
    match said.status:
        case OpenDsrStatus.COMPLETED:
            return StatedAnswer(answer=ProcessorAnswer.DONE, on=app.today, records=said.results_count)
        case OpenDsrStatus.CANCELLED:
            return StatedAnswer(answer=ProcessorAnswer.CANNOT, on=app.today, note=_CANCELLED)
    return None
