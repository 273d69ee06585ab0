"""Instructions over OpenDSR 2.0, and the processors' answers; the watch does it in each round.

A processor's answer counts only with a signature that was checked. An unproved answer changes nothing; an alert says
that the instruction has not gone out, or is overdue.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Mapping
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.processors.processor_answers import ReceivedAnswer, put_answer
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.cases.work.processors.instructions import exclusions_of
from rightsflow.domain.errors import Conflict, ConnectorError, Misconfigured, Permanent, Refused, Transient
from rightsflow.domain.people import Actor, Proof
from rightsflow.domain.processors.answers import Instruction, StatedAnswer
from rightsflow.domain.processors.files import BY_RIGHTSFLOW
from rightsflow.domain.processors.instructions import fewest_identifiers
from rightsflow.domain.processors.opendsr import (
    CertifiedResult,
    OpenDsrCall,
    OpenDsrProcessor,
    OpenDsrStatus,
    SignedStatus,
    can_be_told,
)
from rightsflow.domain.processors.terms import Action, Doubt, InstructionStanding, ProcessorAnswer, ProcessorChannel

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
    for instruction in app.store.work.open_instructions():
        if instruction.channel is ProcessorChannel.OPENDSR:
            by_processor.setdefault(instruction.processor, []).append(instruction)
    return sum(_work_on(app, key, some) for key, some in by_processor.items())


def _work_on(app: App, key: str, some: list[Instruction]) -> int:
    section = app.settings.processors.get(key)
    if app.open_opendsr is None or section is None or section.opendsr is None:
        return 0
    moved = 0
    try:
        processor = app.open_opendsr(key, section.opendsr, app.now)
        for instruction in some:
            if not app.store.is_worked_on(instruction.case_id):
                moved += _move(app, processor, instruction)
    except (ConnectorError, Misconfigured) as error:
        if isinstance(error, Transient) and error.system != key:
            raise
        logger.warning("the processor %s is asked again later: %s", key, error)
    return moved


def _read_now(app: App, key: str, processor: OpenDsrProcessor, request_id: str) -> bool:
    """Read where one request stands, since its processor says that it moved; returns whether the instruction did."""
    for instruction in app.store.work.open_instructions():
        if instruction.processor != key or instruction.standing not in _LOOKED_AT:
            continue
        with app.store.case_file(instruction.case_id) as file:
            is_it = file.instructions.request_id(instruction.number) == request_id
        if is_it:
            look = _LOOKED_AT[instruction.standing]
            return not app.store.is_worked_on(instruction.case_id) and look(app, processor, instruction)
    return False


def _move(app: App, processor: OpenDsrProcessor, instruction: Instruction) -> int:
    moved = 0
    if act := {InstructionStanding.UNSENT: _ask, **_LOOKED_AT}.get(instruction.standing):
        with one_case_of_many(instruction.case_id):
            moved = int(act(app, processor, instruction))
    return moved


def _ask(app: App, processor: OpenDsrProcessor, instruction: Instruction) -> bool:
    """Ask for what the instruction says, unless another process is doing that."""
    with app.store.case_file(instruction.case_id) as file:
        section = app.settings.processors[instruction.processor]
        if not file.instructions.mail.claim(instruction.number, ProcessorChannel.OPENDSR):
            return False
        identifiers = fewest_identifiers(file.identifiers.of_no_other(), section.identifiers, section.systems)
        call = OpenDsrCall(
            request_id=file.instructions.request_id(instruction.number),
            right=file.right,
            submitted_at=app.now(),
            identifiers=identifiers,
            exclusions=exclusions_of(file, app, section),
            due_on=instruction.due_on,
        )
    try:
        if not can_be_told(identifiers) or {each.kind.value for each in identifiers} != set(instruction.kinds):
            raise Permanent(
                "What the instruction names cannot be told over OpenDSR.",
                system=instruction.processor,
                operation="ask",
            )
        processor.ask(call)
    except (ConnectorError, Misconfigured) as error:
        with app.store.case_file(instruction.case_id) as file:
            file.instructions.mail.give_back(instruction.number, for_good=isinstance(error, Permanent))
        if not isinstance(error, Permanent):
            raise
        logger.warning("an instruction of %s is left to people: %s", instruction.case_id, error)
        return False
    try:
        with app.store.case_file(instruction.case_id) as file:
            file.instructions.mark_sent(instruction.number, app.now(), by=_BY)
    except Conflict:
        logger.warning("an instruction of %s was noted as sent by a person meanwhile", instruction.case_id)
    return True


def _look(app: App, processor: OpenDsrProcessor, instruction: Instruction) -> bool:
    """Read where a request stands, and record what that says."""
    with app.store.case_file(instruction.case_id) as file:
        request_id = file.instructions.request_id(instruction.number)
    status = processor.status(request_id)
    answered = _certified(app, processor, instruction, request_id, status) or _stated(app, status)
    if answered is None:
        return False
    return _put(app, instruction, answered)


def _look_again(app: App, processor: OpenDsrProcessor, instruction: Instruction) -> bool:
    """Read the certificate of an erasure again in which something was left, until one says that nothing is any more."""
    last = instruction.last
    if last is None or Doubt.KEPT not in last.doubts or instruction.action is not Action.ERASE:
        return False
    with app.store.case_file(instruction.case_id) as file:
        request_id = file.instructions.request_id(instruction.number)
    answered = _certified(app, processor, instruction, request_id, processor.status(request_id))
    if answered is None or hashlib.sha256(answered.proof).hexdigest() == last.proof_sha256:
        return False
    return _put(app, instruction, answered)


_LOOKED_AT: Final[Mapping[InstructionStanding, Callable[[App, OpenDsrProcessor, Instruction], bool]]] = {
    InstructionStanding.WAITING: _look,
    InstructionStanding.QUESTIONED: _look_again,
}
"""The standings in which the processor's side may have changed, each with the function that reads it."""


