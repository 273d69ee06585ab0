"""Samples of rows: keys, identity columns, columns that blanking leaves, and files, beside the configuration.

Each look reads a bounded number of rows, whatever the size of a table, and reports none of the values.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from connectors.sql.client import Row, rows_of
from connectors.sql.column_settings import FieldColumn, IdentityColumn, Reference
from connectors.sql.errors import translated
from connectors.sql.files import is_unreachable
from connectors.sql.formats import Unreadable
from connectors.sql.inside import opened, without
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
_PART_LEFT: Final = (
    "The rows {sort} hold the name, an address, a number or an id of the person whose record they are a part of (in "
    "{count} records that were looked at), and blanking leaves them; add them to blank or to_null."
)
_PART_FREE: Final = (
    "Blanking leaves the rows {sort}, which hold JSON or free text and may name the person; add them to blank or "
    "to_null, or to not_personal of the table if no one is ever named there."
)
_SEVERAL: Final = 2
_NOT_OPENED: Final = (
    "What is in {column} of {table} can be read neither as JSON, as a serialised value of PHP nor as a mail, has "
    "references inside, or has a list, an object or a plain value where the path leads through another of these, in "
    "{count} of {looked_at} rows, so no field inside is blanked there; correct these rows, or leave the path out and "
    "blank the whole column."
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
        if rows.settings.blanks:
            yield from _left_by_blanking(connection, rows)
        yield from _parts(connection, rows)
        yield from _unreadable(connection, rows)
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
    plain = {item.column for item in (*settings.hide, *settings.not_personal) if item.is_plain}
    plain |= {name for item in settings.named_fields for name in item.where}
    if any(reference.part for reference in settings.references):
        # What is in the rows of each sort is looked at with the row that they are parts of.
        plain |= {item.column for item in settings.blanks if item.where}
    told = {*settings.blanked, *plain, *settings.key, *settings.where, *settings.codes}
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
    counted, looked_at = Counter[str](), 0
    for row in _some(connection, rows):
        looked_at += 1
        left = _after_blanking(rows, row)
        found = fields_left({name: left[name] for name in beside if name in left}, _trail(rows, row))
        counted.update({text.partition(".")[0] for text in found})
    return counted, looked_at


def _some(connection: sa.Connection, rows: TableRows) -> Iterator[Row]:
    """Some rows that name a person, as far as one statement tells."""
    named = [rows.table.c[identity.column].is_not(None) for identity in rows.settings.identities]
    filled = sa.or_(*named) if named and not rows.settings.parts else sa.true()
    statement = sa.select(rows.table).where(rows.fulfilling(rows.settings.where), filled).limit(_MOST_FOR_NAMES)
    return rows.whole(rows_of(connection.execute(statement)), "sample", connection)


def _after_blanking(rows: TableRows, row: Row) -> dict[str, object]:
    """A row as blanking leaves it, without what never names the person."""
    left = dict(row)
    with suppress(Unreadable):
        left |= rows.blanked(row, rows.settings.blanks)
    left |= {name: opened(left[name], also_mail=True) for name in rows.settings.fields_inside}
    for field in (*rows.settings.hide, *rows.settings.not_personal):
        if field.is_in(row):
            left[field.column] = without(left[field.column], field.path)
    return left


def _parts(connection: sa.Connection, rows: TableRows) -> Iterator[str]:
    """Rows that are parts of others and name the person of those, of sorts that blanking leaves."""
    kept = [(reference, part) for reference, part in rows.parts if part.settings.erase == "blank"]
    named, long = Counter[str](), Counter[str]()
    for row in _some(connection, rows) if kept else ():
        trail = _trail(rows, row)
        left = [(part, each, rest) for part, each, rest in _left_of_parts(connection, row, kept) if rest]
        for part, each, rest in left:
            named.update({_sort_of(part, each, text.partition(".")[0]) for text in fields_left(rest, trail)})
            chosen = {item.column for item in part.settings.blanks if item.path and item.is_in(each)}
            wordy = (name for name, value in rest.items() if _is_long(value, is_chosen=name in chosen))
            long.update(_sort_of(part, each, name) for name in wordy)
    # What is so in one record alone may be a name that a person wrote there.
    yield from (_PART_LEFT.format(sort=sort, count=count) for sort, count in sorted(named.items()) if count > 1)
    unsure = [sort for sort, count in sorted(long.items()) if count > 1 and named[sort] < _SEVERAL]
    yield from (_PART_FREE.format(sort=sort) for sort in unsure)


def _left_of_parts(
    connection: sa.Connection, row: Row, kept: Sequence[tuple[Reference, TableRows]]
) -> Iterator[tuple[TableRows, Row, dict[str, object]]]:
    """Yield the rows that are parts of one, each with what blanking leaves in the columns that it blanks of others."""
    for reference, part in kept:
        columns = {item.column for item in part.settings.blanks}
        for each in part.with_values(reference.column, [reference.stored(row[reference.to])], "sample", connection):
            if reference.applies(each):
                left = _after_blanking(part, each)
                yield part, each, {name: left[name] for name in columns if left[name] not in (None, "")}


def _is_long(value: object, *, is_chosen: bool = False) -> bool:
    """Return True for free text, and for data inside a column of which no field was chosen to be blanked."""
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return not is_chosen or any(_is_long(item, is_chosen=True) for item in inner)
    return isinstance(value, str) and len(value) >= _SHORTEST_FREE_TEXT


def _sort_of(part: TableRows, row: Row, column: str) -> str:
    """The rows of a part that are of one sort, by the columns that tell it."""
    told = sorted({name for item in (*part.settings.identities, *part.settings.blanks) for name in item.where})
    where = " and ".join(f"{name} = {row[name]}" for name in told)
    return f"{column} of {part.settings.name}" + (f" where {where}" if where else "")


def _trail(rows: TableRows, row: Row) -> ResidueTrail:
    """Return the identifiers of the row's own person, names included, without any date of birth."""
    named = rows.named(row)
    known = {item for mention in named.mentions for item in mention.read if item.kind not in ONLY_CONTRADICTING}
    known |= {item for item in named.owner(frozenset(known)) if item.kind is IdentifierKind.NAME and " " in item.value}
    return ResidueTrail(known=frozenset(known), country=rows.site.phones.country)


