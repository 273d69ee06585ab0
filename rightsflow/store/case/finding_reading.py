"""A finding as the rest of the software sees it: written into the columns of its row, compared, and read from it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from types import SimpleNamespace
from typing import Any, Final, TypeAlias

from sqlalchemy import Row

from rightsflow.domain.attribution import Attribution, Candidate, Resolution
from rightsflow.domain.case.findings import Copies, Finding, Question
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.doubts import RecordDoubt
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.records import (
    DocumentClass,
    Fact,
    LeftToPerson,
    Located,
    Method,
    OutcomeKind,
    PresenceState,
    RecordRef,
)
from rightsflow.store.case.languages import language_of_row, sealed_language
from rightsflow.store.core.context import Context
from rightsflow.store.tables import FindingRow

_ROW: Final = FindingRow.__table__.c
DESCRIBED: Final = (
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

DescribedRow: TypeAlias = FindingRow | Row[Any] | SimpleNamespace
"""A finding's row, or at least these columns of it."""


def described(context: Context, located: Located, before: DescribedRow | None = None) -> dict[str, Any]:
    """Return a record's search result as columns of its row.

    Args:
        context: The open transaction.
        located: The record.
        before: What the case knew of it, if it did.
    """
    said = [[each.kind.value, each.value, each.issuer] for each in sorted(located.owner)]
    return {
        **_plain(context, located, before),
        "sealed_owner": context.key.seal("finding/owner", json.dumps(said)),
        "sealed_language": sealed_language(context, located.language),
    }


def says(context: Context, row: DescribedRow, located: Located) -> bool:
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


def owner_of(context: Context, row: DescribedRow) -> Identifiers:
    """Return the identifiers that a record names, in clear."""
    named = json.loads(context.key.open("finding/owner", row.sealed_owner))
    return frozenset(Identifier(IdentifierKind(kind), value, issuer) for kind, value, issuer in named)


def _plain(context: Context, located: Located, before: DescribedRow | None) -> dict[str, Any]:
    """Return the unencrypted columns of a record."""
    known = (before.content_hashes or ()) if before is not None else ()
    return {
        "category": located.category,
        "via_hash": context.record_hash(located.via) if located.via else "",
        "above_hashes": [context.record_hash(each) for each in located.above],
        "is_context": located.is_context,
        "owner_strong": sorted(context.identifier_hash(each) for each in located.owner if each.is_strong),
        "owner_weak": sorted(
            context.identifier_hash(each) for each in located.owner if each.kind is IdentifierKind.PHONE
        ),
        "occurred_on": located.occurred_on,
        "locked_until": located.locked_until,
        "document": located.document.value if located.document else "",
        "facts": sorted(fact.value for fact in located.facts),
        # An older back-up may bring back what it was located with before as well.
        "content_hashes": sorted({*known, *map(context.content_hash, located.content)}),
    }


FindingLine: TypeAlias = FindingRow | Row[Any] | SimpleNamespace
"""A finding's row, or those of its columns that were asked for, or what they hold since they were written."""


def read_located(context: Context, row: FindingRow) -> Located:
    """A record as a search returned it."""
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
    """A row as the rest of the software sees it.

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
    )


def read_decision(context: Context, row: FindingLine) -> RecordDecision | None:
    """Return a person's decision on a single record, or ``None``."""
    if row.sealed_decision is None:
        return None
    return _decision_of(context.key.open("finding/decision", row.sealed_decision))


def decision_text(decision: RecordDecision) -> str:
    """A decision on a record as text, to be encrypted."""
    until = decision.until.isoformat() if decision.until else None
    return json.dumps(asdict(decision) | {"until": until}, ensure_ascii=False)


def _decision_of(text: str) -> RecordDecision:
    said = json.loads(text)
    until = date.fromisoformat(said["until"]) if said["until"] else None
    document = DocumentClass(said["document"]) if said.get("document") else None
    return RecordDecision(**said | {"act": RecordAct(said["act"]), "until": until, "document": document})


def candidate(context: Context, row: FindingLine) -> Candidate:
    """Return the attribution input of a record: the persons it names and the records it belongs to.

    Args:
        context: The open transaction.
        row: Its row, or the columns of it that say so.
    """
    return Candidate(
        key=row.record_hash,
        owner=owner_of(context, row),
        above=tuple(
            dict.fromkeys(above_hash_ for above_hash_ in (row.via_hash, *(row.above_hashes or ())) if above_hash_)
        ),
        is_context=row.is_context,
        names_others=Fact.SHARED in row.facts,
    )


def above(below: Iterable[FindingLine], rows: Iterable[FindingLine]) -> list[FindingLine]:
    """Return the rows to which some refer, directly and upwards, each once.

    Args:
        below: The rows that refer.
        rows: All rows of the case.
    """
    to_see = [at for row in below for at in (row.via_hash, *(row.above_hashes or ()))]
    known = {row.record_hash: row for row in rows} if to_see else {}
    found: dict[str, FindingLine] = {}
    while to_see:
        at = to_see.pop()
        if at in known and at not in found:
            row = found[at] = known[at]
            to_see += [row.via_hash, *(row.above_hashes or ())]
    return list(found.values())


def decided(resolution: Resolution, digest: str) -> tuple[Attribution, str]:
    """Return a record's attribution and the doubt about it, as its row stores them.

    Args:
        resolution: What was decided of all.
        digest: The record's keyed hash.
    """
    doubt = resolution.doubts.get(digest)
    return resolution.attributions[digest], doubt.value if doubt else ""
