"""An access package as it is read before its release, record by record."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import PackageFile, RecordLine
from rightsflow.cases.work.access.file_view import MOST_PREVIEWS, PREVIEW_BYTES, PREVIEW_CHARACTERS, FileView, file_view
from rightsflow.cases.work.access.package import REDACTED
from rightsflow.cases.work.access.package_index import PAGE_RECORDS, Chapter, PackageIndex, index_of
from rightsflow.cases.work.access.package_review import PackageReading, noted, reading_of, remarks_on
from rightsflow.cases.work.access.read_marks import readers_of
from rightsflow.documents.package.cover import CoverSection, cover_sections
from rightsflow.documents.package.views import Item, Views
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.case.record_decisions import RecordDecision
from rightsflow.domain.disclosure.file_texts import NOT_SCANNED
from rightsflow.domain.disclosure.mask_choices import MaskAct, MaskChoice, MaskState
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.linked_copies import changed_beside
from rightsflow.domain.gates.package_changes import is_given
from rightsflow.domain.vocabulary.field_words import PLAIN, FieldWords
from rightsflow.domain.vocabulary.records import Blob, Part
from rightsflow.files.workspace import Workspace
from rightsflow.store import CaseFile
from rightsflow.store.case.keeping import COVER


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ShownPart:
    """A part of a record as the person reads it.

    Args:
        item: What it says.
        number: Its place among its system's copies, by which its bytes are asked for.
        is_looked_into: Whether its text was masked by the software; of another file a person has to look into it.
        words: The words for its codes.
        text: The beginning of its text, of a file.
    """

    item: Item
    number: int
    is_looked_into: bool = True
    words: FieldWords = PLAIN
    text: FileView | None = None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReadableRecord:
    """One record as it is read.

    Args:
        line: What is known of it without its content.
        parts: What the person gets of it; nothing of one that is left out.
        masked: What was masked in it, by kind, and how often.
        note: What is noted on it, if it is to be left out.
        choices: What is decided on its masks.
        beside: The linked records that are left out, masked or muted by a person, while this one is given as it is.
    """

    line: RecordLine
    parts: Sequence[ShownPart]
    masked: Mapping[str, int]
    note: RecordDecision | None
    choices: Sequence[MaskChoice]
    beside: Sequence[int] = ()

    @property
    def has_finding(self) -> bool:
        """True if a person decides something in it: a redaction, a note, a linked record, or that it is not given."""
        return bool(self.masked or self.note or self.choices or self.beside) or self.line.fate is not Fate.COPIED


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
        open_choices: The records on whose masks something is decided that is not in this package.
        remarks: Why the package was sent back, oldest first.
        digests: The hash of what is given of each record, by its number.
        readers: The people who have read a record as it is now, by that hash.
        letter: The sections of the package's cover letter.
        unread: The files that were not opened, or in part only: the record's number and the reason.
    """

    reading: PackageReading
    chapters: Sequence[Chapter]
    sections: Sequence[tuple[int, str, Sequence[ReadableRecord]]]
    page: int
    pages: int
    notes: Mapping[str, RecordDecision]
    masked: Mapping[str, int]
    open_choices: Sequence[int]
    remarks: Sequence[str]
    digests: Mapping[int, str]
    readers: Mapping[str, Sequence[str]]
    letter: Sequence[CoverSection]
    unread: Sequence[tuple[int, str]]


def read_package(app: App, case_id: str, token: str, *, session: str, page: int) -> PackagePage:
    """Read a page of the person's package, with what needs review first.

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
    with app.store.case_file(case_id) as file:
        reading = reading_of(app, file, token, session=session)
        notes, workspace, index = noted(file), app.workspace(file), index_of(file, app, reading.package)
        choices, remarks, readers = _choices(file), remarks_on(file), readers_of(file)
        letter = cover_sections(*json.loads(file.outbox.secret(COVER) or '["", []]'))
    page = min(max(page, 1), index.pages)
    on_page = index.order[(page - 1) * PAGE_RECORDS : page * PAGE_RECORDS]
    shown = _shown(app, workspace, index, notes, [item for *_, item in on_page], choices)
    return PackagePage(
        reading=reading,
        chapters=index.chapters,
        sections=[
            (*chapter, [shown[record.number] for *_, record in records])
            for chapter, records in groupby(on_page, key=lambda placed: placed[:2])
        ],
        page=page,
        pages=index.pages,
        notes=notes,
        masked=sum(index.masked.values(), Counter()),
        open_choices=[number for number, these in sorted(choices.items()) if any(item.is_open for item in these)],
        remarks=remarks,
        digests=index.given,
        readers=readers,
        letter=letter,
        unread=index.unread,
    )


def shown_record(app: App, file: CaseFile, reading: PackageReading, number: int) -> ReadableRecord:
    """Return one record as it is read.

    Args:
        app: What it works with.
        file: The case file, open.
        reading: The reading.
        number: The record's number.

    Raises:
        BadInput: The case has no such record.
        Conflict: The copies are not here.
    """
    index = index_of(file, app, reading.package)
    line = next((item for *_, item in index.order if item.number == number), None)
    if line is None:
        raise BadInput("This case has no record of that number.")
    return _shown(app, app.workspace(file), index, noted(file), [line], _choices(file))[number]


def _choices(file: CaseFile) -> Mapping[int, Sequence[MaskChoice]]:
    """Return the decisions on masks, by the numbers of the records that are given."""
    choices = file.masks.all()
    if not choices:
        return {}
    numbers = {
        file.masks.hashes.of_record(finding.ref): finding.number for finding in file.findings.all() if is_given(finding)
    }
    by_record: dict[int, list[MaskChoice]] = defaultdict(list)
    for choice in choices:
        if choice.record in numbers:
            by_record[numbers[choice.record]].append(choice)
    return by_record


def _shown(
    app: App,
    workspace: Workspace,
    index: PackageIndex,
    notes: Mapping[str, RecordDecision],
    lines: Sequence[RecordLine],
    choices: Mapping[int, Sequence[MaskChoice]],
) -> Mapping[int, ReadableRecord]:
    """Return some records as they are read, by their numbers."""
    parts, show = _parts(workspace, lines, index), _Showing(app, workspace)
    changed = _withheld(index, notes, choices)
    return {
        line.number: ReadableRecord(
            line=line,
            parts=[show.part(place, parts[line.system, place]) for place in index.places[line.number]],
            masked=index.masked.get(line.number, Counter()),
            note=notes.get(str(line.number)),
            choices=choices.get(line.number, ()),
            beside=() if line.number in changed else changed_beside(line.number, changed, index.families),
        )
        for line in lines
    }


def _withheld(
    index: PackageIndex, notes: Mapping[str, RecordDecision], choices: Mapping[int, Sequence[MaskChoice]]
) -> set[int]:
    """Return the records that are not given as they are found, by a person's decision."""
    left_out = {line.number for *_, line in index.order if line.fate is Fate.LEFT_OUT}
    masked = {number for number, made in choices.items() if any(map(_withholds, made))}
    return {*left_out, *masked, *map(int, notes)}


