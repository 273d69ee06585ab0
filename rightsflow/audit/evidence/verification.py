"""Verification of an evidence bundle from its bytes alone; every manipulation is reported.

No file is unpacked to a disk, no data are fetched, and no byte of the file is trusted before it is checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from rightsflow.audit.evidence import bundle
from rightsflow.audit.evidence.archive import (
    CUT_OFF,
    THE_FILE,
    Faults,
    ZipMember,
    check_directory,
    is_cut_off,
    pack,
    printable,
    shown,
    unpack,
)
from rightsflow.audit.evidence.bundle import (
    DERIVED,
    ENTRIES,
    LISTED,
    MANIFEST,
    NAMES,
    PROOFS,
    SEALS,
    SIGNATURES,
    Manifest,
    derived,
    measure,
    read_manifest,
    read_proofs,
)
from rightsflow.audit.evidence.cover import Cover, fingerprint, read_seals
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.record import EvidenceLetterLine
from rightsflow.audit.ledger import Entry, Fault, FaultKind, Head, Link, check_chain, read_entry
from rightsflow.audit.ledger.chain import canonical, digest_of
from rightsflow.audit.ledger.seals import Seal
from rightsflow.audit.signing import verify_signature
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import read_case_id


@dataclass(frozen=True, slots=True, kw_only=True)
class BundleFinding:
    """The result of the check of a bundle.

    Args:
        case_id: The case that it says it is of; empty where it cannot be read.
        faults: Everything that is wrong; empty for a bundle that is whole.
        notes: What is to be known beside that, in sentences.
        uncompared: What could not be compared with the entries, since it is in a format of another version, in
            sentences; as long as there is any, no one knows whether it lies.
        keys: The keys that signed it: name → fingerprint.
        entries: How many entries it holds.
        sealed: Up to which entry the controller's seals cover the case.
        state: Where the case stood with the last of them; empty where they cannot be read.
        last_at: When that was made (aware), or ``None``.
        exported_at: When the bundle says that it was made (aware), or ``None``.
        seal: The newest seal in it; 0 where they are not whole.
        sealed_at: When that was made (aware), or ``None``.
        published: How many of its seals were among the published ones that were given.
        by_another_key: Whether it is signed by another key than the one that was given, so that it is another person's,
            or the key is not the controller's.
        letters: The letters that its entries name; none where they are not whole.
        texts: How many texts were given beside it and are those that were written.
    """

    case_id: str
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]
    uncompared: tuple[str, ...]
    keys: Mapping[str, str]
    entries: int
    sealed: int
    state: str
    last_at: datetime | None
    exported_at: datetime | None
    seal: int
    sealed_at: datetime | None
    published: int
    by_another_key: bool
    letters: tuple[EvidenceLetterLine, ...] = ()
    texts: int = 0

    @property
    def is_whole(self) -> bool:
        """True if there is no fault, nothing was left unchecked, and the given key, if any, signed the bundle."""
        return not (self.faults or self.uncompared or self.by_another_key)


def most_entries(there: int) -> int:
    """Return the highest credible number of an entry in a file with so many entries."""
    return 2 * there + 1000


def place_entries(lines: Sequence[str], head: Head) -> list[Link]:
    """Return the entries with their numbers and stored hashes, in their physical order.

    A file of entries holds no hashes of its own. But each entry carries that of the one before, and the manifest that
    of the last: so the chain is followed from its end, and the entry that was altered is named instead of the next.

    Args:
        lines: The entries' texts.
        head: The last entry, as the manifest names it.
    """
    entries = [what_an_entry_says(item, len(lines)) for item in lines]
    own = [digest_of(item) for item in lines]
    by_digest = {digest: index for index, digest in reversed(list(enumerate(own)))}
    # An entry that says no number is taken to be the one of its place, unless another says that it is.
    by_number = {index + 1: index for index in range(len(lines))}
    by_number |= {number: index for index, (number, _) in reversed(list(enumerate(entries))) if number}
    placed: dict[int, Link] = {}
    expected = head.digest
    for number in range(min(head.number, most_entries(len(lines))), 0, -1):
        index = by_digest.get(expected, by_number.get(number))
        if index is None or index in placed:
            expected = ""
            continue
        placed[index] = Link(number, lines[index], expected or own[index])
        before = entries[index][1]
        # The predecessor that an altered entry names counts only if there is such an entry.
        expected = before if expected in ("", own[index]) or before in by_digest else ""
    for index, line in enumerate(lines):
        placed.setdefault(index, Link(entries[index][0] or index + 1, line, own[index]))
    return [placed[index] for index in range(len(lines))]


def what_an_entry_says(line: str, there: int) -> tuple[int, str]:
    """Return an entry's number and the hash of its predecessor; 0 and empty if it has neither.

    Args:
        line: Its text, whatever it holds.
        there: How many entries there are; a number out of all proportion is not believed.
    """
    try:
        raw = json.loads(line)
    except (ValueError, RecursionError):
        return 0, ""
    fields = raw if isinstance(raw, dict) else {}
    number, before = fields.get("number"), fields.get("previous")
    believed = isinstance(number, int) and not isinstance(number, bool) and 0 < number <= most_entries(there)
    return number if believed and number else 0, before if isinstance(before, str) else ""


_T = TypeVar("_T")
_EXPORT = CaseEvent.EVIDENCE_EXPORTED


def check_bundle(
    data: bytes,
    trusted: frozenset[str] = frozenset(),
    published: Sequence[Seal] | None = None,
    *,
    most_bytes: int = bundle.MOST_BYTES,
) -> BundleFinding:
    """Check a bundle.

    Args:
        data: The file, whatever it holds.
        trusted: Keys or fingerprints of which one has to have signed it, or to lead to one that has; where none is
            named, no one can say whose it is.
        published: The seals as the controller published them, in their order, where they are at hand: those of them
            that are here have to be the same.
        most_bytes: How large the file may be.

    Raises:
        BadInput: The file is no evidence bundle at all, larger than any, or in a format of another version.
    """
    if len(data) > most_bytes:
        raise BadInput(f"The file is larger than any evidence bundle ({most_bytes >> 20} MiB); it is not read.")
    members = list(unpack(data))
    if not {member.name for member in members} & set(NAMES):
        raise BadInput("The file is no evidence bundle; give one that `rightsflow evidence` wrote.")
    _refuse_other_formats(next((member.content for member in members if member.name == MANIFEST), b""))
    return _Check(data, members, trusted, published).run()


@dataclass(slots=True)
class _Check:
    """A bundle under examination; each step goes as far as its input can be read."""

    data: bytes
    members: Sequence[ZipMember]
    trusted: frozenset[str]
    published: Sequence[Seal] | None
    files: dict[str, bytes] = field(default_factory=dict)
    faults: Faults = field(default_factory=Faults)
    notes: list[str] = field(default_factory=list)
    uncompared: list[str] = field(default_factory=list)
    manifest: Manifest | None = None
    links: list[Link] = field(default_factory=list)
    cover: Cover | None = None
    state: str = ""
    last_at: datetime | None = None
    letters: tuple[EvidenceLetterLine, ...] = ()

    def run(self) -> BundleFinding:
        self._look_at_members()
        self.manifest = self._read(MANIFEST, read_manifest)
        if self.manifest:
            self._check_contents(self.manifest)
        self._look_at_the_zip()
        manifest, cover = self.manifest, self.cover
        newest = cover.newest if cover else None
        return BundleFinding(
            case_id=self.case_id if _is_case_id(self.case_id) else "",
            faults=tuple(map(printable, self.faults)),
            notes=tuple(self.notes),
            uncompared=tuple(self.uncompared),
            keys={shown(name): fingerprint(public) for name, public in self.keys.items()},
            entries=len(self.links),
            sealed=cover.sealed if cover else 0,
            state=self.state,
            last_at=self.last_at,
            exported_at=manifest.made_at if manifest else None,
            seal=newest.number if newest else 0,
            sealed_at=newest.at if newest else None,
            published=cover.agreeing if cover else 0,
            by_another_key=cover.by_another_key if cover else False,
            letters=self.letters,
        )

    def _check_contents(self, manifest: Manifest) -> None:
        """Check all files against the manifest, without which the required files are unknown."""
        self._check_signatures(manifest)
        self._compare_with_manifest(manifest)
        entries = self._check_entries(manifest)
        cover = self.cover = Cover(
            manifest=manifest,
            links=self.links,
            faults=self.faults,
            notes=self.notes,
            trusted=self.trusted,
            published=self.published,
        )
        seals, proofs = self._read(SEALS, read_seals), self._read(PROOFS, read_proofs)
        if seals is not None:
            cover.check(seals, proofs or ())
        if entries:
            self._compare_with_entries(entries, manifest)
            self._compare_with_export(entries, cover)
            cover.check_dates()

    @property
    def case_id(self) -> str:
        """The case that the manifest names."""
        return self.manifest.case_id if self.manifest else ""

    @property
    def keys(self) -> Mapping[str, str]:
        """The keys that the manifest names."""
        return self.manifest.keys if self.manifest else {}

    def _look_at_members(self) -> None:
        is_cut, there = is_cut_off(self.data), list[str]()
        if is_cut:
            self.faults.note(FaultKind.REMOVED, THE_FILE, "is cut off: its end is not there as it was written")
        for member in self.members:
            if member.name not in NAMES:
                self.faults.note(FaultKind.ADDED, member.name, "belongs to no bundle")
            elif member.name in there:
                self.faults.note(FaultKind.ADDED, member.name, "is there twice")
            elif member.is_readable:
                self.files[member.name] = member.content
            there.append(member.name)
            if member.fault and not (is_cut and member.fault == CUT_OFF):
                self.faults.note(FaultKind.ALTERED, member.name, member.fault)
        self._look_for_missing(there, is_cut=is_cut)

    def _look_for_missing(self, there: Sequence[str], *, is_cut: bool) -> None:
        # Entries after the cut are missing with the end.
        until = max((NAMES.index(name) for name in there if name in NAMES), default=0) if is_cut else len(NAMES)
        for name in NAMES[:until]:
            if name not in there:
                self.faults.note(FaultKind.REMOVED, name, "is missing")

    def _read(self, name: str, read: Callable[[str], _T]) -> _T | None:
        if name not in self.files:
            return None
        try:
            return read(self.files[name].decode())
        except (ValueError, RecursionError):
            self.faults.note(FaultKind.ALTERED, name, "is not in the form in which it is written")
            return None

    def _check_signatures(self, manifest: Manifest) -> None:
        signed = self._read(SIGNATURES, _read_signatures)
        if not _is_case_id(manifest.case_id):
            what = f"names a case as {shown(manifest.case_id)}, as none is called"
            self.faults.note(FaultKind.ALTERED, MANIFEST, what)
        if signed is None:
            return
        for name in sorted(signed.keys() - manifest.keys.keys()):
            what = f"holds a signature by {shown(name)}, which {MANIFEST} does not name"
            self.faults.note(FaultKind.ADDED, SIGNATURES, what)
        if not manifest.keys:
            self.faults.note(FaultKind.REMOVED, MANIFEST, "names no key that signed it")
        for name, public in manifest.keys.items():
            if name not in signed:
                self.faults.note(FaultKind.REMOVED, SIGNATURES, f"lacks the signature by {shown(name)}")
            elif not verify_signature(public, signed[name], self.files[MANIFEST]):
                what = f"does not fit its signature by {shown(name)} in {SIGNATURES}: one of them was altered"
                self.faults.note(FaultKind.ALTERED, MANIFEST, what)

    def _compare_with_manifest(self, manifest: Manifest) -> None:
        for name in sorted(manifest.files.keys() ^ set(LISTED)):
            self.faults.note(FaultKind.ALTERED, MANIFEST, f"lists other files than a bundle has: {shown(name)}")
        for name, measured in manifest.files.items():
            if name in self.files and measure(self.files[name]) != measured:
                self.faults.note(FaultKind.ALTERED, name, f"is not as {MANIFEST} lists it")

    def _check_entries(self, manifest: Manifest) -> list[Entry]:
        """Return the entries, if all of them are as they were written."""
        text = self._read(ENTRIES, str)
        if text is None:
            return []
        lines = text.removesuffix("\n").split("\n") if text else []
        self.links = place_entries(lines, manifest.head)
        before = len(self.faults)
        entries = self._read_entries() if self._is_in_bounds(lines, manifest) else []
        if len(self.faults) > before:
            return []
        self.faults += check_chain(self.case_id, self.links, manifest.head)
        self._name_both_sides()
        if "".join(f"{line}\n" for line in lines) != text:
            self.faults.note(FaultKind.ALTERED, ENTRIES, "does not end as it was written")
        return entries if len(self.faults) == before else []

    def _name_both_sides(self) -> None:
        """Report both entries where an altered one does not follow the entry before: either may have been altered."""
        by_number = {item.number: item for item in self.links}
        for link in self.links:
            before = by_number.get(link.number - 1)
            if before is None or digest_of(link.body) == link.digest:
                continue
            own = digest_of(before.body)
            if own == before.digest and what_an_entry_says(link.body, 0)[1] != own:
                text = f"was altered where it names entry {before.number}, or entry {before.number} was altered too"
                self.faults.note(FaultKind.ALTERED, f"entry {link.number} of {self.case_id}", text)

    def _is_in_bounds(self, lines: Sequence[str], manifest: Manifest) -> bool:
        """Return whether looking for missing entries makes sense; a forger may name any number."""
        there, named = len(lines), manifest.head.number
        if not 0 < named <= most_entries(there):
            self.faults.note(FaultKind.ALTERED, MANIFEST, f"names entry {named} as the last, where {there} are there")
        return 0 < named <= most_entries(there)

    def _read_entries(self) -> list[Entry]:
        entries: list[Entry] = []
        for link in self.links:
            if digest_of(link.body) != link.digest:
                continue  # what is wrong with it, the chain says
            try:
                entries.append(read_entry(link.body))
            except ValueError:
                self.faults.note(
                    FaultKind.ALTERED,
                    f"entry {link.number} of {self.case_id}",
                    "is not in the form in which entries are written",
                )
        return entries

    def _compare_with_entries(self, entries: Sequence[Entry], manifest: Manifest) -> None:
        wrong = {fault.place for fault in self.faults}
        self.last_at = entries[-1].at
        try:
            record = fold(entries)
            again, self.state = derived(record, manifest.controller, manifest.formats), record.state
            self.letters = record.letters
        except Exception:  # noqa: BLE001 - entries of a forger may hold anything, and nothing may fall over them
            self.faults.note(FaultKind.ALTERED, ENTRIES, "says what cannot become of a case")
            return
        known = bundle.formats()
        for name, kind in DERIVED.items():
            if name not in again:
                self.uncompared.append(
                    f"{name} was written in format {manifest.formats.get(kind)}, and this version of Rightsflow writes "
                    f"{known[kind]}: it was not compared, and so it is not known whether it says what the entries say; "
                    "check it with the version that wrote it."
                )
            elif name in self.files and name not in wrong and self.files[name] != again[name]:
                self.faults.note(FaultKind.ALTERED, name, "does not say what the entries say")

    def _compare_with_export(self, entries: Sequence[Entry], cover: Cover) -> None:
        """Compare the cover with the one noted at the export: if less is here, a person removed it."""
        sealed, seal = (entries[-1].details.get(name) for name in ("sealed", "seal"))
        if entries[-1].event != _EXPORT:
            self.faults.note(FaultKind.REMOVED, ENTRIES, "does not end with the export that made this file")
        elif not self.faults and sealed != cover.sealed:
            what = f"proves {cover.sealed} entries where {sealed} were under seals"
            self.faults.note(FaultKind.REMOVED, PROOFS, what)
        elif not self.faults and cover.newest and seal != cover.newest.number:
            what = f"ends with seal {cover.newest.number} where seal {seal} was the newest"
            self.faults.note(FaultKind.REMOVED, SEALS, what)

    def _look_at_the_zip(self) -> None:
        """Check that the zip is the only possible one of its files: as written, with nothing between them."""
        are_as_signed, before = not self.faults and not self.uncompared, len(self.faults)
        order = [name for name in dict.fromkeys(member.name for member in self.members) if name in NAMES]
        if not is_cut_off(self.data):
            check_directory(self.data, self.members, self.faults)
        if any(member.is_compressed for member in self.members):
            self.faults.note(FaultKind.ALTERED, THE_FILE, "was compressed anew since it was made")
        elif order != sorted(order, key=NAMES.index):
            self.faults.note(FaultKind.REORDERED, THE_FILE, "does not hold its files in their order")
        elif are_as_signed and len(self.faults) == before and not self._is_as_packed():
            what = "was zipped anew since it was made: its headers are not those of a bundle"
            self.faults.note(FaultKind.ALTERED, THE_FILE, what)
        if self.faults and are_as_signed:
            self.notes.append("What is in it is as it was signed.")

    def _is_as_packed(self) -> bool:
        return pack((member.name, member.content) for member in self.members) == self.data


def _refuse_other_formats(manifest: bytes) -> None:
    try:
        version = json.loads(manifest)["formats"]["bundle"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return
    if isinstance(version, int) and version != bundle.FORMAT:
        raise BadInput(
            f"{MANIFEST} names format {shown(str(version))} of the bundle, and this version of Rightsflow checks "
            f"{bundle.FORMAT}; check it with the version that wrote it."
        )


def _read_signatures(text: str) -> dict[str, str]:
    raw = json.loads(text)
    if not isinstance(raw, dict) or canonical(raw) != text or not all(isinstance(load, str) for load in raw.values()):
        raise ValueError("the signatures are not in the form in which they are written")
    return raw


def _is_case_id(text: str) -> bool:
    try:
        return read_case_id(text) == text
    except BadInput:
        return False
