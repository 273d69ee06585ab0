"""The plan of a case as its page lists it: thousands of records in a moment, so nothing is decrypted for it.

The database says which records the plan says the same of; whole rows are read of one of these each, and of the records
that are looked at.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, String, cast, func, select

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding, Question
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.erasure.plan_groups import AlikeRecords, PlanRecord, Traces
from rightsflow.domain.erasure.safeguards import PlannedLine, plan_digest
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Fact
from rightsflow.store.case.finding_outcomes import METHODS, OUTCOMES
from rightsflow.store.case.finding_rows import owner_of, read_finding, some_at_once
from rightsflow.store.core.context import Context
from rightsflow.store.tables import FindingRow, IdentifierRow

_ROW: Final = FindingRow.__table__.c
"""The columns as the database has them: rows of thousands cost half of what they cost as objects."""
_SAID: Final = (
    _ROW.system,
    _ROW.kind,
    _ROW.attribution,
    _ROW.doubt,
    cast(_ROW.facts, String),
    _ROW.method,
    _ROW.planned,
    _ROW.ends_when,
    _ROW.legal_basis,
    _ROW.question,
    _ROW.note,
)
"""The columns that the plan shows of a record, besides the end of retention; records alike in all are grouped."""
_LINE: Final = (
    _ROW.id,
    _ROW.record_hash,
    _ROW.attribution,
    _ROW.method,
    _ROW.planned,
    _ROW.until,
    func.dense_rank().over(order_by=_SAID).label("said"),
)
_COLUMNS: Final = (
    *(_ROW.record_hash, _ROW.owner_strong, _ROW.owner_weak, _ROW.via_hash, _ROW.chain, _ROW.doubt),
    _ROW.id,
    _ROW.system,
    _ROW.kind,
    _ROW.attribution,
    _ROW.facts,
    _ROW.occurred_on,
    _ROW.method,
    _ROW.planned,
    _ROW.until,
    _ROW.ends_when,
    _ROW.reason,
    _ROW.legal_basis,
    _ROW.question,
    _ROW.note,
)
_QUESTIONS: Final[Mapping[str, Question | None]] = {"": None, **{item.value: item for item in Question}}
_ATTRIBUTIONS: Final = {item.value: item for item in Attribution}
_NO_FACTS: Final[frozenset[Fact]] = frozenset()


class PlanRows:
    """The erasure plan's records of one case.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read: Sequence[Row[Any]] = ()

    def alike(self) -> list[AlikeRecords]:
        """Return all records of the case with their plan; records with the same plan are grouped."""
        lines = self._read = self._lines()
        together: dict[int, list[int]] = defaultdict(list)
        for number, line in enumerate(lines, start=1):
            together[line.said].append(number)
        firsts = {these[0]: lines[these[0] - 1] for these in together.values()}
        rows = {row.id: row for row in self._rows(_ROW.id, [first.id for first in firsts.values()])}
        return [
            AlikeRecords(
                _record(rows[firsts[these[0]].id], these[0]),
                these,
                _span([day for number in these if (day := lines[number - 1].until)]),
            )
            for these in together.values()
        ]

    def digest(self) -> str:
        """Return the digest that binds an approval, as ``Findings.plan_hash`` does, from the records that were read."""
        lines = self._read or self._lines()
        return plan_digest(PlannedLine(line.record_hash, line.method, line.planned, line.until) for line in lines)

    def records(self, numbers: Collection[int]) -> list[PlanRecord]:
        """Return the planned records with some numbers; unknown numbers are ignored."""
        lines = self._read or self._lines()
        places = {lines[item - 1].id: item for item in sorted(set(numbers)) if 0 < item <= len(lines)}
        rows = {row.id: row for row in self._rows(_ROW.id, list(places))}
        return [_record(rows[key], number) for key, number in places.items()]

    def findings(self, records: Sequence[PlanRecord]) -> list[Finding]:
        """Return the findings of planned records, in the same order."""
        rows = self._whole(records)
        return [read_finding(self._context, rows[record.digest], record.number) for record in records]

    def owners(self, records: Sequence[PlanRecord]) -> dict[int, Identifiers]:
        """Return the identifiers that some records name, in clear, by number; reading them is noted."""
        rows = self._whole(records)
        return {record.number: owner_of(self._context, rows[record.digest]) for record in records}

    def traces(self, records: Sequence[PlanRecord]) -> dict[int, Traces]:
        """Return the traces that link records to the person, by record number."""
        rows = {row.record_hash: row for row in self._rows(_ROW.record_hash, [record.digest for record in records])}
        known, places = self._identifiers(), self._places({row.via_hash for row in rows.values()})

        def traces(row: Row[Any]) -> Traces:
            named = [*row.owner_strong, *row.owner_weak]
            return Traces(
                named=tuple(sorted(known[item] for item in named if item in known)),
                strangers=sum(item not in known for item in named),
                via=(places[row.via_hash],) if row.via_hash in places else (),
                chain=tuple(row.chain or ()),
            )

        return {record.number: traces(rows[record.digest]) for record in records}

    def _whole(self, records: Sequence[PlanRecord]) -> dict[str, FindingRow]:
        query = select(FindingRow).where(self._mine)
        return {
            row.record_hash: row
            for some in some_at_once([record.digest for record in records])
            for row in self._context.session.scalars(query.where(FindingRow.record_hash.in_(some)))
        }

    def _identifiers(self) -> dict[str, tuple[str, str, bool]]:
        query = select(
            IdentifierRow.index_hash, IdentifierRow.kind, IdentifierRow.learnt_from, IdentifierRow.contested
        ).where(IdentifierRow.case_id == self._context.row.id)
        return {digest: (kind, source, used) for digest, kind, source, used in self._context.session.execute(query)}

    def _places(self, digests: AbstractSet[str]) -> dict[str, int]:
        if not digests - {""}:
            return {}
        lines = enumerate(self._read or self._lines(), start=1)
        return {line.record_hash: number for number, line in lines if line.record_hash in digests}

    @property
    def _mine(self) -> ColumnElement[bool]:
        return _ROW.case_id == self._context.row.id

    def _lines(self) -> Sequence[Row[Any]]:
        """Return a line for each record, in the order of their numbers; alike records share one number."""
        # Queries of columns do not flush their table, so that unwritten rows would be missing.
        self._context.session.flush()
        query = select(*_LINE).where(self._mine).order_by(_ROW.system, _ROW.id)
        return self._context.session.execute(query).all()

    def _rows(self, column: Any, values: Sequence[Any]) -> list[Row[Any]]:
        query = select(*_COLUMNS).where(self._mine)
        rows: list[Row[Any]] = []
        for some in some_at_once(values):
            rows.extend(self._context.session.execute(query.where(column.in_(some))))
        return rows


def _span(days: Sequence[Any]) -> tuple[Any, Any] | None:
    return (min(days), max(days)) if days else None


def _record(row: Row[Any], number: int) -> PlanRecord:
    return PlanRecord(
        number=number,
        digest=row.record_hash,
        system=row.system,
        kind=row.kind,
        attribution=_ATTRIBUTIONS[row.attribution],
        doubt=RecordDoubt(row.doubt) if row.doubt else None,
        facts=frozenset(map(Fact, row.facts)) if row.facts else _NO_FACTS,
        occurred_on=row.occurred_on,
        method=METHODS[row.method],
        planned=OUTCOMES[row.planned],
        until=row.until,
        ends_when=row.ends_when,
        reason=row.reason,
        legal_basis=row.legal_basis,
        question=_QUESTIONS[row.question],
        note=row.note,
    )
