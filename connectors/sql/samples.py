"""Samples of rows: keys, identity columns, columns that blanking leaves, and files, beside the configuration.

Each look reads a bounded number of rows, whatever the size of a table, and reports none of the values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from connectors.sql.client import Row
from connectors.sql.column_settings import IdentityColumn
from connectors.sql.errors import translated
from connectors.sql.files import is_unreachable
from connectors.sql.rows import SqlSite, TableRows
from connectors.sql.text import as_text
from rightsflow.domain.birth_dates import is_unknown, read_birth_date
from rightsflow.domain.connector import MOST_SAMPLED, Sample
from rightsflow.domain.erasure.residue import ResidueTrail, fields_left
from rightsflow.domain.identifiers import ONLY_CONTRADICTING, IdentifierKind

_MOST_FOR_KEYS: Final = 50_000
_MOST_FOR_NAMES: Final = 300
_MOST_FOR_FILES: Final = 20_000
_MOST_FILES: Final = 50
_SHORTEST_FREE_TEXT: Final = 100
"""Columns for fewer characters hold words such as a status rather than sentences."""
_TEXTS: Final = (sa.String, sa.JSON, sa.ARRAY, postgresql.HSTORE)

_PART_OF_KEY: Final = (
    "The key of {table} ({key}) is only a part of the table's primary key ({primary}), so rows of several people may "
    "count as one record; name all of its columns in key."
)
_SAME_KEY: Final = (
    "The key of {table} ({key}) is not unique: several rows have the same and count as one record, which is given and "
    "erased as a whole; name columns that together are unique."
)
_FREE_TEXT: Final = (
    "Blanking leaves {columns} of {table}, which {hold} JSON or free text and may name the person; add {them} to blank "
    "or to_null, or to not_personal of the table if no one is ever named there."
)
_NAMED_BESIDE: Final = (
    "The column {column} of {table} holds the name, an address, a number or an id of the row's own person ({count} of "
    "{looked_at} rows), and blanking leaves it; add it to blank or to_null."
)
_NO_FILE: Final = (
    "None of {count} files that the column {column} of {table} names is in the files' location, so no file is given or "
    "erased; mend the key files of the system, or folder, folder_column and extensions of the column."
)
_LOOKED_THROUGH: Final = 20_000
"""So many rows are read for the values of a sample, since a few values may be in most of them."""
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


def content_doubts(connection: sa.Connection, tables: Sequence[TableRows]) -> Iterator[str]:
    """Look at samples of rows, and say what is wrong, a sentence each with its mend."""
    for rows in tables:
        yield from _keys(connection, rows)
        if rows.settings.blanked:
            yield from _left_by_blanking(connection, rows)
        yield from _files(connection, rows)


def _keys(connection: sa.Connection, rows: TableRows) -> Iterator[str]:
    table, key = rows.table, set(rows.settings.key)
    inspector = sa.inspect(connection)
    primary = inspector.get_pk_constraint(table.name, schema=table.schema)["constrained_columns"]
    unique = [set(primary)] if primary else []
    unique += [
        set(unique_constraint["column_names"])
        for unique_constraint in inspector.get_unique_constraints(table.name, schema=table.schema)
    ]
    unique += [
        {name for name in index["column_names"] if name}
        for index in inspector.get_indexes(table.name, schema=table.schema)
        if index["unique"] and all(index["column_names"]) and not _is_partial(index.get("dialect_options", {}))
    ]
    if any(names <= key for names in unique):
        return
    named = {"table": rows.settings.name, "key": ", ".join(rows.settings.key)}
    if key < set(primary) - set(rows.settings.where):
        yield _PART_OF_KEY.format(primary=", ".join(primary), **named)
    elif _has_same_key(connection, rows):
        yield _SAME_KEY.format(**named)


def _is_partial(options: dict[str, Any]) -> bool:
    """Return True if an index covers only some rows, or admits a row without a value twice."""
    return any(name.endswith("_where") and value is not None for name, value in options.items())


def _has_same_key(connection: sa.Connection, rows: TableRows) -> bool:
    columns = [rows.table.c[name] for name in rows.settings.key]
    some = sa.select(*columns).where(rows.fulfilling(rows.settings.where)).limit(_MOST_FOR_KEYS).subquery()
    twice = sa.select(sa.literal(1)).select_from(some).group_by(*some.c).having(sa.func.count() > 1).limit(1)
    return connection.execute(twice).first() is not None


def _left_by_blanking(connection: sa.Connection, rows: TableRows) -> Iterator[str]:
    """Columns in which the person may stand when the row has been blanked: those that do, and those of free text."""
    settings = rows.settings
    beside = [name for name in _remaining(rows) if _is_text(rows.table.c[name])]
    if not beside:
        return
    counted, looked_at = _named_beside(connection, rows, beside)
    for name, count in sorted(counted.items()):
        yield _NAMED_BESIDE.format(column=name, table=settings.name, count=count, looked_at=looked_at)
    free = [name for name in beside if name not in counted and _is_free_text(rows.table.c[name])]
    if free:
        words = ("hold", "them") if len(free) > 1 else ("holds", "it")
        listed = ", ".join(free)
        yield _FREE_TEXT.format(columns=listed, table=settings.name, hold=words[0], them=words[1])


def _remaining(rows: TableRows) -> list[str]:
    """The columns of a blanked row that are for people: not those that the configuration gives another meaning."""
    settings = rows.settings
    told = {*settings.blanked, *settings.hide, *settings.not_personal, *settings.key, *settings.where, *settings.codes}
    told |= {reference.column for reference in settings.references}
    told |= {settings.group, settings.language, settings.version, settings.occurred_at}
    told |= settings.file_columns | settings.marks | set(settings.preflight.open_when if settings.preflight else ())
    return [column.name for column in rows.table.columns if column.name not in told and column.computed is None]


def _is_text(column: sa.Column[Any]) -> bool:
    return isinstance(column.type, _TEXTS) and not isinstance(column.type, sa.Enum)


def _is_free_text(column: sa.Column[Any]) -> bool:
    length = getattr(column.type, "length", None)
    return not isinstance(column.type, sa.String) or length is None or length >= _SHORTEST_FREE_TEXT


def _named_beside(connection: sa.Connection, rows: TableRows, beside: Sequence[str]) -> tuple[Counter[str], int]:
    """In how many rows of a sample each column names the row's own person, and how many rows it has."""
    identities = list(dict.fromkeys(identity.column for identity in rows.settings.identities))
    if not identities:
        return Counter(), 0
    columns = [rows.table.c[name] for name in dict.fromkeys([*identities, *beside])]
    filled = sa.or_(*(rows.table.c[name].is_not(None) for name in identities))
    statement = sa.select(*columns).where(rows.fulfilling(rows.settings.where), filled).limit(_MOST_FOR_NAMES)
    counted, looked_at = Counter[str](), 0
    for row in map(dict, connection.execute(statement).mappings()):
        looked_at += 1
        found = fields_left({name: row[name] for name in beside}, _trail(rows, row))
        counted.update({text.partition(".")[0] for text in found})
    return counted, looked_at


