"""The rows of a case's findings: read, compared, and written with one statement for all that are alike.

Records and their owners are encrypted, and matched by keyed hashes.
"""

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
from rightsflow.domain.case.findings import Copies, Finding, Question
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.turns import told_day
from rightsflow.domain.vocabulary.records import (
    DocumentClass,
    Fact,
    KindAt,
    LeftToPerson,
    Located,
    Method,
    OutcomeKind,
    PresenceState,
    RecordRef,
)
from rightsflow.store.core.context import Context
from rightsflow.store.tables import FindingRow, table_of

_ROW: Final = FindingRow.__table__.c
_DESCRIBED: Final = (
    *(
        _ROW.category,
        _ROW.via_hash,
        _ROW.above_hashes,
        _ROW.is_context,
        _ROW.owner_strong,
        _ROW.owner_weak,
        _ROW.occurred_on,
        _ROW.locked_until,
    ),
    *(_ROW.document, _ROW.facts, _ROW.content_hashes, _ROW.sealed_owner, _ROW.sealed_language),
)
"""The columns that hold it."""

_LANGUAGE: Final = "finding/language"

FindingLine: TypeAlias = FindingRow | Row[Any] | SimpleNamespace
"""A finding's row, or those of its columns that were asked for, or what they hold since they were written."""


def _columns_of(context: Context, located: Located, before: FindingLine | None = None) -> dict[str, Any]:
    """Return a record's search result as columns of its row.

    Args:
        context: The open transaction.
        located: The record.
        before: What the case knew of it, if it did.
    """
    owner = [[each.kind.value, each.value, each.issuer] for each in sorted(located.owner)]
    return {
        **_plain(context, located, before),
        "sealed_owner": context.key.seal("finding/owner", json.dumps(owner)),
        "sealed_language": context.key.seal(_LANGUAGE, located.language) if located.language else None,
    }


def _is_described(context: Context, row: FindingLine, located: Located) -> bool:
    """Return whether a row already has a record's search result, so that it need not be written again.

    Args:
        context: The open transaction.
        row: The record's row.
        located: The record.
    """
    plain = _plain(context, located, row)
    return (
        all(getattr(row, name) == value for name, value in plain.items())
        and language_of_row(context, row) == located.language
        and owner_of(context, row) == located.owner
    )


def owner_of(context: Context, row: FindingLine) -> Identifiers:
    """Return the identifiers that a record names, in clear."""
    named = json.loads(context.key.open("finding/owner", row.sealed_owner))
    return frozenset(Identifier(IdentifierKind.stored(kind), value, issuer) for kind, value, issuer in named)


def language_of_row(context: Context, row: FindingLine) -> str:
    """Return the language (a BCP 47 tag) on file in a record; empty if it has none."""
    return context.key.open(_LANGUAGE, row.sealed_language) if row.sealed_language is not None else ""


def _plain(context: Context, located: Located, before: FindingLine | None) -> dict[str, Any]:
    """Return the unencrypted columns of a record."""
    known = (before.content_hashes or ()) if before is not None else ()
    return {
        "category": located.category,
        "via_hash": context.record_hash(located.via) if located.via else "",
        "above_hashes": [context.record_hash(each) for each in located.above],
        "is_context": located.is_context,
        "owner_strong": sorted(context.identifier_hash(each) for each in located.owner if each.is_strong),
        "owner_weak": sorted(context.identifier_hash(each) for each in located.owner if each.kind.is_weak),
        "occurred_on": located.occurred_on,
        "locked_until": located.locked_until,
        "document": located.document.value if located.document else "",
        "facts": sorted(fact.value for fact in located.facts),
        # An older back-up may bring back what it was located with before as well.
        "content_hashes": sorted({*known, *map(context.content_hash, located.content)}),
    }


def read_located(context: Context, row: FindingRow) -> Located:
    """Return a record as a search returned it."""
    return Located(
        record=RecordRef(row.system, row.kind, context.key.open("finding/ref", row.sealed_ref)),
        category=row.category,
        owner=owner_of(context, row),
        occurred_on=row.occurred_on,
        facts=frozenset(Fact(fact) for fact in row.facts),
        locked_until=row.locked_until,
        document=DocumentClass(row.document) if row.document else None,
    )


