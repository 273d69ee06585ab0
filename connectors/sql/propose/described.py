"""A database as it is: its schema, and bounded samples of which only counts are kept.

It is safe on a production replica: sessions cannot write, each statement has a time limit, of each table at most
:data:`~connectors.sql.propose.facts.MOST_ROWS` rows are read (of tables of keys and values somewhat more), and no
column of bytes. A table that cannot be read, or not in time, counts by its schema alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql, postgresql
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.engine.reflection import Inspector, ObjectKind
from sqlalchemy.exc import SQLAlchemyError

from connectors.sql.errors import translated
from connectors.sql.propose.facts import (
    MOST_ROWS,
    SEVERAL,
    ColumnFacts,
    ColumnType,
    ForeignKeyFacts,
    KeyValueFacts,
    TableFacts,
    as_text,
    look_at,
    look_at_pairs,
    look_into,
    program_words,
    unique_together,
)
from connectors.sql.propose.links import TableLink, declared_links, guessed_links
from rightsflow.domain.identifier_kinds import KindDeclaration
from rightsflow.domain.spellings.field_names import FieldSort, sort_of, words_of

SECONDS: Final = 15
"""The time limit of a statement."""
_FEW_COLUMNS: Final = 5
_MOST_PAIRS: Final = 2_000
_MOST_LOOKED_FOR: Final = 40
_LONGEST_JSON: Final = 20_000
_LONGEST_KEY: Final = 255
_VIEW: Final = "is a view, which shows rows of other tables; add it if these are not configured"
_COPY: Final = "is a materialized view, which keeps copies of rows; have it refreshed after each erasure"
_DOTTED: Final = "has a dot in its name, with which it has no place in a section; add a view of it under another name"
_KEY_WORDS: Final = frozenset({"key", "name", "field", "attribute", "attr", "property", "code"})
_FIELD_WORDS: Final = frozenset({"field", "attribute", "attr", "property"})
_VALUE_WORDS: Final = frozenset({"value", "val", "data", "content"})
_HIDDEN_SCHEMAS: Final = frozenset({"information_schema", "pg_catalog", "mysql", "performance_schema", "sys"})
_FIRST_IN_KEY: Final = ("uniqueid", "uuid", "guid", "id", "no", "nr", "number", "key", "code", "date", "time")
_TYPES: Final[tuple[tuple[ColumnType, tuple[Any, ...]], ...]] = (
    (ColumnType.JSON, (sa.JSON, postgresql.JSONB, postgresql.HSTORE)),
    (ColumnType.FLAG, (sa.Boolean,)),
    (ColumnType.BINARY, (sa.LargeBinary, mysql.BIT)),
    (ColumnType.TEXT, (sa.String, postgresql.CITEXT)),
    (ColumnType.NUMBER, (sa.Integer, sa.Numeric)),
    (ColumnType.KEY, (sa.Uuid,)),
    (ColumnType.DAY, (sa.Date,)),
    (ColumnType.MOMENT, (sa.DateTime,)),
    (ColumnType.OTHER, ()),
)
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Described:
    """A database.

    Args:
        tables: Its tables.
        links: Their links, those by name checked by the values.
    """

    tables: tuple[TableFacts, ...]
    links: tuple[TableLink, ...]


def describe(
    system: str,
    engine: Engine,
    country: str = "",
    say: Say = lambda _: None,
    kinds: Collection[KindDeclaration] = (),
) -> Described:
    """Read a database's schema and samples.

    Args:
        system: Its name in the configuration, for errors.
        engine: Opens sessions that cannot write.
        country: ISO 3166-1 alpha-2 code in which national phone numbers are read; empty to read international ones.
        say: Is told what goes on.
        kinds: Further kinds of identifier, whose check digits are tried.

    Raises:
        Misconfigured: The URL is missing or unusable, or the login is refused.
        Transient: The database does not answer.
    """
    try:
        with translated(system, "reflect"), engine.connect() as connection:
            schemas = _schemas(connection)
            places = {name: place for schema in schemas for name, place in _reflected(connection, schema).items()}
        reader = _Reader(engine, places, country, kinds)
        tables = tuple(reader.table(name, say, number) for number, name in enumerate(sorted(places), 1))
        guessed = guessed_links(tables)
        links = [*declared_links(tables), *reader.checked(guessed, say)]
        return Described(tables=tables, links=tuple(links))
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """A table as it was reflected.

    Args:
        table: It itself.
        primary: The columns of its primary key.
        unique: What is unique.
        foreign: Its foreign keys.
        columns: Its columns, as they were read.
        unusable: Why it has no place in a section as it is; its rows are not read then.
    """

    table: sa.TableClause
    columns: tuple[ReflectedColumn, ...]
    primary: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign: tuple[ForeignKeyFacts, ...] = ()
    unusable: str = ""


def _schemas(connection: sa.Connection) -> list[str | None]:
    """The schemas to read: on PostgreSQL all but the system's, elsewhere the one of the URL."""
    if connection.dialect.name != "postgresql":
        return [None]
    inspector = sa.inspect(connection)
    own = inspector.default_schema_name
    others = (name for name in inspector.get_schema_names() if name not in {own, *_HIDDEN_SCHEMAS})
    return [None, *(name for name in others if not name.startswith("pg_"))]


