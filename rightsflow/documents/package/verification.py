"""The package's passphrase, and the check before it is handed over: it opens with it, and every file is as listed."""

from __future__ import annotations

import hashlib
import json
import secrets
import zlib
from dataclasses import dataclass
from os import PathLike
from typing import Any

from rightsflow.documents.package.archive import zip_library
from rightsflow.documents.package.assembly import MANIFEST, SCHEMA, SCHEMA_VERSION
from rightsflow.domain.errors import BadInput

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O or U, so that nothing is mistaken for 1, 0 or V."""

_GROUPS, _GROUP_LENGTH = 5, 4
_LOOKALIKES = str.maketrans("ILO", "110")


def new_passphrase() -> str:
    """Create a random passphrase of 100 bits, in five groups of four, like ``7K3M-9QTX-04WB-HN2E-R6VD``."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def as_written(heard: str) -> str:
    """Return a dictated passphrase in its written form: capitals, 0 for O, 1 for I and L, grouped again.

    A text that cannot be one of :func:`new_passphrase` is returned as it is.
    """
    letters = "".join(heard.upper().translate(_LOOKALIKES).replace("-", " ").split())
    if len(letters) != _GROUPS * _GROUP_LENGTH or not set(letters) <= set(ALPHABET):
        return heard
    return "-".join(letters[at : at + _GROUP_LENGTH] for at in range(0, len(letters), _GROUP_LENGTH))


_READ_BYTES = 1 << 18
_ENCRYPTED = 0x1


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The result of a check.

    Args:
        case_id: The case that the package says it belongs to.
        files: How many files the manifest lists.
        size: Their bytes, unpacked.
        manifest_sha256: The hash of the manifest, which stands for the whole package in the evidence.
        altered: Paths of files whose bytes are not as listed, cannot be read, or are not encrypted.
        missing: Paths that are listed and not there.
        unlisted: Paths that are there and not listed.
    """

    case_id: str
    files: int
    size: int
    manifest_sha256: str
    altered: tuple[str, ...]
    missing: tuple[str, ...]
    unlisted: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """True if all files are as listed."""
        return not (self.altered or self.missing or self.unlisted)


def verify(path: str | PathLike[str], passphrase: str) -> Verification:
    """Open a package and compare every file with the manifest inside.

    Args:
        path: The archive.
        passphrase: As it was made, or as a person heard it (capitals, O for zero and groups do not matter).

    Raises:
        BadInput: It is no package, is cut off, or the passphrase does not open it.
    """
    zips = zip_library()
    try:
        with zips.AESZipFile(path) as archive:
            archive.setpassword(as_written(passphrase).encode())
            return _compare(archive)
    except (zips.BadZipFile, OSError, KeyError, ValueError):
        raise BadInput("The file is not a complete access package; make it again.") from None
    except RuntimeError:
        raise BadInput("The passphrase does not open this package; check it and try again.") from None


def read_encrypted(path: str | PathLike[str], name: str, passphrase: str, most: int) -> bytes:
    """Read a file of an encrypted archive.

    Args:
        path: The archive.
        name: The file in it.
        passphrase: As it was made, or as a person heard it.
        most: How many bytes it may have.

    Raises:
        BadInput: It is no such archive, or the passphrase does not open it.
    """
    zips = zip_library()
    try:
        with zips.AESZipFile(path) as archive:
            archive.setpassword(as_written(passphrase).encode())
            with archive.open(name) as file:
                return bytes(file.read(most))
    except (zips.BadZipFile, zlib.error, EOFError, OSError, KeyError, ValueError):
        raise BadInput("The file is not complete, or not one that Rightsflow wrote; make it again.") from None
    except RuntimeError:
        raise BadInput("The passphrase does not open this file; check it and try again.") from None


def _compare(archive: Any) -> Verification:
    raw = archive.read(MANIFEST)
    manifest = json.loads(raw)
    if manifest.get("schema") != SCHEMA or manifest.get("schema_version") != SCHEMA_VERSION:
        raise BadInput("The package was made by a version of Rightsflow that this one cannot check.")
    there = [name for name in archive.namelist() if name != MANIFEST]
    listed = {entry["path"]: entry for entry in manifest["files"]}
    return Verification(
        case_id=manifest["case_id"],
        files=len(listed),
        size=sum(entry["size"] for entry in listed.values()),
        manifest_sha256=hashlib.sha256(raw).hexdigest(),
        altered=tuple(name for name in there if name in listed and not _is_as_listed(archive, listed[name])),
        missing=tuple(sorted(listed.keys() - set(there))),
        unlisted=tuple(name for at, name in enumerate(there) if name not in listed or name in there[:at]),
    )


def _is_as_listed(archive: Any, entry: dict[str, Any]) -> bool:
    digest, size = hashlib.sha256(), 0
    if not archive.getinfo(entry["path"]).flag_bits & _ENCRYPTED:
        return False
    try:
        with archive.open(entry["path"]) as file:
            while piece := file.read(_READ_BYTES):
                digest.update(piece)
                size += len(piece)
    except (zip_library().BadZipFile, zlib.error, EOFError):
        return False
    return bool(size == entry["size"] and digest.hexdigest() == entry["sha256"])
