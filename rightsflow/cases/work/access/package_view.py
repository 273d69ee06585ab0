"""An access package as it is read before its release, record by record, and its index in reading order.

The index is built once for each package and process, since it has to read thousands of records, and is cached in
memory: a package never changes, and is identified by its hash.
"""

from __future__ import annotations

import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby, islice
from threading import Lock
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import PackageFile, RecordLine, record_line
from rightsflow.cases.work.access.package import REDACTED
from rightsflow.cases.work.access.package_review import PackageReading, noted, reading_of, remarks_on
from rightsflow.cases.work.access.read_marks import readers_of
from rightsflow.documents.package.cover import CoverSection, cover_sections
from rightsflow.documents.package.views import Item, Views
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.case.record_decisions import RecordDecision
from rightsflow.domain.disclosure.mask_choices import MaskAct, MaskChoice, MaskState
from rightsflow.domain.disclosure.texts import masked_in, text_of
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.linked_copies import changed_beside, families
from rightsflow.domain.gates.package_changes import is_given
from rightsflow.domain.vocabulary.field_words import PLAIN, FieldWords
from rightsflow.domain.vocabulary.records import Blob, Part, RecordRef
from rightsflow.files.workspace import Workspace
from rightsflow.store import CaseFile
from rightsflow.store.case.keeping import COVER