def read_finding(context: Context, row: FindingLine, number: int) -> Finding:
    """Return a row as the rest of the software sees it.

    Args:
        context: The open transaction.
        row: The row.
        number: Its place among the case's records.
    """
    ref = RecordRef(row.system, row.kind, context.key.open("finding/ref", row.sealed_ref))
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
        left=frozenset(LeftToPerson(part) for part in row.left_to_person.split(",") if part),
        request_id=row.request_id,
        acted_at=row.acted_at,
        verified=PresenceState(row.verified) if row.verified else None,
        verified_at=row.verified_at,
        verified_detail=row.verified_detail,
        looked_at=row.looked_at,
        lifted_at=row.lifted_at,
        copies=None if row.copied_documents is None else Copies(row.copied_documents, row.copied_files or 0),
        decided=read_decision(context, row),
        document=DocumentClass(row.document) if row.document else None,
        question=Question(row.question) if row.question else None,
        note=row.note,
        language=language_of_row(context, row),
        key=row.record_hash,
        via=row.via_hash,
    )


def read_decision(context: Context, row: FindingLine) -> RecordDecision | None:
    """Return a person's decision on a single record, or ``None``."""
    if row.sealed_decision is None:
        return None
    return _decision_of(context.key.open("finding/decision", row.sealed_decision))


def decision_text(decision: RecordDecision) -> str:
    """Return a decision on a record as text, to be encrypted."""
    until = decision.until.isoformat() if decision.until else None
    return json.dumps(asdict(decision) | {"until": until}, ensure_ascii=False)


def _decision_of(text: str) -> RecordDecision:
    fields = json.loads(text)
    until = date.fromisoformat(fields["until"]) if fields["until"] else None
    document = DocumentClass(fields["document"]) if fields.get("document") else None
    return RecordDecision(**fields | {"act": RecordAct(fields["act"]), "until": until, "document": document})


def candidate(context: Context, row: FindingLine, profiles: Collection[KindAt]) -> Candidate:
    """Return the attribution input of a record: the persons it names and the records it belongs to.

    Args:
        context: The open transaction.
        row: Its row, or the columns of it that say so.
        profiles: The kinds of record that are a person's profile.
    """
    return Candidate(
        key=row.record_hash,
        owner=owner_of(context, row),
        above=tuple(
            dict.fromkeys(above_hash_ for above_hash_ in (row.via_hash, *(row.above_hashes or ())) if above_hash_)
        ),
        is_context=row.is_context,
        names_others=Fact.SHARED in row.facts,
        occurred_on=told_day(row.occurred_on, context.now.date()),
        is_profile=KindAt(row.system, row.kind) in profiles,
        was_subjects=row.attribution == Attribution.SUBJECT.value,
    )


def above(below: Iterable[FindingLine], rows: Iterable[FindingLine]) -> list[FindingLine]:
    """Return the rows to which some refer, directly and upwards, each once.

    Args:
        below: The rows that refer.
        rows: All rows of the case.
    """
    to_see = [at for row in below for at in (row.via_hash, *(row.above_hashes or ()))]
    known = {row.record_hash: row for row in rows} if to_see else {}
    lines: dict[str, FindingLine] = {}
    while to_see:
        at = to_see.pop()
        if at in known and at not in lines:
            row = lines[at] = known[at]
            to_see += [row.via_hash, *(row.above_hashes or ())]
    return list(lines.values())


def decided(resolution: Resolution, digest: str) -> tuple[Attribution, str]:
    """Return a record's attribution and the doubt about it, as its row stores them.

    Args:
        resolution: What was decided of all.
        digest: The record's keyed hash.
    """
    doubt = resolution.doubts.get(digest)
    return resolution.attributions[digest], doubt.value if doubt else ""


T = TypeVar("T")