def _withholds(choice: MaskChoice) -> bool:
    return choice.act in {MaskAct.HIDE, MaskAct.MUTE, MaskAct.EDIT} and choice.state is not MaskState.LIFTED


def _parts(workspace: Workspace, records: Sequence[RecordLine], index: PackageIndex) -> Mapping[tuple[str, int], Part]:
    """Return the parts of some records, by system and place; each system is read only up to the last of them."""
    wanted: dict[str, set[int]] = defaultdict(set)
    for record in records:
        wanted[record.system].update(index.places[record.number])
    return {
        (system, place): part
        for system, places in wanted.items()
        if places
        for place, part in enumerate(islice(workspace.read(REDACTED, system), max(places) + 1))
        if place in places
    }


def package_file(app: App, case_id: str, token: str, *, session: str, system: str, number: int) -> PackageFile:
    """Return the bytes of a recording or an attachment of a package that is read.

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
    return _file(app, case_id, token, session, system, number)[0]


def _file(app: App, case_id: str, token: str, session: str, system: str, number: int) -> tuple[PackageFile, Blob]:
    with app.store.case_file(case_id) as file:
        reading = reading_of(app, file, token, session=session)
        workspace, index = app.workspace(file), index_of(file, app, reading.package)
    # The system and the place are those of a record of the case, whatever the address says: they are names of files.
    record = index.record_at(system, number)
    part = next(islice(workspace.read(REDACTED, record.system), number, None), None) if record else None
    if record is None or not isinstance(part, Blob):
        raise BadInput("There is no such file in this package.")
    found = PackageFile(
        record=record.number,
        name=part.name,
        media_type=part.media_type,
        size=workspace.size(REDACTED, record.system, number),
        open=part.open,
    )
    return found, part


def package_file_text(
    app: App, case_id: str, token: str, *, session: str, system: str, number: int, page: int
) -> tuple[PackageFile, FileView]:
    """Return a page of the text of a file of a package that is read, with the file.

    Args:
        app: What it works with.
        case_id: The case.
        token: Of the reading.
        session: What proves the session of the reading.
        system: The system's name in the configuration.
        number: The file's place among the system's copies.
        page: Which page, from 1.

    Raises:
        BadInput: There is no such case or file.
        Conflict: The reading is over, or the copies are not here.
    """
    found, blob = _file(app, case_id, token, session, system, number)
    return found, file_view(blob, app.file_reader, page=page)


class _Showing:
    """Shows parts as the package's own pages do."""

    def __init__(self, app: App, workspace: Workspace) -> None:
        self._views = Views(app.settings.controller.zone)
        self._words = {
            (system, kind.name): kind.words
            for system, capability in app.capabilities.items()
            for kind in capability.kinds
        }
        self._workspace = workspace
        self._reader, self._previews = app.file_reader, MOST_PREVIEWS

    def part(self, number: int, part: Part) -> ShownPart:
        record = part.record
        if isinstance(part, Blob):
            size = self._workspace.size(REDACTED, record.system, number)
            item = self._views.blob(part, str(number), size)
            is_looked_into = not (NOT_SCANNED in part.metadata or item.player)
            text = None if item.player else self._preview(part, size)
            return ShownPart(item=item, number=number, is_looked_into=is_looked_into, text=text)
        words = self._words.get((record.system, record.kind), PLAIN)
        item = self._views.document(part.content, record.kind, number + 1, words)
        return ShownPart(item=item, number=number, words=words)

    def _preview(self, blob: Blob, size: int) -> FileView | None:
        """Return the beginning of a file's text, of the first files of a page and of none that is large."""
        if size > PREVIEW_BYTES or not self._previews:
            return None
        self._previews -= 1
        return file_view(blob, self._reader, characters=PREVIEW_CHARACTERS)
