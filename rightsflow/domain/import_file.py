"""Many requests in one file: read it row by row, check each, name its faults. Pure.

    >>> for row in read_rows(file):
    ...     checked = check_row(row, reading, opened_by="Olga Opener")

No message quotes a cell: the file is full of personal data, and messages go to screens and to Prefect.
"""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from itertools import chain

from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Decision, Gate, IdentityCheck, Verdict
from rightsflow.domain.gates.identity import StatedCheck, read_check, refuse_impossible
from rightsflow.domain.identifiers import Identifier, IdentifierKind, identifier
from rightsflow.domain.people import refuse_no_colleague
from rightsflow.domain.request import SEARCHED_FIELDS, Channel, Reading, Request, RequestForm, check_form

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


def read_rows(lines: Iterable[bytes], kinds: Collection[IdentifierKind] = ()) -> Iterator[Cells]:
    """Read a file row by row; no more of it is kept than the row that is read.

    Args:
        lines: Its lines as they stand there, each with its end; a byte order mark in front does no harm.
        kinds: The kinds of identifier that the configuration declares, each a column that it may have.

    Raises:
        BadInput: It is no such file, or its columns are not those of :data:`COLUMNS`; while rows are taken, also where
            the file turns out not to be in UTF-8.
    """
    decoded = _decoded(lines)
    first = next(decoded, "")
    separator = ";" if first.count(";") > first.count(",") else ","
    records = _records(chain([first], decoded), separator)
    _, names, fault = next(records, (1, [], ""))
    columns = _columns(names if not fault else [], [kind.value for kind in kinds])
    return (_cells(at, cells, columns, wrong) for at, cells, wrong in records if wrong or any(map(str.strip, cells)))


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    """Yield the lines as text, each with its end; in UTF-8 no other character contains the byte of that end."""
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


def _columns(names: Sequence[str], further: Sequence[str]) -> list[str]:
    columns = [name.strip().casefold() for name in names]
    known, searched = (*COLUMNS, *further), (*SEARCHED_FIELDS, *further)
    if set(columns).isdisjoint(known):
        # Perhaps the first person: it is not repeated.
        raise BadInput(f"The first row does not name the columns; name them there: {', '.join(known)}.")
    unknown = [_safe(name, place) for place, name in enumerate(columns, 1) if name not in known]
    if unknown:
        raise BadInput(f"Unknown columns: {', '.join(unknown)}; the columns are {', '.join(known)}.")
    if twice := [name for name, count in Counter(columns).items() if count > 1]:
        raise BadInput(f"Columns that stand there twice: {', '.join(twice)}; leave one of each.")
    missing = [name for name in REQUIRED if name not in columns]
    if set(columns).isdisjoint(searched):
        missing.append(f"one of {', '.join(searched)}")
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


MOST_TOLD = 10_000
"""Largest number of faults, and of duplicates, in a report: a file of a million rows may have a fault in each."""


@dataclass(frozen=True, slots=True, order=True)
class RowFault:
    """A fault in one cell.

    Args:
        row: The row, counted as a spreadsheet does: the names of the columns stand in row 1.
        column: The column's name; empty for the row as a whole.
        sentence: What is wrong and how to fix it.
    """

    row: int
    column: str
    sentence: str


@dataclass(frozen=True, slots=True, order=True)
class DuplicateRow:
    """A row that asks for what is asked for already.

    Args:
        row: The row.
        of_row: The row that asks for the same for the same person, or ``None``.
        of_case: The open case that does, or empty.
    """

    row: int
    of_row: int | None = None
    of_case: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """The result of an import, or what it would be.

    Args:
        rows: How many rows the file has, without that of the columns' names.
        faults: What is wrong, of the first rows at most :data:`MOST_TOLD`; with any, nothing was imported.
        faulty_rows: How many rows something is wrong with.
        duplicates: The rows for which no case is opened, since there is one or another row; the first of them.
        duplicate_rows: How many there are.
        opened: How many cases were opened, or would be.
        awaiting_identity: Of these, how many wait at the identity gate, since the row names no check.
        opened_before: How many rows were imported before.
        dry_run: Whether nothing was to be done.
    """

    rows: int
    faults: tuple[RowFault, ...] = ()
    faulty_rows: int = 0
    duplicates: tuple[DuplicateRow, ...] = ()
    duplicate_rows: int = 0
    opened: int = 0
    awaiting_identity: int = 0
    opened_before: int = 0
    dry_run: bool = False

    @property
    def sentence(self) -> str:
        """The result in words."""
        if self.faults:
            which = f"{_rows(self.faulty_rows)} of {self.rows}" if self.rows else "The file"
            return f"{which} cannot be used, so nothing was imported; correct the file."
        begun = "would be opened" if self.dry_run else "opened"
        waiting = f" ({self.awaiting_identity} to the identity gate)" if self.awaiting_identity else ""
        return (
            f"{_rows(self.rows)}; {begun}: {self.opened}{waiting}, imported before: {self.opened_before}, "
            f"duplicates: {self.duplicate_rows}."
        )


