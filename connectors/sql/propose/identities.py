"""The columns that name a person, by their names and by what samples of them hold. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from connectors.sql.propose.facts import SEVERAL, ColumnFacts, ColumnType, Content, KeyValueFacts, TableFacts
from connectors.sql.propose.nouns import INCOMING, LISTS, OUTGOING, PEOPLE, SETTINGS, STAFF, document_of, table_nouns
from rightsflow.domain.identifier_kinds import KindDeclaration, declared_kinds
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.spellings.field_names import NUMBERS, FieldSort, sort_of, words_of

MOSTLY: Final = 0.8
"""The part of the different values from which content alone makes a column an identity."""
_OFTEN: Final = 5
"""So many different values none of which can be read show that a name means something else."""
_FEW: Final = 2
_MANY_ROWS: Final = 50
_OF_MAILS: Final = frozenset({"message", "id"})
_REPLIES: Final = frozenset({"uid", "references", "reply"})
"""Columns of ids of mails, which look like addresses and are none."""
_KINDS: Final = {
    FieldSort.EMAIL: IdentifierKind.EMAIL,
    FieldSort.PHONE: IdentifierKind.PHONE,
    FieldSort.CUSTOMER_NUMBER: IdentifierKind.CUSTOMER_ID,
    FieldSort.NAME: IdentifierKind.NAME,
    FieldSort.BIRTH_DATE: IdentifierKind.BIRTH_DATE,
}
_TYPES: Final = {
    FieldSort.EMAIL: {ColumnType.TEXT},
    FieldSort.PHONE: {ColumnType.TEXT, ColumnType.NUMBER},
    FieldSort.CUSTOMER_NUMBER: {ColumnType.TEXT, ColumnType.NUMBER},
    FieldSort.NAME: {ColumnType.TEXT},
    FieldSort.BIRTH_DATE: {ColumnType.TEXT, ColumnType.DAY, ColumnType.MOMENT},
}
_CONTENTS: Final = {
    FieldSort.EMAIL: (Content.EMAIL, Content.CALLER),
    FieldSort.PHONE: (Content.PHONE,),
    FieldSort.BIRTH_DATE: (Content.DATE,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """A column that names a person, or seemed to.

    Args:
        column: Its name.
        kind: What it holds; ``None`` if it does not, although its name says so.
        reason: How sure that is, and why.
        form: How the identifiers stand in it; empty for the plain form.
        direction: For a telephone number of a call, whose it is.
        is_listed: Whether values were seen that hold several addresses.
        path: Where it is inside the column.
        where: In which rows it is that.
    """

    column: str
    kind: IdentifierKind | None
    reason: str
    form: str = ""
    direction: str = ""
    is_listed: bool = False
    path: str = ""
    where: Mapping[str, object] = field(default_factory=dict)

    @property
    def finds(self) -> bool:
        """Whether people are found by it."""
        return self.kind is not None and self.kind not in {IdentifierKind.NAME, IdentifierKind.BIRTH_DATE}


def is_of_people(table: TableFacts) -> bool:
    """Return True if the rows of a table are people, by its name or by what stands in it.

    Args:
        table: The table.
    """
    if not any(column.type is ColumnType.TEXT for column in table.columns):
        return False
    if set(table_nouns(table.name)[-1:]) & (PEOPLE | STAFF):
        return True
    if document_of(table.name):
        return False
    sorts = [column.sort for column in table.columns if column.type is ColumnType.TEXT]
    return FieldSort.NAME in sorts and FieldSort.EMAIL in sorts and FieldSort.FREE_TEXT not in sorts


def is_of_staff(table: TableFacts) -> bool:
    """Return True if a table is of colleagues, by its name."""
    return bool(set(table_nouns(table.name)) & STAFF) and not set(table_nouns(table.name)) & PEOPLE


def is_of_settings(table: TableFacts) -> bool:
    """Return True if a table holds a program's own settings, by its name."""
    return bool(set(table_nouns(table.name)) & SETTINGS)


