"""The rows of instructions, of the answers to them, and of the files that processors hand over in an access request."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import exists, or_, select, update
from sqlalchemy.orm import Session, defer

from rightsflow.domain.alerts.ladder import WatchedInstruction
from rightsflow.domain.errors import BadInput
from rightsflow.domain.processors.answers import Instruction, RecordedAnswer
from rightsflow.domain.processors.files import DocumentLimit, HandedOverFile, check_documents
from rightsflow.domain.processors.terms import (
    Action,
    Doubt,
    InstructionStanding,
    ProcessorAnswer,
    ProcessorChannel,
    ProcessorRole,
)
from rightsflow.domain.vocabulary.file_kinds import ProofFile, kind_of_file
from rightsflow.store.core.case_ledger import CasePart
from rightsflow.store.core.context import Context
from rightsflow.store.database import Database
from rightsflow.store.tables import InstructionRow, ProcessorAnswerRow, ProcessorDocumentRow

_AT_ONCE: Final = 500
"""The number of cases that one query names."""


def row_of(context: Context, number: int) -> InstructionRow:
    """Return the row of an instruction.

    Args:
        context: The open transaction on its case.
        number: Its number within the case.

    Raises:
        BadInput: There is no such instruction.
    """
    context.memory.flush_of(InstructionRow)
    mine = (InstructionRow.case_id == context.row.id, InstructionRow.number == number)
    row = context.session.scalars(select(InstructionRow).where(*mine)).one_or_none()
    if row is None:
        raise BadInput(
            f"{context.row.id} has no instruction {number}; `rightsflow processors instructions` lists them."
        )
    return row


def who_was_asked(role: ProcessorRole, task: int = 0) -> dict[str, Any]:
    """Return an entry's details of the recipient: a colleague's role, or the task that lifted a restriction.

    Args:
        role: What they are to the controller.
        task: The number of that task.
    """
    return ({"kind": role.value} if role.is_colleague else {}) | ({"task": task} if task else {})


def read_all(session: Session, case_ids: Sequence[str]) -> list[Instruction]:
    """Return the instructions of some cases, by case and number."""
    mine = InstructionRow.case_id.in_(case_ids)
    query = select(InstructionRow).where(mine).order_by(InstructionRow.case_id, InstructionRow.number)
    return _with_answers(session, list(session.scalars(query)))


def watched_instructions(session: Session, case_ids: Sequence[str]) -> defaultdict[str, list[WatchedInstruction]]:
    """Return the open and late instructions of some cases as the watch needs them, by case."""
    answer = ProcessorAnswerRow
    is_its = (answer.case_id == InstructionRow.case_id, answer.instruction == InstructionRow.number)
    is_watched = or_(InstructionRow.is_open, exists().where(*is_its, answer.is_late))
    query = select(InstructionRow).where(InstructionRow.case_id.in_(case_ids), is_watched)
    rows = session.scalars(query.order_by(InstructionRow.case_id, InstructionRow.number))
    by_case: defaultdict[str, list[WatchedInstruction]] = defaultdict(list)
    for item in _with_answers(session, list(rows)):
        by_case[item.case_id].append(_watched(item))
    return by_case


def _watched(instruction: Instruction) -> WatchedInstruction:
    last = instruction.last
    return WatchedInstruction(
        number=instruction.number,
        name=instruction.name,
        due_on=instruction.due_on,
        asked_at=instruction.asked_at,
        is_sent=instruction.sent_at is not None,
        is_notice=instruction.is_notice,
        is_task=instruction.role.is_colleague,
        is_open=instruction.is_open,
        questioned_at=last.recorded_at if last and instruction.standing is InstructionStanding.QUESTIONED else None,
        late_at=last.recorded_at if last and last.is_late else None,
    )


def open_instructions(database: Database) -> list[Instruction]:
    """Return the open instructions of all cases, closed ones too, the soonest due first.

    Args:
        database: The database of the cases.

    Raises:
        Transient: The database does not answer.
    """
    with database.reading() as session:
        return open_instructions_in(session)


def open_instructions_in(session: Session) -> list[Instruction]:
    """Return the same in an open transaction.

    Args:
        session: The transaction.
    """
    query = select(InstructionRow).where(InstructionRow.is_open)
    order = (InstructionRow.due_on, InstructionRow.case_id, InstructionRow.number)
    return _with_answers(session, list(session.scalars(query.order_by(*order))))


def all_instructions(database: Database) -> list[Instruction]:
    """Return every instruction of all stored cases, in the order in which they were written.

    Args:
        database: The database of the cases.

    Raises:
        Transient: The database does not answer.
    """
    with database.reading() as session:
        return _with_answers(session, list(session.scalars(select(InstructionRow).order_by(InstructionRow.id))))


def _with_answers(session: Session, rows: Sequence[InstructionRow]) -> list[Instruction]:
    answers: defaultdict[tuple[str, int], list[RecordedAnswer]] = defaultdict(list)
    case_ids = sorted({row.case_id for row in rows})
    for start in range(0, len(case_ids), _AT_ONCE):
        mine = ProcessorAnswerRow.case_id.in_(case_ids[start : start + _AT_ONCE])
        for item in session.scalars(select(ProcessorAnswerRow).where(mine).order_by(ProcessorAnswerRow.number)):
            answers[item.case_id, item.instruction].append(_answer(item))
    files = _documents(session, [row for row in rows if row.action == Action.HAND_OVER.value])
    return [
        _instruction(row, _with_files(answers[row.case_id, row.number], files[row.case_id, row.number])) for row in rows
    ]


def _documents(session: Session, rows: Sequence[InstructionRow]) -> defaultdict[tuple[str, int], list[HandedOverFile]]:
    """Return the files of some instructions, without their contents, which are large."""
    table, files = ProcessorDocumentRow, defaultdict[tuple[str, int], list[HandedOverFile]](list)
    what = select(table).options(defer(table.sealed_content)).order_by(table.number)
    case_ids = sorted({row.case_id for row in rows})
    for start in range(0, len(case_ids), _AT_ONCE):
        for item in session.scalars(what.where(table.case_id.in_(case_ids[start : start + _AT_ONCE]))):
            file = HandedOverFile(
                number=item.number, answer=item.answer, kind=ProofFile(item.kind), sha256=item.sha256, size=item.size
            )
            files[item.case_id, item.instruction].append(file)
    return files


def _with_files(answers: Sequence[RecordedAnswer], files: Sequence[HandedOverFile]) -> list[RecordedAnswer]:
    return [
        replace(answer, documents=tuple(file for file in files if file.answer == answer.number)) for answer in answers
    ]


def _instruction(row: InstructionRow, answers: Sequence[RecordedAnswer]) -> Instruction:
    return Instruction(
        case_id=row.case_id,
        number=row.number,
        processor=row.processor,
        name=row.name,
        role=ProcessorRole(row.role),
        channel=ProcessorChannel(row.channel),
        action=Action(row.action),
        kinds=tuple(row.kinds),
        expected=row.expected,
        due_on=row.due_on,
        asked_at=row.asked_at,
        sent_at=row.sent_at,
        is_promised=row.is_promised,
        reminded_on=row.reminded_on,
        reminders=row.reminders,
        task=row.task,
        is_called_off=row.is_called_off,
        answers=tuple(answers),
    )


def _answer(row: ProcessorAnswerRow) -> RecordedAnswer:
    return RecordedAnswer(
        number=row.number,
        answer=ProcessorAnswer(row.answer),
        on=row.answered_on,
        records=row.records,
        until=row.until,
        sub_processors=tuple(row.sub_processors),
        proof_sha256=row.proof_sha256,
        doubts=tuple(map(Doubt.of_code, row.doubts)),
        is_late=row.is_late,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        checked_by=row.checked_by,
    )


GONE: Final = "This file is gone: it was removed when the person had got it."


class HandedOver(CasePart):
    """The files of one case that processors handed over."""

    def put(self, instruction: int, answer: int, contents: Sequence[bytes], limit: DocumentLimit) -> None:
        """Store the files that came with an answer.

        Args:
            instruction: The instruction's number within the case.
            answer: The answer's number within the instruction.
            contents: The files.
            limit: How much one answer may hand over.

        Raises:
            BadInput: They cannot be taken over.
        """
        check_documents(contents, limit)
        first = len(self._rows(instruction)) + 1
        for number, content in enumerate(contents, start=first):
            row = ProcessorDocumentRow(
                case_id=self._context.row.id,
                instruction=instruction,
                answer=answer,
                number=number,
                kind=kind_of_file(content, any_kind=limit.any_kind).value,
                sha256=hashlib.sha256(content).hexdigest(),
                size=len(content),
                sealed_content=self._context.key.seal_bytes(_field(instruction, number), content),
            )
            self._context.session.add(row)
        self._context.session.flush()

    def content(self, instruction: int, number: int) -> bytes:
        """Return a file in clear; for the package, or as a reveal.

        Args:
            instruction: The instruction's number within the case.
            number: The file's number within the instruction.

        Raises:
            BadInput: There is no such file, or it is gone.
        """
        row = next((item for item in self._rows(instruction) if item.number == number), None)
        if row is None:
            raise BadInput(f"Instruction {instruction} of {self._context.row.id} has no file {number}.")
        if row.sealed_content is None:
            raise BadInput(GONE)
        return self._context.key.open_bytes(_field(instruction, number), row.sealed_content)

    def drop(self, instructions: Sequence[int]) -> None:
        """Remove the contents of the files of some instructions: the person has them. Their hashes stay.

        Args:
            instructions: The instructions' numbers within the case.
        """
        if not instructions:
            return
        mine = ProcessorDocumentRow.case_id == self._context.row.id
        gone = update(ProcessorDocumentRow).where(mine, ProcessorDocumentRow.instruction.in_(instructions))
        self._context.session.execute(gone.values(sealed_content=None))

    def _rows(self, instruction: int) -> Sequence[ProcessorDocumentRow]:
        query = select(ProcessorDocumentRow).where(
            ProcessorDocumentRow.case_id == self._context.row.id, ProcessorDocumentRow.instruction == instruction
        )
        return self._context.session.scalars(query.order_by(ProcessorDocumentRow.number)).all()


def _field(instruction: int, number: int) -> str:
    return f"processor-document/{instruction}/{number}"
