"""Texts with data inside: JSON, PHP's serialised values, and a mail with its header, read with the place of each value.

A value is replaced at its place alone, so that every other byte of the text stays as it is: the order and the blanks of
JSON, the spelling of its numbers, and what a PHP program wrote. Lengths in PHP's format count bytes in the encoding of
the program that wrote it (https://www.php.net/manual/en/function.serialize.php), a mail's header ends at the first
empty line (RFC 5322, 2.1).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from typing import Final, TypeVar

Plain = str | int | float | bool | None
_Source = TypeVar("_Source", str, bytes)
_MOST_FLOORS: Final = 100
"""Deeper nesting is no data of a person, and would exhaust the stack."""


class Unreadable(ValueError):
    """A text is in none of the formats, or a value in it cannot be replaced; says nothing of its content."""


@dataclass(frozen=True, slots=True)
class Node:
    """A value in a text.

    Args:
        start: Its first place in the text, in the units of its format.
        end: The place after its last one.
        value: A text, a number, a truth value or ``None``; ``None`` of a list or an object too.
        members: What is in a list or an object, by name (in a list by number, from 0); ``None`` of a plain value.
        is_list: Whether the members are those of a list.
        is_reference: Whether it means a value elsewhere in the text, which is not looked up.
    """

    start: int
    end: int
    value: Plain = None
    members: tuple[tuple[str, Node], ...] | None = None
    is_list: bool = False
    is_reference: bool = False

    def leaves(self) -> Iterator[Node]:
        """The plain values in it, itself if it is one."""
        if self.members is None:
            yield self
        for _, member in self.members or ():
            yield from member.leaves()

    def data(self) -> object:
        """It as Python's own data; of two members of one name the last counts, as programs read them."""
        if self.members is None:
            return self.value
        if self.is_list:
            return [member.data() for _, member in self.members]
        return {name: member.data() for name, member in self.members}


@dataclass(frozen=True, slots=True)
class Parsed:
    """A text that was read.

    Args:
        root: The whole of it.
        replaced: Makes the text anew with other values at the places of some nodes.
    """

    root: Node
    replaced: Callable[[Sequence[tuple[Node, Plain]]], str]


def text_of(stored: bytes) -> str:
    """Stored text; what is not UTF-8 stands in it as lone surrogates (PEP 383)."""
    return stored.decode("utf-8", "surrogateescape")


def parsed(text: str) -> Parsed:
    """Read a text in the format that it is in.

    Raises:
        Unreadable: It is in none.
    """
    start = text.lstrip()[:2]
    try:
        if _PHP.match(text):
            return _php(text)
        return _json(text) if _JSON.match(start) else _mail(text)
    except (ValueError, IndexError, RecursionError):
        raise Unreadable from None


def is_structured(text: str) -> bool:
    """Return True if a text looks like a list or an object, whether or not all of it can be read."""
    return bool(_COMPOUND.match(text))


_JSON: Final = re.compile(r'[\[{"\-\d]|tr|fa|nu')
_PHP: Final = re.compile(r'(?:[aO]:\d+:|[sCE]:\d+:"|[bidrR]:[^;]*;|N;)')
_COMPOUND: Final = re.compile(r"\s*[\[{]|[aOC]:\d+:")


# -- JSON ----------------------------------------------------------------------------------------------------------

_BLANKS: Final = re.compile(r"[ \t\n\r]*")
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
_TEXTS: Final = json.JSONDecoder(strict=False)
"""Reads texts of JSON; some programs write line breaks into them as they are."""
_WORDS: Final = {"true": True, "false": False, "null": None}


def _json(text: str) -> Parsed:
    root, end = _json_value(text, _after_blanks(text, 0), 0)
    if _after_blanks(text, end) != len(text):
        raise Unreadable

    def replaced(values: Sequence[tuple[Node, Plain]]) -> str:
        spelled = [(node, json.dumps(value, ensure_ascii=text.isascii())) for node, value in values]
        return _with(text, spelled)

    return Parsed(root, replaced)