def _reflected(connection: sa.Connection, schema: str | None) -> dict[str, _Place]:
    inspector: Inspector = sa.inspect(connection)
    columns = inspector.get_multi_columns(schema)
    primary = inspector.get_multi_pk_constraint(schema)
    foreign = inspector.get_multi_foreign_keys(schema)
    unique = inspector.get_multi_unique_constraints(schema)
    # SQLite tells of a column that is UNIQUE by itself only through the index that it makes for it.
    more: dict[str, Any] = {"include_auto_indexes": True} if connection.dialect.name == "sqlite" else {}
    indexes = inspector.get_multi_indexes(schema, **more)
    cased = {key[1].casefold(): key[1] for key in columns}
    found: dict[str, _Place] = {}
    for key, listed in columns.items():
        name = key[1]
        if not listed:
            continue
        sets = [tuple(item["column_names"]) for item in unique.get(key, [])]
        sets += [
            tuple(str(column) for column in item["column_names"])
            for item in indexes.get(key, [])
            if item["unique"] and all(item["column_names"]) and not _is_partial(item.get("dialect_options", {}))
        ]
        keys = [
            ForeignKeyFacts(
                table=_called(
                    cased.get(item["referred_table"].casefold(), item["referred_table"]), item["referred_schema"]
                ),
                columns=tuple(zip(item["constrained_columns"], item["referred_columns"], strict=False)),
            )
            for item in foreign.get(key, [])
            if item["referred_columns"]
        ]
        found[_called(name, schema)] = _Place(
            table=_clause(name, listed, schema),
            unusable=_DOTTED if "." in name else "",
            primary=tuple(primary[key]["constrained_columns"]) if key in primary else (),
            unique=tuple(dict.fromkeys(sets)),
            foreign=tuple(keys),
            columns=tuple(listed),
        )
    return found | _views(inspector, schema)


def _views(inspector: Inspector, schema: str | None) -> dict[str, _Place]:
    """The views, by their columns alone."""
    found: dict[str, _Place] = {}
    for kind, reason in ((ObjectKind.VIEW, _VIEW), (ObjectKind.MATERIALIZED_VIEW, _COPY)):
        try:
            listed = inspector.get_multi_columns(schema, kind=kind)
        except SQLAlchemyError:
            # MySQL lists a view whose tables are gone; it shows no row.
            continue
        for (_, name), columns in listed.items():
            place = _Place(table=_clause(name, columns, schema), columns=tuple(columns), unusable=reason)
            found[_called(name, schema)] = place
    return found


def _clause(name: str, columns: Collection[ReflectedColumn], schema: str | None) -> sa.TableClause:
    return sa.table(name, *(sa.column(item["name"], item["type"]) for item in columns), schema=schema)


def _is_partial(options: Mapping[str, object]) -> bool:
    return any(name.endswith("_where") and value is not None for name, value in options.items())


def _called(name: str, schema: str | None) -> str:
    return f"{schema}.{name}" if schema else name


