"""The rows of a case's findings: records and their owners encrypted, what they are matched by as keyed hashes."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from types import SimpleNamespace
from typing import Any, Final, TypeAlias, TypeVar

from sqlalchemy import BindParameter, Row, Select, bindparam, delete, insert, select, update
from sqlalchemy.orm.util import identity_key

from rightsflow.domain.attribution import Attribution, Candidate, Resolution
from rightsflow.domain.case.copies import Copies
from rightsflow.domain.case.findings import Finding, Question
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.erasure.retention.duty import DocumentClass
from rightsflow.domain.gates.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.left_to_person import LeftToPerson
from rightsflow.domain.records import Fact, Located, Method, OutcomeKind, PresenceState, RecordRef
from rightsflow.store.case.context import Context
from rightsflow.store.case.described import DESCRIBED, described, owner_of, says
from rightsflow.store.case.languages import language_of_row
from rightsflow.store.tables import FindingRow

T = TypeVar("T")

FindingLine: TypeAlias = FindingRow | Row[Any] | SimpleNamespace
"""A finding's row, or those of its columns that were asked for, or what they hold since they were written."""

_ROW: Final = FindingRow.__table__.c
_TO_ATTRIBUTE: Final = (
    *(_ROW.record_hash, _ROW.via_hash, _ROW.sealed_owner, _ROW.owner_strong),
    *(_ROW.id, _ROW.system, _ROW.attribution, _ROW.doubt),
)
"""The columns that say whose a record is, and what was decided of that before."""
_UNREAD: Final = frozenset({"owner_strong", "owner_weak", "sealed_owner", "content_hashes"})
_READ: Final = tuple(column for column in _ROW if column.name not in _UNREAD)
"""What a record is read from, without whom it names."""
_KEY: Final = "number"
_AT_ONCE: Final = 500
"""How many values one query names; databases have a limit."""