def _unreadable(connection: sa.Connection, rows: TableRows) -> Iterator[str]:
    """Columns with a field inside that cannot be opened."""
    fields = [field for field in rows.settings.named_fields if field.path]
    for column in sorted({field.column for field in fields}):
        inside, stored = [field for field in fields if field.column == column], rows.table.c[column]
        meant = sa.or_(*(rows.fulfilling(field.where) for field in inside))
        counts = sa.and_(rows.fulfilling(rows.settings.where), meant, stored.is_not(None))
        found = rows_of(connection.execute(sa.select(rows.table).where(counts).limit(_MOST_FOR_NAMES)))
        wrong = sum(not _is_open(inside, row) or not _is_replaceable(rows, row) for row in found)
        if wrong:
            named = {"column": column, "table": rows.settings.name}
            yield _NOT_OPENED.format(count=wrong, looked_at=len(found), **named)


def _is_open(fields: Sequence[FieldColumn], row: Row) -> bool:
    try:
        return all(field.values(row) is not None for field in fields)
    except Unreadable:
        return False


def _is_replaceable(rows: TableRows, row: Row) -> bool:
    try:
        rows.blanked(row, rows.settings.blanks)
    except Unreadable:
        return False
    return True


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
    what = f"values in the column {column.place} of {rows.settings.name} that should be {_expected(column.kind)}"
    return Sample(what=what, looked_at=len(texts), readable=readable)


def _expected(kind: IdentifierKind) -> str:
    return _WORDS.get(kind) or f"a valid {kind.words[0]}"


def _values(rows: TableRows, column: IdentityColumn) -> list[str]:
    """Different values of the column, from rows that count."""
    counts = sa.and_(rows.fulfilling(rows.settings.where), rows.fulfilling(column.where))
    if column.path or isinstance(rows.table.c[column.column].type, sa.ARRAY):
        return _values_inside(rows, column, counts)
    stored = sa.func.trim(as_text(rows.table.c[column.column]))
    shortest = rows.site.settings.extension_digits if column.kind is IdentifierKind.PHONE else 0
    filled = sa.and_(counts, sa.func.length(stored) > shortest)
    some = sa.select(stored.label("value")).where(filled).limit(_LOOKED_THROUGH).subquery()
    statement = sa.select(some.c.value).distinct().limit(MOST_SAMPLED)
    with (
        translated(rows.site.system, "sample", rows.settings.name),
        rows.site.database.engine.connect() as connection,
    ):
        return [str(value) for value in connection.execute(statement).scalars()]


def _values_inside(rows: TableRows, column: IdentityColumn, counts: sa.ColumnElement[bool]) -> list[str]:
    stored = rows.table.c[column.column]
    statement = sa.select(stored, *(rows.table.c[name] for name in column.where)).where(counts, stored.is_not(None))
    found: dict[str, None] = {}
    with (
        translated(rows.site.system, "sample", rows.settings.name),
        rows.site.database.engine.connect() as connection,
    ):
        for row in rows_of(connection.execute(statement.limit(_MOST_FOR_NAMES))):
            if _is_open([column], row):
                found |= dict.fromkeys(str(value) for value in column.values(row) if value not in (None, ""))
    return list(found)[:MOST_SAMPLED]


def _is_read(rows: TableRows, column: IdentityColumn, text: str) -> bool:
    if column.kind is IdentifierKind.BIRTH_DATE:
        return bool(read_birth_date(text, column.date_order))
    return rows.reads(column, text)


def _may_name_somebody(rows: TableRows, column: IdentityColumn, text: str) -> bool:
    """Return True if a value should be readable: the controller's own lines and withheld numbers need not be."""
    if text.strip() in column.no_one:
        return False
    if column.kind is IdentifierKind.BIRTH_DATE:
        return not is_unknown(text)
    if column.kind is not IdentifierKind.PHONE:
        return True
    if text.strip('<>" ').casefold() in _WITHHELD:
        return False
    return rows.reads(column, text) or not rows.site.phones.is_own(text)
