"""Call data in CSV files: read whole or refused, and written again so that every other line keeps its bytes. Pure.

What a spreadsheet does to numbers is undone where that is certain (``'+49171…`` and ``="0171…"``), and refused where
digits are lost (``4.9E+12``). Format: RFC 4180, with other delimiters and character sets.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Final, Literal

from pydantic import AfterValidator, Field

from connectors.settings import Strict
from connectors.sql.layouts import checked_path
from rightsflow.domain.errors import Misconfigured, Transient

_MARK: Final = "\ufeff"
_WRAPPED: Final = re.compile(r"""=?"([^"]*)"|'(.*)""", re.DOTALL)
_SHORTENED: Final = re.compile(r"\d([.,]\d+)?E\+\d+", re.IGNORECASE)
_BY_MARK: Final = {codecs.BOM_UTF16_LE: "utf-16-le", codecs.BOM_UTF16_BE: "utf-16-be"}


def _is_encoding(name: str) -> str:
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise ValueError("write encoding as utf-8, utf-16, cp1252 or another name that Python knows") from None


class CsvFile(Strict):
    """CSV files with a table's rows, the column names in the first line.

    Args:
        path: Their path in ``files``, with ``*`` for anything within a name: ``exports/calls-*.csv``.
        delimiter: The sign between fields.
        encoding: The character set.
        open_end: ``true`` if a file may end within a line. Otherwise such a file counts as cut.
        times: The form of times by column, as of ``strptime``: ``{ start = "%d.%m.%Y %H:%M" }``; by default ISO 8601.
    """

    path: Annotated[str, AfterValidator(checked_path)]
    delimiter: Literal[",", ";", "\t", "|"] = ","
    encoding: Annotated[str, AfterValidator(_is_encoding)] = "utf-8"
    open_end: bool = False
    times: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CsvLine:
    """A row of a file.

    Args:
        raw: Its text as it is in the file, over several lines where a field has line ends.
        fields: Its fields as they are written; none of an empty line.
        values: Its fields as they are read.
    """

    raw: str = field(repr=False)
    fields: tuple[str, ...] = field(repr=False)
    values: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CsvTable:
    """A file that was read.

    Args:
        settings: How it is written.
        encoding: Its character set.
        head: Its first line as it is.
        columns: The names of its columns.
        lines: The others.
    """

    settings: CsvFile
    encoding: str
    head: str = field(repr=False)
    columns: tuple[str, ...]
    lines: tuple[CsvLine, ...] = field(repr=False)

    def without(self, gone: frozenset[int], changed: Mapping[int, Mapping[str, str]]) -> bytes:
        """Return the file without some lines and with other values in others.

        Args:
            gone: The numbers of lines that are left out, from 0.
            changed: New values by the numbers of lines and the names of columns.
        """
        kept = [self._line(number, line, changed) for number, line in enumerate(self.lines) if number not in gone]
        return "".join([self.head, *kept]).encode(self.encoding)

    def _line(self, number: int, line: CsvLine, changed: Mapping[int, Mapping[str, str]]) -> str:
        if number not in changed:
            return line.raw
        new = changed[number]
        fields = [new.get(name, was) for name, was in zip(self.columns, line.fields, strict=True)]
        written = io.StringIO()
        end = line.raw[len(line.raw.rstrip("\r\n")) :]
        csv.writer(written, delimiter=self.settings.delimiter, lineterminator=end).writerow(fields)
        return written.getvalue()


def read_table(content: bytes, settings: CsvFile, system: str) -> CsvTable:
    """Read a file.

    Args:
        content: The whole file.
        settings: How it is written.
        system: The system's name, for errors.

    Raises:
        Misconfigured: It is not written as the settings say, or lost digits in a spreadsheet.
        Transient: It is cut, perhaps since it is being written now.
    """
    encoding = _BY_MARK.get(content[:2], settings.encoding)
    # With a name that leaves the order of bytes open, Python would add a mark when it writes.
    encoding = "utf-16-le" if encoding == "utf-16" else encoding
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise _wrong(settings, system, f"is not text in {settings.encoding}; mend the key csv.encoding") from None
    if "\0" in text:
        raise _wrong(settings, system, "has NUL characters; mend the key csv.encoding, or export it anew")
    lines = list(io.StringIO(text, newline=""))
    if lines and not settings.open_end and not lines[-1].endswith(("\n", "\r")):
        raise _cut(settings, system)
    records = _records(lines, settings, system)
    head, columns = next(records, ("", ()))
    if columns and columns[0].lower().startswith("sep=") and len(columns) == 1 + (settings.delimiter in columns[0]):
        more, columns = next(records, ("", ()))
        head += more
    columns = tuple(name.removeprefix(_MARK).strip().strip('"') for name in columns)
    if not columns or len({name.casefold() for name in columns}) < len(columns) or "" in columns:
        message = "has no first line with a name for each column; mend the key csv.delimiter, or export it anew"
        raise _wrong(settings, system, message)
    return CsvTable(settings, encoding, head, columns, tuple(_lines(records, columns, settings, system)))


def _records(lines: Sequence[str], settings: CsvFile, system: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each record as it is written and as fields."""
    reader, begin = csv.reader(iter(lines), delimiter=settings.delimiter, strict=True), 0
    try:
        for fields in reader:
            yield "".join(lines[begin : reader.line_num]), tuple(fields)
            begin = reader.line_num
    except csv.Error:
        raise _cut(settings, system, begin + 1) from None


def _lines(
    records: Iterator[tuple[str, tuple[str, ...]]], columns: tuple[str, ...], settings: CsvFile, system: str
) -> Iterator[CsvLine]:
    for number, (raw, fields) in enumerate(records, 2):
        if fields and len(fields) != len(columns):
            raise _cut(settings, system, number)
        values = tuple(
            _value(name, text, settings, system, number) for name, text in zip(columns, fields, strict=bool(fields))
        )
        yield CsvLine(raw, fields, values)


def _value(column: str, text: str, settings: CsvFile, system: str, number: int) -> str:
    wrapped = _WRAPPED.fullmatch(text.strip())
    value = (wrapped[1] if wrapped[1] is not None else wrapped[2]) if wrapped else text
    if _SHORTENED.fullmatch(value.strip()):
        message = f"has a number in line {number} that a spreadsheet has shortened, so that digits are lost; export it"
        raise _wrong(settings, system, f"{message} without opening it in one")
    form = settings.times.get(column)
    if not form or not value.strip():
        return value
    try:
        return datetime.strptime(value.strip(), form).isoformat(" ")  # noqa: DTZ007 - its zone is the system's
    except ValueError:
        raise _wrong(settings, system, f"has another time in line {number} than csv.times says; mend it") from None


def _wrong(settings: CsvFile, system: str, what: str) -> Misconfigured:
    return Misconfigured(f"The file {settings.path} of the system {system} {what}.")


def _cut(settings: CsvFile, system: str, number: int = 0) -> Transient:
    where = f"line {number} has another number of fields than the first" if number else "its last line has no end"
    return Transient(
        f"The file {settings.path} seems to be cut ({where}); if it stays so, export it anew, or mend csv.delimiter.",
        system=system,
        operation="read",
    )
