"""Outcomes and fresh reads of records: written with one statement for all of them, and noted in the ledger.

Objects would cost three times as much, which matters when a few calls erase thousands of records.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Select, select
from sqlalchemy.exc import NoResultFound

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import WorkedRecord
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, Presence, PresenceState, RecordRef
from rightsflow.store.case.finding_rows import FindingRows, some_at_once
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.tables import FindingRow


@dataclass(slots=True)
class SettledLine:
    """The columns of a settled record that its ledger entry needs; many are read at a time."""

    id: int
    record_hash: str
    system: str
    kind: str
    category: str
    attribution: str
    method: str
    outcome: str
    reason: str
    legal_basis: str
    until: date | None
    ends_when: str
    refused: bool
    request_id: str


def note_outcome(ledger: Ledger, row: FindingRow | SettledLine) -> None:
    """Note a record's outcome in the ledger, from its row.

    Args:
        ledger: The case's ledger.
        row: The record's row.
    """
    ledger.append(CaseEvent.OUTCOME_RECORDED, record=row.record_hash, **_said(row))


def note_outcomes(ledger: Ledger, settled: Iterable[tuple[SettledLine, Outcome]]) -> None:
    """Note the outcomes of many records in the ledger, in order.

    Args:
        ledger: The case's ledger.
        settled: The rows with what was done; each is read before the next one is asked for.
    """
    for (said, sha256), group in groupby(settled, key=lambda item: (_said(item[0]), item[1].sha256)):
        rows = [row for row, _ in group]
        for some in [[item] for item in rows] if sha256 else [rows]:
            ledger.append_for_each(CaseEvent.OUTCOME_RECORDED, [item.record_hash for item in some], **said)
            if sha256:
                # The hash of the recording stored in the record's place, if seconds of it were silenced.
                ledger.append(
                    CaseEvent.RECORDING_MUTED, record=some[0].record_hash, system=some[0].system, sha256=sha256
                )


def _said(row: FindingRow | SettledLine) -> dict[str, Any]:
    return {
        "system": row.system,
        "kind": row.kind,
        "category": row.category,
        "outcome": row.outcome,
        "reason": row.reason,
        "legal_basis": row.legal_basis,
        "until": row.until.isoformat() if row.until else "",
        "ends_when": row.ends_when,
        "refused": row.refused,
        "unclear": row.attribution == Attribution.UNCLEAR and not row.method,
        "request_ref": row.request_id,
    }


def note_looks(ledger: Ledger, seen: Iterable[tuple[str, Presence]]) -> None:
    """Note the results of fresh reads of many records, in order.

    Args:
        ledger: The case's ledger.
        seen: The records' keyed hashes, with what was seen of each.
    """
    for said, group in groupby(seen, key=lambda item: _seen(item[1])):
        ledger.append_for_each(CaseEvent.PRESENCE_CHECKED, [record for record, _ in group], **said)


def _seen(look: Presence) -> dict[str, str]:
    return {"system": look.record.system, "state": look.state.value, "fields": ", ".join(look.fields)}


_GONE = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.NOT_HELD})
"""Outcomes after which nothing of the person is there that could be kept until a day."""

_ROW: Final = FindingRow.__table__.c
_WORKED: Final = (
    *(_ROW.kind, _ROW.sealed_ref, _ROW.method, _ROW.outcome),
    *(_ROW.reason, _ROW.acted_at, _ROW.verified, _ROW.verified_at),
)
METHODS: Final[Mapping[str, Method | None]] = {"": None, **{item.value: item for item in Method}}
OUTCOMES: Final[Mapping[str, OutcomeKind | None]] = {"": None, **{item.value: item for item in OutcomeKind}}
_STATES: Final[Mapping[str, PresenceState | None]] = {"": None, **{item.value: item for item in PresenceState}}
"""Their words looked up, which is quicker than asking the classes."""
_READ: Final = tuple(_ROW[field.name] for field in fields(SettledLine))


class SettledRows(CasePart):
    """The rows of one case's findings, as records of them are settled.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        rows: The rows.
    """

    def __init__(self, context: Context, ledger: Ledger, rows: FindingRows) -> None:
        super().__init__(context, ledger)
        self._rows = rows

    def worked_on(self, system: str) -> list[WorkedRecord]:
        """Return the records of a system with the data for their erasure, in a stable order."""
        # Queries of columns do not flush their table, so that unwritten rows would be missing.
        self._context.session.flush()
        query = select(*_WORKED).where(_ROW.case_id == self._context.row.id, _ROW.system == system)
        opened = self._context.key.open
        return [
            WorkedRecord(
                RecordRef(system, kind, opened("finding/ref", sealed)),
                METHODS[method],
                OUTCOMES[outcome],
                reason,
                acted_at,
                _STATES[verified],
                verified_at,
            )
            for kind, sealed, method, outcome, reason, acted_at, verified, verified_at in self._context.session.execute(
                query.order_by(_ROW.id)
            ).all()
        ]

    def record_outcome(self, outcomes: Sequence[Outcome]) -> None:
        """Store the outcomes of some records.

        Args:
            outcomes: The outcomes; of two of one record the later one stands, and the ledger has both.

        Raises:
            NoResultFound: A record was never located.
        """
        written: dict[int, tuple[tuple[str, Any], ...]] = {}
        with self._ledger.together():
            note_outcomes(self._ledger, self._settled(outcomes, written))
        self._rows.write_alike(written, dict)

    def _settled(
        self, outcomes: Sequence[Outcome], written: dict[int, tuple[tuple[str, Any], ...]]
    ) -> Iterator[tuple[SettledLine, Outcome]]:
        """Yield each outcome with its record's row at that moment; a second one continues from the first."""
        for line, outcome in zip(self._lines([item.record for item in outcomes]), outcomes, strict=True):
            line.outcome = outcome.kind.value
            line.reason = outcome.reason or line.reason
            line.legal_basis = outcome.legal_basis or line.legal_basis
            line.until = outcome.until or (None if outcome.kind in _GONE else line.until)
            line.refused, line.request_id = outcome.refused, outcome.request_id
            written[line.id] = (
                ("outcome", line.outcome),
                ("reason", line.reason),
                ("legal_basis", line.legal_basis),
                ("until", line.until),
                ("refused", line.refused),
                ("request_id", line.request_id),
                ("left_to_person", ",".join(sorted(outcome.left))),
                ("acted_at", self._context.now),
            )
            yield line, outcome

    def record_presence(self, looks: Sequence[Presence]) -> None:
        """Store the results of fresh reads of some records.

        Args:
            looks: The looks; of two at one record the later one stands, and the ledger has both.

        Raises:
            NoResultFound: A record was never located.
        """
        seen = list(zip(self._lines([look.record for look in looks]), looks, strict=True))
        with self._ledger.together():
            note_looks(self._ledger, [(line.record_hash, look) for line, look in seen])
        now = self._context.now
        self._rows.write_alike(
            {line.id: (look.state.value, look.detail) for line, look in seen},
            lambda said: {"verified": said[0], "verified_at": now, "verified_detail": said[1]},
        )

    def _lines(self, refs: Sequence[RecordRef]) -> Iterator[SettledLine]:
        """Return the rows of some records, in the records' order."""
        session = self._context.session
        # Queries of columns do not flush their table, so that unwritten rows would be missing.
        session.flush()
        digests = [self._context.record_hash(ref) for ref in refs]
        query: Select[Any] = select(*_READ).where(_ROW.case_id == self._context.row.id)
        by_hash: dict[str, SettledLine] = {}
        for some in some_at_once(digests):
            lines = session.execute(query.where(_ROW.record_hash.in_(some))).all()
            by_hash |= {line.record_hash: line for line in (SettledLine(*row) for row in lines)}
        if len(by_hash) < len(set(digests)):
            raise NoResultFound
        return (by_hash[digest] for digest in digests)
