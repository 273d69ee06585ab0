"""Canaries: clear values of a made-up person, looked for in whatever they may have been wrapped in.

A value is found in plain bytes, in UTF-16, with JSON's and Python's escapes, percent-encoded, in Base64, in hexadecimal
digits and in deflated streams, and in these inside one another. A short one, such as the last four digits of a card,
is found where it stands by itself, and not inside longer numbers and UUIDs.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import io
import json
import logging
import re
import sqlite3
import unicodedata
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

_DEPTH = 3
_MOST_INFLATED = 16 * 1024 * 1024
_NEAR = 600
"""How many bytes a value may reach around an escape in it; longer than any canary, wholly escaped."""
_BEGINNING = 8
_BATCH = 8 * 1024 * 1024
_ESCAPE = re.compile(rb"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_PERCENT = re.compile(rb"%[0-9a-fA-F]{2}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_DEFLATED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_UUID = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UUID_BEGUN = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){1,3}-?[0-9a-f]{0,12}(?=\n)")
_UUID_ENDED = re.compile(rb"(?<=\n)[0-9a-f]{0,8}-?(?:[0-9a-f]{4}-){1,3}[0-9a-f]{12}")
_UUID_LENGTH = 36
_LINE_LENGTH = 57
"""How many bytes a line of Base64 in a mail holds."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One canary that was found: which, where, and through which wrappings."""

    canary: str
    place: str
    wrappings: tuple[str, ...] = ()


@dataclass(slots=True)
class Scanner:
    """Looks for canaries.

    Args:
        canaries: The clear values by a label.
        short: Values so short that they count only where they stand by themselves, by a label.
    """

    canaries: dict[str, str]
    short: dict[str, str] = field(default_factory=dict)
    _needles: dict[bytes, set[tuple[str, bytes]]] = field(init=False)
    _bounded: dict[str, re.Pattern[bytes]] = field(init=False)

    def __post_init__(self) -> None:
        # By how they begin: most data hold none of the beginnings, and many values begin alike.
        self._needles = defaultdict(set)
        for label, value in self.canaries.items():
            for needle in _spellings(value):
                self._needles[needle[:_BEGINNING]].add((label, needle))
        self._bounded = {label: _by_itself(value) for label, value in self.short.items()}

    def scan(self, data: bytes, place: str) -> set[Hit]:
        """Everything that is found in these bytes."""
        return set(self._scan(data, place, ()))

    def scan_all(self, pieces: Iterable[tuple[str, bytes]]) -> set[Hit]:
        """Everything that is found in bytes with what they are."""
        return {hit for place, data in pieces for hit in self.scan(data, place)}

    def scan_folder(self, folder: Path) -> set[Hit]:
        """Everything that is found in the names and the bytes of all files below a folder."""
        pieces = list(files(folder))
        assert pieces, f"nothing to scan in {folder}"
        return self.scan_all(pieces)

    def scan_database(self, file: Path) -> set[Hit]:
        """Everything that is found in any column of any table, read by SQL: no value is cut at the end of a page."""
        return self.scan_all(sqlite_tables(file))

    def _scan(self, data: bytes, place: str, wrappings: tuple[str, ...]) -> Iterator[Hit]:
        lower = data.lower()
        begun = [needles for beginning, needles in self._needles.items() if beginning in lower]
        for label, needle in chain.from_iterable(begun):
            if needle in lower:
                yield Hit(label, place, wrappings)
        for label, pattern in self._bounded.items():
            if any(not _is_in_uuid(lower, match, wrappings) for match in pattern.finditer(lower)):
                yield Hit(label, place, wrappings)
        if len(wrappings) == _DEPTH:
            return
        for name, unwrap in _WRAPPINGS.items():
            for inner in unwrap(data):
                yield from self._scan(inner, place, (*wrappings, name))


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The names and the bytes of all files below a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            name = str(path.relative_to(folder))
            yield f"the name of {name}", name.encode()
            yield name, path.read_bytes()


