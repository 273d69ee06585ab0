"""The index of an access package in reading order, which is built once for each package and process.

It has to read thousands of records, and is cached in memory: a package never changes, and is identified by its hash.
"""

from __future__ import annotations

import json
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from threading import Lock
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import RecordLine, record_line
from rightsflow.cases.work.access.package import REDACTED
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.disclosure.file_texts import NOT_GIVEN, NOT_SCANNED, WITHHELD_IN_FILE
from rightsflow.domain.disclosure.mask_choices import MaskAct, MaskState
from rightsflow.domain.disclosure.texts import masked_in
from rightsflow.domain.gates.linked_copies import families
from rightsflow.domain.vocabulary.records import Blob, Part, RecordRef
from rightsflow.files.workspace import Workspace
from rightsflow.store import CaseFile

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
        unread: The files that were not opened, or in part only: the record's number and the reason.
    """

    chapters: Sequence[Chapter]
    order: Sequence[tuple[int, str, RecordLine]]
    places: Mapping[int, Sequence[int]]
    masked: Mapping[int, Counter[str]]
    digests: Mapping[int, str]
    families: Mapping[int, frozenset[str]]
    unread: Sequence[tuple[int, str]] = ()

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
        unread=seen.unread,
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
        unread: The files that were not opened, with the reason, by the numbers of their records.
    """

    places: Mapping[int, Sequence[int]]
    masked: Mapping[int, Counter[str]]
    given: Mapping[int, Sequence[str]]
    unread: Sequence[tuple[int, str]]


def _looked_through(workspace: Workspace, systems: Sequence[str], numbers: Mapping[RecordRef, int]) -> _Looked:
    """Look through the copies; the bytes of files stay unread."""
    places: dict[int, list[int]] = {number: [] for number in numbers.values()}
    given: dict[int, list[str]] = {number: [] for number in numbers.values()}
    masked: dict[int, Counter[str]] = defaultdict(Counter)
    unread = list[tuple[int, str]]()
    for system in systems:
        for place, part in enumerate(workspace.read(REDACTED, system)):
            number = numbers[part.record]
            places[number].append(place)
            content = {part.name: part.metadata} if isinstance(part, Blob) else part.content
            size = workspace.size(REDACTED, system, place) if isinstance(part, Blob) else 0
            given[number].append(f"{size} {json.dumps(content, sort_keys=True, default=str)}")
            masks = masked_in(content) + _masked_in_file(part)
            if masks:
                masked[number] += masks
            unread += [(number, reason) for reason in _unread_in(part)]
    return _Looked(places, dict(masked), given, sorted(unread))


def _masked_in_file(part: Part) -> Counter[str]:
    return Counter(part.metadata.get(WITHHELD_IN_FILE)) if isinstance(part, Blob) else Counter()


def _unread_in(part: Part) -> list[str]:
    about = part.metadata if isinstance(part, Blob) else {}
    return [str(about[key]) for key in (NOT_GIVEN, NOT_SCANNED) if key in about]


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


_INDEXES: Final = Indexes()
"""The indexes of this process."""


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
