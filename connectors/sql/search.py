"""The conditions by which a person's rows, and the rows that point at a file, are searched for.

They are apart from the values, since many searches share a condition. In a text of ASCII the last digits of a number
stand in order, with other signs between them (``LIKE '%1%8%2%0%'``). On PostgreSQL they are also compared without those
signs, which an index can serve. In other texts each digit may be one of another script or width; only there it is
looked for so.

``LIKE '%anna%example.com%'`` alone finds every spelling of ``anna@example.com``, and also the rows of
``anna-maria@mail.example.com`` and of everyone at that domain whose name begins with ``anna``. Each row that is found
is fetched and read in full. In a text of ASCII, though, the sign is ``@`` or ``%40`` and nothing that is not seen
stands beside it, so there the address has to stand as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

from connectors.sql.column_settings import IdentityColumn, Where
from connectors.sql.persons import PhoneReader
from connectors.sql.table_settings import TableSettings
from connectors.sql.text import BeyondAscii, Lowered, as_text, with_room
from rightsflow.domain.identifier_kinds import LetterCase
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, of_kind
from rightsflow.domain.spellings.fields import with_ascii_domain
from rightsflow.domain.spellings.phones import other_digits

_LARGEST_INTEGER = 2**63 - 1
_LARGEST_UNSIGNED = 2**64 - 1

Sought = tuple[tuple[Sequence[object], ...], ...]
"""By identity column, and there by what is looked for, the values that are bound."""
_Room = Callable[[list[str]], list[str]]
_AT = ("@", "%40")
_BLANKS = ("\r", "\n", "\t")
_COUNTS_FROM_THE_END = (14,)
"""The version of PostgreSQL from which ``split_part`` takes a negative number."""


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
        """A condition that every row with one of these fulfils, and few others, with places for them."""
        return sa.or_(*self._conditions(table, sought))

    def _sought(
        self, column: sa.Column[Any], identity_column: IdentityColumn, known: Identifiers
    ) -> Iterator[Sequence[object]]:
        if identity_column.kind is IdentifierKind.PHONE:
            yield from number_patterns(self._phones.tails(known), partial(with_room, column))
        elif identity_column.kind is IdentifierKind.EMAIL:
            is_inside = _is_inside(column, identity_column)
            yield from address_patterns(of_kind(known, identity_column.kind), is_inside=is_inside)
        elif identity_column.kind.finds:
            values = of_kind(known, identity_column.kind, issuer=identity_column.issuer or self._system)
            if _is_inside(column, identity_column):
                yield from ((_parted(value, identity_column.kind),) for value in values)
            elif fitting := _fitting(column, _as_compared(values, identity_column.kind)):
                yield (fitting,)

    def _conditions(self, table: sa.Table, sought: Sought) -> Iterator[sa.ColumnElement[bool]]:
        for at, (item, groups) in enumerate(zip(self._settings.identities, sought, strict=True)):
            if not groups:
                continue
            holding = sa.or_(*self._holding(table.c[item.column], item, at, groups))
            yield sa.and_(holding, fulfilling(table, item.where)) if item.where else holding

    @staticmethod
    def _holding(
        column: sa.Column[Any], item: IdentityColumn, at: int, groups: Sequence[Sequence[object]]
    ) -> Iterator[sa.ColumnElement[bool]]:
        is_inside = _is_inside(column, item)
        if item.kind is IdentifierKind.PHONE:
            yield from holds_number(as_text(column), _places(at, groups), is_inside=is_inside)
        elif item.kind is IdentifierKind.EMAIL:
            yield from holds_address(as_text(column), _places(at, groups))
        elif is_inside:
            text = Lowered(as_text(column))
            yield from (text.like(sa.func.lower(pattern), escape="\\") for (pattern,) in _places(at, groups))
        else:
            yield _one_of(column, _name(at, 0, 0), item.kind)


def fulfilling(table: sa.Table, where: Where) -> sa.ColumnElement[bool]:
    """The condition of a ``where``; its values are bound."""
    listed = {name: value if isinstance(value, tuple) else (value,) for name, value in where.items()}
    return sa.and_(sa.true(), *(table.c[name].in_(values) for name, values in listed.items()))


def _is_inside(column: sa.Column[Any], identity: IdentityColumn) -> bool:
    """Return True if the values are inside a text or an array with other things."""
    return bool(identity.path) or isinstance(column.type, sa.ARRAY)


def _parted(value: str, kind: IdentifierKind) -> str:
    """A pattern for an identifier inside a text, whatever signs are in it or stand for one of its signs."""
    form = kind.declaration.form
    if form is None or not form.separators:
        return _anywhere(value, spelled=str.isalnum)
    return f"%{'%'.join(item for item in value if item.isalnum())}%"


def shape(sought: Sought) -> tuple[tuple[int, ...], ...]:
    """Return the number of values bound in each condition; searches of the same shape share one statement."""
    return tuple(tuple(map(len, groups)) for groups in sought)


def bound(sought: Sought) -> dict[str, object]:
    """The values by the names of their places."""
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


def _as_compared(values: Iterable[str], kind: IdentifierKind) -> list[str]:
    """Return identifiers as :func:`_one_of` compares them, also without the letters that people leave out in front."""
    form = kind.declaration.form
    return [spelling for value in values for spelling in (form.compared(value) if form else [value])]


def _one_of(column: sa.Column[Any], name: str, kind: IdentifierKind) -> sa.ColumnElement[bool]:
    if isinstance(column.type, sa.Integer):
        return column.in_(sa.bindparam(name, type_=column.type, expanding=True))
    text, form = sa.func.trim(as_text(column)), kind.declaration.form
    # Whatever signs stand in it and however its letters are written, Python reads what is found.
    for sign in form.separators if form else "":
        text = sa.func.replace(text, _as_is(sign), _as_is(""))
    text = text if form is None or form.case is LetterCase.KEEP else Lowered(text)
    return text.in_(sa.bindparam(name, type_=sa.String(), expanding=True))


class _HasDigits(GenericFunction[bool]):
    """The SQL test for ASCII digits in order in a text; arguments: the text, the digits parted by ``%``, and not."""

    type = sa.Boolean()
    inherit_cache = True
    name = "rightsflow_has_digits"


@compiles(_HasDigits)
def _in_order(element: _HasDigits, compiler: SQLCompiler, **options: object) -> str:
    text, parted, _ = element.clauses
    return compiler.process(text.like(parted), **options)


@compiles(_HasDigits, "postgresql")
def _in_order_in_postgresql(element: _HasDigits, compiler: SQLCompiler, **options: object) -> str:
    text, parted, together = element.clauses
    plain = sa.collate(text, "C")
    # Written out, as in the index: what is bound would be another expression.
    alone = sa.func.regexp_replace(plain, *map(_written_out, ("[^0-9]", "", "g")))
    return f"({compiler.process(sa.and_(plain.like(parted), alone.like(together)), **options)})"


def _written_out(constant: str) -> sa.ColumnElement[str]:
    return sa.literal_column(f"'{constant}'", sa.String)


class _HasOtherDigits(GenericFunction[bool]):
    """The SQL test for digits of any script in order in a text; true for a database without a known test.

    Its arguments are the text, the digits as an expression and as patterns of ``GLOB``.
    """

    type = sa.Boolean()
    inherit_cache = True
    name = "rightsflow_has_other_digits"


@compiles(_HasOtherDigits)
def _not_known(_element: _HasOtherDigits, _compiler: SQLCompiler, **_options: object) -> str:
    return "1 = 1"


@compiles(_HasOtherDigits, "postgresql")
def _other_in_postgresql(element: _HasOtherDigits, compiler: SQLCompiler, **options: object) -> str:
    text, expression, *_ = element.clauses
    return compiler.process(sa.collate(text, "C").regexp_match(expression), **options)


@compiles(_HasOtherDigits, "mysql")
@compiles(_HasOtherDigits, "mariadb")
def _other_in_mysql(element: _HasOtherDigits, compiler: SQLCompiler, **options: object) -> str:
    text, expression, *_ = element.clauses
    return compiler.process(text.regexp_match(expression), **options)


@compiles(_HasOtherDigits, "sqlite")
def _other_in_sqlite(element: _HasOtherDigits, compiler: SQLCompiler, **options: object) -> str:
    text, _, *globs = element.clauses
    return f"({compiler.process(sa.or_(*(text.op('GLOB')(glob) for glob in globs)), **options)})"


Pattern = str | sa.BindParameter[str]


def number_patterns(tails: Iterable[str], with_room: _Room) -> Iterator[tuple[str, ...]]:
    """Yield the patterns that :func:`holds_number` looks for, for each number.

    Args:
        tails: The last digits of the numbers.
        with_room: Those of some characters that the column can hold.
    """
    for tail in tails:
        yield f"%{'%'.join(tail)}%", f"%{tail}%", *_patterns(tail, with_room)


def holds_number(
    stored: sa.ColumnElement[str], patterns: Iterable[Sequence[Pattern]], *, is_inside: bool = False
) -> Iterator[sa.ColumnElement[bool]]:
    """A condition for each number that every text fulfils in which it can be read, and few others.

    Args:
        stored: The column as text.
        patterns: Of each number, as :func:`number_patterns` gives them, or places for these.
        is_inside: Whether the text has data inside, where a sign between the digits may be spelt with digits.
    """
    for parted, together, *other in patterns:
        yield stored.like(parted) if is_inside else _HasDigits(stored, parted, together)
        yield sa.and_(BeyondAscii(stored), _HasOtherDigits(stored, *other))


def _patterns(tail: str, with_room: _Room) -> Iterator[str]:
    """The digits of a number in any script: as an expression, and as patterns of ``GLOB``.

    Where there is a digit of a rare script, what digits they are is left to Python.
    """
    digits = other_digits()
    sets = {item: item + "".join(with_room([*digits.single[item]])) for item in set(tail)}
    rest = _ranges("".join(with_room([*digits.rest])))
    # From each digit to the next one that fits, so that no expression tries all ways.
    parts = [f"[{sets[item]}]" if at == 0 else f"[^{sets[item]}]*[{sets[item]}]" for at, item in enumerate(tail)]
    yield "|".join(["".join(parts), *([f"[{rest}]"] if rest else [])])
    yield f"*{'*'.join(f'[{sets[item]}]' for item in tail)}*"
    if rest:
        yield f"*[{rest}]*"


@lru_cache(maxsize=16)
def _ranges(characters: str) -> str:
    """Characters in the order of Unicode as what stands between square brackets."""
    found: list[tuple[str, str]] = []
    for character in characters:
        follows = bool(found) and ord(found[-1][1]) + 1 == ord(character)
        found[-1:] = [(found[-1][0], character)] if follows else [*found[-1:], (character, character)]
    return "".join(first if first == last else f"{first}-{last}" for first, last in found)


def address_patterns(values: Iterable[str], *, is_inside: bool = False) -> Iterator[tuple[str, ...]]:
    """Yield the patterns that :func:`holds_address` looks for, for each spelling of some addresses.

    Databases differ in lowering letters beyond ASCII, and the sign @ has other forms, so these are left open and
    compared in Python.

    Args:
        values: The addresses, in lower case; each is also looked for with its domain in the ASCII form of
            international names.
        is_inside: Whether the text has data inside, where a program may have written ``+`` or ``'`` as an escape.
    """
    for value in values:
        for spelled in sorted({value, with_ascii_domain(value)}):
            known = partial(_anywhere, spelled=_is_never_escaped) if is_inside else _anywhere
            yield known(spelled.replace("@", "\0")), *(known(spelled.replace("@", sign)) for sign in _AT)


def _is_never_escaped(sign: str) -> bool:
    return sign.isalnum() or sign in "@%.-_"


def holds_address(
    stored: sa.ColumnElement[str], patterns: Iterable[Sequence[Pattern]]
) -> Iterator[sa.ColumnElement[bool]]:
    """A condition for each address that every text fulfils in which it can be read, and few others.

    Args:
        stored: The column as text.
        patterns: Of each spelling, as :func:`address_patterns` gives them, or places for these.
    """
    text = Lowered(stored)
    for at_any_sign, *as_it_is in patterns:
        plain = (text.like(item, escape="\\") for item in as_it_is)
        yield sa.and_(text.like(at_any_sign, escape="\\"), sa.or_(*plain, BeyondAscii(text)))


def _anywhere(part: str, spelled: Callable[[str], bool] = lambda item: item != "\0") -> str:
    """A pattern for a part of a text; what is not ASCII in it, and what is not surely spelt so, may be anything."""
    known = (item.isascii() and spelled(item) for item in part)
    escaped = (
        "%" if not is_known else f"\\{item}" if item in "%_\\" else item
        for item, is_known in zip(part, known, strict=True)
    )
    return f"%{''.join(escaped)}%"


class _LastName(GenericFunction[str]):
    """The part of a text after the last ``/``, backslash or ``%2F``, without blanks around it."""

    type = sa.String()
    inherit_cache = True
    name = "rightsflow_last_name"


@compiles(_LastName)
def _last_name(element: _LastName, compiler: SQLCompiler, **options: object) -> str:
    """The text without what is left of it once all that is no ``/`` is cut from its end."""
    (stored,) = element.clauses
    text = _normal(stored)
    before = sa.func.rtrim(text, sa.func.replace(text, "/", ""))
    return compiler.process(sa.func.replace(text, before, ""), **options)


@compiles(_LastName, "mysql")
@compiles(_LastName, "mariadb")
def _last_name_in_mysql(element: _LastName, compiler: SQLCompiler, **options: object) -> str:
    (stored,) = element.clauses
    return compiler.process(sa.func.substring_index(_normal(stored), "/", -1), **options)


@compiles(_LastName, "postgresql")
def _last_name_in_postgresql(element: _LastName, compiler: SQLCompiler, **options: object) -> str:
    """In general the text is named three times, which costs a row three times as much; and an index is used here."""
    (stored,) = element.clauses
    text, sign = _normal(stored), _as_is("/")
    if (compiler.dialect.server_version_info or (0,)) >= _COUNTS_FROM_THE_END:
        return compiler.process(sa.func.split_part(text, sign, _as_is(-1)), **options)
    first = sa.func.split_part(sa.func.reverse(text), sign, _as_is(1))
    return compiler.process(sa.func.reverse(first), **options)


def _normal(stored: sa.ColumnElement[str]) -> sa.ColumnElement[str]:
    """A text with ``/`` alone between its parts, and without blanks."""
    text = stored
    for blank in _BLANKS:
        text = sa.func.replace(text, _as_is(blank), _as_is(""))
    return sa.func.trim(sa.func.replace(sa.func.replace(text, _as_is("\\"), _as_is("/")), _as_is("%2F"), _as_is("/")))


def _as_is(value: str | int) -> sa.BindParameter[str | int]:
    """A value written into the statement itself, as the expression of an index has it."""
    return sa.literal(value, literal_execute=True)


def ends_with_name(stored: sa.ColumnElement[str], names: Sequence[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a text is or ends with one of some file names, ignoring case and blanks around."""
    last, small = _LastName(stored), [name.lower() for name in names]
    # Databases differ in lowering letters beyond ASCII.
    return sa.or_(Lowered(last).in_(small), last.in_(names), sa.func.lower(last).in_(small))


def ends_with_plain_name(stored: sa.ColumnElement[str], small: sa.BindParameter[str]) -> sa.ColumnElement[bool]:
    """The same for names of ASCII."""
    return Lowered(_LastName(stored)).in_(small)