def _after_blanks(text: str, at: int) -> int:
    found = _BLANKS.match(text, at)
    return found.end() if found else at


def _json_value(text: str, at: int, floor: int) -> tuple[Node, int]:
    if floor > _MOST_FLOORS:
        raise Unreadable
    if text[at] == '"':
        value, end = _json_text(text, at)
        return Node(at, end, value), end
    if text[at] in "[{":
        return _json_members(text, at, floor)
    for word, meant in _WORDS.items():
        if text.startswith(word, at):
            return Node(at, at + len(word), meant), at + len(word)
    number = _NUMBER.match(text, at)
    if number is None:
        raise Unreadable
    read = float(number[0]) if number[1] or number[2] else int(number[0])
    return Node(at, number.end(), read), number.end()


def _json_members(text: str, start: int, floor: int) -> tuple[Node, int]:
    is_list, found, at = text[start] == "[", list[tuple[str, Node]](), _after_blanks(text, start + 1)
    closing = "]" if is_list else "}"
    while text[at] != closing:
        if found:
            at = _after_blanks(text, _past(text, at, ","))
        name = str(len(found))
        if not is_list:
            _past(text, at, '"')
            name, at = _json_text(text, at)
            at = _after_blanks(text, _past(text, _after_blanks(text, at), ":"))
        member, at = _json_value(text, at, floor + 1)
        found.append((name, member))
        at = _after_blanks(text, at)
    return Node(start, at + 1, members=tuple(found), is_list=is_list), at + 1


def _json_text(text: str, at: int) -> tuple[str, int]:
    value, end = _TEXTS.raw_decode(text, at)
    return str(value), end


def _past(text: str, at: int, sign: str) -> int:
    if text[at] != sign:
        raise Unreadable
    return at + 1


# -- PHP -----------------------------------------------------------------------------------------------------------

_ENCODINGS: Final = ("utf-8", "latin-1")
_SCALAR: Final = re.compile(rb"([bid]):([^;]*);")
_LENGTH: Final = re.compile(rb"(\d+):")
_CLASS: Final = re.compile(r"\0[^\0]*\0")
"""What PHP writes before the name of a protected or private property."""


def _php(text: str) -> Parsed:
    """Read a serialised value, whose lengths count the bytes of the encoding that the program used."""
    for encoding in _ENCODINGS:
        errors = "surrogateescape" if encoding == "utf-8" else "strict"
        try:
            return _PhpReader(text.encode(encoding, errors), encoding, errors).parsed()
        except (ValueError, IndexError):
            continue
    raise Unreadable


