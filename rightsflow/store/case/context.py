"""The context shared by all parts of a case file: the transaction, the case's key, the keyed hashes and the time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from rightsflow.domain.identifiers import Identifier
from rightsflow.domain.vocabulary.records import RecordRef
from rightsflow.store.case.memory import CaseMemory, Row
from rightsflow.store.coordination.lease_clock import LeaseClock
from rightsflow.store.tables import (
    AgentRequestRow,
    AlertRow,
    Base,
    CaseRow,
    CaseTaskRow,
    ClockEventRow,
    HandoverRow,
    InstructionRow,
    LetterRow,
    MaskChoiceRow,
    SecretRow,
)
from rightsflow.vault import CaseKey, Keyring, MasterKey

_TOLD: Final[tuple[type[Base], ...]] = (
    *(ClockEventRow, MaskChoiceRow, HandoverRow, CaseTaskRow, InstructionRow, AgentRequestRow),
    *(LetterRow, SecretRow, AlertRow),
)
"""The tables in which most cases have no rows, or none for long, in the order of their bits in ``CaseRow.holds``;
new tables are added at the end."""
_TOLD_LATER: Final = frozenset({LetterRow, SecretRow, AlertRow})
"""The tables covered by ``CaseRow.holds`` only if it has the bit :data:`HOLDS_NOTHING`."""
OF_OTHERS: Final = {"rightsflow_asks_others": True}
"""The execution option of a query about other cases only; unwritten changes of this case need no flush for it."""
HOLDS_NOTHING: Final = 1 << 30
"""``CaseRow.holds`` of a case that is made."""


@dataclass(frozen=True, slots=True)
class Context:
    """The transaction on one case and all that its parts share.

    Args:
        session: The open transaction.
        row: The case, locked for the transaction.
        key: The case's data key.
        master: Opens the keys of what concerns more than one case.
        keyring: For keyed hashes.
        now: The instant of this transaction (aware).
        lease_clock: The clock of leases, which places before systems end by too.
        memory: What was read of the case in this transaction.
        put_in: Of a case that is made in this transaction: the tables in which something of it stands by now, so that
            the others need not be asked; an import opens thousands. ``None`` for any other case.
    """

    session: Session
    row: CaseRow
    key: CaseKey
    master: MasterKey
    keyring: Keyring
    now: datetime
    lease_clock: LeaseClock
    memory: CaseMemory
    put_in: set[type[Base]] | None = None

    @contextmanager
    def trying(self) -> Iterator[None]:
        """Do something to one case of many: if it is refused, nothing of it is stored, and the others' is.

        A file for which something was refused is not worked on any more in this transaction.
        """
        with self.session.begin_nested():
            yield

    def may_hold(self, table: type[Base]) -> bool:
        """Return whether a table may have rows of the case.

        Args:
            table: A table of which each part of the case file that writes to it says so (:meth:`puts_in`).
        """
        if self.put_in is not None:
            return table in self.put_in
        holds = self.row.holds
        if holds is None or table not in _TOLD or (table in _TOLD_LATER and not holds & HOLDS_NOTHING):
            return True
        return bool(holds & _bit(table))

    def puts_in(self, table: type[Base]) -> None:
        """Note that a row of the case is inserted into a table."""
        if self.put_in is not None:
            self.put_in.add(table)
        if self.row.holds is not None and table in _TOLD:
            self.row.holds |= _bit(table)

    def rows(self, table: type[Row]) -> list[Row]:
        """The case's rows of a table of which a case has few, in the order of their numbers; read once."""
        return self.memory.rows(table) if self.may_hold(table) else []

    def identifier_hash(self, identifier: Identifier) -> str:
        """The keyed hash an identifier is looked up by, the same in every case."""
        return self.keyring.blind_index(identifier.realm, identifier.value)

    def text_hash(self, what: str, text: str) -> str:
        """The keyed hash of a text that is sealed or sent, so that the ledger can bind it without holding it."""
        return self.keyring.blind_index(f"text/{self.row.id}/{what}", text)

    def record_hash(self, ref: RecordRef) -> str:
        """The keyed hash of a record; bound to the case, so that two cases cannot be joined by it."""
        return self.keyring.blind_index(f"record/{self.row.id}/{ref.system}/{ref.kind}", ref.ref)

    def content_hash(self, mark: str) -> str:
        """Return the keyed hash of a mark that recognises a record's content, bound to the case."""
        return content_hash(self.keyring, self.row.id, mark)


def holds_too(table: type[Base]) -> ColumnElement[int | None]:
    """Return ``CaseRow.holds`` of a case after an insert into a table that bypasses its file."""
    return CaseRow.holds.bitwise_or(_bit(table))


def _bit(table: type[Base]) -> int:
    return 1 << _TOLD.index(table)


def content_hash(keyring: Keyring, case_id: str, mark: str) -> str:
    """Return the keyed hash of a mark that recognises the content of a record of a case."""
    return keyring.blind_index(f"content/{case_id}", mark)