class _Reader:
    """Reads samples.

    Args:
        engine: The database.
        places: Its tables.
        country: In which national phone numbers are read.
        kinds: Further kinds of identifier.
    """

    def __init__(
        self, engine: Engine, places: Mapping[str, _Place], country: str, kinds: Collection[KindDeclaration]
    ) -> None:
        self._engine, self._places, self._country, self._kinds = engine, places, country, kinds

    def table(self, name: str, say: Say, number: int) -> TableFacts:
        """Return the facts about a table."""
        say(f"Reading table {number:,} of {len(self._places):,} …")
        place = self._places[name]
        rows = None if place.unusable else self._rows(place)
        sample = rows or []
        columns = tuple(self._column(read, [row.get(read["name"]) for row in sample]) for read in place.columns)
        return TableFacts(
            name=name,
            columns=columns,
            primary=place.primary,
            unique=place.unique,
            foreign=place.foreign,
            rows=len(sample),
            together=() if place.primary or place.unique else _together(columns, sample),
            is_read=rows is not None,
            pairs=tuple(self._pairs(place, columns)),
            types=_types(columns, sample),
            unusable=place.unusable,
        )

    def checked(self, links: Sequence[TableLink], say: Say) -> Iterator[TableLink]:
        """Yield the links by name that the values do not contradict."""
        for number, link in enumerate(links, 1):
            say(f"Checking link {number:,} of {len(links):,} …")
            looked_at, found = self._overlap(link)
            if checked := link.checked(looked_at, found):
                yield self._compared(checked) if looked_at else checked

    def _compared(self, link: TableLink) -> TableLink:
        """The link with how often the e-mail addresses agree in a row and in the one to which it leads."""
        here, there = self._places[link.table], self._places[link.other]
        own, theirs = _address_column(here), _address_column(there)
        if not own or not theirs:
            return link
        some = self._filled(link, own).subquery()
        joined = some.join(there.table, there.table.c[link.to] == some.c.value)
        asked = sa.select(some.c.beside, there.table.c[theirs].label("theirs")).select_from(joined).limit(MOST_ROWS)
        pairs = [
            (as_text(row["beside"]).casefold(), as_text(row["theirs"]).casefold()) for row in self._asked(asked) or []
        ]
        filled = [pair for pair in pairs if all(pair)]
        return replace(link, compared=len(filled), agreeing=sum(one == other for one, other in filled))

    def _filled(self, link: TableLink, beside: str) -> sa.Select[Any]:
        """Some values of a column that leads, each with what another column holds; none that stands for nothing."""
        here = self._places[link.table].table
        column = here.c[link.column]
        some = [column.is_not(None), *(here.c[name] == word for name, word in link.where.items())]
        if isinstance(column.type, sa.String):
            some.append(sa.func.length(column).between(1, _LONGEST_KEY))
        elif not isinstance(column.type, sa.Uuid):
            some.append(column != 0)
        return sa.select(column.label("value"), here.c[beside].label("beside")).where(*some).limit(MOST_ROWS)

    def _rows(self, place: _Place) -> list[dict[str, object]] | None:
        """The rows of a sample; ``None`` if they cannot be read."""
        read = [_read_column(column) for column in place.columns if _type_of(column) is not ColumnType.BINARY]
        return self._some(place, read, MOST_ROWS) if read else []

    def _some(self, place: _Place, read: Sequence[sa.ColumnElement[Any]], most: int) -> list[dict[str, object]] | None:
        """Rows of a table: the oldest and the newest by its key, since programs change what they write."""
        asked = sa.select(*read).select_from(place.table)
        if len(place.primary) != 1:
            return self._asked(asked.limit(most))
        key = place.table.c[place.primary[0]]
        first = self._asked(asked.order_by(key).limit(most // 2))
        if first is None or len(first) < most // 2:
            return first
        last = self._asked(asked.order_by(key.desc()).limit(most // 2))
        return [dict(row) for row in dict.fromkeys(tuple(row.items()) for row in [*first, *(last or [])])]

    def _asked(self, statement: sa.Select[Any]) -> list[dict[str, object]] | None:
        try:
            with self._engine.connect() as connection:
                return [dict(row) for row in connection.execute(statement).mappings()]
        except (SQLAlchemyError, ValueError, ArithmeticError):
            # A right that is missing, a limit of time, or a value that no driver reads: the schema is enough then.
            return None

    def _column(self, read: ReflectedColumn, values: Sequence[object]) -> ColumnFacts:
        kind = _type_of(read)
        identity = read.get("identity")
        filled, different, holds = look_at(values, self._country, self._kinds)
        most = max(Counter(text for value in values if (text := as_text(value))).values(), default=0)
        return ColumnFacts(
            name=read["name"],
            type=kind,
            length=getattr(read["type"], "length", None) if kind is ColumnType.TEXT else None,
            nullable=bool(read["nullable"]),
            is_fixed=isinstance(read["type"], sa.Enum) or "computed" in read or bool(identity and identity["always"]),
            filled=filled,
            different=different,
            most=most,
            holds=holds,
            paths=look_into(values, self._country) if kind in {ColumnType.JSON, ColumnType.TEXT} else {},
        )

    def _pairs(self, place: _Place, columns: Sequence[ColumnFacts]) -> Iterator[KeyValueFacts]:
        """The key and value columns of a table, with what stands under each key."""
        # What is another in each row is a key of the rows, and says nothing of the value beside it.
        texts = [column for column in columns if column.type is ColumnType.TEXT]
        own = {names[0] for names in (place.primary, *place.unique) if len(names) == 1}
        own |= {column.name for column in texts if SEVERAL <= column.filled == column.different}
        words = {column.name: set(words_of(column.name)) for column in columns}
        keys = [column.name for column in texts if words[column.name] & _KEY_WORDS and column.name not in own]
        keys += [column.name for column in columns if {"id"} < words[column.name] and words[column.name] & _FIELD_WORDS]
        values = [column.name for column in texts if words[column.name] & _VALUE_WORDS]
        for key, value in [(key, value) for key in keys for value in values if key != value][:1]:
            of = {item["name"]: item for item in place.columns}
            read = [_read_column(of[key]), _read_column(of[value])]
            rows = self._some(place, read, _MOST_PAIRS) or []
            seen = look_at_pairs(((row[key], row[value]) for row in rows), self._country)
            yield KeyValueFacts(key=key, value=value, words=seen)

    def _overlap(self, link: TableLink) -> tuple[int, int]:
        """How many different values of a column there are to look for, and how many of them are where it leads."""
        there = self._places[link.other].table
        to = there.c[link.to]
        some = self._filled(link, link.column)
        values = {row["value"] for row in self._asked(some) or [] if as_text(row["value"]) not in {"", "0"}}
        wanted = sorted(values, key=str)[:_MOST_LOOKED_FOR]
        if not wanted:
            return 0, 0
        asked = sa.select(sa.func.count().label("count")).select_from(there).where(to.in_(wanted))
        counted = self._asked(asked)
        return (len(wanted), min(int(str(counted[0]["count"])), len(wanted))) if counted else (0, 0)


def _address_column(place: _Place) -> str:
    """The one column with an e-mail address, by its name; empty if there is none, or more."""
    found = [
        item["name"] for item in place.columns
        if isinstance(item["type"], sa.String) and sort_of(item["name"]) is FieldSort.EMAIL
    ]  # fmt: skip
    return found[0] if len(found) == 1 else ""


def _together(columns: Sequence[ColumnFacts], sample: Sequence[Mapping[str, object]]) -> tuple[str, ...]:
    """The columns that tell the rows of a sample, else all: rows that agree in all of them are the same."""
    likely = _likely(columns)
    if len(likely) <= _FEW_COLUMNS:
        return tuple(likely)
    return unique_together(sample, likely) or tuple(likely)


def _likely(columns: Sequence[ColumnFacts]) -> list[str]:
    """The columns by which rows may be told, the likeliest first."""

    def rank(column: ColumnFacts) -> tuple[int, int]:
        words = [word for word in words_of(column.name) if word in _FIRST_IN_KEY]
        first = min((_FIRST_IN_KEY.index(word) for word in words), default=len(_FIRST_IN_KEY))
        return first, -column.different

    plain = {ColumnType.TEXT, ColumnType.NUMBER, ColumnType.MOMENT, ColumnType.DAY}
    return [column.name for column in sorted(columns, key=rank) if column.type in plain]


def _types(columns: Sequence[ColumnFacts], rows: Sequence[Mapping[str, object]]) -> dict[str, tuple[str, ...]]:
    """The words in columns beside which another one leads to several tables."""
    names = {column.name for column in columns}
    found: dict[str, tuple[str, ...]] = {}
    for column in columns:
        stem = column.name.removesuffix("_type").removesuffix("_table")
        if column.type is ColumnType.TEXT and (stem != column.name or f"{column.name}_id" in names):
            counted: dict[str, int] = {}
            for row in rows:
                word = as_text(row.get(column.name))
                counted[word] = counted.get(word, 0) + 1
            found[column.name] = tuple(sorted(program_words(counted)))
    return found


def _type_of(read: ReflectedColumn) -> ColumnType:
    kind: Any = read["type"]
    while isinstance(kind, postgresql.DOMAIN):
        kind = kind.data_type
    if isinstance(kind, mysql.TINYINT) and getattr(kind, "display_width", None) == 1:
        return ColumnType.FLAG
    return next((found for found, kinds in _TYPES if isinstance(kind, kinds)), ColumnType.OTHER)


def _read_column(read: ReflectedColumn) -> sa.ColumnElement[Any]:
    """A column such that no long value is fetched, and every value can be read."""
    text = sa.cast(sa.column(read["name"], read["type"]), sa.Text)
    return sa.func.substr(text, 1, _LONGEST_JSON).label(read["name"])
