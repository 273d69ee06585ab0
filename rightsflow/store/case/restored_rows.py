"""Records that a back-up may bring back under another name: by what they are told again, and by which name they go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final

from sqlalchemy import Select, select, update

from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import HadContent, RecordRef
from rightsflow.store.case.case_ledger import Ledger
from rightsflow.store.case.case_part import CasePart
from rightsflow.store.case.context import Context, content_hash
from rightsflow.store.case.finding_rows import FindingRows, some_at_once
from rightsflow.store.tables import FindingRow

_ROW: Final = FindingRow.__table__.c


class RestoredRows(CasePart):
    """The rows of one case's findings that concern restored records.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        rows: The rows.
    """

    def __init__(self, context: Context, ledger: Ledger, rows: FindingRows) -> None:
        super().__init__(context, ledger)
        self._rows = rows

    def contents(self, refs: Iterable[RecordRef]) -> HadContent:
        """Return a check that recognises the content of records, usable after the transaction too."""
        names = {self._context.record_hash(ref): ref for ref in refs}
        query: Select[Any] = select(_ROW.record_hash, _ROW.content_hashes).where(_ROW.case_id == self._context.row.id)
        had: dict[RecordRef, frozenset[str]] = {}
        for some in some_at_once(list(names)):
            rows = self._context.session.execute(query.where(_ROW.record_hash.in_(some)))
            had |= {names[digest]: frozenset(hashes or ()) for digest, hashes in rows.all()}
        case_id, keyring = self._context.row.id, self._context.keyring

        def tells(ref: RecordRef, mark: str) -> bool | None:
            known = had.get(ref)
            return content_hash(keyring, case_id, mark) in known if known else None

        return tells

    def holds(self, ref: RecordRef) -> bool:
        """Return whether the case has a record."""
        query: Select[Any] = select(_ROW.id).where(_ROW.case_id == self._context.row.id)
        found = self._context.session.execute(query.where(_ROW.record_hash == self._context.record_hash(ref)))
        return found.first() is not None

    def rename(self, ref: RecordRef, now: RecordRef) -> None:
        """Let a record go by the name under which it is back.

        Args:
            ref: The record, by the name that it had.
            now: The same by its present name, which no other record of the case has.
        """
        row = self._rows.one(ref)
        before, after = row.record_hash, self._context.record_hash(now)
        row.sealed_ref, row.record_hash = self._context.key.seal("finding/ref", now.ref), after
        self._context.session.flush()
        hanging = update(FindingRow).where(_ROW.case_id == self._context.row.id, _ROW.via_hash == before)
        self._context.session.execute(hanging.values(via_hash=after))
        self._rows.forget()
        self._ledger.append(CaseEvent.RECORD_RENAMED, record=before, system=now.system, now=after)

    def note_looked(self, refs: Sequence[RecordRef]) -> None:
        """Note that muted, marked or corrected records were looked at, whatever was seen.

        The days of the looks count from it. What was seen is noted by itself, in the ledger too.
        """
        rows = update(FindingRow).where(_ROW.case_id == self._context.row.id)
        for some in some_at_once([self._context.record_hash(ref) for ref in refs]):
            found = rows.where(_ROW.record_hash.in_(some))
            self._context.session.execute(found.values(looked_at=self._context.now))
        self._rows.forget()