def _trail(rows: TableRows, row: Row) -> ResidueTrail:
    """Return the identifiers of the row's own person, names included, without any date of birth."""
    named = rows.named(row)
    known = {item for mention in named.mentions for item in mention.read if item.kind not in ONLY_CONTRADICTING}
    known |= {item for item in named.owner(frozenset(known)) if item.kind is IdentifierKind.NAME and " " in item.value}
    return ResidueTrail(known=frozenset(known), country=rows.site.phones.country)


def _files(connection: sa.Connection, rows: TableRows) -> Iterator[str]:
    """A column none of whose files is in the location, which therefore is another one than the rows mean."""
    column, files = rows.settings.file, rows.site.files
    if column is None or files is None:
        return
    names = list(
        dict.fromkeys(item for item in (column.column, column.folder_column, rows.settings.occurred_at) if item)
    )
    some = sa.select(*(rows.table.c[name] for name in names)).limit(_MOST_FOR_FILES)
    found = [row for row in map(dict, connection.execute(some).mappings()) if rows.file_value(row)]
    # Some of the whole sample: the oldest files may be gone by right.
    chosen = found[:: max(1, len(found) // _MOST_FILES)]
    if chosen and not any(_is_there(rows, row) for row in chosen):
        yield _NO_FILE.format(count=len(chosen), column=column.column, table=rows.settings.name)


def _is_there(rows: TableRows, row: Row) -> bool:
    column, files = rows.settings.file, rows.site.files
    assert column is not None, "asked of tables with a file column only"  # noqa: S101
    assert files is not None, "asked of systems with files only"  # noqa: S101
    return not is_unreachable(files.find(rows.file_value(row), column, rows.occurred_at(row)))


def samples(site: SqlSite) -> Iterator[Sample]:
    """One sample for each identity column but names, by which no one is found, and rarely filled dates of birth."""
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
    what = f"values in the column {column.column} of {rows.settings.name} that should be {_expected(column.kind)}"
    return Sample(what=what, looked_at=len(texts), readable=readable)


def _expected(kind: IdentifierKind) -> str:
    return _WORDS.get(kind) or f"a valid {kind.words[0]}"


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
