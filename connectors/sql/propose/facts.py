"""The facts about a database on which a proposal rests: names, types, keys, and counts of what samples hold. Pure.

Values end in this module: :func:`look_at` counts what they can be read as, and gives the counts. Words of programs,
such as the keys of JSON objects and of key/value rows, are kept only if they are spelt like words of a program and
occur in several rows (:func:`program_words`).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

import phonenumbers

from connectors.sql.inside import EVERY, opened
from rightsflow.domain.birth_dates import looks_like_date
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifier_kinds import KindDeclaration
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.spellings.field_names import FieldSort, sort_of
from rightsflow.domain.spellings.fields import separate_readings

MOST_ROWS: Final = 200
"""The largest number of rows of a table that are looked at."""
LONGEST_LOOKED_AT: Final = 2_000
"""The number of characters of a text that are looked at."""
SEVERAL: Final = 3
"""The number of different values from which content alone is a hint, and of rows from which a word is a program's."""
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.:-]{0,59}|\d{1,4}")
_LONG_NUMBER: Final = re.compile(r"\d{4}")
_NUMBER: Final = re.compile(r"\s*(\+|0)[\d\s()./-]{5,24}")
_LANGUAGE: Final = re.compile(r"[a-z]{2}(-[A-Z]{2})?")
_PATH: Final = re.compile(r"[^\n<>|]{1,400}\.(?=\d*[A-Za-z])[A-Za-z0-9]{2,5}")
_PHP: Final = re.compile(r"(a|O|s):\d+:[{\"]")
_DEEPEST: Final = 4


class ColumnType(StrEnum):
    """What a column can hold."""

    TEXT = "text"
    NUMBER = "number"
    MOMENT = "moment"
    DAY = "day"
    FLAG = "flag"
    JSON = "JSON"
    KEY = "key"
    BINARY = "binary"
    OTHER = "other"


