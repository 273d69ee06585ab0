"""Files that processors hand over in an access request, and the person's own entries in them. Pure.

The smallest unit is an entry: an object of a JSON list or of JSON lines, a row of a table. An entry that names the
person is theirs, with the entries that depend on it alone. An entry that names another person, or no one beside one
that names the person, is left out. A text in sentences is read by a person first.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from rightsflow.domain.connector import Capabilities, RecordKind
from rightsflow.domain.disclosure.texts import JSON
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.spellings.phones import in_plain_digits
from rightsflow.domain.spellings.wordforms import phone_pattern
from rightsflow.domain.vocabulary.file_kinds import ProofFile

DOCUMENT: Final = "document"
"""The kind of record that a file is which a processor handed over."""
HANDED_OVER: Final = Capabilities(
    kinds=(RecordKind(name=DOCUMENT, title="files handed over by processors", methods=frozenset()),),
    searches=frozenset(),
)
"""Processors as a source of a package: their files are given, and never searched, changed or erased."""
MOST_DOCUMENTS: Final = 10
"""Largest number of files in one answer."""
MOST_DOCUMENT_BYTES: Final = 20 * 1024 * 1024
"""Largest total size of these files, in bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentLimit:
    """The limit on the files that one answer may hand over.

    Args:
        files: How many files.
        size: How many bytes they may have together.
        any_kind: Whether files of any kind are taken; a person then reads what no program can.
    """

    files: int
    size: int
    any_kind: bool = False


BY_PEOPLE: Final = DocumentLimit(files=MOST_DOCUMENTS, size=MOST_DOCUMENT_BYTES)
"""Limit for people, who upload files on a page."""
BY_RIGHTSFLOW: Final = DocumentLimit(files=200, size=64 * 1024 * 1024, any_kind=True)
"""Limit for another Rightsflow."""
_SHORTEST_NUMBER: Final = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOverFile:
    """A file that a processor handed over, without its content.

    Args:
        number: Its number within the instruction.
        answer: The number of the answer that brought it.
        kind: What kind of file it is.
        sha256: Its SHA-256, in hexadecimal.
        size: How many bytes it has.
    """

    number: int
    answer: int
    kind: ProofFile
    sha256: str
    size: int

    @property
    def name(self) -> str:
        """File name for the person; the processor's own name may contain anything."""
        return f"{DOCUMENT}-{self.number}.{self.kind.ending}"


def check_documents(contents: Iterable[bytes], limit: DocumentLimit = BY_PEOPLE) -> None:
    """See whether files can be taken over.

    Args:
        contents: The files.
        limit: How much one answer may hand over.

    Raises:
        BadInput: One is empty, or there are too many, or they are too large.
    """
    sizes = [len(content) for content in contents]
    if not all(sizes):
        raise BadInput("A file is empty; give each with its content.")
    if len(sizes) > limit.files or sum(sizes) > limit.size:
        raise BadInput(
            f"That is more than an answer takes: at most {limit.files} files with {limit.size >> 20} MB together; "
            "give the rest with another answer."
        )


def names_person(text: str, identifiers: Iterable[Identifier]) -> bool:
    """Return whether a text names the person by an identifier that the processor received, or that we know besides.

    Args:
        text: The text.
        identifiers: What is known of the person; a name or date of birth alone shows nothing, since others have it too.
    """
    plain = in_plain_digits(text.casefold())
    return any(_is_in(identifier, plain) for identifier in identifiers if identifier.finds)


def _is_in(identifier: Identifier, plain: str) -> bool:
    if identifier.kind is IdentifierKind.PHONE:
        # As a whole number: +49 30 231250 is not in +49 30 2312509, nor in the end of one line and the next.
        return len(identifier.value) > _SHORTEST_NUMBER and phone_pattern(identifier.value).search(plain) is not None
    # As a whole word: C-1 is not in C-10.
    return re.search(rf"(?<![\w.+-]){re.escape(identifier.value.casefold())}(?![\w-])", plain) is not None


LEFT_OUT: Final = "[an entry about another person was left out]"
"""Replacement of an entry that is not the person's."""
_NAME_KEY: Final = re.compile(r"name|contact|caller|person|neighbou?r|partner|spouse|relative", re.IGNORECASE)
_HEAD: Final = re.compile(r"[^\W\d][\w /()-]{0,39}")
"""Pattern of a column's heading: no sentence with a comma, and nothing that identifies a person."""
_DELIMITERS: Final = ",;\t|"
_LONGEST_NAME: Final = 80
_FEWEST_LETTERS: Final = 3

Says = Callable[[str], bool]
"""Says something of a text."""


@dataclass(frozen=True, slots=True)
class OwnEntries:
    """The person's entries in a file.

    Args:
        content: What is left of it.
        left_out: How many entries are another person's.
        others: Names of others that stand in it.
    """

    content: Mapping[str, Any]
    left_out: int
    others: frozenset[str]


