"""The tables that hold personal data, and through which of them the others are found. Pure.

A table counts that names people in columns by which they can be found, and every table that leads to one that counts.
Columns that lead to the colleague who dealt with a row are not followed: by them a customer's ticket would be found as
the agent's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from connectors.sql.propose.facts import SEVERAL, ColumnFacts, ColumnType, Content, TableFacts
from connectors.sql.propose.identities import (
    Identity,
    identities_of,
    is_of_people,
    is_of_settings,
    is_of_staff,
    is_one_address,
)
from connectors.sql.propose.links import TableLink, Why, best_of, undecided
from connectors.sql.propose.nouns import PEOPLE, document_of, is_place, is_shared, leads_to_staff, table_nouns
from rightsflow.domain.identifier_kinds import IdentifierKind, KindDeclaration
from rightsflow.domain.spellings.field_names import FieldSort, nouns_of

_MOST_OF_CONTACTS: Final = 9
_IN_TEXTS: Final = (Content.EMAIL, Content.EMAIL_IN_TEXT, Content.SEVERAL_EMAILS)
_OFTEN: Final = 20
_FEW_ROWS: Final = 2
_MANY_TABLES: Final = 5
_OWN: Final = "the rows of many tables lead to its few rows, which seem to be your own companies or sites"
_A_PART: Final = 0.1


@dataclass(kw_only=True)
class Chosen:
    """A table that counts.

    Args:
        facts: The table.
        identities: Its columns that name people.
        references: Its columns that lead to tables which count.
        aside: Its columns that lead to such tables and are not followed, each with the reason.
        doubts: What a person has to look at, a sentence each.
    """

    facts: TableFacts
    identities: list[Identity] = field(default_factory=list)
    references: list[TableLink] = field(default_factory=list)
    aside: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Its name."""
        return self.facts.name

    @property
    def is_of_people(self) -> bool:
        """True if each of its rows is a person."""
        return is_of_people(self.facts)


@dataclass(frozen=True, kw_only=True)
class Selection:
    """The tables of a database, sorted.

    Args:
        chosen: Those that count, by their names.
        left_out: Those that lead to one that counts, or that look like one, and are left out, each with the reason.
        others: Those that have nothing to do with people, as far as can be seen.
    """

    chosen: Mapping[str, Chosen]
    left_out: Mapping[str, str]
    others: tuple[str, ...]


def select(
    tables: Sequence[TableFacts], links: Iterable[TableLink], kinds: Collection[KindDeclaration] = ()
) -> Selection:
    """Choose the tables that hold personal data.

    Args:
        tables: All tables.
        links: Their links, looked at.
        kinds: The further kinds of identifier that are known.
    """
    by_name = {table.name: table for table in tables}
    left_out: dict[str, str] = {}
    by_table: defaultdict[str, list[TableLink]] = defaultdict(list)
    links = list(links)
    for link in best_of(links, by_name):
        by_table[link.table].append(link)
    chosen: dict[str, Chosen] = {}
    identities: dict[str, list[Identity]] = {}
    left_out |= dict.fromkeys(_own_units(by_name, by_table), _OWN)
    for table in tables:
        leading = {link.column for link in by_table[table.name] if _names_no_person(table, link)}
        identities[table.name] = identities_of(table, leading, kinds)
        if table.name in left_out:
            continue
        if reason := _unusable(table, identities[table.name]):
            left_out[table.name] = reason
        elif any(identity.finds for identity in identities[table.name]):
            chosen[table.name] = _chosen(table, identities[table.name])
    _through_contacts(chosen, by_name, by_table, identities)
    _reach(chosen, by_name, by_table, identities, left_out)
    _turn_round(chosen, by_name, by_table, identities)
    for item in chosen.values():
        _refer(item, by_table[item.name], chosen)
    _reasons(left_out, chosen, by_table)
    _doubt(links, by_name, chosen, left_out)
    known = chosen.keys() | left_out.keys()
    return Selection(chosen=chosen, left_out=left_out, others=tuple(sorted(by_name.keys() - known)))


def _own_units(by_name: Mapping[str, TableFacts], by_table: Mapping[str, list[TableLink]]) -> set[str]:
    """The tables of the controller's own companies or sites: a row or two, to which the rows of many tables lead."""
    leading: defaultdict[str, set[str]] = defaultdict(set)
    for name, links in by_table.items():
        for link in links:
            if by_name[name].rows > _FEW_ROWS and 0 < by_name[name].by_name[link.column].different <= _FEW_ROWS:
                leading[link.other].add(name)
    return {
        name for name, those in leading.items() if 0 < by_name[name].rows <= _FEW_ROWS and len(those) >= _MANY_TABLES
    }


def _names_no_person(table: TableFacts, link: TableLink) -> bool:
    return table.by_name[link.column].sort not in {FieldSort.EMAIL, FieldSort.PHONE}


