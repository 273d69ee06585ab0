"""An access package as it is read before its release: record by record, from the masked copies that the person gets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from rightsflow.cases.access.copies import REDACTED
from rightsflow.cases.access.package_choices import noted
from rightsflow.cases.access.readings import Reading, reading_of
from rightsflow.cases.app import App
from rightsflow.cases.overview.account import RecordLine, account_of
from rightsflow.documents.package.views import Item, Views
from rightsflow.domain.case.fates import Fate
from rightsflow.domain.disclosure.field_words import PLAIN
from rightsflow.domain.disclosure.redaction import masked_in
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.record_decisions import RecordDecision
from rightsflow.domain.records import Blob, Part, RecordRef
from rightsflow.files.workspace import Workspace

PAGE_RECORDS: Final = 25
"""How many records a page shows."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ShownPart:
    """A part of a record as the person reads it.

    Args:
        item: What it says.
        number: Its place among its system's copies, by which its bytes are asked for.
    """

    item: Item
    number: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ShownRecord:
    """One record as it is read.

    Args:
        line: What is known of it without its content.
        parts: What the person gets of it; nothing of one that is left out.
        masked: What was masked in it, by kind, and how often.
        note: What is noted on it, if it is to be left out.
    """

    line: RecordLine
    parts: Sequence[ShownPart]
    masked: Mapping[str, int]
    note: RecordDecision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """Records that are alike, in the order in which they are read.

    Args:
        title: What they have in common.
        records: How many.
        page: The page on which they begin, from 1.
    """

    title: str
    records: int
    page: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PackagePage:
    """A page of a package.

    Args:
        reading: The reading that it belongs to.
        chapters: All that is in the package, and all that was found and is not in it.
        sections: What is on this page, by chapter: its place, its title, its records.
        page: Its number, from 1.
        pages: How many there are.
        notes: What is noted on single records, by their numbers.
        masked: What was masked in all, by kind.
    """

    reading: Reading
    chapters: Sequence[Chapter]
    sections: Sequence[tuple[int, str, Sequence[ShownRecord]]]
    page: int
    pages: int
    notes: Mapping[str, RecordDecision]
    masked: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PackageFile:
    """The bytes of a recording or an attachment.

    Args:
        record: The number of its record.
        name: Its name as the person gets it.
        media_type: What the system says that it is; not to be trusted.
        size: How many bytes it has.
        open: Starts to read it.
    """

    record: int
    name: str
    media_type: str
    size: int
    open: Callable[[], Iterator[bytes]]