def some_at_once(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Values in portions that one query can name.

    Args:
        values: The values.
    """
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


class FindingRows:
    """The rows of one case's findings, written and read.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._read: Sequence[FindingLine] | None = None
        self._before: dict[str, dict[str, Row[Any]]] = {}

    def forget(self) -> None:
        """Read the records again when they are asked for, since they change."""
        self._read = None

    def one(self, ref: RecordRef) -> FindingRow:
        """The row of a record of the case, which may be changed."""
        self.forget()
        query = select(FindingRow).where(
            FindingRow.case_id == self._context.row.id, FindingRow.record_hash == self._context.record_hash(ref)
        )
        return self._context.session.scalars(query).one()

    def all(self, system: str = "") -> list[FindingRow]:
        """The rows of every record of the case, or of one system, in a stable order; they may be changed."""
        self.forget()
        query = select(FindingRow).where(FindingRow.case_id == self._context.row.id)
        if system:
            query = query.where(FindingRow.system == system)
        return list(self._context.session.scalars(query.order_by(FindingRow.system, FindingRow.id)))

    def lines(self) -> Sequence[FindingLine]:
        """The same of the whole case, to be read alone: thousands cost a third of what they cost as objects.

        They are read once until something of them changes.
        """
        if self._read is None:
            # Of columns that no class is asked for, what is not written yet would be missing.
            self._context.session.flush()
            query = select(*_READ).where(_ROW.case_id == self._context.row.id)
            self._read = self._context.session.execute(query.order_by(_ROW.system, _ROW.id)).all()
        return self._read

    @property
    def are_read(self) -> bool:
        """Whether what is asked of the lines costs no query."""
        return self._read is not None

    def systems(self) -> set[str]:
        """The systems in which the case has a record."""
        if self._read is not None:
            return {row.system for row in self._read}
        query = select(FindingRow.system).where(FindingRow.case_id == self._context.row.id).distinct()
        return set(self._context.session.scalars(query))

    def found_before(self, system: str) -> dict[str, Row[Any]]:
        """The number and the outcome of each record of a system before what a search returned is written, by its hash.

        Those of all systems are read together, since their searches are mostly stored in one transaction.
        """
        if system not in self._before:
            self._context.session.flush()
            query: Select[Any] = select(_ROW.system, _ROW.record_hash, _ROW.id, _ROW.outcome)
            mine = query.where(_ROW.case_id == self._context.row.id)
            found = defaultdict[str, dict[str, Row[Any]]](dict)
            for row in self._context.session.execute(mine):
                found[row.system][row.record_hash] = row
            self._before = found
        # Once: then it is another.
        return self._before.pop(system, {})

    def add(self, located: Mapping[str, Located], attribution: Attribution = Attribution.UNCLEAR) -> None:
        """Put in records that were not known.

        Args:
            located: What a search returned of each, by its keyed hash.
            attribution: Whose they are.
        """
        if not located:
            return
        rows = [
            {
                "case_id": self._context.row.id,
                "system": one.record.system,
                "kind": one.record.kind,
                "record_hash": digest,
                "sealed_ref": self._context.key.seal("finding/ref", one.record.ref),
                "attribution": attribution.value,
                **described(self._context, one),
            }
            for digest, one in located.items()
        ]
        self.forget()
        self._context.session.execute(insert(FindingRow), rows)

    def to_attribute(self) -> Sequence[Row[Any]]:
        """What is read of each record of the case to decide whose it is, in a stable order."""
        self._context.session.flush()
        query: Select[Any] = select(*_TO_ATTRIBUTE).where(_ROW.case_id == self._context.row.id)
        return self._context.session.execute(query.order_by(_ROW.system, _ROW.id)).all()

    def attribute(self, attributions: Mapping[int, tuple[Attribution, str]]) -> None:
        """Write whose records are.

        Args:
            attributions: Whose each is, and the doubt where that is unclear, by the number of its row.
        """
        self.write_alike(attributions, lambda whose: {"attribution": whose[0].value, "doubt": whose[1]})

    def note_copies(self, copies: Mapping[int, Copies]) -> None:
        """Write what was copied of records.

        Args:
            copies: What of each, by the number of its row.
        """
        self.write_alike(copies, lambda one: {"copied_documents": one.documents, "copied_files": one.files})

    def describe(self, located: Mapping[int, Located]) -> None:
        """Write what a search returned of records that were known, where it is something else than before.

        Args:
            located: What it returned of each, by the number of its row.
        """
        numbers = list(located)
        query: Select[Any] = select(_ROW.id, *DESCRIBED)
        before = (self._context.session.execute(query.where(_ROW.id.in_(some))) for some in some_at_once(numbers))
        rows = [
            {_KEY: row.id, **described(self._context, located[row.id], row)}
            for part in before
            for row in part
            if not says(self._context, row, located[row.id])
        ]
        if rows:
            self._changed(located)
            values: dict[str, BindParameter[Any]] = {name: bindparam(name) for name in rows[0] if name != _KEY}
            # By the connection: a session would write each row apart.
            statement = update(FindingRow).where(_ROW.id == bindparam(_KEY)).values(values)
            self._context.session.connection().execute(statement, rows)

    def write_alike(self, values: Mapping[int, T], columns: Callable[[T], dict[str, Any]]) -> None:
        """Write some columns of rows, of those that are given the same values together.

        What was read of them before is told the new values instead of being read again.

        Args:
            values: What is written, by the numbers of the rows.
            columns: The columns that a value stands for.
        """
        alike = defaultdict[T, list[int]](list)
        for number, value in values.items():
            alike[value].append(number)
        read = self._read
        self._changed(values)
        for value, numbers in alike.items():
            for some in some_at_once(numbers):
                # By the connection, as it stands: what a session remembers of the rows was just expired.
                statement = update(FindingRow).where(_ROW.id.in_(some)).values(columns(value))
                self._context.session.connection().execute(statement)
        if read is not None:
            self._read = [_told(row, columns(values[row.id])) if row.id in values else row for row in read]

    def remove(self, numbers: Collection[int]) -> None:
        """Forget records.

        Args:
            numbers: The numbers of their rows.
        """
        if not numbers:
            return
        self._changed(numbers)
        for some in some_at_once(list(numbers)):
            self._context.session.execute(delete(FindingRow).where(_ROW.id.in_(some)))

    def _changed(self, numbers: Iterable[int]) -> None:
        self.forget()
        for number in numbers:
            # What was read as an object before is read again when it is asked for.
            if row := self._context.session.identity_map.get(identity_key(FindingRow, number)):
                self._context.session.expire(row)

    def located(self, row: FindingRow) -> Located:
        """A record as a search returned it."""
        return Located(
            record=RecordRef(row.system, row.kind, self._context.key.open("finding/ref", row.sealed_ref)),
            category=row.category,
            owner=owner_of(self._context, row),
            occurred_on=row.occurred_on,
            facts=frozenset(Fact(fact) for fact in row.facts),
            locked_until=row.locked_until,
            document=DocumentClass(row.document) if row.document else None,
        )

    def finding(self, row: FindingLine, number: int) -> Finding:
        """A row as the rest of the software sees it.

        Args:
            row: The row.
            number: Its place among the case's records.
        """
        ref = RecordRef(row.system, row.kind, self._context.key.open("finding/ref", row.sealed_ref))
        return Finding(
            number=number,
            ref=ref,
            category=row.category,
            attribution=Attribution(row.attribution),
            doubt=RecordDoubt(row.doubt) if row.doubt else None,
            facts=frozenset(Fact(fact) for fact in row.facts),
            occurred_on=row.occurred_on,
            locked_until=row.locked_until,
            method=Method(row.method) if row.method else None,
            planned=OutcomeKind(row.planned) if row.planned else None,
            outcome=OutcomeKind(row.outcome) if row.outcome else None,
            reason=row.reason,
            legal_basis=row.legal_basis,
            until=row.until,
            ends_when=row.ends_when,
            refused=row.refused,
            left=frozenset(LeftToPerson(one) for one in row.left_to_person.split(",") if one),
            request_id=row.request_id,
            acted_at=row.acted_at,
            verified=PresenceState(row.verified) if row.verified else None,
            verified_at=row.verified_at,
            verified_detail=row.verified_detail,
            looked_at=row.looked_at,
            lifted_at=row.lifted_at,
            copies=None if row.copied_documents is None else Copies(row.copied_documents, row.copied_files or 0),
            decided=self.decision(row),
            document=DocumentClass(row.document) if row.document else None,
            question=Question(row.question) if row.question else None,
            note=row.note,
            language=language_of_row(self._context, row),
        )

    def decision(self, row: FindingLine) -> RecordDecision | None:
        """What a person decided on a record alone, if one did.

        Args:
            row: Its row.
        """
        if row.sealed_decision is None:
            return None
        return _decision_of(self._context.key.open("finding/decision", row.sealed_decision))


def _told(row: FindingLine, written: Mapping[str, Any]) -> SimpleNamespace:
    """What was read of a row, with what was written to it since."""
    before = row._mapping if isinstance(row, Row) else vars(row)  # noqa: SLF001 - the name by which SQLAlchemy offers it
    return SimpleNamespace(**{**before, **written})


def decision_text(decision: RecordDecision) -> str:
    """A decision on a record as text, to be encrypted."""
    until = decision.until.isoformat() if decision.until else None
    return json.dumps(asdict(decision) | {"until": until}, ensure_ascii=False)


def _decision_of(text: str) -> RecordDecision:
    said = json.loads(text)
    until = date.fromisoformat(said["until"]) if said["until"] else None
    document = DocumentClass(said["document"]) if said.get("document") else None
    return RecordDecision(**said | {"act": RecordAct(said["act"]), "until": until, "document": document})


def candidate(context: Context, row: FindingRow | Row[Any]) -> Candidate:
    """What decides whose a record is; whom one names that was reached through another one says nothing.

    Args:
        context: The open transaction.
        row: Its row, or the columns of it that say so.
    """
    owner = frozenset() if row.via_hash else owner_of(context, row)
    return Candidate(key=row.record_hash, owner=owner, via=row.via_hash)


def decided(resolution: Resolution, digest: str) -> tuple[Attribution, str]:
    """Whose a record is, and why that is unclear, as its row has it.

    Args:
        resolution: What was decided of all.
        digest: The record's keyed hash.
    """
    doubt = resolution.doubts.get(digest)
    return resolution.attributions[digest], doubt.value if doubt else ""
