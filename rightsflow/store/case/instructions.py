"""The instructions of a case: what each processor was asked, when that went out, and what it answered."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.processors.answers import Instruction, StatedAnswer
from rightsflow.domain.processors.files import BY_PEOPLE, DocumentLimit
from rightsflow.domain.processors.instructions import NewInstruction
from rightsflow.domain.processors.terms import (
    Action,
    Doubt,
    InstructionStanding,
    ProcessorAnswer,
    ProcessorChannel,
    ProcessorRole,
)
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.instruction_rows import HandedOver, read_all, row_of, who_was_asked
from rightsflow.store.case.one_time_codes import ConfirmationLinks
from rightsflow.store.case.outbox import CLAIM_TIME
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.tables import InstructionRow, ProcessorAnswerRow


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
        last.doubts = [*last.doubts, doubt.code]
        # An earlier check was made without knowing this doubt; the ledger still has that check.
        last.checked_at, last.checked_by = None, ""
        row.is_open = True
        self._context.session.flush()
        self._ledger.append(CaseEvent.PROCESSOR_ANSWER_DOUBTED, number=number, processor=row.name, doubt=doubt.code)


def text_of(context: Context, row: InstructionRow) -> str:
    """Return the text of an instruction in clear."""
    return context.key.open(f"instruction/{row.number}", row.sealed_text)


class InstructionMail(CasePart):
    """The mails of one case's instructions."""

    def claim(self, number: int, channel: ProcessorChannel = ProcessorChannel.EMAIL) -> str:
        """Take an instruction that has not gone out, to send it, so that no other process does.

        A claim that led to nothing ends by itself after a while.

        Args:
            number: Its number within the case.
            channel: How it is sent.

        Returns:
            Its text in clear; empty if it went out, is left to people, or is being sent by another process.

        Raises:
            BadInput: There is no such instruction.
        """
        row, now = row_of(self._context, number), self._context.now
        is_claimed = row.claimed_at is not None and now - row.claimed_at < CLAIM_TIME
        if row.sent_at is not None or is_claimed or row.is_called_off or row.channel != channel.value:
            return ""
        row.claimed_at = now
        self._context.session.flush()
        return text_of(self._context, row)

    def give_back(self, number: int, *, for_good: bool) -> None:
        """End a claim: the instruction did not go out.

        Args:
            number: Its number within the case.
            for_good: Whether the mail server will never take it, so that a person has to send it in another way.

        Raises:
            BadInput: There is no such instruction.
        """
        row = row_of(self._context, number)
        row.claimed_at = None
        if for_good:
            row.channel = ProcessorChannel.MANUAL.value
            self._ledger.append(CaseEvent.INSTRUCTION_NOT_MAILABLE, number=number, processor=row.name)
        self._context.session.flush()

    def call_off(self, number: int, *, by: str) -> bool:
        """Note that an instruction is called off; return whether it was sent, or may have been.

        Args:
            number: Its number within the case.
            by: Who recorded that the person has taken the request back.

        Raises:
            BadInput: There is no such instruction.
        """
        row = row_of(self._context, number)
        # A mail that another process is sending at this moment is not noted as sent yet.
        is_told = row.sent_at is not None or row.claimed_at is not None
        row.is_called_off, row.is_open = True, False
        self._context.session.flush()
        details = {"number": number, "processor": row.name, "sent": is_told}
        self._ledger.append(CaseEvent.INSTRUCTION_CALLED_OFF, actor=by, **details)
        return is_told

    def note_reminder(self, number: int, on: date, *, to_management: bool) -> None:
        """Note that a processor is reminded.

        Args:
            number: The instruction's number within the case.
            on: The present day in the controller's zone.
            to_management: Whether its management is written to as well.

        Raises:
            BadInput: There is no such instruction.
        """
        row = row_of(self._context, number)
        row.reminded_on, row.reminders = on, row.reminders + 1
        self._context.session.flush()
        self._ledger.append(CaseEvent.PROCESSOR_REMINDED, number=number, processor=row.name, management=to_management)


