"""Search results of a record as columns of its finding's row, and their comparison with a row that is there."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any, Final, TypeAlias

from sqlalchemy import Row

from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.vocabulary.records import Located
from rightsflow.store.case.context import Context
from rightsflow.store.case.languages import language_of_row, sealed_language
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
