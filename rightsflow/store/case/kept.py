"""Records that an erasure keeps: looked at afresh, erased when their retention ends, kept longer, or restored."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import Select, select, update

from rightsflow.domain.attribution import Attribution, resolve
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import HadContent, KindAt, Located, Method, OutcomeKind, RecordRef
from rightsflow.store.case.finding_outcomes import note_outcome
from rightsflow.store.case.finding_rows import FindingRows, candidate, decided, some_at_once
from rightsflow.store.case.identifiers import KnownIdentifiers
from rightsflow.store.core.case_ledger import MACHINE, Ledger
from rightsflow.store.core.context import Context, content_hash
from rightsflow.store.tables import FindingRow

_ROW: Final = FindingRow.__table__.c
_SECOND: Final[Mapping[str, Any]] = {"copies": True}
_FIRST: Final[Mapping[str, Any]] = {}
_KEPT_WHOLE = frozenset({OutcomeKind.RETAINED, OutcomeKind.RESTRICTED})
_SURENESS: Final = (Attribution.ANOTHER, Attribution.UNCLEAR, Attribution.SUBJECT)


class KeptRecords:
    """The records of one case that are retained after its answer.

    Args:
        context: The open transaction.
        identifiers: The subject's identifiers.
        ledger: The case's ledger.
        rows: The rows of the case's findings.
    """

    def __init__(self, context: Context, identifiers: KnownIdentifiers, ledger: Ledger, rows: FindingRows) -> None:
        self._context = context
        self._identifiers = identifiers
        self._ledger = ledger
        self._rows = rows

    def refresh(self, located: Iterable[Located], profiles: Collection[KindAt] = ()) -> None:
        """Update the descriptions of records that are retained or to be erased, and decide their ownership anew.

        Of those that were found alone, since of what was not searched nothing new is known; and none becomes surer than
        it was, which a person would have to decide. Nothing is learnt from them and no record is added: the answer has
        gone out. A number that another person used too stays contested, since that person's records were forgotten.

        Args:
            located: What a fresh search returned; others that it erased, or never had, are passed over.
            profiles: The kinds of record that are a person's profile.
        """
        kept = {row.record_hash: row.id for row in self._rows.lines() if not row.outcome or row.outcome in _KEPT_WHOLE}
        by_hash = {self._context.record_hash(item.record): item for item in located}
        self._rows.describe({kept[digest]: item for digest, item in by_hash.items() if digest in kept})
        rows = self._rows.all()
        named = [candidate(self._context, row, profiles) for row in rows]
        resolution = resolve(
            self._identifiers.known(),
            named,
            self._identifiers.contested(),
            stated=frozenset(self._identifiers.asked_with()),
        )
        for row in rows:
            if row.record_hash in kept and row.record_hash in by_hash:
                whose, doubt = decided(resolution, row.record_hash)
                if _SURENESS.index(whose) <= _SURENESS.index(Attribution(row.attribution)):
                    row.attribution, row.doubt = whose, doubt
        self._context.session.flush()

    def end_retention(self, planned: Sequence[Planned], *, task: int, approval: Mapping[str, str]) -> None:
        """Release records for erasure whose retention is over; the last day stays until they are erased.

        Args:
            planned: What is meant to be done with each.
            task: The number of the task that they belong to.
            approval: Who or what approved that, for the ledger.
        """
        ended, plan = [], self.digest_of(planned)
        for item in planned:
            row = self._rows.one(item.ref)
            row.method, row.planned = item.method.value if item.method else "", item.expected.value
            # Records that are marked or corrected, and not erased, keep their reason.
            stays = item.method is not None and not item.method.removes
            row.reason, row.legal_basis, row.ends_when = (
                (item.reason, item.legal_basis, item.ends_when) if stays else ("", "", "")
            )
            row.outcome = row.verified = row.verified_detail = ""
            row.verified_at = row.looked_at = None
            ended.append(row)
        self._note_end(CaseEvent.RETENTION_ENDED, ended, task=task, plan=plan, **approval)

    def ended_by(self, task: int, records: Iterable[Finding]) -> list[Finding]:
        """Return the records whose retention a task ended, also in an interrupted attempt.

        Args:
            task: The number of the task.
            records: The records.
        """
        ended = (item for item in self._ledger.told() if item.event == CaseEvent.RETENTION_ENDED)
        hashes = {each for item in ended if item.details["task"] == task for each in item.details["records"]}
        return [record for record in records if self._context.record_hash(record.ref) in hashes]

    def begin_blanking(self, planned: Sequence[Planned], *, task: int, approval: Mapping[str, str]) -> None:
        """Release fields of retained records for blanking; end and legal basis of the retention stay unchanged.

        Args:
            planned: What is meant to be done with each; the reason names the fields.
            task: The number of the task that they belong to.
            approval: Who or what approved that, for the ledger.
        """
        begun = []
        for item in planned:
            row = self._rows.one(item.ref)
            row.method, row.planned, row.reason, row.outcome = Method.BLANK.value, item.expected.value, item.reason, ""
            begun.append(row)
        self._note_end(CaseEvent.BLANKING_APPROVED, begun, task=task, plan=self.digest_of(planned), **approval)

    def prolong(self, planned: Iterable[Planned], *, task: int, by: str) -> None:
        """Retain records longer than planned, or for another reason.

        Args:
            planned: Why and until when each is kept.
            task: The number of the task that they belonged to.
            by: Who decided that.
        """
        self._note_end(CaseEvent.RETENTION_PROLONGED, self.keep(planned), task=task, by=by)

    def shorten(self, planned: Iterable[Planned], *, task: int, by: str) -> None:
        """Retain records until an earlier day than planned.

        Args:
            planned: Why and until when each is kept.
            task: The number of the task that named them.
            by: Who approved that.
        """
        self._note_end(CaseEvent.RETENTION_SHORTENED, self.keep(planned), task=task, by=by)

    def keep(self, planned: Iterable[Planned]) -> list[FindingRow]:
        """Retain records that were to be erased or retained on other grounds; return their rows.

        Args:
            planned: Why and until when each is kept.
        """
        kept = []
        for item in planned:
            row = self._rows.one(item.ref)
            row.reason, row.legal_basis = item.reason, item.legal_basis
            row.until, row.ends_when = item.until, item.ends_when
            row.outcome, row.acted_at = item.expected.value, self._context.now
            note_outcome(self._ledger, row)
            kept.append(row)
        return kept

    def announce_lifting(self, refs: Iterable[RecordRef], on: date, reason: str, *, by: str) -> None:
        """Note that a restriction is to be lifted, of which the person is informed beforehand.

        Args:
            refs: The restricted records.
            on: The day from which they are used again, in the controller's zone.
            reason: Why; only its keyed hash stands in the ledger.
            by: Who decided that.
        """
        hashed = self._context.text_hash("lifting", reason)
        rows = [self._rows.one(ref) for ref in refs]
        self._note_end(CaseEvent.LIFTING_ANNOUNCED, rows, by=by, on=on.isoformat(), reason=hashed)

    def note_lifted(self, refs: Iterable[RecordRef], *, task: int) -> None:
        """Note that the restriction of records was lifted at their systems.

        Args:
            refs: The records.
            task: The number of the task that they belonged to.
        """
        rows = [self._rows.one(ref) for ref in refs]
        for row in rows:
            row.lifted_at = self._context.now
        self._note_end(CaseEvent.RESTRICTION_LIFTED, rows, task=task)

    def note_marks_lost(self, refs: Iterable[RecordRef], *, copies: bool = False) -> int:
        """Note that restricted records were found without their mark, unless that is noted; returns of how many.

        Args:
            refs: The records.
            copies: Whether it is a second one of each that has none, as a restore puts it beside the record.
        """
        noted = self._open(CaseEvent.MARKS_LOST, CaseEvent.MARKED_AGAIN, copies=copies)
        rows = [row for row in map(self._rows.one, refs) if row.record_hash not in noted]
        self._note_end(CaseEvent.MARKS_LOST, rows, **(_SECOND if copies else _FIRST))
        return len(rows)

    def note_marked_again(self, refs: Iterable[RecordRef], *, copies: bool = False) -> None:
        """Note that restricted records bear their mark again.

        Args:
            refs: The records.
            copies: Whether it is a second one of each.
        """
        self._note_end(CaseEvent.MARKED_AGAIN, [self._rows.one(ref) for ref in refs], **(_SECOND if copies else _FIRST))

    def still_lost(self, refs: Iterable[RecordRef]) -> list[RecordRef]:
        """Return the records whose restriction mark the ledger notes as lost and not yet as set again."""
        lost = self._open(CaseEvent.MARKS_LOST, CaseEvent.MARKED_AGAIN, copies=False)
        return [ref for ref in refs if self._context.record_hash(ref) in lost] if lost else []

    def note_marks_returned(self, refs: Iterable[RecordRef]) -> int:
        """Note that records bear a mark again that was lifted, unless that is noted; returns of how many."""
        noted = self._open(CaseEvent.MARKS_RETURNED, CaseEvent.LIFTED_AGAIN, copies=False)
        rows = [row for row in map(self._rows.one, refs) if row.record_hash not in noted]
        self._note_end(CaseEvent.MARKS_RETURNED, rows)
        return len(rows)

    def note_lifted_again(self, refs: Iterable[RecordRef]) -> int:
        """Note that records lost a mark that the ledger notes as set again; return their number."""
        back = self._open(CaseEvent.MARKS_RETURNED, CaseEvent.LIFTED_AGAIN, copies=False)
        rows = [row for row in map(self._rows.one, refs) if row.record_hash in back] if back else []
        self._note_end(CaseEvent.LIFTED_AGAIN, rows)
        return len(rows)

    def note_corrections_undone(self, refs: Iterable[RecordRef]) -> None:
        """Note that corrected records have their wrong values again, unless this is noted."""
        noted = self._open(CaseEvent.CORRECTIONS_UNDONE, CaseEvent.CORRECTED_AGAIN, copies=False)
        rows = [row for row in map(self._rows.one, refs) if row.record_hash not in noted]
        self._note_end(CaseEvent.CORRECTIONS_UNDONE, rows)

    def note_corrected_again(self, refs: Iterable[RecordRef]) -> None:
        """Note that records have their right values again, if the ledger notes them as wrong."""
        undone = self._open(CaseEvent.CORRECTIONS_UNDONE, CaseEvent.CORRECTED_AGAIN, copies=False)
        rows = [row for row in map(self._rows.one, refs) if row.record_hash in undone] if undone else []
        self._note_end(CaseEvent.CORRECTED_AGAIN, rows)

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
        rows = self._context.session.execute(query.where(_ROW.record_hash == self._context.record_hash(ref)))
        return rows.first() is not None

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

    def _open(self, begun: CaseEvent, ended: CaseEvent, *, copies: bool) -> set[str]:
        """Return the records for which the ledger notes the first event and not yet the second."""
        open_records: set[str] = set()
        for item in self._ledger.told():
            if item.event in {begun, ended} and item.details.get("copies", False) is copies:
                records = set(item.details["records"])
                open_records = open_records | records if item.event == begun else open_records - records
        return open_records

    def _note_end(self, event: CaseEvent, rows: Sequence[FindingRow], *, by: str = MACHINE, **details: Any) -> None:
        for system in sorted({row.system for row in rows}):
            records = [row.record_hash for row in rows if row.system == system]
            self._ledger.append(event, actor=by, system=system, records=records, count=len(records), **details)

    def digest_of(self, planned: Iterable[Planned]) -> str:
        """Return a digest of a plan that is not stored, so that an approval is bound to it.

        Args:
            planned: What is meant to be done with each record.
        """
        lines = sorted(f"{self._context.record_hash(item.ref)} {item.method} {item.expected.value}" for item in planned)
        return hashlib.sha256("\n".join(lines).encode()).hexdigest()