def _unusable(table: TableFacts, identities: Sequence[Identity]) -> str:
    """Return why a table cannot be proposed; empty if it can."""
    named = [identity.column for identity in identities if identity.kind]
    columns = f"its columns {', '.join(named)} name people"
    if table.unusable or not named:
        return table.unusable
    if is_of_staff(table):
        return f"it describes colleagues ({columns}); add it if their requests are handled here too"
    if is_of_settings(table):
        return f"contains settings of a program ({columns}); add it if it contains customers"
    if not table.key:
        return f"no unique columns were found ({columns}); add it with its key"
    if not table.is_read and not any(identity.finds for identity in identities):
        return f"its rows could not be read ({columns})"
    return ""


def _chosen(table: TableFacts, identities: Iterable[Identity]) -> Chosen:
    item = Chosen(facts=table)
    for identity in identities:
        if identity.kind is None:
            item.doubts.append(f"{identity.column}: {identity.reason}")
        elif is_one_address(table.by_name[identity.column], table.rows):
            item.doubts.append(f"{identity.column}: {identity.reason}; but only few differ, which may be your own")
        else:
            item.identities.append(identity)
            item.doubts += _own_address(identity, table.by_name[identity.column])
    return item


def _own_address(identity: Identity, column: ColumnFacts) -> list[str]:
    """Name a column in which one address is so often that it may be the controller's; the address is not named."""
    is_plain = identity.kind is IdentifierKind.EMAIL and not identity.where and not identity.path
    if not is_plain or column.most < max(_OFTEN, _A_PART * column.filled):
        return []
    told = f"one address is in {column.most} of {column.filled} rows; if it is your own, name it in unknown"
    return [f"{column.name}: {told}"]


def _through_contacts(
    chosen: dict[str, Chosen],
    by_name: Mapping[str, TableFacts],
    by_table: Mapping[str, list[TableLink]],
    identities: Mapping[str, list[Identity]],
) -> None:
    """Let people be found through a table of their addresses, where they have none themselves."""
    for name, item in list(chosen.items()):
        for link in by_table.get(name, ()):
            people = by_name[link.other]
            if link.other in chosen and not chosen[link.other].references:
                continue
            if not is_of_people(people) or is_of_staff(people) or not people.key or not _is_of_contacts(item):
                continue
            other = chosen.setdefault(link.other, _chosen(people, identities[link.other]))
            other.references.append(link.turned)
            item.aside[link.column] = ""


def _is_of_contacts(item: Chosen) -> bool:
    """Return True if a table holds addresses or numbers and little else; one with names may be an address book."""
    if any(identity.kind == IdentifierKind.NAME for identity in item.identities):
        return False
    columns = item.facts.columns
    has_texts = any(column.sort in {FieldSort.FREE_TEXT, FieldSort.SECRET, FieldSort.LOGIN} for column in columns)
    return _is_found(item) and len(columns) <= _MOST_OF_CONTACTS and not has_texts and not document_of(item.name)


def _reach(
    chosen: dict[str, Chosen],
    by_name: Mapping[str, TableFacts],
    by_table: Mapping[str, list[TableLink]],
    identities: Mapping[str, list[Identity]],
    left_out: dict[str, str],
) -> None:
    """Add the tables that lead to those that count."""
    ahead = True
    while ahead:
        ahead = False
        for name, table in by_name.items():
            if name in chosen or name in left_out:
                continue
            if any(_follows(link, table, chosen) for link in by_table.get(name, ())):
                if is_shared(name) and any(column.type is ColumnType.TEXT for column in table.columns):
                    left_out[name] = "many people have its rows in common, by its name"
                    continue
                if not table.key:
                    left_out[name] = "no unique columns were found; add it with its key"
                    continue
                chosen[name] = _chosen(table, identities[name])
                ahead = True


def _follows(link: TableLink, table: TableFacts, chosen: Mapping[str, Chosen]) -> bool:
    return link.other in chosen and link.other != link.table and not _aside(link, table, chosen)


def _aside(link: TableLink, table: TableFacts, chosen: Mapping[str, Chosen]) -> str:
    """Return why a column that leads to a table which counts is not followed; empty if it is."""
    other = chosen[link.other]
    if link.other == link.table:
        return "leads to another row of the same table"
    if leads_to_staff(link.column) and other.is_of_people:
        return f"leads to the colleague who dealt with the row, by its name ({link.other})"
    if reason := _not_unique(link, other.facts):
        return reason
    if any(further.is_turned for further in other.references) and not other.is_of_people and table.name in chosen:
        return f"leads to {link.other}, which people may have in turn"
    if is_of_people(table) and other.is_of_people and table.name in chosen and not _is_same_person(link, table):
        return f"leads from a person to another one, or to what several share ({link.other})"
    return ""


def _not_unique(link: TableLink, target: TableFacts) -> str:
    if target.is_unique(link.to):
        return ""
    if target.primary and link.to not in target.primary:
        return f"leads to {link.to} of {link.other}, which several rows may have"
    if link.why is Why.FOREIGN_KEY:
        return f"is one of several columns that together lead to {link.other}; one alone may find other people's rows"
    return ""


def _is_same_person(link: TableLink, table: TableFacts) -> bool:
    """Return True if a row of people and the row to which it leads are one person: an account and its profile."""
    column = table.by_name[link.column]
    is_alone = table.is_unique(link.column) or (column.filled > 1 and column.different == column.filled)
    return is_alone and bool(set(nouns_of(link.column)) & PEOPLE)