def _put(app: App, instruction: Instruction, answered: ReceivedAnswer) -> bool:
    """Record what was read, unless the instruction has moved on meanwhile."""
    by = Actor(instruction.name, role=instruction.role.value, proof=Proof.SIGNATURE)
    with app.store.case_file(instruction.case_id) as file:
        if file.instructions.one(instruction.number).standing is not instruction.standing:
            return False
        put_answer(file, app, instruction.number, answered, by=by)
    return True


def _certified(
    app: App, processor: OpenDsrProcessor, instruction: Instruction, request_id: str, said: SignedStatus
) -> ReceivedAnswer | None:
    """Read the answer of another Rightsflow from its certificate; ``None`` until it has completed the request."""
    section = app.settings.processors[instruction.processor].opendsr
    if section is None or not section.is_rightsflow or said.status is not OpenDsrStatus.COMPLETED:
        return None
    result = processor.result(request_id, said)
    return ReceivedAnswer(
        stated=_stated_by(app, instruction, result),
        proof=result.proof,
        documents=result.documents,
        doubts=() if result.is_whole else (Doubt.KEPT,),
        limit=BY_RIGHTSFLOW,
    )


def _stated_by(app: App, instruction: Instruction, found: CertifiedResult) -> StatedAnswer:
    if instruction.action is Action.HAND_OVER:
        given = ProcessorAnswer.DONE if found.documents else ProcessorAnswer.NOTHING_HELD
        return StatedAnswer(answer=given, on=app.today)
    # That it held nothing is checked against what was found where it works, as any other answer.
    return StatedAnswer(answer=ProcessorAnswer.DONE, on=app.today, records=found.records)


def _stated(app: App, said: SignedStatus) -> ReceivedAnswer | None:
    """Return the status as an answer; ``None`` while there is none."""
    match said.status:
        case OpenDsrStatus.COMPLETED:
            stated = StatedAnswer(answer=ProcessorAnswer.DONE, on=app.today, records=said.results_count)
            return ReceivedAnswer(stated=stated, proof=said.proof)
        case OpenDsrStatus.CANCELLED:
            stated = StatedAnswer(answer=ProcessorAnswer.CANNOT, on=app.today, note=_CANCELLED)
            return ReceivedAnswer(stated=stated, proof=said.proof, doubts=(Doubt.OWN_WORDS,))
    return None


def hear_callback(app: App, body: bytes, headers: Mapping[str, str]) -> bool:
    """Take a callback; returns whether an instruction moved on by it.

    Args:
        app: What it works with.
        body: Its bytes, as they came.
        headers: Its headers.

    Raises:
        Refused: It is not proved to be a processor's that is to call back, or is about nothing of ours.
        Transient: The processor or the case store does not answer.
    """
    named = {name.lower(): value for name, value in headers.items()}
    domain = (named.get(_DOMAIN) or named.get(_BEFORE_VERSION_2) or "").strip().lower()
    for key, section in app.settings.processors.items():
        config = section.opendsr
        if config is None or not config.calls_back or config.domain.lower() != domain or app.open_opendsr is None:
            continue
        processor = app.open_opendsr(key, config, app.now)
        return _read_now(app, key, processor, processor.told_by_callback(body, headers))
    raise Refused("The callback is of no processor that is to call back.", system="", operation="callback")


_DOMAIN = "x-opendsr-processor-domain"
_BEFORE_VERSION_2 = "x-opengdpr-processor-domain"