class Content(StrEnum):
    """What a value can be read as; the value is the words for people, in the plural."""

    EMAIL = "e-mail addresses"
    CALLER = "addresses with a name before them"
    SEVERAL_EMAILS = "several e-mail addresses in one value"
    EMAIL_IN_TEXT = "texts with an e-mail address in them"
    PHONE = "phone numbers"
    SURE_PHONE = "phone numbers with + or 0 before them"
    DATE = "dates"
    LANGUAGE = "languages"
    FILE = "names of files"
    PHP = "serialised PHP values"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnFacts:
    """A column.

    Args:
        name: Its name.
        type: What it can hold.
        length: The characters for which it has room; ``None`` without a limit.
        nullable: Whether it takes NULL.
        is_fixed: Whether it takes certain words only, or is computed by the database.
        filled: In how many of the rows that were looked at it holds something.
        different: How many different values these are.
        most: In how many rows the same value is.
        holds: How many of the different values can be read as what.
        paths: The same of what is in JSON objects and serialised values of PHP, by path.
    """

    name: str
    type: ColumnType
    length: int | None = None
    nullable: bool = True
    is_fixed: bool = False
    filled: int = 0
    different: int = 0
    most: int = 0
    holds: Mapping[str, int] = field(default_factory=dict)
    paths: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @property
    def sort(self) -> FieldSort:
        """What it holds by its name."""
        return sort_of(self.name)

    def count(self, *contents: Content) -> int:
        """How many of the different values are of any of these contents."""
        return max((self.holds.get(content, 0) for content in contents), default=0)

    def count_of(self, kind: str) -> int:
        """How many of the different values are identifiers of a kind with check digits.

        Args:
            kind: Its name.
        """
        return self.holds.get(kind, 0)

    def share(self, *contents: Content) -> float:
        """The same as a part of the different values."""
        return self.count(*contents) / self.different if self.different else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignKeyFacts:
    """A foreign key of the database.

    Args:
        table: The table to which it leads, as it is named in a configuration.
        columns: The columns, each with the one to which it leads.
    """

    table: str
    columns: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyValueFacts:
    """A column whose words say what another column holds.

    Args:
        key: The column with the words.
        value: The column with the values.
        words: By word, how many different values can be read as what; all of their number under an empty word.
    """

    key: str
    value: str
    words: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """A table.

    Args:
        name: As it is named in a configuration.
        columns: Its columns.
        primary: The columns of its primary key.
        unique: Sets of columns that are unique by a constraint or an index.
        foreign: Its foreign keys.
        rows: How many rows were looked at.
        together: Columns that together were unique in these rows, where there is no key.
        is_read: Whether rows could be looked at.
        pairs: Its key and value columns.
        types: By column, the words in it that say to which table another column leads.
        unusable: Why it has no place in a section as it is, such as a view; empty for a table.
    """

    name: str
    columns: tuple[ColumnFacts, ...]
    primary: tuple[str, ...] = ()
    unique: tuple[tuple[str, ...], ...] = ()
    foreign: tuple[ForeignKeyFacts, ...] = ()
    rows: int = 0
    together: tuple[str, ...] = ()
    is_read: bool = True
    pairs: tuple[KeyValueFacts, ...] = ()
    types: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unusable: str = ""

    @cached_property
    def by_name(self) -> Mapping[str, ColumnFacts]:
        """Its columns by their names."""
        return {column.name: column for column in self.columns}

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that tell its rows: the primary key, else what is unique; empty where nothing is."""
        sets = [self.primary, *sorted(self.unique, key=len), self.together]
        return next((names for names in sets if names and all(name in self.by_name for name in names)), ())

    def is_unique(self, name: str) -> bool:
        """Return True if a column takes each value once."""
        return (name,) == self.primary or (name,) in self.unique


def look_at(
    values: Iterable[object], country: str = "", kinds: Collection[KindDeclaration] = ()
) -> tuple[int, int, dict[str, int]]:
    """Count what values can be read as; none of them is kept.

    Args:
        values: As they are stored.
        country: ISO 3166-1 alpha-2 code in which national phone numbers are read.
        kinds: Kinds of identifier; those with check digits are counted by their names.

    Returns:
        How many hold something, how many of these differ, and how many of the different ones are of which content.
    """
    filled = [text for value in values if (text := as_text(value))]
    different = set(filled)
    counted = Counter(content.value for text in different for content in _contents(text, country))
    checked = [kind for kind in kinds if kind.has_check]
    counted.update(kind.name for text in different for kind in checked if _reads(kind, text))
    return len(filled), len(different), dict(counted)


def _reads(kind: KindDeclaration, text: str) -> bool:
    try:
        return bool(kind.read(text, ""))
    except BadInput:
        return False


def as_text(value: object) -> str:
    """Return a stored value as text; empty for nothing, and for bytes that are no text.

    Args:
        value: The value.
    """
    if value is None or isinstance(value, bytes | bytearray | memoryview):
        return ""
    return str(value).strip()[:LONGEST_LOOKED_AT]


def _contents(text: str, country: str) -> Iterator[Content]:
    if "@" in text:
        yield from _addresses(text)
    elif _PHP.match(text):
        yield Content.PHP
    elif any(character.isdigit() for character in text) and len(text) < _LONGEST_FIELD:
        yield from _numbers(text, country)
    if _LANGUAGE.fullmatch(text):
        yield Content.LANGUAGE
    if "@" not in text and _PATH.fullmatch(text) and not text.startswith(("http:", "https:")):
        yield Content.FILE


_LONGEST_FIELD: Final = 80
_MOST_WORDS: Final = 12


def _addresses(text: str) -> Iterator[Content]:
    found = separate_readings(IdentifierKind.EMAIL, text)
    if not found:
        return
    beside = text
    for reading in found:
        beside = beside.replace(reading.text, " ")
    words = re.findall(r"[^\W\d_]{2,}", beside)
    if len(words) > _MOST_WORDS:
        yield Content.EMAIL_IN_TEXT
        return
    yield Content.EMAIL if not words or "<" in text else Content.EMAIL_IN_TEXT
    if words and "<" in text:
        yield Content.CALLER
    if len(found) > 1:
        yield Content.SEVERAL_EMAILS


def _numbers(text: str, country: str) -> Iterator[Content]:
    if looks_like_date(text):
        yield Content.DATE
        return
    countries = (country,) if country else ()
    found = separate_readings(IdentifierKind.PHONE, text, countries=countries)
    if not found:
        return
    yield Content.PHONE
    numbers = (phonenumbers.parse(item.value) for reading in found for item in reading.may_be)
    if _NUMBER.fullmatch(text) and any(map(phonenumbers.is_valid_number, numbers)):
        yield Content.SURE_PHONE


def program_words(seen: Mapping[str, int]) -> frozenset[str]:
    """Return the words that are a program's and no person's: only these may be named.

    Args:
        seen: Words, each with the number of rows in which it occurs.
    """
    spelt = (word for word in seen if _WORD.fullmatch(word) and (word.isdigit() or not _LONG_NUMBER.search(word)))
    return frozenset(word for word in spelt if seen[word] >= SEVERAL)


def look_into(values: Iterable[object], country: str = "") -> dict[str, dict[str, int]]:
    """Count what stands in JSON objects and serialised values of PHP, also one within the other, by path.

    Args:
        values: As they are stored: objects, or their texts.
        country: As in :func:`look_at`.
    """
    leaves: defaultdict[tuple[str, ...], list[object]] = defaultdict(list)
    keys = Counter[str]()
    for value in values:
        inside = list(_leaves(_object(value)))
        keys.update({key for path, _ in inside for key in path})
        for path, leaf in inside:
            leaves[path].append(leaf)
    known = program_words({key: count for key, count in keys.items() if "." not in key}) | {_EACH}
    named = (path for path in leaves if known.issuperset(path))
    return {".".join(path): counts for path in named if (counts := _informative(leaves[path], country))}


def _informative(values: Collection[object], country: str) -> dict[str, int]:
    _, different, counts = look_at(values, country)
    return {**counts, "": different} if different else {}


_EACH: Final = EVERY


def _object(value: object) -> object:
    data = opened(value)
    return data if isinstance(data, dict | list) else None


def _leaves(value: object, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], object]]:
    if len(path) > _DEEPEST:
        return
    if isinstance(value, dict):
        # A list of PHP has its numbers as names.
        is_list = all(str(key).isdigit() for key in value)
        for key, inner in value.items():
            yield from _leaves(inner, (*path, _EACH if is_list else str(key)))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, (*path, _EACH))
    elif path and value is not None:
        yield path, value


def look_at_pairs(pairs: Iterable[tuple[Any, Any]], country: str = "") -> dict[str, dict[str, int]]:
    """Count what the values of key/value rows can be read as, by their words.

    Args:
        pairs: The words and the values.
        country: As in :func:`look_at`.
    """
    by_word: defaultdict[str, list[object]] = defaultdict(list)
    for word, value in pairs:
        by_word[str(word)].append(value)
    known = program_words({word: len(values) for word, values in by_word.items()})
    return {word: counts for word in sorted(known) if (counts := _informative(by_word[word], country))}


def unique_together(rows: Iterable[Mapping[str, object]], names: Iterable[str]) -> tuple[str, ...]:
    """Return the first columns that together tell all rows of a sample; empty if none do.

    Args:
        rows: The rows.
        names: The columns, the likeliest first.
    """
    sample, chosen = list(rows), list[str]()
    if not sample:
        return ()
    for name in names:
        if _told(sample, (*chosen, name)) > _told(sample, chosen):
            chosen.append(name)
        if chosen and _told(sample, chosen) == len(sample):
            return tuple(chosen)
    return ()


def _told(rows: Collection[Mapping[str, object]], names: Collection[str]) -> int:
    """How many of some rows columns tell from each other."""
    return len({tuple(str(row[name]) for name in names) for row in rows})
