"""Structured data as a table: nested data flattened, cells that no spreadsheet takes for a formula."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Any

Scalar = str | int | float | bool | None

# OWASP's list for CSV injection, with the full-width signs that East Asian spreadsheets take for the same.
_FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
_NEGATIVE = re.compile(r"-\d+(?:[.,]\d+)?")
_MOST_COLUMNS = 200
REST = "further data"
"""The column that takes what does not fit into the columns, as JSON."""


def flatten(content: Mapping[str, Any], *, open_lists: bool = False) -> dict[str, Scalar]:
    """Return a row: nested mappings as ``outer.inner``, lists of plain values joined by semicolons.

    Args:
        content: JSON-compatible data.
        open_lists: Whether lists of other things become ``outer.1.inner``, to be read by people, instead of JSON text
            in one cell.
    """
    return dict(_walk(content, "", open_lists=open_lists))


def _walk(content: Mapping[str, Any], prefix: str, *, open_lists: bool) -> Iterator[tuple[str, Scalar]]:
    for key, value in content.items():
        path, inner = f"{prefix}{key}", value
        if isinstance(value, list | tuple):
            plain = all(isinstance(item, str | int | float | bool) for item in value)
            if plain or not open_lists:
                yield path, "; ".join(map(str, value)) if plain else json.dumps(value, ensure_ascii=False, default=str)
                continue
            inner = {str(number): item for number, item in enumerate(value, 1)}
        if isinstance(inner, Mapping):
            yield from _walk(inner, f"{path}.", open_lists=open_lists) if inner else [(path, "")]
        else:
            yield path, value if isinstance(value, str | int | float | bool | None) else str(value)


class Columns:
    """The columns of a table in the order of their first appearance; bounded."""

    def __init__(self) -> None:
        self.names: dict[str, None] = {}

    def learn(self, row: Iterable[str]) -> None:
        """Add the columns of a row; the ones beyond the bound share the column ``REST``."""
        for name in row:
            if name not in self.names:
                self.names[name if len(self.names) < _MOST_COLUMNS else REST] = None

    def arrange(self, row: Mapping[str, Scalar]) -> list[Scalar]:
        """A row's cells in the order of the columns."""
        rest = {name: value for name, value in row.items() if name not in self.names}
        cells = dict(row) | ({REST: json.dumps(rest, ensure_ascii=False)} if rest else {})
        return [cells.get(name) for name in self.names]


def csv_lines(columns: Columns, rows: Iterable[Mapping[str, Scalar]]) -> Iterator[bytes]:
    """The table as CSV (RFC 4180) in UTF-8 with a byte order mark, without which Excel misreads accents."""
    yield b"\xef\xbb\xbf"
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for cells in chain([columns.names], map(columns.arrange, rows)):
        writer.writerow(map(guarded, cells))
        yield buffer.getvalue().encode(errors="replace")
        buffer.seek(0)
        buffer.truncate()


def guarded(cell: Scalar) -> Scalar:
    """A cell with an apostrophe before it where a spreadsheet would run it as a formula."""
    if not isinstance(cell, str):
        return cell
    if _NEGATIVE.fullmatch(cell):
        return cell
    start = cell.lstrip(" \u00a0")[:1]
    return f"'{cell}" if start in _FORMULA_STARTS and start else cell
