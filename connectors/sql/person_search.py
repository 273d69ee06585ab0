"""The values that a table is searched for, and the condition; separate, since many searches share the condition."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import sqlalchemy as sa

from connectors.sql.address_search import address_patterns, holds_address
from connectors.sql.character_sets import with_room
from connectors.sql.exact import as_text
from connectors.sql.lines import PhoneReader
from connectors.sql.number_search import holds_number, number_patterns
from connectors.sql.person_settings import IdentityColumn
from connectors.sql.settings import TableSettings
from rightsflow.domain.identifiers import ONLY_CONTRADICTING, IdentifierKind, Identifiers, of_kind

_LARGEST_INTEGER = 2**63 - 1
_LARGEST_UNSIGNED = 2**64 - 1

Sought = tuple[tuple[Sequence[object], ...], ...]
"""By identity column, and there by what is looked for, the values that are bound."""


class PersonSearch:
    """Searches one table for a person.

    Args:
        settings: The table's section.
        phones: Reads phone numbers.
        system: The system's name, which issued the account ids of columns that name no other issuer.
    """

    def __init__(self, settings: TableSettings, phones: PhoneReader, system: str) -> None:
        self._settings = settings
        self._phones = phones
        self._system = system

    def sought(self, table: sa.Table, known: Identifiers) -> Sought:
        """Return the values to look for; none in any column where no identifier can be searched in the table."""
        return tuple(
            tuple(self._sought(table.c[identity.column], identity, known)) for identity in self._settings.identities
        )

    def condition(self, table: sa.Table, sought: Sought) -> sa.ColumnElement[bool]:
        """A condition that every row fulfils in which one of these stands, and few others, with places for them."""
        return sa.or_(*self._conditions(table, sought))

    def _sought(
        self, column: sa.Column[Any], identity_column: IdentityColumn, known: Identifiers
    ) -> Iterator[Sequence[object]]:
        if identity_column.kind is IdentifierKind.PHONE:
            yield from number_patterns(self._phones.tails(known), partial(with_room, column))
        elif identity_column.kind is IdentifierKind.EMAIL:
            yield from address_patterns(of_kind(known, identity_column.kind))
        elif identity_column.kind not in ONLY_CONTRADICTING:
            fitting = _fitting(
                column, of_kind(known, identity_column.kind, issuer=identity_column.issuer or self._system)
            )
            if fitting:
                yield (fitting,)

    def _conditions(self, table: sa.Table, sought: Sought) -> Iterator[sa.ColumnElement[bool]]:
        for at, (item, groups) in enumerate(zip(self._settings.identities, sought, strict=True)):
            if not groups:
                continue
            column = table.c[item.column]
            if item.kind is IdentifierKind.PHONE:
                yield from holds_number(as_text(column), _places(at, groups))
            elif item.kind is IdentifierKind.EMAIL:
                yield from holds_address(as_text(column), _places(at, groups))
            else:
                yield _one_of(column, _name(at, 0, 0))


def shape(sought: Sought) -> tuple[tuple[int, ...], ...]:
    """Return the number of values bound in each condition; searches of the same shape share one statement.

    Args:
        sought: What is looked for.
    """
    return tuple(tuple(map(len, groups)) for groups in sought)


def bound(sought: Sought) -> dict[str, object]:
    """The values by the names of their places.

    Args:
        sought: What is looked for.
    """
    return {
        _name(at, number, nth): value
        for at, groups in enumerate(sought)
        for number, group in enumerate(groups)
        for nth, value in enumerate(group)
    }


def _name(at: int, number: int, nth: int) -> str:
    return f"sought_{at}_{number}_{nth}"


def _places(at: int, groups: Sequence[Sequence[object]]) -> Iterator[list[sa.BindParameter[str]]]:
    for number, group in enumerate(groups):
        yield [sa.bindparam(_name(at, number, nth), type_=sa.String()) for nth in range(len(group))]


def _fitting(column: sa.Column[Any], values: list[str]) -> list[object]:
    """Return the texts that a column can hold."""
    if not isinstance(column.type, sa.Integer):
        return [*with_room(column, values)]
    # Compared as numbers, so that an index is used; "007" is another id than 7.
    numbers = [int(value) for value in values if value.isascii() and value.isdigit() and str(int(value)) == value]
    largest = _LARGEST_UNSIGNED if getattr(column.type, "unsigned", False) else _LARGEST_INTEGER
    return [number for number in numbers if number <= largest]


def _one_of(column: sa.Column[Any], name: str) -> sa.ColumnElement[bool]:
    if isinstance(column.type, sa.Integer):
        return column.in_(sa.bindparam(name, type_=column.type, expanding=True))
    return sa.func.trim(as_text(column)).in_(sa.bindparam(name, type_=sa.String(), expanding=True))
