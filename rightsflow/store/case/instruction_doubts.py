"""Answers of processors that are doubted later: what was proved has to be checked again."""

from __future__ import annotations

from sqlalchemy import select

from rightsflow.domain.processors.terms import Doubt
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.case_part import CasePart
from rightsflow.store.case.instruction_rows import row_of
from rightsflow.store.tables import ProcessorAnswerRow


class InstructionDoubts(CasePart):
    """Doubts about recorded answers to one case's instructions."""

    def add(self, number: int, doubt: Doubt) -> None:
        """Doubt the last answer to an instruction, which is open again until a person has checked it.

        Args:
            number: The instruction's number within the case.
            doubt: Why.

        Raises:
            BadInput: There is no such instruction.
        """
        row, answer = row_of(self._context, number), ProcessorAnswerRow
        mine = (answer.case_id == row.case_id, answer.instruction == number)
        last = self._context.session.scalars(select(answer).where(*mine).order_by(answer.number.desc()).limit(1)).one()
        last.doubts = [*last.doubts, doubt.name.lower()]
        # An earlier check was made without knowing this doubt; the ledger still has that check.
        last.checked_at, last.checked_by = None, ""
        row.is_open = True
        self._context.session.flush()
        self._ledger.append(
            CaseEvent.PROCESSOR_ANSWER_DOUBTED, number=number, processor=row.name, doubt=doubt.name.lower()
        )