def sqlite_tables(file: Path) -> Iterator[tuple[str, bytes]]:
    """Every column of every table, read by SQL."""
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        connection.text_factory = bytes
        tables = [name.decode() for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")]
        for table in tables:
            rows = connection.execute(f'SELECT * FROM "{table}"')
            yield from batches(f"table {table}", (value for row in rows for value in row))


def batches(name: str, values: Iterable[object]) -> Iterator[tuple[str, bytes]]:
    """The texts and the binary values of a table, joined by the megabyte."""
    batch: list[bytes] = []
    size = 0
    for value in values:
        data = value.encode() if isinstance(value, str) else value
        if isinstance(data, bytes):
            batch.append(data)
            size += len(data)
        if size > _BATCH:
            yield name, b"\n".join(batch)
            batch, size = [], 0
    yield name, b"\n".join(batch)


def _spellings(value: str) -> Iterator[bytes]:
    """The ways a value may stand in bytes; compared without the case of ASCII letters."""
    for text in {value, unicodedata.normalize("NFC", value), unicodedata.normalize("NFD", value)}:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            yield text.encode(encoding).lower()
        yield text.encode("latin-1", "ignore").lower() if not text.isascii() else text.encode().lower()


def _by_itself(value: str) -> re.Pattern[bytes]:
    literal = re.escape(value.encode().lower())
    # What stands before is looked at last: a pattern that begins with its letters is found much faster.
    return re.compile(literal + rb"(?<![0-9a-z.]" + literal + rb")(?![0-9a-z.])")


def _is_in_uuid(lower: bytes, found: re.Match[bytes], wrappings: tuple[str, ...]) -> bool:
    """Whether it is a group of a UUID, of which the end of a line of Base64 may have cut one end off."""
    # With an end of a line at both ends of the data too.
    first, last = found.start() - _UUID_LENGTH, found.end() + _UUID_LENGTH
    before = lower[first : found.start()] if first >= 0 else b"\n" + lower[: found.start()]
    near = before + lower[found.start() : last] + (b"\n" if last >= len(lower) else b"")
    start, end = len(before), len(before) + len(found[0])
    patterns = [_UUID]
    if "Base64" in wrappings:
        # A line that is not full ends with what it says, and not with a part of it.
        line = lower.rfind(b"\n", 0, found.start()) + 1
        is_full = lower.find(b"\n", line, line + _LINE_LENGTH) < 0 and line + _LINE_LENGTH <= len(lower)
        patterns += [_UUID_BEGUN, _UUID_ENDED] if is_full else [_UUID_ENDED]
    uuids = (uuid for pattern in patterns for uuid in pattern.finditer(near))
    return any(uuid.start() <= start and end <= uuid.end() for uuid in uuids)


def _escapes(data: bytes) -> Iterator[bytes]:
    """JSON's ``\\uXXXX`` and Python's ``\\xXX``, the latter as letters and as bytes."""
    for window in _windows(data, _ESCAPE):
        yield _ESCAPE.sub(_as_letters, window)
        yield _ESCAPE.sub(_as_bytes, window)


def _as_letters(match: re.Match[bytes]) -> bytes:
    digits = match.group(1) or match.group(2)
    # Surrogates come in pairs, which only the decoding of both gives back.
    return chr(int(digits, 16)).encode("utf-16-be", "surrogatepass").decode("utf-16-be", "replace").encode()


def _as_bytes(match: re.Match[bytes]) -> bytes:
    return bytes.fromhex(match.group(2).decode()) if match.group(2) else _as_letters(match)


def _percents(data: bytes) -> Iterator[bytes]:
    for window in _windows(data, _PERCENT):
        yield unquote_to_bytes(window)


def _windows(data: bytes, pattern: re.Pattern[bytes]) -> Iterator[bytes]:
    """The neighbourhood of every match, joined where they touch: most of a database need not be read again."""
    start, end = 0, None
    for match in pattern.finditer(data):
        first = max(0, match.start() - _NEAR)
        if end is not None and first > end:
            yield data[start:end]
            end = None
        start, end = (first if end is None else start), match.end() + _NEAR
    if end is not None:
        yield data[start:end]


def _base64(data: bytes) -> Iterator[bytes]:
    """Each run of Base64 letters, read from each of the four places it may begin at."""
    found: list[bytes] = []
    for match in _BASE64.finditer(data):
        run = match.group().rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        for start in range(4):
            part = run[start:]
            with_padding = part[: len(part) - (len(part) % 4 == 1)]
            try:
                found.append(base64.b64decode(with_padding + b"=" * (-len(with_padding) % 4)))
            except binascii.Error:
                continue
    if found:
        yield b"\n".join(found)


def _hexadecimal(data: bytes) -> Iterator[bytes]:
    found = [bytes.fromhex(match.group().decode()) for match in _HEX.finditer(data)]
    if found:
        yield b"\n".join(found)


def _inflated(data: bytes) -> Iterator[bytes]:
    for match in _DEFLATED.finditer(data):
        wbits = 31 if match.group().startswith(b"\x1f") else 15
        try:
            inner = zlib.decompressobj(wbits).decompress(data[match.start() :], _MOST_INFLATED)
        except zlib.error:
            continue
        if len(inner) > 8:
            yield inner


_WRAPPINGS: dict[str, Callable[[bytes], Iterable[bytes]]] = {
    "escapes": _escapes,
    "percent": _percents,
    "Base64": _base64,
    "hexadecimal": _hexadecimal,
    "deflated": _inflated,
}

DISGUISES: dict[str, Callable[[str], bytes]] = {
    "as it is": lambda value: value.encode(),
    "in capitals": lambda value: value.encode().upper(),
    "decomposed accents": lambda value: unicodedata.normalize("NFD", value).encode(),
    "UTF-16": lambda value: value.encode("utf-16-le"),
    "JSON escapes": lambda value: "".join(f"\\u{ord(letter):04x}" for letter in value).encode(),
    "Python letters": lambda value: ascii(value).encode(),
    "Python bytes": lambda value: repr(value.encode()).encode(),
    "JSON in JSON": lambda value: json.dumps(json.dumps({"value": value})).encode(),
    "JSON": lambda value: json.dumps({"value": value}).encode(),
    "percent": lambda value: quote(value, safe="").encode(),
    "Base64 begun at any place": lambda value: b"xy" + base64.b64encode(b"-" + value.encode()),
    "URL-safe Base64": lambda value: base64.urlsafe_b64encode(b"??>" + value.encode()),
    "hexadecimal": lambda value: value.encode().hex().encode(),
    "gzip": lambda value: gzip.compress(value.encode()),
    "zlib in the middle": lambda value: b"before" + zlib.compress(b"it says " + value.encode()) + b"after",
    "gzip in Base64 in JSON": lambda value: json.dumps(
        {"data": base64.b64encode(gzip.compress(value.encode())).decode()}
    ).encode(),
    "JSON in percent": lambda value: quote(json.dumps(value), safe="").encode(),
}
"""Ways to plant a value, each of which the scanner has to see through."""


@contextmanager
def all_logs() -> Iterator[io.StringIO]:
    """What every logger of this process says at DEBUG while the block runs, tracebacks included."""
    heard = io.StringIO()
    listener = logging.StreamHandler(heard)
    listener.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))
    named = [one for one in logging.root.manager.loggerDict.values() if isinstance(one, logging.Logger)]
    loggers = {one: one.level for one in (logging.root, *named)}
    # What listens already, the terminal and Prefect's server among them, gets no more than it would have got.
    others = {handler: handler.level for one in loggers for handler in one.handlers}
    for handler, level in others.items():
        handler.setLevel(max(level, logging.INFO))
    for one in loggers:
        one.setLevel(logging.DEBUG)
        if one is logging.root or not one.propagate:
            one.addHandler(listener)
    try:
        yield heard
    finally:
        for one, level in loggers.items():
            one.removeHandler(listener)
            one.setLevel(level)
        for handler, level in others.items():
            handler.setLevel(level)