PAGE_RECORDS: Final = 25
"""The number of records on a page."""
_ABSENT: Final = "Found, and not in the package"
_MASKED: Final = "With something masked"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageIndex:
    """The records of a package.

    Args:
        chapters: All that is in it, and all that was found and is not.
        order: Each record in its turn: its chapter's place and title, and what is known of it.
        places: Where the parts of each record are among its system's copies, by its number.
        masked: What was masked in each record, by its number.
        digests: The hash of what is given of each record, by its number: by this it is known whether it was read.
        families: The records that were found through one entry, by number.
    """

    chapters: Sequence[Chapter]
    order: Sequence[tuple[int, str, RecordLine]]
    places: Mapping[int, Sequence[int]]
    masked: Mapping[int, Counter[str]]
    digests: Mapping[int, str]
    families: Mapping[int, frozenset[str]]

    @property
    def given(self) -> Mapping[int, str]:
        """The hashes of the records that are given."""
        return {number: digest for number, digest in self.digests.items() if self.places[number]}

    @property
    def pages(self) -> int:
        """The number of pages, at least one."""
        return max(1, -(-len(self.order) // PAGE_RECORDS))

    def record_at(self, system: str, place: int) -> RecordLine | None:
        """Return the record that a part belongs to; ``None`` if there is no such part.

        Args:
            system: The system's name.
            place: The part's place among its copies.
        """
        return next(
            (item for *_, item in self.order if item.system == system and place in self.places[item.number]), None
        )


class Indexes:
    """The indexes of the packages that are read at present.

    Args:
        most: How many are kept.
    """

    def __init__(self, most: int = 8) -> None:
        self._most, self._lock = most, Lock()
        self._made: OrderedDict[tuple[str, str], PackageIndex] = OrderedDict()

    def of(self, file: CaseFile, app: App, package: str) -> PackageIndex:
        """Return the index of a package.

        Args:
            file: The case file, open.
            app: What it works with.
            package: The package's hash.

        Raises:
            Conflict: The copies are not here.
        """
        key = (file.case_id, package)
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        made = _made(file, app)
        with self._lock:
            self._made[key] = made
            while len(self._made) > self._most:
                self._made.popitem(last=False)
        return made


def _made(file: CaseFile, app: App) -> PackageIndex:
    findings = file.findings.all()
    lines, numbers = (
        [record_line(finding, file.right) for finding in findings],
        {finding.ref: finding.number for finding in findings},
    )
    seen = _looked_through(app.workspace(file), sorted({line.system for line in lines}), numbers)
    changed = _changed_files(file, numbers)
    chapters = _chapters(lines, {*seen.masked, *changed})
    return PackageIndex(
        chapters=_contents(chapters),
        order=[(at, title, record) for at, (title, records) in enumerate(chapters, 1) for record in records],
        places=seen.places,
        masked=seen.masked,
        digests={number: _digest(given, changed.get(number, ())) for number, given in seen.given.items()},
        families=families(findings, app.profiles),
    )


def _digest(given: Sequence[str], changed: Sequence[str]) -> str:
    return sha256("\n".join([*given, *changed]).encode()).hexdigest()


def _changed_files(file: CaseFile, numbers: Mapping[RecordRef, int]) -> Mapping[int, Sequence[str]]:
    """Return the records with a file that is muted or edited by hand, with what was changed; no text shows that."""
    unseen = {MaskAct.MUTE, MaskAct.EDIT}
    made = [mask for mask in file.masks.all() if mask.act in unseen and mask.state is MaskState.APPLIED]
    of_hash = {file.masks.hashes.of_record(ref): number for ref, number in numbers.items()} if made else {}
    changed: dict[int, list[str]] = defaultdict(list)
    for mask in made:
        if mask.record in of_hash:
            changed[of_hash[mask.record]].append(f"{mask.act.value} {mask.number}")
    return changed


@dataclass(frozen=True, slots=True)
class _Looked:
    """The parts of a package's records.

    Args:
        places: Where the parts of each record are, by its number.
        masked: What is masked in each.
        given: What is given of each, in a form that is hashed.
    """

    places: Mapping[int, Sequence[int]]
    masked: Mapping[int, Counter[str]]
    given: Mapping[int, Sequence[str]]


def _looked_through(workspace: Workspace, systems: Sequence[str], numbers: Mapping[RecordRef, int]) -> _Looked:
    """Look through the copies; the bytes of files stay unread."""
    places: dict[int, list[int]] = {number: [] for number in numbers.values()}
    given: dict[int, list[str]] = {number: [] for number in numbers.values()}
    masked: dict[int, Counter[str]] = defaultdict(Counter)
    for system in systems:
        for place, part in enumerate(workspace.read(REDACTED, system)):
            number = numbers[part.record]
            places[number].append(place)
            content = {part.name: part.metadata} if isinstance(part, Blob) else part.content
            size = workspace.size(REDACTED, system, place) if isinstance(part, Blob) else 0
            given[number].append(f"{size} {json.dumps(content, sort_keys=True, default=str)}")
            masks = masked_in(content)
            if masks:
                masked[number] += masks
    return _Looked(places, dict(masked), given)


def _chapters(lines: Sequence[RecordLine], masked: Container[int]) -> list[tuple[str, list[RecordLine]]]:
    """Return the records in reading order: those that need review, then by system and category."""
    chapters: dict[str, list[RecordLine]] = {_ABSENT: [], _MASKED: []}
    for line in sorted(lines, key=lambda item: (item.system, item.category, item.number)):
        title = f"{line.system}: {line.category}"
        if line.fate is not Fate.COPIED:
            title = _ABSENT
        elif line.number in masked:
            title = _MASKED
        chapters.setdefault(title, []).append(line)
    return [(title, records) for title, records in chapters.items() if records]


def _contents(chapters: Sequence[tuple[str, Sequence[RecordLine]]]) -> list[Chapter]:
    before, contents = 0, []
    for title, records in chapters:
        contents.append(Chapter(title=title, records=len(records), page=before // PAGE_RECORDS + 1))
        before += len(records)
    return contents


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ShownPart:
    """A part of a record as the person reads it.

    Args:
        item: What it says.
        number: Its place among its system's copies, by which its bytes are asked for.
        is_looked_into: Whether its text was masked by the software; of another file a person has to look into it.
        words: The words for its codes.
    """

    item: Item
    number: int
    is_looked_into: bool = True
    words: FieldWords = PLAIN


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


_INDEXES: Final = Indexes()
"""The indexes of this process."""


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
        notes, workspace, index = noted(file), app.workspace(file), _INDEXES.of(file, app, reading.package)
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
    )


def index_of(file: CaseFile, app: App, package: str) -> PackageIndex:
    """Return the index of a package.

    Args:
        file: The case file, open.
        app: What it works with.
        package: The package's hash.

    Raises:
        Conflict: The copies are not here.
    """
    return _INDEXES.of(file, app, package)


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
        item = self._views.document(part.content, record.kind, number + 1, words)
        return ShownPart(item=item, number=number, words=words)
