"""The files that processors handed over in an access request: encrypted, and gone once the person has them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

from sqlalchemy import select, update

from rightsflow.domain.errors import BadInput
from rightsflow.domain.processors.files import DocumentLimit, check_documents
from rightsflow.domain.vocabulary.file_kinds import kind_of_file
from rightsflow.store.core.case_ledger import CasePart
from rightsflow.store.tables import ProcessorDocumentRow

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
        """A file in clear; for the package, or as a reveal.

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