def _rows(count: int) -> str:
    return f"{count} {'row' if count == 1 else 'rows'}"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class CheckedRow:
    """A row that can be imported.

    Args:
        number: The row, counted as a spreadsheet does.
        request: What it asks for.
        identity: That identity is confirmed already, where the row says so with all facts of the check.
    """

    number: int
    request: Request
    identity: Decision | None = None

    @property
    def asked(self) -> tuple[str, ...]:
        """Keys of the right and the person, in one spelling: two rows with a key in common make the same request.

        None where it gives nothing but a number, which several people may have. Rows that give different things are
        compared as the cases that they become (:mod:`rightsflow.domain.case.persons`).
        """
        given = sorted(self.request.identifiers)
        phones = [item for item in given if item.kind.is_weak]
        who = [item for item in given if not item.kind.is_weak]
        numbers = {item.realm for item in who if item.finds}
        if len(numbers) > 1 or any(item.kind is IdentifierKind.EMAIL for item in who):
            return (self._told(who),)
        return tuple(self._told([*who, phone]) for phone in phones) if numbers else ()

    def _told(self, who: Sequence[Identifier]) -> str:
        parts = [self.request.right.value, *([item.realm, item.value] for item in who), *self._corrected]
        return json.dumps(parts, ensure_ascii=False)

    @property
    def _corrected(self) -> list[list[str]]:
        """Corrections wanted: each rectification names values of its own."""
        return [[correction.field, correction.old, correction.new] for correction in self.request.corrections]

    @property
    def content(self) -> str:
        """Content of the row in one spelling, equal for the same row again."""
        given = self.request
        return json.dumps(
            [
                given.right.value,
                sorted([item.realm, item.value] for item in given.identifiers),
                given.received_at.astimezone(UTC).isoformat(),
                given.channel.value,
                given.country,
                given.language,
                *([given.ground.value] if given.ground else []),
                *self._corrected,
            ],
            ensure_ascii=False,
        )


def check_row(row: Cells, reading: Reading, *, opened_by: str) -> CheckedRow | tuple[RowFault, ...]:
    """Check a row; where something is wrong, name all of it.

    Args:
        row: The row as it was read.
        reading: What it is read with.
        opened_by: Who imports it.
    """
    if row.fault:
        return (RowFault(row.number, "", row.fault),)
    read = check_form(_form(row, opened_by), reading)
    identity, wrong = _identity(row, reading)
    if identity and identity.check and isinstance(read, Request):
        wrong += _impossible(row, identity.check, read, reading)
    if not row.by_column["received"].strip():
        # By today's date a row would be another one tomorrow, and the month is counted from it.
        wrong.append(RowFault(row.number, "received", "The day of receipt is missing; give it like 2026-03-05."))
    if not isinstance(read, Request):
        wrong = [_fault(row, item.field, item.sentence) for item in read] + wrong
    elif not wrong:
        return CheckedRow(number=row.number, request=read, identity=identity)
    return tuple(sorted(wrong))


def _form(row: Cells, opened_by: str) -> RequestForm:
    cells = row.by_column
    fields = RequestForm.__dataclass_fields__.keys() - {"opened_by", "further"}
    given = {name: cells.get(name, "") for name in fields}
    given["channel"] = given["channel"].strip() or Channel.NOT_STATED.value
    further = tuple((name, text) for name, text in cells.items() if name not in COLUMNS)
    return RequestForm(**given, further=further, opened_by=opened_by)


def _identity(row: Cells, reading: Reading) -> tuple[Decision | None, list[RowFault]]:
    method, by = (row.by_column.get(f"identity_{name}", "").strip() for name in ("method", "by"))
    if not method and not by:
        return None, []
    if not by:
        return None, [
            _fault(row, "identity_by", "The name of the person who confirmed the identity is missing; give it.")
        ]
    if not method:
        return None, [
            _fault(row, "identity_method", "The way in which the identity was confirmed is missing; give it.")
        ]
    try:
        who = identifier(IdentifierKind.NAME, by).value
        refuse_no_colleague(who, [row.by_column.get("name", "")])
    except BadInput as error:
        return None, [_fault(row, "identity_by", str(error))]
    return _confirmed(row, who, reading)


def _confirmed(row: Cells, who: str, reading: Reading) -> tuple[Decision | None, list[RowFault]]:
    stated = StatedCheck(**{name: row.by_column.get(f"identity_{name}", "") for name in CHECK_COLUMNS})
    if stated.missing:
        # What was checked is not said, so a person checks at the gate.
        return None, []
    try:
        known, check = read_check(stated, reading.zone, reading.systems)
    except BadInput as error:
        return None, [_fault(row, _of_the_check(error, "method"), str(error))]
    return Decision(gate=Gate.IDENTITY, verdict=Verdict.CONFIRMED, by=who, method=known, check=check), []


def _impossible(row: Cells, check: IdentityCheck, request: Request, reading: Reading) -> list[RowFault]:
    try:
        refuse_impossible(check, received_at=request.received_at, now=reading.now, zone=reading.zone)
    except BadInput as error:
        return [_fault(row, _of_the_check(error, "at"), str(error))]
    return []


def _of_the_check(error: BadInput, otherwise: str) -> str:
    """Return the column of the wrong fact of a check."""
    return f"identity_{error.about if error.about in CHECK_COLUMNS else otherwise}"


def _fault(row: Cells, column: str, sentence: str) -> RowFault:
    return RowFault(row.number, "" if column == "opened_by" else column, sentence)
