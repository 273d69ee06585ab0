"""The messages of a case's person and the notes of colleagues: encrypted, and gone with the case."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Protocol

from rightsflow.domain.conversation import AttachedFile, Contribution, ContributionKind, UnreadNote
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.file_kinds import ProofFile
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.tables import MessageFileRow, MessageRow

_REMOVED: Final = "message/removed/"
"""The secrets that say why a message's content was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFile:
    """A file that is put to a case.

    Args:
        name: Its name, as it is stored.
        kind: What kind of file it is, by its content.
        content: The file.
    """

    name: str = field(repr=False)
    kind: ProofFile
    content: bytes = field(repr=False)


class Messages(CasePart):
    """The messages and notes of one case.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        outbox: Keeps why a content was removed.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox) -> None:
        super().__init__(context, ledger)
        self._outbox = outbox

    def put(self, text: str, files: Sequence[NewFile] = (), *, at: datetime, by: str) -> int:
        """Store a message of the person; return its number.

        Args:
            text: What they say; may be empty beside a file.
            files: What they enclose.
            at: When it arrived (aware).
            by: Who records it.
        """
        row = self._add(ContributionKind.MESSAGE, text, at=at, by=by)
        for number, item in enumerate(files, start=1):
            self._context.session.add(self._file_row(row.number, number, item))
        self._context.session.flush()
        self._context.puts_in(MessageFileRow)
        hashes = [item.sha256 for item in self._files() if item.message == row.number]
        self._ledger.append(
            CaseEvent.MESSAGE_RECEIVED, actor=by, number=row.number, text=self._hash(text), files=hashes
        )
        return row.number

    def note(self, text: str, named: Sequence[str], *, by: str) -> int:
        """Store a note to colleagues; return its number.

        Args:
            text: What it says.
            named: The keys of the colleagues whom it names, who are to read it.
            by: Who writes it.
        """
        row = self._add(ContributionKind.NOTE, text, at=self._context.now, by=by)
        row.named = row.unread_by = " ".join(named)
        self._context.session.flush()
        self._ledger.append(
            CaseEvent.NOTE_WRITTEN, actor=by, number=row.number, text=self._hash(text), named=list(named)
        )
        return row.number

    def entries(self, *, in_clear: bool = False) -> list[Contribution]:
        """Return the messages and notes, oldest first.

        Args:
            in_clear: With their texts and the names of their files; reading them is a reveal.
        """
        return [self._entry(row, in_clear=in_clear) for row in self._context.rows(MessageRow)]

    def file(self, number: int, file: int) -> tuple[ProofFile, bytes]:
        """Return the kind and the content of a message's file; reading it is a reveal.

        Args:
            number: The message's number within the case.
            file: The file's number within the message.

        Raises:
            BadInput: There is no such file, or its content was removed.
        """
        row = next((item for item in self._files() if (item.message, item.number) == (number, file)), None)
        if row is None:
            raise BadInput(f"Message {number} of {self._context.row.id} has no file {file}.")
        if row.sealed_content is None:
            raise BadInput("The content of this file was removed.")
        return ProofFile(row.kind), self._context.key.open_bytes(_content(number, file), row.sealed_content)

    @property
    def answer(self) -> str | None:
        """The person's answer to what they were asked, in clear; ``None`` for none. Reading it is a reveal."""
        answers = [self._text(row) for row in self._context.rows(MessageRow) if row.is_answer]
        return next((text for text in answers if text is not None), None)

    @property
    def has_answer(self) -> bool:
        """True if the person's answer to what they were asked is there."""
        return any(row.is_answer and row.sealed_text is not None for row in self._context.rows(MessageRow))

    def take_as_answer(self, number: int, *, by: str) -> datetime:
        """Note that a message is the answer to what the person was asked; return when it arrived (aware).

        Args:
            number: The message's number within the case.
            by: Who records it.

        Raises:
            BadInput: There is no such message, or its content was removed.
        """
        row = self._row(number)
        if row.kind != ContributionKind.MESSAGE or row.sealed_text is None:
            raise BadInput("Choose a message of the person whose content is there.")
        row.is_answer = True
        self._context.session.flush()
        self._ledger.append(CaseEvent.MESSAGE_TAKEN_AS_ANSWER, actor=by, number=number)
        return row.at

    def remove(self, number: int, reason: str, *, by: str) -> None:
        """Remove the content of a message or a note for good; that it was there stays, with its hashes.

        Args:
            number: Its number within the case.
            reason: Why; encrypted.
            by: Who removes it.

        Raises:
            BadInput: There is no such message or note.
            Conflict: Its content is gone already.
        """
        row = self._row(number)
        if row.sealed_text is None:
            raise Conflict("The content of this entry was removed already.")
        row.sealed_text, row.unread_by = None, ""
        for item in self._files():
            if item.message == number:
                item.sealed_name = item.sealed_content = None
        self._outbox.keep_secret(f"{_REMOVED}{number:06d}", reason)
        self._context.session.flush()
        hashed = self._context.text_hash("reason", reason)
        self._ledger.append(CaseEvent.MESSAGE_REMOVED, actor=by, number=number, reason=hashed)

    def unread(self) -> list[UnreadNote]:
        """Return the notes that colleagues whom they name have not read, oldest first."""
        return [note for row in self._context.rows(MessageRow) for note in unread_of(row)]

    def note_read(self, people: Collection[str]) -> None:
        """Note that some people have read every note.

        Args:
            people: Their keys.
        """
        for row in self._context.rows(MessageRow):
            left = " ".join(person for person in row.unread_by.split() if person not in people)
            if left != row.unread_by:
                row.unread_by = left

    def _add(self, kind: ContributionKind, text: str, *, at: datetime, by: str) -> MessageRow:
        number = len(self._context.rows(MessageRow)) + 1
        row = MessageRow(
            case_id=self._context.row.id,
            number=number,
            kind=kind.value,
            at=at,
            recorded_at=self._context.now,
            by=str(by),
            named="",
            unread_by="",
            is_answer=False,
            sealed_text=self._context.key.seal(_words(number), text),
        )
        self._context.session.add(row)
        self._context.session.flush()
        self._context.puts_in(MessageRow)
        return row

    def _file_row(self, message: int, number: int, file: NewFile) -> MessageFileRow:
        return MessageFileRow(
            case_id=self._context.row.id,
            message=message,
            number=number,
            kind=file.kind.value,
            sha256=hashlib.sha256(file.content).hexdigest(),
            size=len(file.content),
            sealed_name=self._context.key.seal(_name(message, number), file.name),
            sealed_content=self._context.key.seal_bytes(_content(message, number), file.content),
        )

    def _entry(self, row: MessageRow, *, in_clear: bool) -> Contribution:
        return Contribution(
            kind=ContributionKind(row.kind),
            at=row.at,
            by=row.by,
            number=row.number,
            files=[self._attached(item, in_clear=in_clear) for item in self._files() if item.message == row.number],
            named=row.named.split(),
            is_answer=row.is_answer,
            is_removed=row.sealed_text is None,
            text=self._text(row) if in_clear else None,
        )

    def _attached(self, row: MessageFileRow, *, in_clear: bool) -> AttachedFile:
        is_named = in_clear and row.sealed_name is not None
        name = self._context.key.open(_name(row.message, row.number), row.sealed_name or b"") if is_named else ""
        return AttachedFile(number=row.number, kind=ProofFile(row.kind), sha256=row.sha256, size=row.size, name=name)

    def _text(self, row: MessageRow) -> str | None:
        return None if row.sealed_text is None else self._context.key.open(_words(row.number), row.sealed_text)

    def _hash(self, text: str) -> str:
        return self._context.text_hash("message", text)

    def _files(self) -> list[MessageFileRow]:
        return self._context.rows(MessageFileRow)

    def _row(self, number: int) -> MessageRow:
        row = next((item for item in self._context.rows(MessageRow) if item.number == number), None)
        if row is None:
            raise BadInput(f"{self._context.row.id} has no message or note {number}; choose one of the conversation.")
        return row


class NoteColumns(Protocol):
    """The columns of a note that say who has to read it."""

    number: Any
    by: Any
    at: Any
    unread_by: Any


def unread_of(row: NoteColumns) -> list[UnreadNote]:
    """Return one unread note for each colleague who has not read it.

    Args:
        row: The note.
    """
    people = row.unread_by.split()
    return [UnreadNote(number=row.number, person=person, by=row.by, at=row.at) for person in people]


def _words(number: int) -> str:
    return f"message/{number}/text"


def _name(number: int, file: int) -> str:
    return f"message/{number}/{file}/name"


def _content(number: int, file: int) -> str:
    return f"message/{number}/{file}/content"
