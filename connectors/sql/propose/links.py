"""The links between tables: foreign keys of the database, and columns that by name and content lead somewhere. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from connectors.sql.propose.facts import ColumnFacts, ColumnType, TableFacts
from connectors.sql.propose.nouns import PEOPLE, ROLES, leads_to_staff, table_nouns
from rightsflow.domain.spellings.field_names import nouns_of, words_of

_ENDINGS: Final = frozenset({"id", "no", "nr", "key", "ref", "fk", "code", "uuid", "login"})
ENOUGH: Final = 0.9
"""The part of a column's values that has to be found where it leads."""


class Why(StrEnum):
    """The reason for which a column is taken to lead somewhere; the value is the word for people."""

    FOREIGN_KEY = "sure: a foreign key of the database"
    CONTENT = "likely: by its name, and {found} of {looked_at} values are there"
    NAME = "guess: by its name alone, since there are no values to look at"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLink:
    """A column that leads to a table.

    Args:
        table: The table of the column.
        column: The column.
        other: The table to which it leads.
        to: The column there.
        why: The reason.
        looked_at: How many different values were looked for there.
        found: How many were found.
        compared: How many rows there are of which both sides hold an e-mail address.
        agreeing: In how many of these it is the same one.
        where: In which rows it leads there.
        is_turned: Whether it is the column there that leads to this one.
    """

    table: str
    column: str
    other: str
    to: str
    why: Why
    looked_at: int = 0
    found: int = 0
    compared: int = 0
    agreeing: int = 0
    where: Mapping[str, str] = field(default_factory=dict)
    is_turned: bool = False

    @property
    def turned(self) -> TableLink:
        """The link from the other table back to this one."""
        here, there = (self.table, self.column), (self.other, self.to)
        return replace(self, table=there[0], column=there[1], other=here[0], to=here[1], is_turned=True)

    @property
    def reason(self) -> str:
        """The reason and how sure it is, for people."""
        return self.why.format(found=self.found, looked_at=self.looked_at)

    @property
    def agreement(self) -> float:
        """The part of the compared rows whose address is the same on both sides; a half where none can be compared."""
        return self.agreeing / self.compared if self.compared else 0.5

    def checked(self, looked_at: int, found: int) -> TableLink | None:
        """Return the link with what was seen of its values; ``None`` where these contradict the name.

        Args:
            looked_at: How many different values were looked for.
            found: How many were found.
        """
        if not looked_at:
            return self
        is_there = found >= ENOUGH * looked_at
        return replace(self, why=Why.CONTENT, looked_at=looked_at, found=found) if is_there else None


def declared_links(tables: Iterable[TableFacts]) -> Iterator[TableLink]:
    """Yield the foreign keys of the database, each by the one column that tells most."""
    for table in tables:
        for key in table.foreign:
            column, to = key.columns[-1]
            yield TableLink(table=table.name, column=column, other=key.table, to=to, why=Why.FOREIGN_KEY)


def guessed_links(tables: Sequence[TableFacts]) -> list[TableLink]:
    """Return the columns without a foreign key that lead to a table by their names; their values are to be looked for.

    Args:
        tables: All tables.
    """
    by_noun: defaultdict[str, list[TableFacts]] = defaultdict(list)
    tables = [table for table in tables if not table.unusable]
    for table in tables:
        nouns = table_nouns(table.name)
        for start in range(len(nouns)):
            by_noun["_".join(nouns[start:])].append(table)
    by_key: defaultdict[str, list[TableFacts]] = defaultdict(list)
    for table in tables:
        if len(table.primary) == 1:
            by_key[table.primary[0].lower()].append(table)
    return [link for table in tables for link in _of_table(table, by_noun, by_key)]


_Tables = Mapping[str, list[TableFacts]]


def _of_table(table: TableFacts, by_noun: _Tables, by_key: _Tables) -> Iterator[TableLink]:
    declared = {column for key in table.foreign for column, _ in key.columns}
    for column in table.columns:
        if column.name in declared:
            continue
        if (column.name,) == table.primary and _is_own_key(column, table):
            continue
        if column.type not in {ColumnType.NUMBER, ColumnType.TEXT, ColumnType.KEY}:
            continue
        if sibling := type_column(table, column.name):
            yield from _by_types(table, column, sibling, by_noun)
        else:
            yield from _by_name(table, column, by_noun, by_key)


def _is_own_key(column: ColumnFacts, table: TableFacts) -> bool:
    """Return False if a table's key is called after another table: its rows say more of the rows there."""
    nouns, own = nouns_of(column.name), table_nouns(table.name)
    named = nouns[:-1] if nouns and nouns[-1] in _ENDINGS else ()
    return not named or named[-1:] == own[-1:] or named == own[: len(named)] or bool(set(named) & ROLES)


def type_column(table: TableFacts, column: str) -> str:
    """Return the column that says to which table another one leads (``commentable_type``); empty if there is none.

    Args:
        table: The table.
        column: The column that leads.
    """
    stem = column.removesuffix("_id")
    found = (name for name in (f"{stem}_type", f"{stem}_table", stem) if name != column and name in table.types)
    return next(found, "")


