"""Processors: instructed, and proving what they did, or not, before the answer or after it."""

from __future__ import annotations

import random
from contextlib import suppress
from datetime import timedelta

from proofs.answers.cases.course import OFFICER, Course
from rightsflow.app import current_app
from rightsflow.cases.processors.instructing_them import instruct_processor, processors_to_instruct, recipients_to_tell
from rightsflow.cases.processors.proving import (
    check_processor_answer,
    record_instruction_sent,
    record_processor_answer,
)
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.processors.answering import StatedAnswer
from rightsflow.domain.processors.terms import ProcessorAnswer

_NOTE = "Its archive can be read and not written until the court releases it."


def instruct(course: Course) -> None:
    """Write the instructions, and send most of them."""
    dice = random.Random(course.who["email"])
    for number, processor in enumerate(processors_to_instruct(current_app(), course.case_id), start=1):
        instruct_processor(current_app(), course.case_id, processor)
        if dice.random() < 0.8:
            with suppress(Conflict, BadInput):
                record_instruction_sent(current_app(), course.case_id, number, by=OFFICER)


def tell(course: Course) -> None:
    """Write the notices to controllers of their own, and send half of them."""
    dice = random.Random(f"{course.who['email']}/told")
    for recipient in recipients_to_tell(current_app(), course.case_id):
        instruct_processor(current_app(), course.case_id, recipient)
    with course.file() as file:
        notices = [one for one in file.instructions.all() if one.is_notice and one.kinds]
    for one in notices:
        if dice.random() < 0.5:
            with suppress(Conflict, BadInput):
                record_instruction_sent(current_app(), course.case_id, one.number, by=OFFICER)


def prove(course: Course, share: float) -> None:
    """Some processors answer now: what they did, that they hold nothing, that they cannot, or that they need longer."""
    with course.file() as file:
        instructions = [one for one in file.instructions.all() if one.is_waited_for]
    dice = random.Random(f"{course.who['email']}/{share}")
    for one in instructions:
        if dice.random() < share:
            with suppress(Conflict, BadInput):
                _answer(course, one.number, dice)


def _answer(course: Course, number: int, dice: random.Random) -> None:
    app = current_app()
    what = dice.choices(tuple(ProcessorAnswer), (50, 20, 10, 10, 5, 5))[0]
    stated = StatedAnswer(
        answer=what,
        on=app.today,
        records=dice.choice((None, 0, 1, 7)) if what is ProcessorAnswer.DONE else None,
        note=_NOTE if what is ProcessorAnswer.CANNOT else "",
        until=app.today + timedelta(days=2) if what is ProcessorAnswer.MORE_TIME else None,
        sub_processors=("Subcalls SA",) if what is ProcessorAnswer.HANDED_ON else (),
    )
    proof = b"confirmed" if dice.random() < 0.5 else b""
    record_processor_answer(app, course.case_id, number, stated, proof=proof, by=OFFICER)
    if dice.random() < 0.5:
        check_processor_answer(app, course.case_id, number, reason="By telephone.", by=OFFICER)