_TO_ATTRIBUTE: Final = (
    *(_ROW.record_hash, _ROW.via_hash, _ROW.above_hashes, _ROW.is_context, _ROW.sealed_owner, _ROW.owner_strong),
    *(_ROW.id, _ROW.system, _ROW.kind, _ROW.chain, _ROW.attribution, _ROW.doubt, _ROW.facts, _ROW.occurred_on),
)
"""The columns that say whose a record is, and what was decided of that before."""
_UNREAD: Final = frozenset({"owner_strong", "owner_weak", "sealed_owner", "content_hashes"})
_READ: Final = tuple(column for column in _ROW if column.name not in _UNREAD)
"""The columns that a record is read from, without its owner."""
_SYSTEMS: Final = select(_ROW.system).where(_ROW.case_id == bindparam("case")).distinct()
_PUT_IN: Final = insert(table_of(FindingRow))
_KEY: Final = "number"
_AT_ONCE: Final = 500
"""The number of values that one query names; databases have a limit."""
_FEW: Final = 100
"""The number of rows that are each updated by id, with one prepared statement."""


def some_at_once(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Values in portions that one query can name."""
    for start in range(0, len(values), _AT_ONCE):
        yield values[start : start + _AT_ONCE]


class FindingRows:
    """The rows of one case's findings, written and read.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def forget(self) -> None:
        """Read the records again when they are asked for, since they change."""
        memory = self._context.memory
        memory.findings = memory.systems = None
        memory.is_changed = True

    def _flush_to_change(self) -> None:
        self._context.memory.flush_of(FindingRow)
        self.forget()

    @property
    def _read(self) -> Sequence[FindingLine] | None:
        return self._context.memory.findings

    def one(self, ref: RecordRef) -> FindingRow:
        """Return the row of a record of the case, which may be changed."""
        self._flush_to_change()
        query = select(FindingRow).where(
            FindingRow.case_id == self._context.row.id, FindingRow.record_hash == self._context.record_hash(ref)
        )
        return self._context.session.scalars(query).one()

    def all(self, system: str = "") -> list[FindingRow]:
        """Return the rows of every record of the case, or of one system, in a stable order; they may be changed."""
        self._flush_to_change()
        query = select(FindingRow).where(FindingRow.case_id == self._context.row.id)
        if system:
            query = query.where(FindingRow.system == system)
        return list(self._context.session.scalars(query.order_by(FindingRow.system, FindingRow.id)))

    def lines(self, *, with_owners: bool = False) -> Sequence[FindingLine]:
        """Return the same columns of the whole case, read-only: thousands cost a third of their cost as objects.

        They are read once until something of them changes.

        Args:
            with_owners: Whether whom they name is about to be read too.
        """
        if self._read is None:
            self._context.memory.flush_of(FindingRow)
            query = select(*(_ROW if with_owners else _READ)).where(_ROW.case_id == self._context.row.id)
            self._context.memory.findings = self._context.session.execute(query.order_by(_ROW.system, _ROW.id)).all()
        return self._read or ()

    @property
    def are_read(self) -> bool:
        """True if the lines are in memory, so that reading them needs no query."""
        return self._read is not None

    def systems(self) -> set[str]:
        """Return the systems in which the case has a record."""
        if self._read is not None:
            return {row.system for row in self._read}
        memory = self._context.memory
        if memory.systems is None:
            memory.flush_of(FindingRow)
            rows = self._context.session.connection().execute(_SYSTEMS, {"case": self._context.row.id})
            memory.systems = set(rows.scalars())
            if not memory.systems:
                memory.findings = []
        return set(memory.systems)

    def of_system(self, system: str) -> dict[str, FindingLine]:
        """Return the rows of a system's records, by the records' keyed hashes."""
        return {row.record_hash: row for row in self.lines() if row.system == system}

    def add(self, located: Mapping[str, Located], attribution: Attribution = Attribution.UNCLEAR) -> None:
        """Insert records that were not known.

        Args:
            located: What a search returned of each, by its keyed hash.
            attribution: Whose they are.
        """
        if not located:
            return
        rows = [
            {
                "case_id": self._context.row.id,
                "system": item.record.system,
                "kind": item.record.kind,
                "record_hash": digest,
                "sealed_ref": self._context.key.seal("finding/ref", item.record.ref),
                "attribution": attribution.value,
                **_columns_of(self._context, item),
            }
            for digest, item in located.items()
        ]
        # By the connection: a session would write those apart in which something else is empty.
        self._context.session.connection().execute(_PUT_IN, rows)
        self.forget()

    @property
    def _has_owners(self) -> bool:
        """True if all stored columns of each record were read."""
        return self._read is not None and all(hasattr(item, "content_hashes") for item in self._read[:1])

    def to_attribute(self) -> Sequence[FindingLine]:
        """Return the columns of each record that attribution needs, in a stable order."""
        if self._has_owners:
            return self._read or ()
        self._context.memory.flush_of(FindingRow)
        query: Select[Any] = select(*_TO_ATTRIBUTE).where(_ROW.case_id == self._context.row.id)
        return self._context.session.execute(query.order_by(_ROW.system, _ROW.id)).all()

    def note_chains(self, rows: Sequence[FindingLine], resolution: Resolution) -> None:
        """Write the chains of the subject's records: inherited sharing, and the records that decided in doubt.

        Args:
            rows: The rows that were decided on, with their kinds and keys.
            resolution: What was decided.
        """
        by_hash = {row.record_hash: row for row in rows}
        for row in rows:
            if row.record_hash in resolution.shared and Fact.SHARED not in row.facts:
                self.write_alike({row.id: (*row.facts, Fact.SHARED.value)}, lambda facts: {"facts": sorted(facts)})
            chain = [by_hash[item].kind for item in resolution.chains.get(row.record_hash, ()) if item in by_hash]
            if chain != (row.chain or []):
                self.write_alike({row.id: tuple(chain)}, lambda kinds: {"chain": list(kinds)})

    def describe(self, located: Mapping[int, Located]) -> None:
        """Write the search result of known records whose description has changed.

        Args:
            located: What it returned of each, by the number of its row.
        """
        rows = [
            {_KEY: row.id, **_columns_of(self._context, located[row.id], row)}
            for row in self._described(located)
            if not _is_described(self._context, row, located[row.id])
        ]
        if rows:
            self._changed(located)
            self._write_each(rows)

    def _described(self, numbers: Collection[int]) -> Iterator[Any]:
        """Yield the stored descriptions of records, by their row ids."""
        if self._has_owners:
            yield from (row for row in self._read or () if row.id in numbers)
            return
        query: Select[Any] = select(_ROW.id, *_DESCRIBED)
        for some in some_at_once(list(numbers)):
            yield from self._context.session.execute(query.where(_ROW.id.in_(some)))

    def _write_each(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write the same columns of some rows, each by its number."""
        values: dict[str, BindParameter[Any]] = {name: bindparam(name) for name in rows[0] if name != _KEY}
        # By the connection: a session would write each row apart.
        statement = update(FindingRow).where(_ROW.id == bindparam(_KEY)).values(values)
        self._context.session.connection().execute(statement, rows)

    def write_alike(self, values: Mapping[int, T], columns: Callable[[T], dict[str, Any]]) -> None:
        """Write some columns of rows, grouped by equal values.

        What was read of them before is told the new values instead of being read again.

        Args:
            values: What is written, by the numbers of the rows.
            columns: The columns that a value stands for.
        """
        read, systems = self._read, self._context.memory.systems
        self._changed(values)
        self._context.memory.systems = systems
        if len(set(values.values())) > 1 and len(values) <= _FEW:
            self._write_each([{_KEY: number, **columns(value)} for number, value in values.items()])
        else:
            self._write_alike(values, columns)
        if read is not None:
            lines = [_told(row, columns(values[row.id])) if row.id in values else row for row in read]
            self._context.memory.findings = lines

    def _write_alike(self, values: Mapping[int, T], columns: Callable[[T], dict[str, Any]]) -> None:
        alike = defaultdict[T, list[int]](list)
        for number, value in values.items():
            alike[value].append(number)
        for value, numbers in alike.items():
            for some in some_at_once(numbers):
                # By the connection, as it stands: what a session remembers of the rows was just expired.
                statement = update(FindingRow).where(_ROW.id.in_(some)).values(columns(value))
                self._context.session.connection().execute(statement)

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
            # Rows that were read as objects before are read again when they are used.
            if row := self._context.session.identity_map.get(identity_key(FindingRow, number)):
                self._context.session.expire(row)


def _told(row: FindingLine, written: Mapping[str, Any]) -> SimpleNamespace:
    """Return a row as it was read, updated with the values written to it since."""
    before = row._mapping if isinstance(row, Row) else vars(row)  # noqa: SLF001 - the name by which SQLAlchemy offers it
    return SimpleNamespace(**{**before, **written})
