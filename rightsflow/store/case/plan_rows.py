"""The plan of a case as its page lists it: thousands of records in a moment, so that nothing is decrypted for it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, select

from rightsflow.domain.attribution import Attribution, names_somebody
from rightsflow.domain.case.findings import Finding, Question
from rightsflow.domain.erasure.plan_groups import PlanRecord, Traces
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.records import Fact, Method, OutcomeKind
from rightsflow.store.case.context import Context
from rightsflow.store.case.finding_rows import FindingRows, candidate
from rightsflow.store.tables import FindingRow, IdentifierRow

_COLUMNS: Final = (
    FindingRow.record_hash,
    FindingRow.system,
    FindingRow.kind,
    FindingRow.attribution,
    FindingRow.facts,
    FindingRow.occurred_on,
    FindingRow.method,
    FindingRow.planned,
    FindingRow.until,
    FindingRow.ends_when,
    FindingRow.reason,
    FindingRow.legal_basis,
    FindingRow.question,
    FindingRow.note,
    FindingRow.owner_strong,
    FindingRow.owner_weak,
    FindingRow.via_hash,
)
_METHODS: Final[Mapping[str, Method | None]] = {"": None, **{one.value: one for one in Method}}
_OUTCOMES: Final[Mapping[str, OutcomeKind | None]] = {"": None, **{one.value: one for one in OutcomeKind}}
_QUESTIONS: Final[Mapping[str, Question | None]] = {"": None, **{one.value: one for one in Question}}
_ATTRIBUTIONS: Final = {one.value: one for one in Attribution}
_NO_FACTS: Final[frozenset[Fact]] = frozenset()


class PlanRows:
    """What is planned for the records of one case.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read: list[Row[Any]] | None = None

    def all(self) -> list[PlanRecord]:
        """Every record of the case with what is planned for it, by its number."""
        rows = self._read = self._rows()
        somebody = _naming_somebody(rows)
        return [
            PlanRecord(
                number=number,
                digest=row.record_hash,
                system=row.system,
                kind=row.kind,
                attribution=_ATTRIBUTIONS[row.attribution],
                names_somebody=row.record_hash in somebody,
                facts=frozenset(map(Fact, row.facts)) if row.facts else _NO_FACTS,
                occurred_on=row.occurred_on,
                method=_METHODS[row.method],
                planned=_OUTCOMES[row.planned],
                until=row.until,
                ends_when=row.ends_when,
                reason=row.reason,
                legal_basis=row.legal_basis,
                question=_QUESTIONS[row.question],
                note=row.note,
            )
            for number, row in enumerate(rows, start=1)
        ]

    def findings(self, records: Sequence[PlanRecord]) -> list[Finding]:
        """Some records as the rest of the software sees them, in the same order.

        Args:
            records: The records.
        """
        rows, of_case = self._whole(records), FindingRows(self._context)
        return [of_case.finding(rows[one.digest], one.number, names_somebody=one.names_somebody) for one in records]

    def owners(self, records: Sequence[PlanRecord]) -> dict[int, Identifiers]:
        """Whom some records name, in clear, by their numbers; for people who look at them, which is noted.

        Args:
            records: The records.
        """
        rows, of_case = self._whole(records), FindingRows(self._context)
        return {one.number: of_case.owner(rows[one.digest]) for one in records}

    def _whole(self, records: Sequence[PlanRecord]) -> dict[str, FindingRow]:
        mine = FindingRow.case_id == self._context.row.id
        query = select(FindingRow).where(mine, FindingRow.record_hash.in_([one.digest for one in records]))
        return {row.record_hash: row for row in self._context.session.scalars(query)}

    def traces(self, numbers: Collection[int]) -> dict[int, Traces]:
        """What ties some records to the person.

        Args:
            numbers: Their numbers.
        """
        rows, known = self._read or self._rows(), self._identifiers()
        places = {row.record_hash: number for number, row in enumerate(rows, start=1)}

        def traces(row: Row[Any]) -> Traces:
            named = [*row.owner_strong, *row.owner_weak]
            return Traces(
                named=tuple(sorted(known[one] for one in named if one in known)),
                strangers=sum(one not in known for one in named),
                via=places.get(row.via_hash),
            )

        return {number: traces(rows[number - 1]) for number in numbers}

    def _identifiers(self) -> dict[str, tuple[str, str, bool]]:
        query = select(
            IdentifierRow.index_hash, IdentifierRow.kind, IdentifierRow.learnt_from, IdentifierRow.contested
        ).where(IdentifierRow.case_id == self._context.row.id)
        return {digest: (kind, source, used) for digest, kind, source, used in self._context.session.execute(query)}

    def _rows(self) -> list[Row[Any]]:
        mine = FindingRow.case_id == self._context.row.id
        query = select(*_COLUMNS).where(mine).order_by(FindingRow.system, FindingRow.id)
        return list(self._context.session.execute(query))


def _naming_somebody(rows: Collection[Row[Any]]) -> frozenset[str]:
    """The unclear records that name a person by more than a number, or hang on one that does."""
    unclear = [row.record_hash for row in rows if row.attribution == Attribution.UNCLEAR]
    if not unclear:
        return frozenset()
    candidates = {row.record_hash: candidate(row) for row in rows}
    return frozenset(one for one in unclear if names_somebody(one, candidates))
