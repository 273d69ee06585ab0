"""What every part of a case file needs: the transaction, the case's key, the keyed hashes and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from rightsflow.identifiers import Identifier
from rightsflow.records import RecordRef
from rightsflow.store.tables import CaseRow
from rightsflow.vault import CaseKey, MasterKey


@dataclass(frozen=True, slots=True)
class Context:
    """One transaction on one case.

    Args:
        session: The open transaction.
        row: The case, locked for the transaction.
        key: The case's data key.
        master: For keyed hashes.
        now: The instant of this transaction (aware).
    """

    session: Session
    row: CaseRow
    key: CaseKey
    master: MasterKey
    now: datetime

    def identifier_hash(self, one: Identifier) -> str:
        """The keyed hash an identifier is looked up by, the same in every case."""
        return self.master.blind_index(one.kind.value, one.value)

    def record_hash(self, ref: RecordRef) -> str:
        """The keyed hash of a record; bound to the case, so that two cases cannot be joined by it."""
        return self.master.blind_index(f"record/{self.row.id}/{ref.system}/{ref.kind}", ref.ref)
