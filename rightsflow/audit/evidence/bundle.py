"""The evidence bundle of a case: one file that shows how a request was handled and can be checked anywhere.

Everything to read in it is made from the entries and the controller that the manifest names, and from nothing else; the
entries are there as the ledger keeps them, with the seals that cover them; a manifest, signed by the seal keys of the
day, holds it together.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from rightsflow.audit.evidence import dpv, page
from rightsflow.audit.evidence.archive import pack
from rightsflow.audit.evidence.dpv import ControllerFacts
from rightsflow.audit.evidence.fold import fold
from rightsflow.audit.evidence.record import CERTIFICATE_FORMAT, CaseRecord, certificate
from rightsflow.audit.ledger import Head, Link, read_entry
from rightsflow.audit.ledger.chain import canonical, written
from rightsflow.audit.ledger.seals import Seal, SealProof, write_published
from rightsflow.audit.signing import SigningKey

FORMAT = 1
"""Counts up when a bundle consists of other files, or its manifest says other things."""
DPV_FORMAT = 1
"""Counts up when the same entries give another document in the terms of the Data Privacy Vocabulary."""
KIND = "rightsflow evidence bundle"
PAGE, CERTIFICATE, VOCABULARY = "index.html", "certificate.json", "dpv.jsonld"
ENTRIES, SEALS, PROOFS = "entries.jsonl", "seals.jsonl", "proofs.json"
MANIFEST, SIGNATURES = "manifest.json", "manifest.sig"
DERIVED = {PAGE: "page", CERTIFICATE: "certificate", VOCABULARY: "dpv"}
"""The files made from the entries and the controller, each with the name of its format."""
LISTED = (*DERIVED, ENTRIES, SEALS, PROOFS)
NAMES = (*LISTED, MANIFEST, SIGNATURES)
"""The files of a bundle in their order."""
MOST_BYTES = 1 << 29
"""A larger file is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """The stored material that proves a case.

    Args:
        case_id: The case.
        links: Its entries, the export of this bundle among them.
        proofs: That its heads are under seals, oldest first.
        seals: From the first seal that a proof names to the newest.
    """

    case_id: str
    links: Sequence[Link]
    proofs: Sequence[SealProof]
    seals: Sequence[Seal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A bundle's description of itself.

    Args:
        case_id: The case.
        made_at: When it was made (aware).
        code: The version of Rightsflow that made it.
        formats: The formats of the ``bundle`` and of what is made from the entries (:data:`DERIVED`).
        files: Of each file its size and its SHA-256, hexadecimal.
        head: The case's last entry.
        keys: The public halves of the keys that sign it, hexadecimal, by name.
        controller: Who answered the request.
    """

    case_id: str
    made_at: datetime
    code: str
    formats: Mapping[str, int]
    files: Mapping[str, tuple[int, str]]
    head: Head
    keys: Mapping[str, str]
    controller: ControllerFacts


def write_bundle(
    material: Material, controller: ControllerFacts, keys: Mapping[str, SigningKey], *, made_at: datetime, code: str
) -> bytes:
    """Write a bundle; the same material at the same instant gives the same bytes.

    Args:
        material: What the store holds.
        controller: Who answered the request.
        keys: The seal keys of the day, by name.
        made_at: The present instant (aware).
        code: The version of Rightsflow.

    Raises:
        ValueError: There is no entry, no key, or an entry that cannot be read.
    """
    if not keys:
        raise ValueError("a bundle without a key to sign it proves nothing")
    files = {
        **derived(fold(read_entry(link.body) for link in material.links), controller),
        ENTRIES: "".join(f"{link.body}\n" for link in material.links).encode(),
        SEALS: "".join(map(write_published, material.seals)).encode(),
        PROOFS: canonical([proof_line(proof) for proof in material.proofs]).encode(),
    }
    manifest = manifest_text(
        Manifest(
            case_id=material.case_id,
            made_at=made_at,
            code=code,
            formats=formats(),
            files={name: measure(content) for name, content in files.items()},
            head=material.links[-1].head,
            keys={name: key.public for name, key in keys.items()},
            controller=controller,
        )
    ).encode()
    files[MANIFEST] = manifest
    files[SIGNATURES] = canonical({name: key.sign(manifest) for name, key in keys.items()}).encode()
    return pack((name, files[name]) for name in NAMES)


def derived(
    record: CaseRecord, controller: ControllerFacts, wanted: Mapping[str, int] | None = None
) -> dict[str, bytes]:
    """Return the files made from the entries, as far as this version supports the wanted formats.

    Args:
        record: What all entries of the case say, put together (:func:`rightsflow.audit.evidence.fold.fold`).
        controller: Who answered the request.
        wanted: The formats that a manifest names; ``None`` for those that this version writes.

    Raises:
        ValueError: The entries hold a number that JSON has no form for.
    """
    numbers = formats() if wanted is None else wanted
    makers: dict[str, Callable[[], bytes]] = {
        PAGE: lambda: page.page(record, controller),
        CERTIFICATE: lambda: certificate(record).encode(),
        VOCABULARY: lambda: canonical(dpv.export(record, controller)).encode(),
    }
    ours = formats()
    return {name: make() for name, make in makers.items() if numbers.get(kind := DERIVED[name]) == ours[kind]}


def formats() -> dict[str, int]:
    """Return the formats that this version writes."""
    return {"bundle": FORMAT, "certificate": CERTIFICATE_FORMAT, "dpv": DPV_FORMAT, "page": page.FORMAT}


def measure(content: bytes) -> tuple[int, str]:
    """Measure the size and the SHA-256 of a file."""
    return len(content), hashlib.sha256(content).hexdigest()


def manifest_text(manifest: Manifest) -> str:
    """Return a manifest as canonical JSON."""
    return canonical(
        {
            "case": manifest.case_id,
            "code": manifest.code,
            "controller": asdict(manifest.controller),
            "files": {name: {"sha256": digest, "size": size} for name, (size, digest) in manifest.files.items()},
            "formats": dict(manifest.formats),
            "head": {"digest": manifest.head.digest, "number": manifest.head.number},
            "keys": dict(manifest.keys),
            "kind": KIND,
            "made_at": written(manifest.made_at),
        }
    )


def read_manifest(text: str) -> Manifest:
    """Read a manifest from its text.

    Raises:
        ValueError: The text is none, or not in the form in which they are written.
    """
    raw = json.loads(text)
    try:
        manifest = Manifest(
            case_id=str(raw["case"]),
            made_at=datetime.fromisoformat(raw["made_at"]),
            code=str(raw["code"]),
            formats={str(name): int(number) for name, number in raw["formats"].items()},
            files={str(name): (int(item["size"]), str(item["sha256"])) for name, item in raw["files"].items()},
            head=Head(int(raw["head"]["number"]), str(raw["head"]["digest"])),
            keys={str(name): str(public) for name, public in raw["keys"].items()},
            controller=ControllerFacts(**{str(name): str(item) for name, item in raw["controller"].items()}),
        )
        again = manifest_text(manifest)
    except (AttributeError, KeyError, TypeError, OverflowError):
        raise ValueError("the manifest lacks a field, or has one of another kind") from None
    if again != text:
        raise ValueError("the manifest is not in the form in which manifests are written")
    return manifest


def proof_line(proof: SealProof) -> dict[str, object]:
    """Return a proof as an object of ``proofs.json``."""
    return {
        "digest": proof.digest,
        "number": proof.number,
        "path": list(proof.path),
        "position": proof.position,
        "seal": proof.seal,
    }


def read_proofs(text: str) -> list[SealProof]:
    """Read the proofs from ``proofs.json``.

    Raises:
        ValueError: The text is not that, or not in the form in which it is written.
    """
    raw = json.loads(text)
    try:
        proofs = [_proof(load) for load in raw]
    except (KeyError, TypeError, OverflowError):
        raise ValueError("a proof lacks a field, or has one of another kind") from None
    if canonical([proof_line(proof) for proof in proofs]) != text:
        raise ValueError("the proofs are not in the form in which they are written")
    return proofs


def _proof(raw: Mapping[str, Any]) -> SealProof:
    path = tuple(str(item) for item in raw["path"])
    return SealProof(
        seal=int(raw["seal"]),
        number=int(raw["number"]),
        digest=str(raw["digest"]),
        position=int(raw["position"]),
        path=path,
    )