@dataclass(slots=True)
class _Copies:
    """The masked copies of a case."""

    parts: dict[RecordRef, list[tuple[int, Part]]] = field(default_factory=lambda: defaultdict(list))
    masked: dict[RecordRef, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def read(self, workspace: Workspace, systems: Sequence[str]) -> None:
        """Read them; the bytes of files stay unread."""
        for system in systems:
            for number, part in enumerate(workspace.read(REDACTED, system)):
                self.parts[part.record].append((number, part))
                text = {part.name: part.metadata} if isinstance(part, Blob) else part.content
                self.masked[part.record].update(masked_in(text))


def read_package(app: App, case_id: str, token: str, *, session: str, page: int) -> PackagePage:
    """A page of what the person will get, what needs a look first.

    Args:
        app: What it works with.
        case_id: The case.
        token: Of the reading.
        session: What proves the session of the reading.
        page: Which, from 1; one beyond the last is the last.

    Raises:
        BadInput: There is no such case.
        Conflict: The reading is over, or the copies are not here.
    """
    copies = _Copies()
    with app.store.case_file(case_id) as file:
        reading = reading_of(app, file, token, session=session)
        lines, refs = account_of(file, app.capabilities).records, {one.number: one.ref for one in file.findings.all()}
        notes, workspace = noted(file), app.workspace(file)
    systems = sorted({one.system for one in lines})
    copies.read(workspace, systems)
    chapters = _chapters(lines, lambda one: bool(copies.masked.get(refs[one.number])))
    ordered = [(at, title, one) for at, (title, records) in enumerate(chapters, 1) for one in records]
    pages = max(1, -(-len(ordered) // PAGE_RECORDS))
    page = min(max(page, 1), pages)
    on_page = ordered[(page - 1) * PAGE_RECORDS : page * PAGE_RECORDS]
    show = _Showing(app, workspace)

    def shown(one: RecordLine) -> ShownRecord:
        ref = refs[one.number]
        return ShownRecord(
            line=one,
            parts=[show.part(*part) for part in copies.parts.get(ref, ())],
            masked=copies.masked.get(ref, Counter()),
            note=notes.get(str(one.number)),
        )

    return PackagePage(
        reading=reading,
        chapters=_contents(chapters),
        sections=[
            (*chapter, [shown(one) for *_, one in records])
            for chapter, records in groupby(on_page, key=lambda placed: placed[:2])
        ],
        page=page,
        pages=pages,
        notes=notes,
        masked=sum(copies.masked.values(), Counter()),
    )


def package_file(app: App, case_id: str, token: str, *, session: str, system: str, number: int) -> PackageFile:
    """The bytes of a recording or an attachment of a package that is read.

    Args:
        app: What it works with.
        case_id: The case.
        token: Of the reading.
        session: What proves the session of the reading.
        system: The system's name in the configuration.
        number: The file's place among the system's copies.

    Raises:
        BadInput: There is no such case or file.
        Conflict: The reading is over, or the copies are not here.
    """
    with app.store.case_file(case_id) as file:
        reading_of(app, file, token, session=session)
        findings, workspace = file.findings.all(), app.workspace(file)
    # A system is taken from the case's own, never from the address: it is the name of a folder.
    known = next((one.ref.system for one in findings if one.ref.system == system), "")
    parts = enumerate(workspace.read(REDACTED, known)) if known else ()
    part = next((one for at, one in parts if at == number), None)
    record = next((one.number for one in findings if part is not None and one.ref == part.record), 0)
    if not isinstance(part, Blob) or not record:
        raise BadInput("There is no such file in this package.")
    return PackageFile(
        record=record,
        name=part.name,
        media_type=part.media_type,
        size=workspace.size(REDACTED, known, number),
        open=part.open,
    )


_ABSENT: Final = "Found, and not in the package"
_MASKED: Final = "With something masked"


def _chapters(
    lines: Sequence[RecordLine], is_masked: Callable[[RecordLine], bool]
) -> list[tuple[str, list[RecordLine]]]:
    """The records in the order in which they are read: what needs a look, then by system and category."""
    chapters: dict[str, list[RecordLine]] = {_ABSENT: [], _MASKED: []}
    for one in sorted(lines, key=lambda one: (one.system, one.category, one.number)):
        title = f"{one.system}: {one.category}"
        if one.fate is not Fate.COPIED:
            title = _ABSENT
        elif is_masked(one):
            title = _MASKED
        chapters.setdefault(title, []).append(one)
    return [(title, records) for title, records in chapters.items() if records]


def _contents(chapters: Sequence[tuple[str, Sequence[RecordLine]]]) -> list[Chapter]:
    before, contents = 0, []
    for title, records in chapters:
        contents.append(Chapter(title=title, records=len(records), page=before // PAGE_RECORDS + 1))
        before += len(records)
    return contents


class _Showing:
    """Shows parts as the package's own pages do."""

    def __init__(self, app: App, workspace: Workspace) -> None:
        self._views = Views(app.settings.controller.zone)
        self._words = {
            (system, kind.name): kind.words for system, one in app.capabilities.items() for kind in one.kinds
        }
        self._workspace = workspace

    def part(self, number: int, part: Part) -> ShownPart:
        record = part.record
        if isinstance(part, Blob):
            size = self._workspace.size(REDACTED, record.system, number)
            return ShownPart(item=self._views.blob(part, str(number), size), number=number)
        words = self._words.get((record.system, record.kind), PLAIN)
        return ShownPart(item=self._views.document(part.content, record.kind, number + 1, words), number=number)