def identities_of(
    table: TableFacts, leading: Collection[str], kinds: Collection[KindDeclaration] = ()
) -> list[Identity]:
    """Return the identity columns of a table, and those that only seem to be some.

    Args:
        table: The table.
        leading: Its columns that lead to other tables: these name a row and no person.
        kinds: The further kinds of identifier that are known, declared or not.
    """
    values = {name for pair in table.pairs for name in (pair.key, pair.value)}
    columns = [column for column in table.columns if column.name not in values | {*leading}]
    found = [identity for column in columns if (identity := _identity(column, table) or _of_kind(column, table, kinds))]
    found += [identity for column in columns for identity in _inside(column)]
    found += [identity for pair in table.pairs for identity in _of_pair(pair, table)]
    named = {identity.column for identity in found}
    seen = {identity.kind for identity in found}
    if (is_of_people(table) or IdentifierKind.EMAIL in seen) and IdentifierKind.NAME not in seen:
        plain = (column for column in columns if _is_bare_name(column.name) and column.name not in named)
        found += [
            Identity(column=column.name, kind=IdentifierKind.NAME, reason="guess: the name beside what names a person")
            for column in plain
            if column.type is ColumnType.TEXT
        ]
    return found


def _inside(column: ColumnFacts) -> Iterator[Identity]:
    """The identities at paths of JSON objects, by content."""
    for path, counts in column.paths.items():
        if kind := _kind_of_counts(path.rpartition(".")[2], counts):
            reason = f"likely: {_told(kind, counts)} at this path"
            yield Identity(column=column.name, kind=kind, reason=reason, path=path)


def _of_pair(pair: KeyValueFacts, table: TableFacts) -> Iterator[Identity]:
    """The identities in a column of which another column says what it holds, one for each kind."""
    words: dict[IdentifierKind, list[str]] = {}
    for word, counts in pair.words.items():
        if kind := _kind_of_counts(word, counts):
            words.setdefault(kind, []).append(word)
    is_number = table.by_name[pair.key].type is ColumnType.NUMBER
    for kind, found in words.items():
        listed: list[object] = [int(word) if is_number else word for word in found]
        where = {pair.key: listed[0] if len(listed) == 1 else listed}
        yield Identity(column=pair.value, kind=kind, reason="likely: by the word beside it and by content", where=where)


def _kind_of_counts(word: str, counts: Mapping[str, int]) -> IdentifierKind | None:
    """What stands under a word, by the word and by how many of the different values can be read."""
    different, sort = counts[""], sort_of(word)
    for kind, by_name, contents in (
        (IdentifierKind.EMAIL, FieldSort.EMAIL, (Content.EMAIL, Content.EMAIL)),
        (IdentifierKind.PHONE, FieldSort.PHONE, (Content.PHONE, Content.SURE_PHONE)),
    ):
        named, sure = (counts.get(content.value, 0) for content in contents)
        if (sort is by_name and named) or (different >= SEVERAL and sure >= MOSTLY * different):
            return kind
    return _KINDS.get(sort) if sort in {FieldSort.NAME, FieldSort.BIRTH_DATE, FieldSort.CUSTOMER_NUMBER} else None


def _told(kind: IdentifierKind, counts: Mapping[str, int]) -> str:
    read = max((counts.get(content.value, 0) for content in Content), default=0)
    return f"{read} of {counts['']} different values are {kind.words[1]}" if read else f"{kind.words[1]}, by the name"


def _is_bare_name(column: str) -> bool:
    words = words_of(column)
    return words == ("name",) or words[-1:] in {("author",), ("poster",), ("sender",), ("reporter",), ("requester",)}


def _identity(column: ColumnFacts, table: TableFacts) -> Identity | None:
    if column.is_fixed:
        return None
    by_name = column.sort if column.type in _TYPES.get(column.sort, ()) else FieldSort.OTHER
    if by_name in _KINDS:
        return _confirmed(column, by_name, table)
    return _by_content(column, table) or _line_of_call(column, table)


def _of_kind(column: ColumnFacts, table: TableFacts, kinds: Collection[KindDeclaration]) -> Identity | None:
    """An identity of a further kind; one that is not declared is left to a person."""
    if column.is_fixed or column.type not in {ColumnType.TEXT, ColumnType.NUMBER}:
        return None
    for kind in kinds:
        read = column.count_of(kind.name)
        is_seen = kind.has_check and column.different >= SEVERAL and read >= MOSTLY * column.different
        is_named = _is_called(column.name, table.name, kind) and (not kind.has_check or read or not column.different)
        if not (is_seen or is_named):
            continue
        told = f"{read} of {column.different} different values are {kind.words()[1]}" if is_seen else "by its name"
        if kind.name in {known.value for known in declared_kinds()}:
            return Identity(column=column.name, kind=IdentifierKind(kind.name), reason=f"likely: {told}")
        mend = f'declare [identifiers.{kind.name}] and add {{ column = "{column.name}", kind = "{kind.name}" }}'
        return Identity(column=column.name, kind=None, reason=f"{told}; to search by it, {mend}")
    return None


