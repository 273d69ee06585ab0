"""Instructions that are mailed, of one case: which is being mailed, which is not any more, and who was reminded."""

from __future__ import annotations

from datetime import date

from rightsflow.domain.processors.terms import ProcessorChannel
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.case_part import CasePart
from rightsflow.store.case.context import Context
from rightsflow.store.case.instruction_rows import row_of
from rightsflow.store.case.letter_texts import CLAIM_TIME
from rightsflow.store.tables import InstructionRow


def text_of(context: Context, row: InstructionRow) -> str:
    """The text of an instruction in clear."""
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
        said = {"number": number, "processor": row.name, "sent": is_told}
        self._ledger.append(CaseEvent.INSTRUCTION_CALLED_OFF, actor=by, **said)
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
