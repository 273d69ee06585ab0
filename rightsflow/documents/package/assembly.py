"""Assembles the access package while the data stream by: one pass, memory bounded by the number of files."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from rightsflow.documents.package.archive import (
    PAPER,
    ArchiveMember,
    FileEntry,
    FileNames,
    Spool,
    encrypted_zip,
    extension,
    read_item,
)
from rightsflow.documents.package.info import PackageFinding, PackageInfo, SystemInfo
from rightsflow.documents.package.package_pages import PageReading, Pages, ReadingPage
from rightsflow.documents.package.payments import Payments
from rightsflow.documents.package.views import Columns, Item, Views, csv_lines, flatten
from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.field_words import PLAIN
from rightsflow.domain.vocabulary.records import Blob, Document, Part
from rightsflow.domain.wording import counted

SCHEMA = "rightsflow/access-package"
SCHEMA_VERSION = 1
MANIFEST = "manifest.json"


def assemble(
    parts: Callable[[], Iterator[Part]],
    info: PackageInfo,
    passphrase: str,
    take_letter: Callable[[str], None] | None = None,
) -> Iterator[bytes]:
    """Stream the access package as one encrypted archive.

    Args:
        parts: Starts reading the data, redacted already; it is called once, so that all files show the same state.
        info: What the letter and the overview say.
        passphrase: From ``new_passphrase``; told to the person by another channel.
        take_letter: Takes the text of the cover letter, which is read before the release.

    Yields:
        The archive's bytes, some tens of kilobytes at a time.

    Raises:
        Conflict: The data and the findings in ``info`` contradict each other. The stream then ends without a
            directory, so that no one can open what was written.
    """
    members = _Assembly(info, take_letter).members(parts())
    yield from encrypted_zip(members, passphrase, info.answered_at.astimezone(info.controller.zone))


@dataclass
class _Group:
    """The content known so far of one category of one system."""

    category: str
    folder: str
    reading: PageReading
    columns: Columns = field(default_factory=Columns)
    spool: Spool = field(default_factory=Spool)
    paper: Spool = field(default_factory=Spool)
    files: int = 0
    _has_document: dict[int, bool] = field(default_factory=dict)

    @property
    def data(self) -> str:
        return f"{self.folder}.json"

    @property
    def table(self) -> str:
        return f"{self.folder}.csv"

    @property
    def records(self) -> int:
        """The number of records; dependent records are not counted."""
        return len(self._has_document)

    @property
    def attachments(self) -> int:
        """The files beside the records; a record that is nothing but a file is that file."""
        return self.files - sum(not has_document for has_document in self._has_document.values())

    @property
    def amount(self) -> str:
        """The amount of data, in words."""
        files = f" with {counted(self.attachments, 'file')}" if self.attachments else ""
        return f"{counted(self.records, 'record')}{files}"

    def printed(self) -> Iterator[Item]:
        """Return the records as they are printed, if a paper version is made."""
        return map(read_item, self.paper.records())

    def add(self, part: Part, content: Mapping[str, Any]) -> int:
        """Store a part for the data file and the table; return its approximate size in bytes."""
        key, is_document = hash(part.record), isinstance(part, Document)
        self._has_document[key] = self._has_document.get(key, False) or is_document
        self.columns.learn(flatten(content))
        return self.spool.add(content)


class _Assembly:
    def __init__(self, info: PackageInfo, take_letter: Callable[[str], None] | None) -> None:
        self._info = info
        self._take_letter = take_letter
        self._systems = {system.name: system for system in info.systems}
        self._names = FileNames()
        self._pages = Pages(info)
        self._views = Views(info.controller.zone)
        self._payments = {system.name: Payments(self._views) for system in info.systems}
        self._groups: dict[tuple[str, str], _Group] = {}
        self._entries: list[FileEntry] = []

    def members(self, parts: Iterator[Part]) -> Iterator[ArchiveMember]:
        """Yield all files in the order of the archive; each is read before the next is requested."""
        for part in parts:
            group = self._group_of(part)
            if isinstance(part, Document):
                yield from self._document(part, group)
            else:
                yield from self._blob(part, group)
        self._check_findings()
        for group in self._groups.values():
            yield from self._further_pages(group.reading.finish())
            with group.spool as spool:
                yield self._member(group.data, "application/json", _json_array(spool.lines()))
                yield self._member(group.table, "text/csv", csv_lines(group.columns, map(flatten, spool.records())))
        if not self._info.is_for_controller:
            yield from self._for_the_person()
        yield self._member(MANIFEST, "application/json", [self._manifest()])

    def _for_the_person(self) -> Iterator[ArchiveMember]:
        """Yield the letter, and the overview that is read first."""
        overview = [self._overview(system) for system in self._info.systems]
        yield self._member("letter.html", "text/html", [self._pages.letter("html", overview)])
        text = self._pages.letter("txt", overview)
        if self._take_letter:
            self._take_letter(text.decode())
        yield self._member("letter.txt", "text/plain", [text])
        yield self._member("index.html", "text/html", self._pages.index(overview))
        if self._info.on_paper:
            yield self._member(PAPER, "text/html", self._pages.paper(overview))

    def _group_of(self, part: Part) -> _Group:
        system = self._systems.get(part.record.system)
        if system is None or system.finding is not PackageFinding.HELD:
            raise Conflict(
                f"There are data of {part.record.system} although the findings say nothing of it; "
                "locate again before the package is made."
            )
        key = (system.name, part.category)
        if key not in self._groups:
            top = self._names.folder("data", system.name)
            name = self._names.folder(f"data/{top}", part.category)
            reading = PageReading(self._pages, f"pages/{top}/{name}", system.title, part.category)
            self._groups[key] = _Group(part.category, f"data/{top}/{name}", reading)
        return self._groups[key]

    def _document(self, part: Document, group: _Group) -> Iterator[ArchiveMember]:
        size = group.add(part, part.content)
        kind = part.record.kind
        words = self._systems[part.record.system].words.get(kind, PLAIN)
        item = self._views.document(part.content, kind, group.spool.count, words)
        self._payments[part.record.system].learn(part.content, item, words)
        yield from self._read(item, size, group)

    def _blob(self, part: Blob, group: _Group) -> Iterator[ArchiveMember]:
        folder = "recordings" if part.media_type.startswith(("audio/", "video/")) else "attachments"
        top = self._names.folder("data", part.record.system)
        path = self._names.numbered(f"{folder}/{top}-", extension(part.name, part.media_type))
        yield self._member(path, part.media_type, part.open())
        entry = self._entries[-1]
        about = {"file": path, "name": part.name, "media_type": part.media_type, "size": entry.size}
        about |= {"sha256": entry.sha256} | {key: value for key, value in part.metadata.items() if key not in about}
        group.files += 1
        size = group.add(part, about)
        item = self._views.blob(part, path, entry.size)
        yield from self._read(item, size, group)

    def _read(self, item: Item, size: int, group: _Group) -> Iterator[ArchiveMember]:
        """Store a record for display and for printing."""
        if self._info.on_paper:
            group.paper.add(asdict(item))
        yield from self._further_pages(group.reading.add(item, size))

    def _member(self, path: str, media_type: str, chunks: Iterable[bytes]) -> ArchiveMember:
        return ArchiveMember(path, media_type, chunks, self._entries.append)

    def _further_pages(self, pages: Iterator[ReadingPage]) -> Iterator[ArchiveMember]:
        return (self._member(page.path, "text/html", [page.html]) for page in pages)

    def _check_findings(self) -> None:
        """Refuse a package without data of a system in which data were found, unless the letter gives the reason."""
        given = {system for system, _ in self._groups} | {left.system for left in self._info.left_out}
        missing = [
            item.title for item in self._info.systems if item.finding is PackageFinding.HELD and item.name not in given
        ]
        if missing:
            raise Conflict(
                f"Data were found in {missing[0]} and none are in the package; extract again, or say what was left out."
            )

    def _overview(self, system: SystemInfo) -> dict[str, Any]:
        groups = [group for (name, _), group in self._groups.items() if name == system.name]
        return {
            "info": system,
            "groups": groups,
            "payments": self._payments[system.name].listed(),
            "given": [f"{group.category} ({group.amount})" for group in groups],
            "anchor": "system-" + self._names.folder("data", system.name),
            "left_out": [left for left in self._info.left_out if left.system == system.name],
            "records": sum(group.records for group in groups),
        }

    def _manifest(self) -> bytes:
        info = self._info
        counts: dict[str, dict[str, Any]] = {system.name: {} for system in info.systems}
        for (system, category), group in self._groups.items():
            counts[system][category] = {"records": group.records, "files": group.files}
        manifest = json.dumps(
            {
                "schema": SCHEMA,
                "schema_version": SCHEMA_VERSION,
                "case_id": info.case_id,
                "controller": info.controller.name,
                "generated_at": info.answered_at.isoformat(),
                "findings": {system.name: system.finding.value for system in info.systems},
                "counts": counts,
                "files": [
                    {"path": entry.path, "media_type": entry.media_type, "size": entry.size, "sha256": entry.sha256}
                    for entry in self._entries
                ],
            },
            ensure_ascii=False,
            indent=2,
        )
        return manifest.encode(errors="replace") + b"\n"


def _json_array(lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield records that are JSON each as one array, a record to the line: programs read it, and so do line tools."""
    before = b"[\n"
    for line in lines:
        yield before + line
        before = b",\n"
    yield b"\n]\n"