class _PhpReader:
    """Reads one serialised value."""

    def __init__(self, source: bytes, encoding: str, errors: str) -> None:
        self._source = source
        self._encoding = encoding
        self._errors = errors
        self._has_references = False

    def parsed(self) -> Parsed:
        """Return the whole value."""
        root, end = self._value(0, 0)
        if end != len(self._source):
            raise Unreadable
        return Parsed(root, self._replaced)

    def _replaced(self, values: Sequence[tuple[Node, Plain]]) -> str:
        if values and self._has_references:
            # Another place may mean the same value, or count the values before it.
            raise Unreadable
        written = [(node, self._spelled(value)) for node, value in values]
        return _with(self._source, written).decode(self._encoding, self._errors)

    def _spelled(self, value: Plain) -> bytes:
        if value is None:
            return b"N;"
        if isinstance(value, bool | int | float):
            letter = {bool: "b", int: "i"}.get(type(value), "d")
            return f"{letter}:{int(value) if letter != 'd' else repr(value)};".encode()
        text = value.encode(self._encoding, self._errors)
        return b's:%d:"%b";' % (len(text), text)

    def _value(self, at: int, floor: int) -> tuple[Node, int]:
        if floor > _MOST_FLOORS:
            raise Unreadable
        letter = self._source[at : at + 1]
        if letter in (b"a", b"O"):
            return self._members(at, floor)
        if letter in (b"s", b"E"):
            value, end = self._text(at + 2)
            return Node(at, self._past(end, b";"), value), end + 1
        if letter in (b"r", b"R"):
            self._has_references = True
            end = self._source.index(b";", at) + 1
            return Node(at, end, is_reference=True), end
        if self._source[at : at + 2] == b"N;":
            return Node(at, at + 2), at + 2
        scalar = _SCALAR.match(self._source, at)
        if scalar is None:
            # An object that writes itself (C:) in a form of its own, among others.
            raise Unreadable
        read: Plain = scalar[2] == b"1" if letter == b"b" else int(scalar[2]) if letter == b"i" else float(scalar[2])
        return Node(at, scalar.end(), read), scalar.end()

    def _members(self, start: int, floor: int) -> tuple[Node, int]:
        at = start + 2
        if self._source[start : start + 1] == b"O":
            _, at = self._text(at)
            at = self._past(at, b":")
        count, at = self._number(at)
        at = self._past(at, b"{")
        found = list[tuple[str, Node]]()
        for _ in range(count):
            key, at = self._value(at, floor + 1)
            if key.members is not None or not isinstance(key.value, str | int):
                raise Unreadable
            member, at = self._value(at, floor + 1)
            found.append((_CLASS.sub("", str(key.value)), member))
        end = self._past(at, b"}")
        is_list = [name for name, _ in found] == [str(number) for number in range(count)]
        return Node(start, end, members=tuple(found), is_list=is_list), end

    def _text(self, at: int) -> tuple[str, int]:
        """Return a text in quotation marks after its length, and the place after it."""
        length, at = self._number(at)
        start = self._past(at, b'"')
        value = self._source[start : start + length].decode(self._encoding, self._errors)
        return value, self._past(start + length, b'"')

    def _number(self, at: int) -> tuple[int, int]:
        found = _LENGTH.match(self._source, at)
        if found is None:
            raise Unreadable
        return int(found[1]), found.end()

    def _past(self, at: int, sign: bytes) -> int:
        if self._source[at : at + 1] != sign:
            raise Unreadable
        return at + 1


# -- mail ----------------------------------------------------------------------------------------------------------

_FIELD: Final = re.compile(r"([!-9;-~]+):[ \t]*([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)(?:\r?\n|\Z)")
_BEFORE: Final = re.compile(r"\s*(?:>?From [^\n]*\n)?")
_TELLING: Final = frozenset({"from", "date", "message-id", "received", "subject"})
"""The fields of which a header has at least two, so that a note with a colon in its first line is no mail."""
_TWO: Final = 2


def _mail(text: str) -> Parsed:
    start = _BEFORE.match(text)
    at, found = start.end() if start else 0, list[tuple[str, Node]]()
    while field := _FIELD.match(text, at):
        found.append((field[1].lower(), Node(field.start(2), field.end(2), _unfolded(field[2]))))
        at = field.end()
    if len({name for name, _ in found} & _TELLING) < _TWO:
        raise Unreadable
    body = re.compile(r"\r?\n").match(text, at)
    at = body.end() if body else at
    found.append(("body", Node(at, len(text), text[at:])))

    def replaced(values: Sequence[tuple[Node, Plain]]) -> str:
        given = [(node, "" if value is None else str(value)) for node, value in values]
        # A line break in a header would begin another field.
        return _with(text, [(node, new if node.start == at else " ".join(new.split())) for node, new in given])

    return Parsed(Node(0, len(text), members=tuple(found)), replaced)


def _unfolded(value: str) -> str:
    """A header's field as people read it, without line breaks and encoded words (RFC 2047)."""
    line = " ".join(value.split())
    if "=?" not in line:
        return line
    try:
        return str(make_header(decode_header(line)))
    except (HeaderParseError, LookupError, ValueError):
        return line


def _with(source: _Source, spelled: Sequence[tuple[Node, _Source]]) -> _Source:
    """A text with others at the places of some nodes."""
    for node, text in sorted(spelled, key=lambda item: item[0].start, reverse=True):
        source = source[: node.start] + text + source[node.end :]
    return source