def _turn_round(
    chosen: dict[str, Chosen],
    by_name: Mapping[str, TableFacts],
    by_table: Mapping[str, list[TableLink]],
    identities: Mapping[str, list[Identity]],
) -> None:
    """Let addresses and things be found through the rows that lead to them, where they lead to no person themselves."""
    for name, item in list(chosen.items()):
        for link in by_table.get(name, ()):
            place = by_name[link.other]
            if not place.key or any(further.other in chosen for further in by_table.get(link.other, ())):
                continue
            leads_on = _leads_on(item, by_table, link, chosen)
            is_found_there = is_place(link.other) and (leads_on or _is_found(item))
            if not (is_found_there or (leads_on and _joins(item, link, by_table[name]))):
                continue
            other = chosen.setdefault(link.other, _chosen(place, identities[link.other]))
            if not any(turned.other == name for turned in other.references):
                other.references.append(link.turned)
            item.aside.setdefault(link.column, "")


def _joins(item: Chosen, link: TableLink, links: Iterable[TableLink]) -> bool:
    """Return True if a table only joins people and things, of which each has few people (a device and its owners)."""
    column = item.facts.by_name[link.column]
    leading = {one.column for one in links} | {*item.facts.primary}
    plain = {ColumnType.MOMENT, ColumnType.DAY, ColumnType.FLAG}
    is_bare = all(one.name in leading or one.type in plain for one in item.facts.columns)
    has_few = column.filled >= SEVERAL and column.different >= column.filled / 2
    is_of_people = bool(set(table_nouns(link.other)[-1:]) & PEOPLE)
    return is_bare and has_few and not is_of_people and not is_shared(link.other) and not document_of(item.name)


def _leads_on(
    item: Chosen, by_table: Mapping[str, list[TableLink]], but: TableLink, chosen: Mapping[str, Chosen]
) -> bool:
    return any(link.other in chosen for link in by_table.get(item.name, ()) if link.other != but.other)


def _refer(item: Chosen, links: Iterable[TableLink], chosen: Mapping[str, Chosen]) -> None:
    """Give a table its references, the surest first, and none that closes a circle."""
    order = (Why.FOREIGN_KEY, Why.CONTENT, Why.NAME)
    for link in sorted(links, key=lambda link: (order.index(link.why), item.facts.primary == (link.column,))):
        if link.other not in chosen or link.column in item.aside:
            continue
        if reason := _aside(link, item.facts, chosen):
            item.aside[link.column] = reason
        elif item.name in _above(link.other, chosen):
            item.aside[link.column] = f"would close a circle with {link.other}, through which the rows are found"
        else:
            item.references.append(link)
    item.aside = {column: reason for column, reason in item.aside.items() if reason}


def _above(name: str, chosen: Mapping[str, Chosen]) -> set[str]:
    """The tables through which the rows of a table are found, itself included."""
    seen, ahead = set[str](), [name]
    while ahead:
        if (here := ahead.pop()) not in seen:
            seen.add(here)
            ahead += [link.other for link in chosen[here].references]
    return seen


def _reasons(left_out: dict[str, str], chosen: dict[str, Chosen], by_table: Mapping[str, list[TableLink]]) -> None:
    """Say why tables that lead to one that counts are left out, and leave out those that nothing leads to."""
    while name := next((name for name, item in chosen.items() if not item.references and not _is_found(item)), ""):
        left_out[name] = "nothing by which people are found was seen in it; add it if there is"
        del chosen[name]
        for item in chosen.values():
            item.references = [link for link in item.references if link.other != name]
    for name, links in by_table.items():
        if name in chosen or name in left_out:
            continue
        if told := [f"{link.column} {_aside_of_other(link)}" for link in links if link.other in chosen]:
            left_out[name] = "; ".join(told)


def _doubt(
    links: Iterable[TableLink],
    by_name: Mapping[str, TableFacts],
    chosen: Mapping[str, Chosen],
    left_out: dict[str, str],
) -> None:
    """Name the columns that may lead to several tables, and the tables that lead nowhere but have people in texts."""
    for alike in undecided(links, by_name):
        one, others = alike[0], sorted(link.other for link in alike)
        if not any(name in chosen for name in others):
            continue
        told = f"{one.column} leads to one of {', '.join(others)}: its numbers are in each; add the right reference"
        if one.table in chosen:
            chosen[one.table].doubts.append(told)
        else:
            left_out.setdefault(one.table, told)
    for name, table in by_name.items():
        told_in = [column.name for column in table.columns if column.count(*_IN_TEXTS) >= SEVERAL]
        if told_in and name not in chosen:
            reason = f"its columns {', '.join(told_in)} hold addresses of people, and none of its columns leads to one"
            left_out.setdefault(name, reason)


def _aside_of_other(link: TableLink) -> str:
    if leads_to_staff(link.column):
        return f"leads to the colleague who dealt with the row, by its name ({link.other})"
    return f"leads to {link.other}, but not in a way that can be followed"


def _is_found(item: Chosen) -> bool:
    return any(identity.finds for identity in item.identities)