def _is_called(column: str, table: str, kind: KindDeclaration) -> bool:
    """Return True if a column has a kind of identifier by its name: ``imei``, ``serial_no``, ``number`` of orders."""
    words, named = set(words_of(column)), set(kind.name.split("_"))
    if words and words <= NUMBERS:
        return not kind.has_check and not kind.thing and table_nouns(table)[-1:] == (kind.name,)
    rest = words - named
    is_alone = not rest and (kind.has_check or bool(kind.thing) or len(named) > 1)
    return named <= words and (is_alone or (bool(rest) and rest <= NUMBERS))


def _confirmed(column: ColumnFacts, sort: FieldSort, table: TableFacts) -> Identity | None:
    """An identity by its name, beside what was seen of its values."""
    kind, contents = _KINDS[sort], _CONTENTS.get(sort, ())
    if column.type in {ColumnType.DAY, ColumnType.MOMENT}:
        return Identity(column=column.name, kind=kind, reason="likely: by its name and type")
    if not column.different:
        return Identity(column=column.name, kind=kind, reason="guess: by its name alone; no value was seen")
    if not contents:
        return Identity(column=column.name, kind=kind, reason="likely: by its name")
    read = column.count(*contents)
    if not read and column.different >= _OFTEN:
        told = f"named like {sort.value}, but none of {column.different} different values is one"
        return Identity(column=column.name, kind=None, reason=told)
    told = f"by its name, and {read} of {column.different} different values can be read"
    return _shaped(column, kind, f"{'likely' if read else 'guess'}: {told}", table)


def _by_content(column: ColumnFacts, table: TableFacts) -> Identity | None:
    words = {*words_of(column.name)}
    if column.type is not ColumnType.TEXT or column.different < SEVERAL or words & _REPLIES or words >= _OF_MAILS:
        return None
    for kind, contents in (
        (IdentifierKind.EMAIL, (Content.EMAIL,)),
        (IdentifierKind.PHONE, (Content.SURE_PHONE,)),
    ):
        if column.share(*contents) >= MOSTLY:
            told = f"{column.count(*contents)} of {column.different} different values are {contents[0].value}"
            return _shaped(column, kind, f"likely: by content, {told}", table)
    return None


def _line_of_call(column: ColumnFacts, table: TableFacts) -> Identity | None:
    """A number in a record of calls, whose name alone says little (``src``)."""
    read = column.count(Content.PHONE)
    if column.type is not ColumnType.TEXT or not _is_line_of_call(column, table) or (column.different and not read):
        return None
    told = f"{'likely' if read else 'guess'}: by its name in a record of calls, and {read} of {column.different} "
    return _shaped(column, IdentifierKind.PHONE, f"{told}different values are phone numbers", table)


def _is_line_of_call(column: ColumnFacts, table: TableFacts) -> bool:
    words = set(words_of(column.name))
    return bool(words & (INCOMING | OUTGOING)) and _is_of_calls(table)


def _is_of_calls(table: TableFacts) -> bool:
    words = {word for column in table.columns for word in words_of(column.name)}
    directions = words & {"src", "caller", "calling", "clid"}, words & {"dst", "callee", "called", "dialed", "dialled"}
    return all(directions) or bool(set(table_nouns(table.name)) & {"cdr", "call", "calllog"})


def _shaped(column: ColumnFacts, kind: IdentifierKind, reason: str, table: TableFacts) -> Identity:
    words = set(words_of(column.name))
    direction = ""
    if kind is IdentifierKind.PHONE and _is_of_calls(table):
        direction = "incoming" if words & INCOMING else "outgoing" if words & OUTGOING else ""
    is_caller = bool(column.count(Content.CALLER)) or bool(words & {"clid", "callerid"})
    return Identity(
        column=column.name,
        kind=kind,
        reason=reason,
        form="caller_id" if is_caller else "",
        direction=direction if not is_caller else "",
        is_listed=bool(column.count(Content.SEVERAL_EMAILS)) or bool(words & LISTS),
    )


def is_one_address(column: ColumnFacts, rows: int) -> bool:
    """Return True if many rows hold so few addresses that these are the controller's own.

    Args:
        column: The column.
        rows: How many rows were looked at.
    """
    return column.filled >= _MANY_ROWS and column.different <= _FEW and rows >= _MANY_ROWS
