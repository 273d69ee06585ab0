"""A file of requests as rows of named cells: UTF-8, with commas or semicolons, the first row names the columns."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from rightsflow.domain.errors import BadInput
from rightsflow.domain.request import SEARCHED_FIELDS

REQUIRED = ("right", "received")
_FURTHER = ("account_system", "name", "birth_date", "channel", "country", "language", "ground", "corrections")
CHECK_COLUMNS = ("method", "done", "at", "against", "held_by", "since")
"""Columns on the check of identity, each with the prefix ``identity_``."""
COLUMNS = (
    *REQUIRED,
    *SEARCHED_FIELDS,
    *_FURTHER,
    "identity_by",
    *(f"identity_{name}" for name in CHECK_COLUMNS),
)
"""The columns that a file may have; which of them a row needs is checked row by row."""

_BARE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\.csv", re.ASCII)
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9 _-]{0,39}")
_UTF8 = "The file is not in UTF-8; save it as CSV in UTF-8 and import it again."
_QUOTING = "the row's quotation marks do not match; put each cell that holds a separator or a mark between two marks"


@dataclass(frozen=True, slots=True, repr=False)
class Cells:
    """The cells of one row.

    Args:
        number: The row, counted as a spreadsheet does.
        by_column: Its cells; one that the file lacks is not there.
        fault: What is wrong with the row as a whole; empty if nothing is.
    """

    number: int
    by_column: Mapping[str, str]
    fault: str = ""


def read_rows(lines: Iterable[bytes]) -> Iterator[Cells]:
    """Read a file row by row; no more of it is kept than the row that is read.

    Args:
        lines: Its lines as they stand there, each with its end; a byte order mark in front does no harm.

    Raises:
        BadInput: It is no such file, or its columns are not those of :data:`COLUMNS`; while rows are taken, also where
            the file turns out not to be in UTF-8.
    """
    decoded = _decoded(lines)
    first = next(decoded, "")
    separator = ";" if first.count(";") > first.count(",") else ","
    records = _records(chain([first], decoded), separator)
    _, names, fault = next(records, (1, [], ""))
    columns = _columns(names if not fault else [])
    return (_cells(at, cells, columns, wrong) for at, cells, wrong in records if wrong or any(map(str.strip, cells)))


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    """The lines as text, each with its end; no character of UTF-8 but that end itself holds its byte."""
    try:
        for number, line in enumerate(lines):
            text = line.decode("utf-8" if number else "utf-8-sig")
            yield text if text.endswith("\n") else f"{text}\n"
    except UnicodeDecodeError:
        raise BadInput(_UTF8) from None


def _records(lines: Iterable[str], separator: str) -> Iterator[tuple[int, list[str], str]]:
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = 0
    while True:
        number += 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            # From here on no one can say where a row begins.
            yield number, [], _QUOTING
            return
        yield number, cells, ""


def _columns(names: Sequence[str]) -> list[str]:
    columns = [name.strip().casefold() for name in names]
    if set(columns).isdisjoint(COLUMNS):
        # Perhaps the first person: it is not repeated.
        raise BadInput(f"The first row does not name the columns; name them there: {', '.join(COLUMNS)}.")
    unknown = [_safe(name, place) for place, name in enumerate(columns, 1) if name not in COLUMNS]
    if unknown:
        raise BadInput(f"Unknown columns: {', '.join(unknown)}; the columns are {', '.join(COLUMNS)}.")
    if twice := [name for name, count in Counter(columns).items() if count > 1]:
        raise BadInput(f"Columns that stand there twice: {', '.join(twice)}; leave one of each.")
    missing = [name for name in REQUIRED if name not in columns]
    if set(columns).isdisjoint(SEARCHED_FIELDS):
        missing.append(f"one of {', '.join(SEARCHED_FIELDS)}")
    if missing:
        raise BadInput(f"Missing columns: {'; '.join(missing)}. Add them to the file.")
    return columns


def _safe(name: str, place: int) -> str:
    return name if _NAME.fullmatch(name) else f"number {place}"


def _cells(number: int, cells: Sequence[str], columns: Sequence[str], fault: str) -> Cells:
    if not fault and len(cells) != len(columns):
        fault = (
            f"the row has {len(cells)} cells and the file {len(columns)} columns; put cells with separators in quotes"
        )
    sentence = f"{fault[0].upper()}{fault[1:]}." if fault else ""
    return Cells(number, dict(zip(columns, cells, strict=False)), sentence)


def is_bare_name(name: str) -> bool:
    """Return whether a name is a valid import file name: no folders; letters, digits, dots, dashes; ``.csv``.

    Args:
        name: As a person typed it.
    """
    return _BARE_NAME.fullmatch(name) is not None
