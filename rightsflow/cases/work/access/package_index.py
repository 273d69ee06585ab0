"""The index of an access package: its records in reading order, without any of their content.

The index is built once for each package and process, since it has to read thousands of records, and is cached in
memory: a package never changes, and is identified by its hash.
"""

from __future__ import annotations

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import RecordLine, record_line
from rightsflow.cases.work.access.copies import REDACTED
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.disclosure.mask_choices import MaskAct, MaskState
from rightsflow.domain.disclosure.texts import masked_in
from rightsflow.domain.vocabulary.records import Blob, RecordRef
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
    """

    chapters: Sequence[Chapter]
    order: Sequence[tuple[int, str, RecordLine]]
    places: Mapping[int, Sequence[int]]
    masked: Mapping[int, Counter[str]]

    @property
    def pages(self) -> int:
        """The number of pages, at least one."""
        return max(1, -(-len(self.order) // PAGE_RECORDS))

    def record_at(self, system: str, place: int) -> RecordLine | None:
        """The record that a part belongs to; ``None`` if there is no such part.

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
        """The index of a package.

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
    places, masked = _looked_through(app.workspace(file), sorted({line.system for line in lines}), numbers)
    chapters = _chapters(lines, {*masked, *_without_a_mark(file, numbers)})
    return PackageIndex(
        chapters=_contents(chapters),
        order=[(at, title, record) for at, (title, records) in enumerate(chapters, 1) for record in records],
        places=places,
        masked=masked,
    )


def _without_a_mark(file: CaseFile, numbers: Mapping[RecordRef, int]) -> set[int]:
    """The records with a file that is muted or edited by hand; their text shows nothing of that."""
    unseen = {MaskAct.MUTE, MaskAct.EDIT}
    made = (mask for mask in file.masks.all() if mask.act in unseen and mask.state is MaskState.APPLIED)
    hashes = {mask.record for mask in made}
    return (
        {number for ref, number in numbers.items() if file.masks.hashes.of_record(ref) in hashes} if hashes else set()
    )


def _looked_through(
    workspace: Workspace, systems: Sequence[str], numbers: Mapping[RecordRef, int]
) -> tuple[Mapping[int, Sequence[int]], Mapping[int, Counter[str]]]:
    """Return the places of each record's parts and the masks in them; the bytes of files stay unread."""
    places: dict[int, list[int]] = {number: [] for number in numbers.values()}
    masked: dict[int, Counter[str]] = defaultdict(Counter)
    for system in systems:
        for place, part in enumerate(workspace.read(REDACTED, system)):
            number = numbers[part.record]
            places[number].append(place)
            found = masked_in({part.name: part.metadata} if isinstance(part, Blob) else part.content)
            if found:
                masked[number] += found
    return places, dict(masked)


def _chapters(lines: Sequence[RecordLine], masked: Container[int]) -> list[tuple[str, list[RecordLine]]]:
    """The records in the order in which they are read: what needs a look, then by system and category."""
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
