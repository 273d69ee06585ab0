"""Whether an evidence bundle is whole, from its bytes alone; whatever was done to it is named.

Nothing is unpacked to a disk, nothing is fetched, and no byte of the file is trusted before it is checked.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import islice, pairwise
from typing import TypeVar

from rightsflow.case import read_case_id
from rightsflow.errors import BadInput
from rightsflow.evidence import bundle
from rightsflow.evidence.archive import Member, pack, unpack
from rightsflow.evidence.bundle import (
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
from rightsflow.evidence.fingerprints import fingerprint
from rightsflow.evidence.fold import fold
from rightsflow.evidence.placing import most_entries, place_entries, what_an_entry_says
from rightsflow.ledger import Entry, Fault, FaultKind, Link, check_chain, read_entry
from rightsflow.ledger.chain import canonical, digest_of
from rightsflow.ledger.dating import Span, check_dates, date_of
from rightsflow.ledger.seals import (
    Commitment,
    Follower,
    Seal,
    SealProof,
    check_proof,
    check_published,
    read_published,
    read_seal,
)
from rightsflow.ledger.succession import broken_succession
from rightsflow.vault.signing import verify_signature

_T = TypeVar("_T")
_MOST_MEMBERS = 64
_EXPORT = "EvidenceExported"
_LONGEST_SHOWN = 80
_LONGEST_SENTENCE = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the check of a bundle came to.

    Args:
        case_id: The case that it says it is of; empty where it cannot be read.
        faults: Everything that is wrong; empty for a bundle that is whole.
        notes: What is to be known beside that, in sentences.
        uncompared: What could not be compared with the entries, since it is in a format of another version, in
            sentences; as long as there is any, nobody knows whether it lies.
        keys: The keys that signed it: name → fingerprint.
        entries: How many entries it holds.
        sealed: Up to which entry the controller's seals cover the case.
        state: Where the case stood with the last of them; empty where they cannot be read.
        last_at: When that was made (aware), or ``None``.
        exported_at: When the bundle says that it was made (aware), or ``None``.
        seal: The newest seal in it; 0 where they are not whole.
        sealed_at: When that was made (aware), or ``None``.
        published: How many of its seals were among the published ones that were given.
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

    @property
    def is_whole(self) -> bool:
        """Whether nothing is wrong, and nothing was left unchecked."""
        return not self.faults and not self.uncompared


def check_bundle(
    data: bytes, trusted: frozenset[str] = frozenset(), published: Sequence[Seal] | None = None
) -> Finding:
    """Check a bundle.

    Args:
        data: The file, whatever it holds.
        trusted: Keys or fingerprints of which one has to have signed it, or to lead to one that has; where none is
            named, nobody can say whose it is.
        published: The seals as the controller published them, in their order, where they are at hand: those of them
            that are here have to be the same.

    Raises:
        BadInput: The file is no evidence bundle at all, larger than any, or in a format of another version.
    """
    if len(data) > bundle.MOST_BYTES:
        raise BadInput(f"The file is larger than any evidence bundle ({bundle.MOST_BYTES >> 20} MiB); it is not read.")
    members = list(islice(unpack(data), _MOST_MEMBERS))
    if not {one.name for one in members} & set(NAMES):
        raise BadInput("The file is no evidence bundle; give one that `rightsflow evidence` wrote.")
    _refuse_other_formats(next((one.content for one in members if one.name == MANIFEST), b""))
    return _Check(data, members, trusted, published).run()


@dataclass(slots=True)
class _Check:
    """One bundle under examination; each step goes as far as what it needs can be read."""

    data: bytes
    members: Sequence[Member]
    trusted: frozenset[str]
    published: Sequence[Seal] | None
    files: dict[str, bytes] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    uncompared: list[str] = field(default_factory=list)
    manifest: Manifest | None = None
    links: list[Link] = field(default_factory=list)
    sealed: int = 0
    newest: Commitment | None = None
    state: str = ""
    last_at: datetime | None = None
    agreeing: int = 0
    spans: list[Span] = field(default_factory=list)

    def run(self) -> Finding:
        self._look_at_members()
        self.manifest = self._read(MANIFEST, read_manifest)
        self._check_signatures()
        self._compare_with_manifest()
        entries = self._check_entries()
        self._check_seals()
        if entries and self.manifest:
            self._compare_with_entries(entries, self.manifest)
            self._compare_with_export(entries)
            self._check_dates(self.manifest)
        self._look_at_every_byte()
        manifest, newest = self.manifest, self.newest
        return Finding(
            case_id=self.case_id if _is_case_id(self.case_id) else "",
            faults=tuple(map(_printable, self.faults)),
            notes=tuple(self.notes),
            uncompared=tuple(self.uncompared),
            keys={_shown(name): fingerprint(public) for name, public in self.keys.items()},
            entries=len(self.links),
            sealed=self.sealed,
            state=self.state,
            last_at=self.last_at,
            exported_at=manifest.made_at if manifest else None,
            seal=newest.number if newest else 0,
            sealed_at=newest.at if newest else None,
            published=self.agreeing,
        )

    @property
    def case_id(self) -> str:
        """The case that the manifest names."""
        return self.manifest.case_id if self.manifest else ""

    @property
    def keys(self) -> Mapping[str, str]:
        """The keys that the manifest names."""
        return self.manifest.keys if self.manifest else {}

    def _look_at_members(self) -> None:
        order = [name for name in dict.fromkeys(one.name for one in self.members) if name in NAMES]
        for one in self.members:
            if one.name not in NAMES:
                self._fault(FaultKind.ADDED, one.name, "belongs to no bundle")
            elif one.name in self.files:
                self._fault(FaultKind.ADDED, one.name, "is there twice")
            else:
                self.files[one.name] = one.content
            if one.fault:
                self._fault(FaultKind.ALTERED, one.name, one.fault)
        for name in NAMES:
            if name not in self.files:
                self._fault(FaultKind.REMOVED, name, "is missing")
        if order != [name for name in NAMES if name in self.files]:
            self._fault(FaultKind.REORDERED, "the file", "does not hold its files in their order")

    def _read(self, name: str, read: Callable[[str], _T]) -> _T | None:
        if name not in self.files:
            return None
        try:
            return read(self.files[name].decode())
        except (ValueError, RecursionError):
            self._fault(FaultKind.ALTERED, name, "is not in the form in which it is written")
            return None

    def _check_signatures(self) -> None:
        signed, manifest = self._read(SIGNATURES, _read_signatures), self.manifest
        if manifest is not None and not _is_case_id(manifest.case_id):
            self._fault(FaultKind.ALTERED, MANIFEST, f"names a case as {_shown(manifest.case_id)}, as none is called")
        if manifest is None or signed is None:
            return
        for name in sorted(signed.keys() - manifest.keys.keys()):
            what = f"holds a signature by {_shown(name)}, which {MANIFEST} does not name"
            self._fault(FaultKind.ADDED, SIGNATURES, what)
        if not manifest.keys:
            self._fault(FaultKind.REMOVED, MANIFEST, "names no key that signed it")
        for name, public in manifest.keys.items():
            if name not in signed:
                self._fault(FaultKind.REMOVED, SIGNATURES, f"lacks the signature by {_shown(name)}")
            elif not verify_signature(public, signed[name], self.files[MANIFEST]):
                what = f"does not fit its signature by {_shown(name)} in {SIGNATURES}: one of them was altered"
                self._fault(FaultKind.ALTERED, MANIFEST, what)

    def _compare_with_manifest(self) -> None:
        manifest = self.manifest
        if manifest is None:
            return
        for name in sorted(manifest.files.keys() ^ set(LISTED)):
            self._fault(FaultKind.ALTERED, MANIFEST, f"lists other files than a bundle has: {_shown(name)}")
        for name, measured in manifest.files.items():
            if name in self.files and measure(self.files[name]) != measured:
                self._fault(FaultKind.ALTERED, name, f"is not as {MANIFEST} lists it")

    def _check_entries(self) -> list[Entry]:
        """The entries, if all of them are as they were written."""
        text, manifest = self._read(ENTRIES, str), self.manifest
        if text is None or manifest is None:
            return []
        lines = text.removesuffix("\n").split("\n") if text else []
        self.links = place_entries(lines, manifest.head)
        before = len(self.faults)
        entries = self._read_entries() if self._is_in_bounds(lines, manifest) else []
        if len(self.faults) > before:
            return []
        self.faults += check_chain(self.case_id, self.links, manifest.head)
        self._name_both_sides()
        if "".join(f"{one}\n" for one in lines) != text:
            self._fault(FaultKind.ALTERED, ENTRIES, "does not end as it was written")
        return entries if len(self.faults) == before else []

    def _name_both_sides(self) -> None:
        """Where an altered entry does not follow the one before, nobody can say which of the two was altered there."""
        by_number = {one.number: one for one in self.links}
        for one in self.links:
            before = by_number.get(one.number - 1)
            if before is None or digest_of(one.body) == one.digest:
                continue
            own = digest_of(before.body)
            if own == before.digest and what_an_entry_says(one.body, 0)[1] != own:
                text = f"was altered where it names entry {before.number}, or entry {before.number} was altered too"
                self._fault(FaultKind.ALTERED, f"entry {one.number} of {self.case_id}", text)

    def _is_in_bounds(self, lines: Sequence[str], manifest: Manifest) -> bool:
        """Whether it makes sense to look for what is missing; a forger may name any number."""
        there, named = len(lines), manifest.head.number
        if not 0 < named <= most_entries(there):
            self._fault(FaultKind.ALTERED, MANIFEST, f"names entry {named} as the last, where {there} are there")
        return 0 < named <= most_entries(there)

    def _read_entries(self) -> list[Entry]:
        entries: list[Entry] = []
        for one in self.links:
            if digest_of(one.body) != one.digest:
                continue  # what is wrong with it, the chain says
            try:
                entries.append(_entry(one.body))
            except (ValueError, RecursionError, OverflowError):
                self._fault(
                    FaultKind.ALTERED,
                    f"entry {one.number} of {self.case_id}",
                    "is not in the form in which entries are written",
                )
        return entries

    def _check_seals(self) -> None:
        seals, proofs = self._read(SEALS, _read_seals), self._read(PROOFS, read_proofs)
        if seals is None:
            return
        before = len(self.faults)
        said = self._follow(seals)
        if len(self.faults) > before:
            return
        for earlier, proof in pairwise(proofs or ()):
            if not (earlier.seal < proof.seal and earlier.number <= proof.number):
                self._fault(FaultKind.REORDERED, PROOFS, f"names seal {proof.seal} after seal {earlier.seal}")
        by_number = {one.number: one.digest for one in self.links}
        for proof in proofs or ():
            self._check_proof(proof, said, by_number)
        newest = said[seals[-1].number]
        if proofs and proofs[-1].seal != newest.number:
            # The head as it was under an older seal says nothing of what came until the newest.
            self._fault(FaultKind.REMOVED, PROOFS, f"does not prove what the case came to under seal {newest.number}")
        if len(self.faults) == before:
            self.sealed, self.newest = (proofs[-1].number if proofs else 0), newest
            self._check_keys(said, newest)
            self.spans = [Span(one.number, _made(said, one.seal - 1), said[one.seal].at) for one in proofs or ()]
            self._compare_with_published(seals)

    def _follow(self, seals: Sequence[Seal]) -> dict[int, Commitment]:
        """What the seals say, by their numbers; each has to follow the one before it."""
        said: dict[int, Commitment] = {}
        follower: Follower | None = None
        for one in seals:
            meant = _what_it_says(one)
            if meant is None:
                self._fault(FaultKind.ALTERED, one.place, "is not in the form in which seals are written")
                return said
            if follower is None:
                # The first that is here is taken as it stands: it is the key given, or the reader, that vouches for it.
                before = Seal(one.number - 1, "", meant.previous, {}) if one.number > 1 else None
                follower = Follower(meant.keys, before)
            self.faults += follower.take(one)
            said[one.number] = meant
        if follower is None:
            self._fault(FaultKind.REMOVED, SEALS, "holds no seal")
        return said

    def _check_keys(self, said: Mapping[int, Commitment], newest: Commitment) -> None:
        """Whether the manifest is signed by the key that was given, or by one that came after it.

        The keys of the seals follow each other forward only (:mod:`rightsflow.ledger.succession`), and the manifest's
        come last: so whichever of them is the one that was given, nobody with an older one alone got this far.
        """
        if self.manifest is None:
            return
        if not set(self.keys.items()) & set(newest.keys.items()):
            self._fault(FaultKind.ALTERED, MANIFEST, "is signed by no key of the newest seal")
        elif broken := broken_succession(newest.keys, self.keys):
            self._fault(FaultKind.ALTERED, MANIFEST, broken)
        there = {*self.keys.values(), *(public for one in said.values() for public in one.keys.values())}
        if self.trusted and not self.trusted & {*there, *map(fingerprint, there)}:
            self._fault(FaultKind.ALTERED, MANIFEST, "is signed by another key than the one that was given")

    def _compare_with_published(self, seals: Sequence[Seal]) -> None:
        if self.published is None:
            return
        known = {one.number: one for one in self.published}
        for one in seals:
            if one.number in known:
                self.agreeing += 1
                self.faults += check_published(known[one.number], one)
        first, last, newest = seals[0].number, seals[-1].number, max(known, default=0)
        if not self.agreeing:
            self._fault(FaultKind.ADDED, SEALS, "holds none of the seals that were published")
        elif newest < last:
            self.notes.append(f"The published seals end with seal {newest}, and this file with seal {last}.")
        elif newest > last:
            self.notes.append(f"The published seals go on to seal {newest}: what came after seal {last} is not here.")
        missing = [number for number in range(first, min(last, newest) + 1) if number not in known]
        if missing and self.agreeing:
            self.notes.append(f"{len(missing)} of its seals were not among those that were given as published.")

    def _check_dates(self, manifest: Manifest) -> None:
        """Each entry was made between the seals that enclose it; what no seal covers, after the newest."""
        unsealed = [Span(len(self.links), self.newest.at, manifest.made_at)] if self.newest else []
        dated = ((one.number, date_of(one.body)) for one in self.links)
        try:
            self.faults += check_dates(self.case_id, dated, [*self.spans, *unsealed])
        except OverflowError:
            self._fault(FaultKind.ALTERED, ENTRIES, "is dated as nothing can be")

    def _check_proof(self, proof: SealProof, said: Mapping[int, Commitment], digests: Mapping[int, str]) -> None:
        place = f"proof of {self.case_id} in seal {proof.seal}"
        if proof.seal not in said:
            self._fault(FaultKind.REMOVED, f"seal {proof.seal}", f"is missing, which {PROOFS} names")
            return
        self.faults += check_proof(self.case_id, proof, said[proof.seal])
        if digests.get(proof.number) != proof.digest:
            self._fault(FaultKind.ALTERED, place, f"names another entry {proof.number} than the one that is here")

    def _compare_with_entries(self, entries: Sequence[Entry], manifest: Manifest) -> None:
        wrong = {fault.place for fault in self.faults}
        self.last_at = entries[-1].at
        try:
            again, self.state = derived(entries, manifest.controller), fold(entries).state
        except Exception:  # noqa: BLE001 - entries of a forger may hold anything, and nothing may fall over them
            self._fault(FaultKind.ALTERED, ENTRIES, "says what no case can come to")
            return
        known = bundle.formats()
        for name, kind in DERIVED.items():
            if manifest.formats.get(kind) != known[kind]:
                self.uncompared.append(
                    f"{name} was written in format {manifest.formats.get(kind)}, and this version of Rightsflow writes "
                    f"{known[kind]}: nobody knows yet whether it says what the entries say; check it with the version "
                    "that wrote it."
                )
            elif name in self.files and name not in wrong and self.files[name] != again[name]:
                self._fault(FaultKind.ALTERED, name, "does not say what the entries say")

    def _compare_with_export(self, entries: Sequence[Entry]) -> None:
        """The export noted what covered the case: where less is here, somebody left it out."""
        sealed, seal = (entries[-1].details.get(name) for name in ("sealed", "seal"))
        if entries[-1].event != _EXPORT:
            self._fault(FaultKind.REMOVED, ENTRIES, "does not end with the export that made this file")
        elif not self.faults and sealed != self.sealed:
            self._fault(FaultKind.REMOVED, PROOFS, f"proves {self.sealed} entries where {sealed} were under seals")
        elif not self.faults and self.newest and seal != self.newest.number:
            what = f"ends with seal {self.newest.number} where seal {seal} was the newest"
            self._fault(FaultKind.REMOVED, SEALS, what)

    def _look_at_every_byte(self) -> None:
        """Nothing may lie between, before or behind the files, nor in the list at the end."""
        if not self.faults and pack((one.name, one.content) for one in self.members) != self.data:
            self._fault(FaultKind.ALTERED, "the file", "is not packed as bundles are")

    def _fault(self, kind: FaultKind, place: str, what: str) -> None:
        shown = _shown(place)
        begun = shown if "." in shown.split(" ", maxsplit=1)[0] else f"{shown[:1].upper()}{shown[1:]}"
        self.faults.append(Fault(kind, shown, f"{begun} {what}."))


def _refuse_other_formats(manifest: bytes) -> None:
    try:
        said = json.loads(manifest)["formats"]["bundle"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return
    if isinstance(said, int) and said != bundle.FORMAT:
        raise BadInput(
            f"{MANIFEST} names format {_shown(str(said))} of the bundle, and this version of Rightsflow checks "
            f"{bundle.FORMAT}; check it with the version that wrote it."
        )


def _entry(body: str) -> Entry:
    entry = read_entry(body)
    kinds = (
        (entry.chain, str),
        (entry.number, int),
        (entry.actor, str),
        (entry.event, str),
        (entry.details, dict),
        (entry.made_with, dict),
    )
    if not all(isinstance(value, kind) for value, kind in kinds) or entry.at.tzinfo is None:
        raise ValueError("a field of the entry is of another kind")
    entry.at.astimezone(UTC)
    return entry


def _what_it_says(seal: Seal) -> Commitment | None:
    try:
        said = read_seal(seal.body)
    except (ValueError, RecursionError):
        return None
    kinds = ((said.chains, int), (said.number, int), (said.root, str), (said.previous, str), (said.made_with, dict))
    try:
        said.at.astimezone(UTC)
    except OverflowError:
        return None
    return said if said.at.tzinfo and all(isinstance(value, kind) for value, kind in kinds) else None


def _made(said: Mapping[int, Commitment], seal: int) -> datetime | None:
    """When a seal was made, if it is here."""
    return said[seal].at if seal in said else None


def _read_signatures(text: str) -> dict[str, str]:
    raw = json.loads(text)
    if not isinstance(raw, dict) or canonical(raw) != text or not all(isinstance(one, str) for one in raw.values()):
        raise ValueError("the signatures are not in the form in which they are written")
    return raw


def _read_seals(text: str) -> list[Seal]:
    *lines, rest = text.split("\n")
    if rest:
        raise ValueError("the last seal is cut off")
    try:
        seals = [read_published(f"{line}\n") for line in lines]
    except (AttributeError, TypeError):
        raise ValueError("a field of a seal is of another kind") from None
    for one in seals:
        kinds = ((one.number, int), (one.body, str), (one.digest, str), (one.signatures, dict))
        if not all(isinstance(value, kind) for value, kind in kinds):
            raise ValueError("a field of a seal is of another kind")
    return seals


def _is_case_id(text: str) -> bool:
    try:
        return read_case_id(text) == text
    except BadInput:
        return False


def _printable(fault: Fault) -> Fault:
    """A fault of which the place and the text may hold names out of the file."""
    return Fault(fault.kind, _shown(fault.place), _shown(fault.text, _LONGEST_SENTENCE))


def _shown(text: str, longest: int = _LONGEST_SHOWN) -> str:
    """A name out of a file, or a sentence with such names, fit to be printed."""
    known = text.replace("…", "")
    plain = text if known.isascii() and known.isprintable() else ascii(text)[1:-1]
    return plain if len(plain) <= longest else f"{plain[:longest]}…"
