"""Canaries: clear values of a made-up person, looked for in whatever they may have been wrapped in.

A value is found in plain bytes, in UTF-16, with JSON's and Python's escapes, percent-encoded, in Base64, in hexadecimal
digits and in deflated streams, and in these inside one another.
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
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote_to_bytes

_DEPTH = 3
_MOST_INFLATED = 16 * 1024 * 1024
_NEAR = 600
"""How many bytes a value may reach around an escape in it; longer than any canary, wholly escaped."""
_ESCAPE = re.compile(rb"\\+(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2}))")
_PERCENT = re.compile(rb"%[0-9a-fA-F]{2}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){8,}")
_DEFLATED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


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
    """

    canaries: dict[str, str]
    _needles: dict[str, tuple[bytes, ...]] = field(init=False)

    def __post_init__(self) -> None:
        self._needles = {label: tuple(_spellings(value)) for label, value in self.canaries.items()}

    def scan(self, data: bytes, place: str) -> set[Hit]:
        """Everything that is found in these bytes."""
        return set(self._scan(data, place, ()))

    def scan_folder(self, folder: Path) -> set[Hit]:
        """Everything that is found in the names and the bytes of all files below a folder."""
        files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
        assert files, f"nothing to scan in {folder}"
        hits: set[Hit] = set()
        for path in files:
            hits |= self.scan(str(path.relative_to(folder)).encode(), f"the name of {path.name}")
            hits |= self.scan(path.read_bytes(), path.name)
        return hits

    def scan_database(self, file: Path) -> set[Hit]:
        """Everything that is found in any column of any table, read by SQL: no value is cut at the end of a page."""
        hits: set[Hit] = set()
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            connection.text_factory = bytes
            tables = [
                name.decode() for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='table'")
            ]
            for table in tables:
                rows = connection.execute(f'SELECT * FROM "{table}"')
                values = (value for row in rows for value in row if isinstance(value, bytes))
                hits |= self.scan(b"\n".join(values), f"table {table}")
        return hits

    def _scan(self, data: bytes, place: str, wrappings: tuple[str, ...]) -> Iterator[Hit]:
        lower = data.lower()
        for label, needles in self._needles.items():
            if any(needle in lower for needle in needles):
                yield Hit(label, place, wrappings)
        if len(wrappings) == _DEPTH:
            return
        for name, unwrap in _WRAPPINGS.items():
            for inner in unwrap(data):
                yield from self._scan(inner, place, (*wrappings, name))


def _spellings(value: str) -> Iterator[bytes]:
    """The ways a value may stand in bytes; compared without the case of ASCII letters."""
    for text in {value, unicodedata.normalize("NFC", value), unicodedata.normalize("NFD", value)}:
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            yield text.encode(encoding).lower()
        yield text.encode("latin-1", "ignore").lower() if not text.isascii() else text.encode().lower()


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