def _by_types(
    table: TableFacts, column: ColumnFacts, sibling: str, by_noun: Mapping[str, list[TableFacts]]
) -> Iterator[TableLink]:
    """Yield the links of a column that leads to several tables, by the words in the column beside it."""
    for word in table.types[sibling]:
        for other in by_noun.get("_".join(nouns_of(word.replace("::", "\\").rpartition("\\")[2])), ())[:1]:
            for link in _to(table, column, other):
                yield replace(link, where={sibling: word})


def _by_name(table: TableFacts, column: ColumnFacts, by_noun: _Tables, by_key: _Tables) -> Iterator[TableLink]:
    nouns = nouns_of(column.name)
    if len(nouns) > 1 and nouns[-1] in _ENDINGS:
        for start in range(len(nouns) - 1):
            if others := [other for other in by_noun.get("_".join(nouns[start:-1]), ()) if other.name != table.name]:
                yield from _to(table, column, min(others, key=lambda other: len(other.name)))
                return
        if ROLES & {*nouns[:-1]} or leads_to_staff(column.name):
            yield from _to_people(table, column, by_noun)
            yield from _by_same_name(table, column, by_key)
            return
    elif nouns and nouns[-1] in ROLES and column.type is ColumnType.NUMBER:
        yield from _to_people(table, column, by_noun)
        return
    yield from _by_same_name(table, column, by_key)


def _to_people(table: TableFacts, column: ColumnFacts, by_noun: Mapping[str, list[TableFacts]]) -> Iterator[TableLink]:
    people = {other.name: other for noun in PEOPLE for other in by_noun.get(noun, ())}
    whole = [other for name, other in people.items() if name != table.name and set(table_nouns(name)[-1:]) & PEOPLE]
    for other in sorted(whole, key=lambda item: len(item.name)):
        yield from _to(table, column, other)


def _by_same_name(table: TableFacts, column: ColumnFacts, by_key: _Tables) -> Iterator[TableLink]:
    """Yield the table whose whole key is called as the column is, such as ``cust_no``."""
    words = words_of(column.name)
    is_general = len(words) == 1 and not column.name.lower().endswith(("id", "no", "nr"))
    if is_general or set(words) <= _ENDINGS:
        return
    for other in by_key.get(column.name.lower(), ()):
        yield from _to(table, column, other)


def _to(table: TableFacts, column: ColumnFacts, other: TableFacts) -> Iterator[TableLink]:
    if len(other.primary) != 1 or other.name == table.name:
        return
    to = other.by_name.get(other.primary[0])
    if to is not None and to.type is column.type:
        yield TableLink(table=table.name, column=column.name, other=other.name, to=to.name, why=Why.NAME)


def best_of(links: Iterable[TableLink], tables: Mapping[str, TableFacts]) -> list[TableLink]:
    """Return the links that count: of several tables to which a column may lead, the one with most of its values.

    Args:
        links: All links, looked at.
        tables: All tables, by their names.
    """
    grouped = _by_column(links, tables)
    # By a name alone, and to one of several tables, would be a throw of the dice.
    told = (same for same in grouped if len(same) == 1 or any(one.why is not Why.NAME for one in same))
    return [max(same, key=_weight) for same in told if not _alike(same, tables)]


def undecided(links: Iterable[TableLink], tables: Mapping[str, TableFacts]) -> list[list[TableLink]]:
    """Return the links of columns that may lead to several tables: numbers that all of these have.

    Args:
        links: All links, looked at.
        tables: All tables, by their names.
    """
    return [alike for same in _by_column(links, tables) if (alike := _alike(same, tables))]


def _alike(same: Sequence[TableLink], tables: Mapping[str, TableFacts]) -> list[TableLink]:
    """The links of a column to several tables between which nothing decides; empty if one is best.

    Small numbers are in every table that counts its rows, so that they are there shows nothing.
    """
    best = max(same, key=_weight)
    is_number = tables[best.table].by_name[best.column].type is ColumnType.NUMBER
    if best.why is not Why.CONTENT or not is_number or best.agreement > ENOUGH:
        return []
    others = (one for one in same if one.why is Why.CONTENT and one.agreement >= best.agreement)
    alike = list({one.other: one for one in others}.values())
    return alike if len(alike) > 1 else []


def _by_column(links: Iterable[TableLink], tables: Mapping[str, TableFacts]) -> list[list[TableLink]]:
    by_column: defaultdict[tuple[str, str, tuple[tuple[str, str], ...]], list[TableLink]] = defaultdict(list)
    for link in links:
        if link.other in tables and link.to in tables[link.other].by_name:
            by_column[link.table, link.column, tuple(sorted(link.where.items()))].append(link)
    return list(by_column.values())


def _weight(link: TableLink) -> tuple[bool, float, float, int]:
    is_declared = link.why is Why.FOREIGN_KEY
    part = link.found / link.looked_at if link.looked_at else 0.0
    return is_declared, link.agreement if link.looked_at else 0.0, part, link.looked_at
