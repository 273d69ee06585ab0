"""The cover of a bundle's entries: its seals and proofs, the published keys they lead to, and the dates they allow."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from rightsflow.audit.evidence.archive import Faults
from rightsflow.audit.evidence.bundle import ENTRIES, MANIFEST, PROOFS, SEALS, Manifest
from rightsflow.audit.ledger import FaultKind, Link
from rightsflow.audit.ledger.checking import Span, check_dates, date_of, noted_in
from rightsflow.audit.ledger.seal_checks import Follower, broken_succession, check_proof, check_published
from rightsflow.audit.ledger.seals import Commitment, Seal, SealProof, read_published, read_seal
from rightsflow.domain.errors import BadInput

_HASH = re.compile(r"(?<![0-9a-fA-F])[0-9a-fA-F]{64}(?![0-9a-fA-F])")


def fingerprint(public: str) -> str:
    """Return the SHA-256 of a public key, by which people compare it.

    Args:
        public: The key, hexadecimal.
    """
    try:
        return hashlib.sha256(bytes.fromhex(public)).hexdigest() if public else ""
    except ValueError:
        return ""


def trusted_keys(text: str) -> frozenset[str]:
    """Return the keys, or their fingerprints, in a text: 64 hexadecimal digits each, in any surroundings.

    Raises:
        BadInput: It names none.
    """
    joined = text.translate({ord(mark): None for mark in ": \n"})
    hashes = frozenset(item.lower() for item in _HASH.findall(text) or _HASH.findall(joined))
    if not hashes:
        raise BadInput("That is no key; give the fingerprint (64 hexadecimal digits) or the file with the public key.")
    return hashes


@dataclass(slots=True, kw_only=True)
class Cover:
    """The seals of one bundle under examination.

    Args:
        manifest: What the bundle says of itself.
        links: Its entries.
        faults: Where what is wrong is noted.
        notes: Where what is to be known beside that is noted, in sentences.
        trusted: The keys, or their fingerprints, of which one has to lead to the manifest's; none where none was given.
        published: The seals as they were published, or ``None``.
        sealed: Up to which entry the seals cover the case, once they are checked.
        newest: What the newest of them says; ``None`` where they are not whole.
        agreeing: How many of them were among the published.
        by_another_key: Whether no key that was given leads to the manifest's.
    """

    manifest: Manifest
    links: Sequence[Link]
    faults: Faults
    notes: list[str]
    trusted: frozenset[str]
    published: Sequence[Seal] | None
    sealed: int = 0
    newest: Commitment | None = None
    agreeing: int = 0
    by_another_key: bool = False
    _spans: list[Span] = field(default_factory=list)

    def check(self, seals: Sequence[Seal], proofs: Sequence[SealProof]) -> None:
        """Check that the seals follow each other, cover the entries as proved, and belong to the given keys.

        Args:
            seals: All that are in the bundle, in the order in which they stand.
            proofs: The same of its proofs.
        """
        before = len(self.faults)
        made = self._follow(seals)
        if len(self.faults) > before:
            return
        for earlier, proof in pairwise(proofs):
            if not (earlier.seal < proof.seal and earlier.number <= proof.number):
                self.faults.note(FaultKind.REORDERED, PROOFS, f"names seal {proof.seal} after seal {earlier.seal}")
        by_number = {link.number: link.digest for link in self.links}
        for proof in proofs:
            self._check_proof(proof, made, by_number)
        newest = made[seals[-1].number]
        if proofs and proofs[-1].seal != newest.number:
            # The head as it was under an older seal says nothing of what came until the newest.
            what = f"does not prove the state of the case under seal {newest.number}"
            self.faults.note(FaultKind.REMOVED, PROOFS, what)
        if len(self.faults) == before:
            self.sealed, self.newest = (proofs[-1].number if proofs else 0), newest
            self._check_keys(made, newest)
            self._spans = [Span(item.number, _made(made, item.seal - 1), made[item.seal].latest) for item in proofs]
            self._compare_with_published(seals)

    def _follow(self, seals: Sequence[Seal]) -> dict[int, Commitment]:
        """Return the commitments of the seals, by number; each seal has to follow the one before it."""
        commitments: dict[int, Commitment] = {}
        follower: Follower | None = None
        for seal in seals:
            meant = _what_it_says(seal)
            if meant is None:
                self.faults.note(FaultKind.ALTERED, seal.place, "is not in the form in which seals are written")
                return commitments
            if follower is None:
                # The first that is here is taken as it stands: it is the key given, or the reader, that vouches for it.
                before = Seal(seal.number - 1, "", meant.previous, {}) if seal.number > 1 else None
                follower = Follower(meant.keys, before)
            self.faults += follower.take(seal)
            commitments[seal.number] = meant
        if follower is None:
            self.faults.note(FaultKind.REMOVED, SEALS, "holds no seal")
        return commitments

    def _check_keys(self, said: Mapping[int, Commitment], newest: Commitment) -> None:
        """Check that the manifest is signed by the given key, or by a successor of it.

        The keys of the seals follow each other forward only (:mod:`rightsflow.audit.ledger.seal_checks`), and the
        manifest's keys come last. So, whichever of them was given, no one with only an older key can pass.
        """
        if not set(self.manifest.keys.items()) & set(newest.keys.items()):
            self.faults.note(FaultKind.ALTERED, MANIFEST, "is signed by no key of the newest seal")
        elif broken := broken_succession(newest.keys, self.manifest.keys):
            self.faults.note(FaultKind.ALTERED, MANIFEST, broken)
        there = {
            *self.manifest.keys.values(),
            *(public for commitment in said.values() for public in commitment.keys.values()),
        }
        self.by_another_key = bool(self.trusted) and not self.trusted & {*there, *map(fingerprint, there)}

    def _compare_with_published(self, seals: Sequence[Seal]) -> None:
        if self.published is None:
            return
        known = {item.number: item for item in self.published}
        for seal in seals:
            if seal.number in known:
                self.agreeing += 1
                self.faults += check_published(known[seal.number], seal)
        first, last, newest = seals[0].number, seals[-1].number, max(known, default=0)
        if not self.agreeing:
            self.faults.note(FaultKind.ADDED, SEALS, "holds none of the seals that were published")
        elif newest < last:
            self.notes.append(f"The published seals end with seal {newest}, and this file with seal {last}.")
        elif newest > last:
            self.notes.append(f"The published seals go on to seal {newest}: what came after seal {last} is not here.")
        missing = [number for number in range(first, min(last, newest) + 1) if number not in known]
        if missing and self.agreeing:
            self.notes.append(f"{len(missing)} of its seals were not among those that were given as published.")

    def check_dates(self) -> None:
        """Check that each entry was made between the seals that enclose it, or after the newest seal."""
        unsealed = [Span(len(self.links), self.newest.at, self.manifest.made_at)] if self.newest else []
        dated = ((link.number, date_of(link.body), noted_in(link.body)) for link in self.links)
        try:
            self.faults += check_dates(self.manifest.case_id, dated, [*self._spans, *unsealed])
        except OverflowError:
            self.faults.note(FaultKind.ALTERED, ENTRIES, "is dated as nothing can be")

    def _check_proof(self, proof: SealProof, said: Mapping[int, Commitment], digests: Mapping[int, str]) -> None:
        place = f"proof of {self.manifest.case_id} in seal {proof.seal}"
        if proof.seal not in said:
            self.faults.note(FaultKind.REMOVED, f"seal {proof.seal}", f"is missing, which {PROOFS} names")
            return
        self.faults += check_proof(self.manifest.case_id, proof, said[proof.seal])
        if digests.get(proof.number) != proof.digest:
            self.faults.note(FaultKind.ALTERED, place, f"names another entry {proof.number} than the one that is here")


def read_seals(text: str) -> list[Seal]:
    """Read the seals from ``seals.jsonl``.

    Raises:
        ValueError: The text is not that.
    """
    *lines, rest = text.split("\n")
    if rest:
        raise ValueError("the last seal is cut off")
    return [read_published(f"{line}\n") for line in lines]


def _what_it_says(seal: Seal) -> Commitment | None:
    try:
        return read_seal(seal.body)
    except ValueError:
        return None


def _made(said: Mapping[int, Commitment], seal: int) -> datetime | None:
    """Return the instant at which a seal was made, if the seal is here."""
    return said[seal].at if seal in said else None
