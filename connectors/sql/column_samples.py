"""Samples of the identity columns: whether what is stored there can be read as what the configuration says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import sqlalchemy as sa

from connectors.sql.errors import translated
from connectors.sql.exact import as_text
from connectors.sql.person_settings import IdentityColumn
from connectors.sql.rows import SqlSite, TableRows
from rightsflow.domain.birth_dates import is_unknown, read_birth_date
from rightsflow.domain.connector import MOST_SAMPLED, Sample
from rightsflow.domain.identifiers import IdentifierKind

_LOOKED_THROUGH: Final = 20_000
"""So many rows are read for the values of a sample, since a few lines may stand in most of them."""
_TELLING: Final = 20
"""So many dates of birth that all cannot be read show that the column is not described as it is."""
_WITHHELD: Final = frozenset({"anonymous", "unknown", "restricted", "private", "unavailable", "withheld", "asterisk"})
"""The words that telephone systems write where the caller withholds the number."""
_WORDS: Final = {
    IdentifierKind.EMAIL: "an e-mail address",
    IdentifierKind.PHONE: "a phone number",
    IdentifierKind.CUSTOMER_ID: "a customer id",
    IdentifierKind.ACCOUNT_ID: "an account id",
    IdentifierKind.BIRTH_DATE: "a date of birth (see date_order)",
}


def samples(site: SqlSite) -> Iterator[Sample]:
    """One sample for each identity column but names, and dates of birth where few are filled: no one is found by them.

    Args:
        site: The system.
    """
    for rows in site.tables():
        for column in rows.settings.identities:
            if column.kind is IdentifierKind.NAME:
                continue
            sample = _sample(rows, column)
            if column.kind is not IdentifierKind.BIRTH_DATE or sample.readable or sample.looked_at >= _TELLING:
                yield sample


def _sample(rows: TableRows, column: IdentityColumn) -> Sample:
    texts = [text for text in _values(rows, column) if _may_name_somebody(rows, column, text)]
    readable = sum(_is_read(rows, column, text) for text in texts)
    what = f"values in the column {column.column} of {rows.settings.name} that should be {_WORDS[column.kind]}"
    return Sample(what=what, looked_at=len(texts), readable=readable)


def _values(rows: TableRows, column: IdentityColumn) -> list[str]:
    """Different values of the column, from rows that count."""
    stored = sa.func.trim(as_text(rows.table.c[column.column]))
    shortest = rows.site.settings.extension_digits if column.kind is IdentifierKind.PHONE else 0
    filled = sa.and_(rows.fulfilling(rows.settings.where), sa.func.length(stored) > shortest)
    some = sa.select(stored.label("value")).where(filled).limit(_LOOKED_THROUGH).subquery()
    statement = sa.select(some.c.value).distinct().limit(MOST_SAMPLED)
    with (
        translated(rows.site.system, "sample", rows.settings.name),
        rows.site.database.engine.connect() as connection,
    ):
        return [str(value) for value in connection.execute(statement).scalars()]


def _is_read(rows: TableRows, column: IdentityColumn, text: str) -> bool:
    if column.kind is IdentifierKind.BIRTH_DATE:
        return bool(read_birth_date(text, column.date_order))
    return rows.reads(column, text)


def _may_name_somebody(rows: TableRows, column: IdentityColumn, text: str) -> bool:
    """Return True if a value should be readable: the controller's own lines and withheld numbers need not be."""
    if column.kind is IdentifierKind.BIRTH_DATE:
        return not (is_unknown(text) or text.strip() in column.unknown_dates)
    if column.kind is not IdentifierKind.PHONE:
        return True
    if text.strip('<>" ').casefold() in _WITHHELD:
        return False
    return rows.reads(column, text) or not rows.site.phones.is_own(text)