def own_entries(text: str, names: Says, is_others: Says) -> OwnEntries:
    """Return the person's entries in a file.

    Args:
        text: The file.
        names: Whether a text names the person.
        is_others: Whether a text has an address or a number that is another person's.
    """
    read = read_entries(text)
    if read is None:
        return OwnEntries({"text": text}, 0, frozenset())
    sorting = _Sorting(names, is_others, frozenset(_identity_keys(read, names)))
    left = sorting.own(read)
    content = left if isinstance(left, Mapping) else {"records": left}
    return OwnEntries(content, sorting.left_out, frozenset(sorting.others))


def read_entries(text: str) -> JSON:
    """Read a file by its entries: JSON, JSON lines, or a table with a head; ``None`` for a text in sentences.

    Args:
        text: The file.
    """
    try:
        read: JSON = json.loads(text)
    except ValueError:
        return _json_lines(text) or _table(text) or None
    return read if isinstance(read, Mapping | list) else None


def _json_lines(text: str) -> list[JSON]:
    try:
        lines = [json.loads(line) for line in text.splitlines() if line.strip()]
    except ValueError:
        return []
    return lines if all(isinstance(item, Mapping) for item in lines) else []


def _table(text: str) -> list[JSON]:
    """Return the rows of a table by its head; empty if the lines differ in their number of cells."""
    lines = text.strip().splitlines()
    for delimiter in _DELIMITERS:
        try:
            rows = list(csv.reader(lines, delimiter=delimiter, strict=True))
        except csv.Error:
            continue
        head = [cell.strip() for cell in rows[0]] if rows else []
        is_even = len(rows) > 1 and len(head) > 1 and all(len(row) == len(head) for row in rows)
        if is_even and all(map(_HEAD.fullmatch, head)) and len(set(head)) == len(head):
            return [dict(zip(head, row, strict=True)) for row in rows[1:]]
    return []


class _Sorting:
    def __init__(self, names: Says, is_others: Says, identity_keys: frozenset[str]) -> None:
        self._names = names
        self._is_others = is_others
        self._identity_keys = identity_keys
        self.left_out = 0
        self.others: set[str] = set()

    def own(self, value: JSON) -> JSON:
        """Return a value without other people's entries."""
        if isinstance(value, Mapping):
            self._note_names(value)
            return {
                key: self._left_out(item) if self._is_theirs(item) else self.own(item) for key, item in value.items()
            }
        if isinstance(value, list | tuple):
            entries = [item for item in value if isinstance(item, Mapping)]
            beside = any(self._names(_text(entry)) for entry in entries)
            return [self._left_out(item) if self._is_theirs(item, beside=beside) else self.own(item) for item in value]
        return value

    def _is_theirs(self, node: JSON, *, beside: bool = False) -> bool:
        """Return whether an entry is another person's: it does not name ours, and names another or is beside ours."""
        if not isinstance(node, Mapping) or self._names(_text(node)):
            return False
        has_key = any(key in self._identity_keys and value not in {None, ""} for key, value in _scalars(node))
        return beside or has_key or self._is_others(_text(node))

    def _left_out(self, node: JSON) -> str:
        self.left_out += 1
        self._take_names(node)
        return LEFT_OUT

    def _note_names(self, entry: Mapping[str, JSON]) -> None:
        """Note the names in an entry with an address or number of another person, other than the person's."""
        flat = {key: node for key, node in entry.items() if not isinstance(node, Mapping | list | tuple)}
        if self._is_others(_text(flat)):
            self._take_names(flat)

    def _take_names(self, value: JSON) -> None:
        for key, scalar in _scalars(value):
            is_name = isinstance(scalar, str) and _FEWEST_LETTERS <= len(scalar.strip()) <= _LONGEST_NAME
            if (
                is_name
                and _NAME_KEY.search(key)
                and not self._names(str(scalar))
                and not any(map(str.isdigit, str(scalar)))
            ):
                self.others.add(str(scalar).strip())


def _identity_keys(value: JSON, names: Says) -> Iterator[str]:
    """Return the keys of the person's identifiers, under which another person's appear too."""
    for key, scalar in _scalars(value):
        # A note that names the person among other words identifies no one by its key.
        if isinstance(scalar, str | int) and names(str(scalar)) and " " not in str(scalar).strip():
            yield key


def _scalars(value: JSON, key: str = "") -> Iterator[tuple[str, JSON]]:
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from _scalars(item, str(name))
    elif isinstance(value, list | tuple):
        for entry in value:
            yield from _scalars(entry, key)
    else:
        yield key, value


def _text(value: JSON) -> str:
    return json.dumps(value, ensure_ascii=False)
