"""A file of a package as a person reads it: its texts by sections, tables as tables, what is masked in it marked."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from rightsflow.documents.package.views import Fact, plain_text
from rightsflow.domain.disclosure.file_texts import NOT_GIVEN, NOT_SCANNED, FileReader, OpenedFile, Run
from rightsflow.domain.vocabulary.records import Blob
from rightsflow.files.kinds.recognition import FileKind

PREVIEW_CHARACTERS: Final = 3_000
"""How much of a file's text is shown beside its record."""
PAGE_CHARACTERS: Final = 40_000
"""How much of it is on one page of its own."""
PREVIEW_BYTES: Final = 1_000_000
"""The largest file whose text is shown beside its record."""
MOST_PREVIEWS: Final = 12
"""How many files' texts are shown on one page of a package."""
_CELL: Final = re.compile(r"(?P<sheet>.*)!(?P<column>[A-Z]{1,3})(?P<row>[0-9]{1,7})")
_SHOWN_HEADERS: Final = frozenset({"From", "To", "Cc", "Date", "Subject"})
_MAIL, _CSV = FileKind.MAIL.value, FileKind.CSV.value
_STEP: Final = " › "
_MOST_COLUMNS: Final = 40


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FileSection:
    """A section of a file.

    Args:
        title: Its place, such as ``page 3`` or a sheet's title; empty for the whole file.
        facts: Headers of a mail, attributes: label and text.
        rows: The cells of a table.
        texts: Its paragraphs.
        is_folded: True if few need it: further headers, attributes.
    """

    title: str
    facts: Sequence[Fact] = ()
    rows: Sequence[Sequence[str]] = ()
    texts: Sequence[str] = ()
    is_folded: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class FileView:
    """A file, or a page of it.

    Args:
        kind: The kind in words; empty where it could not be opened.
        sections: What is shown.
        unread: What was not opened, with the reason.
        page: Which page, from 1.
        pages: How many there are.
    """

    kind: str
    sections: Sequence[FileSection]
    unread: Sequence[str]
    page: int = 1
    pages: int = 1


def file_view(blob: Blob, reader: FileReader, *, page: int = 1, characters: int = PAGE_CHARACTERS) -> FileView:
    """Return a page of a file.

    Args:
        blob: The file as it is given.
        reader: Opens it.
        page: Which page, from 1; one beyond the last is the last.
        characters: How much text is on a page.
    """
    opened = reader.open(blob)
    pages = list(_pages(opened.runs, characters)) or [[]]
    page = min(max(page, 1), len(pages))
    return FileView(
        kind=opened.kind,
        sections=list(_sections(pages[page - 1], opened)),
        unread=[str(blob.metadata[key]) for key in (NOT_GIVEN, NOT_SCANNED) if key in blob.metadata],
        page=page,
        pages=len(pages),
    )


def _pages(runs: Sequence[Run], most: int) -> Iterator[list[Run]]:
    """Divide the texts into pages; a text that is longer than one is cut."""
    page, size = list[Run](), 0
    for run in runs:
        for at in range(0, len(run.text), most):
            piece = Run(run.text[at : at + most], run.where)
            if page and size + len(piece.text) > most:
                yield page
                page, size = [], 0
            page.append(piece)
            size += len(piece.text)
    if page:
        yield page


def _sections(runs: Sequence[Run], opened: OpenedFile) -> Iterator[FileSection]:
    for title, group in groupby(runs, key=lambda run: _title(run, opened.kind)):
        these = list(group)
        cells = [found for run in these if (found := _CELL.fullmatch(run.where))]
        if cells and len(cells) == len(these):
            yield FileSection(title=title, rows=list(_rows(these)))
        elif title.rpartition(_STEP)[2] == "fields":
            yield from _field_sections(title, [(run.where.rpartition(_STEP)[2], run.text) for run in these])
        else:
            yield _text_section(title, these, is_table=opened.kind == _CSV or title.lower().endswith(".csv"))


def _field_sections(title: str, facts: Sequence[Fact]) -> Iterator[FileSection]:
    """Yield the headers that a mail program shows, and the others folded."""
    for is_folded in (False, True):
        if these := [fact for fact in facts if (fact[0] not in _SHOWN_HEADERS) is is_folded]:
            yield FileSection(title=title, facts=these, is_folded=is_folded)


def _title(run: Run, kind: str) -> str:
    if cell := _CELL.fullmatch(run.where):
        return cell["sheet"]
    outer, _, last = run.where.rpartition(_STEP)
    is_field = bool(re.fullmatch(r"[A-Za-z][\w-]*", last)) and last not in {"text", "workbook", "links", "comments"}
    if is_field and (kind == _MAIL or outer):
        return f"{outer}{_STEP}fields" if outer else "fields"
    return run.where


def _text_section(title: str, runs: Sequence[Run], *, is_table: bool) -> FileSection:
    texts = [plain_text(run.text) for run in runs]
    if is_table and (rows := _table(texts[0])):
        return FileSection(title=title, rows=rows)
    return FileSection(title=title, texts=texts)


def _rows(runs: Sequence[Run]) -> Iterator[list[str]]:
    """Yield the rows of a sheet, its cells at their columns."""
    cells = [(found, run.text) for run in runs if (found := _CELL.fullmatch(run.where))]
    for _, row in groupby(cells, key=lambda cell: cell[0]["row"]):
        line = list[str]()
        for found, text in row:
            column = min(_number(found["column"]), _MOST_COLUMNS)
            line += [""] * (column - len(line))
            line[column - 1] = f"{line[column - 1]} {text}".strip()
        yield line


def _number(column: str) -> int:
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _table(text: str) -> list[list[str]]:
    """Return the rows of a text that is a table by its separators; none for another one."""
    lines = text.splitlines()
    for separator in ",;\t":
        counts = {line.count(separator) for line in lines[:5]}
        if len(lines) > 1 and min(counts) and len(counts) == 1:
            try:
                return [row[:_MOST_COLUMNS] for row in csv.reader(lines, delimiter=separator)]
            except csv.Error:
                return []
    return []
