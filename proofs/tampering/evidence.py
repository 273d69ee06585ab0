"""An evidence bundle to change copies of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from proofs.tampering.changes import Change
from rightsflow.audit.evidence.archive import pack, unpack
from rightsflow.audit.evidence.bundle import (
    LISTED,
    MANIFEST,
    NAMES,
    SIGNATURES,
    manifest_text,
    measure,
    read_manifest,
)
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.audit.ledger.chain import canonical
from rightsflow.audit.signing import SigningKey
from rightsflow.domain.errors import BadInput

FOREIGN = SigningKey(b"\x07" * 32)
THE_FILE, NO_BUNDLE = "the file", "no evidence bundle"
Made = tuple[Change, bytes, bool]
"""What was done, the bundle then, and whether the reader has the published key."""


class Bundle:
    """A bundle to change.

    Args:
        data: The bundle, whole.
        key: The published key or its fingerprint.
    """

    def __init__(self, data: bytes, key: str) -> None:
        assert check_bundle(data, frozenset({key})).is_whole
        self.data, self.key = data, key
        self.files = {one.name: one.content for one in unpack(data)}
        self.manifest = read_manifest(self.files[MANIFEST].decode())
        self.case_id = self.manifest.case_id
        self.regions = self._regions()

    def _regions(self) -> list[tuple[int, int, str]]:
        """Which bytes of the zip belong to which file, with its header."""
        found, place = [], 0
        for name, content in self.files.items():
            length = 30 + len(name) + len(content)
            found.append((place, place + length, name))
            place += length
        return found

    def at(self, place: int) -> tuple[str, ...]:
        """What the faults may call what lies at a byte."""
        for first, end, name in self.regions:
            if first <= place < end:
                # In its header it may be anything, from another name to another length.
                return (name, THE_FILE) if place >= first + 30 + len(name) else (*NAMES, THE_FILE, NO_BUNDLE)
        return (THE_FILE, *NAMES)

    def faults(self, data: bytes, *, with_key: bool) -> list[str]:
        """What the check says."""
        try:
            found = check_bundle(data, frozenset({self.key}) if with_key else frozenset())
        except BadInput as error:
            return [str(error)]
        another = [f"{MANIFEST} is signed by another key."] if found.by_another_key else []
        return [*(fault.text for fault in found.faults), *found.uncompared, *another]


def signed(
    held: Bundle,
    files: Mapping[str, bytes],
    keys: Mapping[str, SigningKey],
    formats: Mapping[str, int] | None = None,
) -> bytes:
    """The bundle of some files, signed by anyone who has these keys."""
    listed = {name: measure(files[name]) for name in LISTED}
    public = {name: key.public for name, key in keys.items()}
    said = replace(held.manifest, files=listed, keys=public, formats=formats or held.manifest.formats)
    text = manifest_text(said).encode()
    signatures = canonical({name: key.sign(text) for name, key in keys.items()}).encode()
    return pack({**files, MANIFEST: text, SIGNATURES: signatures}.items())


def packed_with(held: Bundle, name: str, content: bytes) -> bytes:
    return pack((held.files | {name: content}).items())


def inside(held: Bundle, name: str) -> tuple[str, ...]:
    """What else than its name tells that something in a file is wrong."""
    return {"entries.jsonl": (held.case_id,), "seals.jsonl": ("seal ",), "proofs.json": ("proof ",)}.get(name, ()) + (
        (MANIFEST,) if name == SIGNATURES else ()
    )


def anything(held: Bundle) -> tuple[str, ...]:
    return (*NAMES, held.case_id, THE_FILE, NO_BUNDLE)
