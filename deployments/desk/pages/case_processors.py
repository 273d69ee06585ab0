"""The processors of a case with their answers, and the register of all processors with each one's record."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import case_address
from deployments.desk.page import WITH_FILES, page
from deployments.desk.pages.case import SHADES, read_case
from deployments.desk.pages.form_fields import beside, typed_count, typed_day, typed_number
from deployments.desk.rendering import saved_answer
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.course.orders import all_orders
from rightsflow.cases.course.processors.processor_answers import (
    check_processor_answer,
    record_instruction_sent,
    record_processor_answer,
    record_recipient_not_told,
    reveal_answer,
    reveal_document,
    reveal_instruction,
)
from rightsflow.cases.course.sending.delivery import sent_on
from rightsflow.cases.work.processors.status import why_by_people
from rightsflow.domain.accounts import Permission
from rightsflow.domain.processors.answers import Instruction, RecordedAnswer, StatedAnswer
from rightsflow.domain.processors.scorecard import scorecard
from rightsflow.domain.processors.terms import Action, InstructionStanding, ProcessorAnswer
from rightsflow.domain.vocabulary.file_kinds import ending_of
from rightsflow.domain.vocabulary.states import read_case_id

_ANSWER: Final = re.compile("([0-9]{1,6})/([0-9]{1,6})", re.ASCII)
_ANSWERS: Final = (
    (ProcessorAnswer.DONE.value, "It has done what it was asked"),
    (ProcessorAnswer.NOTHING_HELD.value, "It holds nothing of the person"),
    (ProcessorAnswer.CANNOT.value, "It cannot do it"),
    (ProcessorAnswer.MORE_TIME.value, "It needs more time"),
    (ProcessorAnswer.HANDED_ON.value, "It has handed it on to its own processors"),
    (ProcessorAnswer.TAKEN_BACK.value, "It takes an earlier answer back"),
)


@page("/cases/{case_id}/processors", needs=Permission.READ_CASES, most_bytes=WITH_FILES)
def processors(visit: Visit) -> Response:
    """Show the instruction to each processor, and its status."""
    return _shown(visit)


def _shown(visit: Visit, text: str = "", words: str = "") -> Response:
    seen = read_case(visit)
    answered = [(instruction, answer) for instruction in seen.instructions for answer in instruction.answers]
    return visit.show(
        "processors.html",
        case=seen,
        shade=seen.light.value,
        shades=SHADES,
        text=text,
        words=words,
        said=[
            (f"{instruction.number}/{answer.number}", _named(instruction, answer)) for instruction, answer in answered
        ],
        proofs=[
            (f"{instruction.number}/{answer.number}", _named(instruction, answer))
            for instruction, answer in answered
            if answer.proof_sha256
        ],
        documents=[
            (
                f"{instruction.number}/{file.number}",
                f"{instruction.number}: {instruction.name}, {file.name}, {file.size:,} bytes",
            )
            for instruction in seen.instructions
            for file in instruction.documents
        ],
        by_people={
            instruction.number: why_by_people(visit.app.settings, instruction) for instruction in seen.instructions
        },
        hands_over=any(instruction.action is Action.HAND_OVER for instruction in seen.instructions),
        unsent=_choices(
            instruction for instruction in seen.instructions if instruction.standing is InstructionStanding.UNSENT
        ),
        answerable=_choices(
            instruction
            for instruction in seen.instructions
            if instruction.sent_at and not instruction.is_notice and not instruction.is_called_off
        ),
        untold=_choices(
            instruction
            for instruction in seen.instructions
            if instruction.action is Action.TAKE_NOTE and instruction.standing is InstructionStanding.UNSENT
        ),
        questioned=_choices(
            instruction for instruction in seen.instructions if instruction.standing is InstructionStanding.QUESTIONED
        ),
        readable=_choices(instruction for instruction in seen.instructions if instruction.has_text),
        answers=_ANSWERS,
        today=visit.app.today.isoformat(),
    )


@processors.act("/read", needs=Permission.REVEAL)
def read(visit: Visit) -> Response:
    """Show the text of an instruction once, on the page that answers; that it was read is noted."""
    return _shown(visit, reveal_instruction(visit.app, visit.path("case_id"), _number(visit), by=visit.actor))


@processors.act("/said", needs=Permission.REVEAL)
def read_answer(visit: Visit) -> Response:
    """Show a processor's words once; reading them is noted."""
    number, answer = _of_answer(visit, "said_answer")
    words, _ = reveal_answer(visit.app, visit.path("case_id"), number, answer, by=visit.actor)
    return _shown(visit, words=words or "It wrote nothing besides.")