class Instructions(CasePart):
    """The instructions of one case, and the links by which processors answer."""

    def __init__(self, context: Context, ledger: Ledger) -> None:
        super().__init__(context, ledger)
        self.links = ConfirmationLinks(context, ledger)
        self.documents = HandedOver(context, ledger)
        self.mail = InstructionMail(context, ledger)
        self.doubts = InstructionDoubts(context, ledger)

    def all(self) -> list[Instruction]:
        """Return every instruction, in the order of the numbers."""
        if not self._context.rows(InstructionRow):
            return []
        self._context.memory.flush_of(InstructionRow)
        return read_all(self._context.session, [self._context.row.id])

    def one(self, number: int) -> Instruction:
        """Return an instruction by its number.

        Args:
            number: Its number within the case.

        Raises:
            BadInput: There is no such instruction.
        """
        self._row(number)
        return next(item for item in self.all() if item.number == number)

    def put(self, new: NewInstruction, text: str) -> Instruction:
        """Store an instruction to a processor; an instruction for the same processor and task stays unchanged.

        Args:
            new: What it is asked.
            text: The text of the instruction, which names the person.
        """
        known = self.all()
        if there := next((item for item in known if (item.processor, item.task) == (new.processor, new.task)), None):
            return there
        number = len(known) + 1
        row = InstructionRow(
            case_id=self._context.row.id,
            number=number,
            processor=new.processor,
            name=new.name,
            role=new.role.value,
            channel=new.channel.value,
            action=new.action.value,
            kinds=[kind.value for kind in new.kinds],
            expected=new.expected,
            due_on=new.due_on,
            sealed_text=self._context.key.seal(f"instruction/{number}", text),
            asked_at=self._context.now,
            is_open=new.has_text,
            task=new.task,
        )
        self._context.session.add(row)
        self._context.puts_in(InstructionRow)
        self._context.session.flush()
        self._note_asked(new, number, text)
        return self.one(number)

    def _note_asked(self, new: NewInstruction, number: int, text: str) -> None:
        if not new.has_text:
            self._ledger.append(
                CaseEvent.PROCESSOR_NOT_ASKED,
                number=number,
                processor=new.name,
                records=new.expected,
                **who_was_asked(new.role),
            )
            return
        self._ledger.append(
            CaseEvent.PROCESSOR_ASKED,
            number=number,
            processor=new.name,
            action=new.action.value,
            told=[kind.value for kind in new.kinds],
            systems=list(new.systems),
            records=new.expected,
            due_on=new.due_on.isoformat(),
            text=self._context.text_hash(f"instruction/{number}", text),
            **who_was_asked(new.role, new.task),
        )

    def request_id(self, number: int) -> str:
        """Return an instruction's OpenDSR request id: a UUID of version 4 that is the same each time.

        Args:
            number: Its number within the case.

        Raises:
            BadInput: There is no such instruction.
        """
        digest = self._context.text_hash(f"opendsr/{number}", self._row(number).processor)
        return str(UUID(hex=digest[:32], version=4))

    def text(self, number: int) -> str:
        """Return the text of an instruction in clear; reading it is a reveal.

        Args:
            number: Its number within the case.

        Raises:
            BadInput: There is no such instruction.
        """
        return text_of(self._context, self._row(number))

    def mark_sent(self, number: int, at: datetime, *, by: str) -> Instruction:
        """Note that an instruction went out.

        Args:
            number: Its number within the case.
            at: When (aware); not in the future.
            by: Who sent it.

        Raises:
            BadInput: There is no such instruction, or it would have gone out before it was written.
            Conflict: It went out already, or there is nothing to send.
        """
        row = self._row(number)
        if row.sent_at is not None or not self.one(number).has_text:
            why = "went out already" if row.sent_at else "cannot be sent: nothing is known by which records are found"
            raise Conflict(f"Instruction {number} of {row.case_id} {why}.")
        if at < row.asked_at:
            raise BadInput(f"Instruction {number} cannot have gone out before it was written; check the time.")
        row.sent_at, row.sent_by = at, by
        self._context.session.flush()
        instruction = self._settled(row)
        self._ledger.append(CaseEvent.INSTRUCTION_SENT, actor=by, number=number, processor=row.name, at=at.isoformat())
        return instruction

    def record_answer(
        self,
        number: int,
        stated: StatedAnswer,
        doubts: Iterable[Doubt],
        proof: bytes,
        documents: Sequence[bytes] = (),
        *,
        by: str,
        limit: DocumentLimit = BY_PEOPLE,
    ) -> Instruction:
        """Store an answer with its proof.

        Args:
            number: The instruction's number within the case.
            stated: The answer.
            doubts: Why it has to be checked.
            proof: The document that came with it; empty for none.
            documents: The files that it handed over, which are the person's records.
            by: Who records it.
            limit: How much one answer may hand over.

        Raises:
            BadInput: There is no such instruction, or the files cannot be taken over.
        """
        row = self._row(number)
        answer = self._put_answer(row, stated, doubts, proof, by)
        if stated.until is not None:
            row.due_on = stated.until
        self._context.session.flush()
        self.documents.put(number, answer.number, documents, limit)
        self._note_answer(row, answer)
        return self._settled(row)

    def _put_answer(
        self, row: InstructionRow, stated: StatedAnswer, doubts: Iterable[Doubt], proof: bytes, by: str
    ) -> ProcessorAnswerRow:
        answer = ProcessorAnswerRow(
            case_id=row.case_id,
            instruction=row.number,
            number=len(self.one(row.number).answers) + 1,
            answer=stated.answer.value,
            answered_on=stated.on,
            records=stated.records,
            until=stated.until,
            sub_processors=list(stated.sub_processors),
            doubts=[doubt.code for doubt in doubts],
            is_late=stated.on > row.due_on,
            proof_sha256=hashlib.sha256(proof).hexdigest() if proof else "",
            recorded_at=self._context.now,
            recorded_by=by,
        )
        field = f"{row.number}/{answer.number}"
        if stated.note:
            answer.sealed_note = self._context.key.seal(f"processor-answer/{field}", stated.note)
        if proof:
            answer.sealed_proof = self._context.key.seal_bytes(f"processor-proof/{field}", proof)
        self._context.session.add(answer)
        self._context.session.flush()
        return answer

    def _note_answer(self, row: InstructionRow, answer: ProcessorAnswerRow) -> None:
        details = {
            "records": answer.records,
            "until": answer.until.isoformat() if answer.until else None,
            "proof": answer.proof_sha256,
            "files": [
                document.sha256 for document in self.one(row.number).documents if document.answer == answer.number
            ],
            "doubts": answer.doubts,
            "late": answer.is_late,
            "sub_processors": answer.sub_processors,
        }
        self._ledger.append(
            CaseEvent.PROCESSOR_CONFIRMED if ProcessorAnswer(answer.answer).claims else CaseEvent.PROCESSOR_ANSWERED,
            actor=answer.recorded_by,
            number=row.number,
            processor=row.name,
            answer=answer.answer,
            on=answer.answered_on.isoformat(),
            **who_was_asked(ProcessorRole(row.role)),
            **{name: value for name, value in details.items() if value or value == 0},
        )

    def record_not_told(self, number: int, reason: str, on: date, *, by: str) -> Instruction:
        """Store that the recipient of a notice cannot be reached.

        Args:
            number: The notice's number within the case.
            reason: Why, in words for the person; encrypted.
            on: The present day in the controller's zone.
            by: Who records it.

        Raises:
            BadInput: There is no such instruction.
            Conflict: It is no notice, or does not wait to be sent.
        """
        row, before = self._row(number), self.one(number)
        if before.action is not Action.TAKE_NOTE or before.standing is not InstructionStanding.UNSENT:
            raise Conflict(f"Instruction {number} of {row.case_id} is no notice that has still to be sent.")
        self._put_answer(row, StatedAnswer(answer=ProcessorAnswer.CANNOT, on=on, note=reason), (), b"", by)
        hashed = self._context.text_hash("reason", reason)
        self._ledger.append(CaseEvent.RECIPIENT_NOT_TOLD, actor=by, number=number, processor=row.name, reason=hashed)
        return self._settled(row)

    def promise_second_letter(self) -> None:
        """Note that the answer to the person names the open instructions as open."""
        for item in self.all():
            if item.is_waited_for:
                self._row(item.number).is_promised = True
        self._context.session.flush()

    def mark_checked(self, number: int, reason: str, *, by: str) -> Instruction:
        """Note that a person checked the doubt about the last answer, and that the answer is valid.

        Args:
            number: The instruction's number within the case.
            reason: How it was checked; encrypted, since it may name the person.
            by: Who checked it.

        Raises:
            BadInput: There is no such instruction.
            Conflict: Its last answer is not doubtful.
        """
        row, instruction = self._row(number), self.one(number)
        if instruction.last is None or not instruction.last.is_questioned:
            raise Conflict(f"Instruction {number} of {row.case_id} has no answer that has to be checked.")
        answer = self._answer_row(number, instruction.last.number)
        answer.checked_at, answer.checked_by = self._context.now, by
        answer.sealed_check = self._context.key.seal(f"processor-check/{number}/{answer.number}", reason)
        self._context.session.flush()
        hashed = self._context.text_hash("reason", reason)
        self._ledger.append(
            CaseEvent.PROCESSOR_ANSWER_CHECKED, actor=by, number=number, processor=row.name, reason=hashed
        )
        return self._settled(row)

    def note(self, number: int, answer: int | None = None) -> str:
        """Return the reason that the processor gave, in clear; empty if it gave none.

        Args:
            number: The instruction's number within the case.
            answer: The answer's number within the instruction; the last one by default.

        Raises:
            BadInput: There is no such instruction or answer.
        """
        last = self.one(number).last
        if answer is None and last is None:
            return ""
        row = self._answer_row(number, answer or (last.number if last else 0))
        if row.sealed_note is None:
            return ""
        return self._context.key.open(f"processor-answer/{number}/{row.number}", row.sealed_note)

    def proof(self, number: int, answer: int) -> bytes:
        """Return the document that came with an answer, in clear; empty if there is none. Reading it is a reveal.

        Args:
            number: The instruction's number within the case.
            answer: The answer's number within the instruction.

        Raises:
            BadInput: There is no such answer.
        """
        row = self._answer_row(number, answer)
        if row.sealed_proof is None:
            return b""
        return self._context.key.open_bytes(f"processor-proof/{number}/{answer}", row.sealed_proof)

    def _settled(self, row: InstructionRow) -> Instruction:
        instruction = self.one(row.number)
        row.is_open = instruction.is_open
        self._context.session.flush()
        return instruction

    def _row(self, number: int) -> InstructionRow:
        return row_of(self._context, number)

    def _answer_row(self, number: int, answer: int) -> ProcessorAnswerRow:
        query = select(ProcessorAnswerRow).where(
            ProcessorAnswerRow.case_id == self._context.row.id,
            ProcessorAnswerRow.instruction == number,
            ProcessorAnswerRow.number == answer,
        )
        row = self._context.session.scalars(query).one_or_none()
        if row is None:
            raise BadInput(f"Instruction {number} of {self._context.row.id} has no answer {answer}.")
        return row
