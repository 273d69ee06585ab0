"""An access package as it is read before its release: record by record, from the masked copies that the person gets."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import RecordLine
from rightsflow.cases.facts.overview.record_fates import PackageFile
from rightsflow.cases.work.access.copies import REDACTED
from rightsflow.cases.work.access.package_choices import noted
from rightsflow.cases.work.access.package_index import PAGE_RECORDS, Chapter, Indexes, PackageIndex
from rightsflow.cases.work.access.readings import PackageReading, reading_of
from rightsflow.cases.work.access.sending_back import remarks_on
from rightsflow.documents.package.views import Item, Views
from rightsflow.domain.case.record_decisions import RecordDecision
from rightsflow.domain.disclosure.mask_choices import MaskChoice
from rightsflow.domain.disclosure.texts import text_of
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.package_changes import is_given
from rightsflow.domain.vocabulary.field_words import PLAIN
from rightsflow.domain.vocabulary.records import Blob, Part
from rightsflow.files.workspace import Workspace
from rightsflow.store import CaseFile


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ShownPart:
    """A part of a record as the person reads it.

    Args:
        item: What it says.
        number: Its place among its system's copies, by which its bytes are asked for.
        is_looked_into: Whether its text was masked by the software; of another file a person has to look into it.
    """

    item: Item
    number: int
    is_looked_into: bool = True


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ReadableRecord:
    """One record as it is read.

    Args:
        line: What is known of it without its content.
        parts: What the person gets of it; nothing of one that is left out.
        masked: What was masked in it, by kind, and how often.
        note: What is noted on it, if it is to be left out.
        choices: What is decided on its masks.
    """

    line: RecordLine
    parts: Sequence[ShownPart]
    masked: Mapping[str, int]
    note: RecordDecision | None
    choices: Sequence[MaskChoice]


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


_INDEXES: Final = Indexes()
"""The indexes of this process."""


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
    with app.store.case_file(case_id) as file:
        reading = reading_of(app, file, token, session=session)
        notes, workspace, index = noted(file), app.workspace(file), _INDEXES.of(file, app, reading.package)
        choices, remarks = _choices(file), remarks_on(file)
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
    )


def shown_record(app: App, file: CaseFile, reading: PackageReading, number: int) -> ReadableRecord:
    """One record as it is read.

    Args:
        app: What it works with.
        file: The case file, open.
        reading: The reading.
        number: The record's number.

    Raises:
        BadInput: The case has no such record.
        Conflict: The copies are not here.
    """
    index = _INDEXES.of(file, app, reading.package)
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
    found: dict[int, list[MaskChoice]] = defaultdict(list)
    for choice in choices:
        if choice.record in numbers:
            found[numbers[choice.record]].append(choice)
    return found


def _shown(
    app: App,
    workspace: Workspace,
    index: PackageIndex,
    notes: Mapping[str, RecordDecision],
    lines: Sequence[RecordLine],
    choices: Mapping[int, Sequence[MaskChoice]],
) -> Mapping[int, ReadableRecord]:
    """Some records as they are read, by their numbers."""
    parts, show = _parts(workspace, lines, index), _Showing(app, workspace)
    return {
        line.number: ReadableRecord(
            line=line,
            parts=[show.part(place, parts[line.system, place]) for place in index.places[line.number]],
            masked=index.masked.get(line.number, Counter()),
            note=notes.get(str(line.number)),
            choices=choices.get(line.number, ()),
        )
        for line in lines
    }


def _parts(workspace: Workspace, records: Sequence[RecordLine], index: PackageIndex) -> Mapping[tuple[str, int], Part]:
    """The parts of some records, by system and place; of a system no more is read than up to the last of them."""
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
        reading = reading_of(app, file, token, session=session)
        workspace, index = app.workspace(file), _INDEXES.of(file, app, reading.package)
    # The system and the place are those of a record of the case, whatever the address says: they are names of files.
    record = index.record_at(system, number)
    part = next(islice(workspace.read(REDACTED, record.system), number, None), None) if record else None
    if record is None or not isinstance(part, Blob):
        raise BadInput("There is no such file in this package.")
    return PackageFile(
        record=record.number,
        name=part.name,
        media_type=part.media_type,
        size=workspace.size(REDACTED, record.system, number),
        open=part.open,
    )


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

    def part(self, number: int, part: Part) -> ShownPart:
        record = part.record
        if isinstance(part, Blob):
            size = self._workspace.size(REDACTED, record.system, number)
            item = self._views.blob(part, str(number), size)
            return ShownPart(item=item, number=number, is_looked_into=text_of(part) is not None)
        words = self._words.get((record.system, record.kind), PLAIN)
        return ShownPart(item=self._views.document(part.content, record.kind, number + 1, words), number=number)