@processors.act("/proof", needs=Permission.REVEAL)
def save_proof(visit: Visit) -> Response:
    """Save the document that a processor gave as proof; that it was read is noted."""
    number, answer = _of_answer(visit, "proof_answer")
    _, content = reveal_answer(visit.app, visit.path("case_id"), number, answer, by=visit.actor)
    if not content:
        raise Wrong({"proof_answer": "No document came with that answer."})
    return saved_answer(content, f"proof-{number}-{answer}.{ending_of(content)}")


@processors.act("/document", needs=Permission.REVEAL)
def save_document(visit: Visit) -> Response:
    """Save a file that a processor handed over; that it was read is noted."""
    number, document = _of_answer(visit, "document")
    found, content = reveal_document(visit.app, visit.path("case_id"), number, document, by=visit.actor)
    return saved_answer(content, found.name)


@processors.act("/sent", needs=Permission.SEND_LETTERS)
def note_sent(visit: Visit) -> Response:
    """Note that an instruction went out."""
    visit.needed({"instruction": "Choose the instruction.", "sent_on": "Give the day on which it was sent."})
    with beside("sent_on"):
        at = sent_on(typed_day(visit, "sent_on"), visit.app)
        done = record_instruction_sent(visit.app, visit.path("case_id"), _number(visit), at=at, by=visit.actor)
    return _done(visit, done)


@processors.act("/answer", needs=Permission.HANDLE_CASES)
def note_answer(visit: Visit) -> Response:
    """Note a processor's answer."""
    visit.needed(
        {
            "instruction": "Choose the instruction.",
            "answer": "Choose what it answered.",
            "answered_on": "Give the day on which it answered.",
        }
    )
    stated = _stated(visit)
    with beside("answer"):
        done = record_processor_answer(
            visit.app,
            visit.path("case_id"),
            _number(visit),
            stated,
            proof=visit.file("proof"),
            documents=visit.files("documents"),
            by=visit.actor,
        )
    return _done(visit, done)


@processors.act("/check", needs=Permission.HANDLE_CASES)
def note_checked(visit: Visit) -> Response:
    """Note that a doubtful answer was checked and holds."""
    visit.needed({"instruction": "Choose the instruction.", "check_reason": "Say how it was checked."})
    reason = visit.typed("check_reason")
    done = check_processor_answer(visit.app, visit.path("case_id"), _number(visit), reason=reason, by=visit.actor)
    return _done(visit, done)


@processors.act("/not-told", needs=Permission.HANDLE_CASES)
def note_not_told(visit: Visit) -> Response:
    """Note that a recipient cannot be notified of the erasure."""
    visit.needed({"instruction": "Choose the notice.", "not_told_reason": "Say why it cannot be told."})
    reason = visit.typed("not_told_reason")
    done = record_recipient_not_told(visit.app, visit.path("case_id"), _number(visit), reason=reason, by=visit.actor)
    return _done(visit, done)


def _stated(visit: Visit) -> StatedAnswer:
    if visit.typed("answer") not in set(ProcessorAnswer):
        raise Wrong({"answer": "Select an item from the list."})
    subs = (part.strip() for part in visit.typed("sub_processors").split(","))
    return StatedAnswer(
        answer=ProcessorAnswer(visit.typed("answer")),
        on=typed_day(visit, "answered_on"),
        records=typed_count(visit, "records"),
        note=visit.typed("note").strip(),
        until=typed_day(visit, "until") if visit.typed("until").strip() else None,
        sub_processors=tuple(filter(None, subs)),
    )


def _of_answer(visit: Visit, name: str) -> tuple[int, int]:
    found = _ANSWER.fullmatch(visit.typed(name))
    if found is None:
        raise Wrong({name: "Choose the answer."})
    return int(found[1]), int(found[2])


def _named(instruction: Instruction, answer: RecordedAnswer) -> str:
    return f"{instruction.number}: {instruction.name}, answer {answer.number}, {answer.answer.value}"


def _number(visit: Visit) -> int:
    return typed_number(visit, "instruction")


def _choices(instructions: Iterable[Instruction]) -> list[tuple[str, str]]:
    return [(str(instruction.number), f"{instruction.number}: {instruction.name}") for instruction in instructions]


def _done(visit: Visit, said: str) -> Response:
    case_id = read_case_id(visit.path("case_id"))
    visit.desk.follow(case_id)
    return visit.go(f"{case_address('', case_id)}/processors", said)


@page("/processors", needs=Permission.READ_CASES)
def processor_register(visit: Visit) -> Response:
    """Show the processors and recipients, the open proofs, and the orders of controllers."""
    app = visit.app
    waiting = Counter(instruction.processor for instruction in app.store.work.open_instructions())
    scores = scorecard(app.store.work.all_instructions(), app.today, app.settings.controller.zone)
    return visit.show(
        "processor_register.html",
        register=app.settings.processors,
        by_hand=app.settings.by_hand,
        open_ones={key: waiting[key] for key in app.settings.asked},
        scores=scores,
        orders=all_orders(app),
        today=app.today,
    )
