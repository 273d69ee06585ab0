"""A package opened with an independent program's library."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pyzipper

from tests.unit.documents.package import sample

Make = Callable[..., Path]


def contents(path: Path) -> dict[str, bytes]:
    """All files of a package, in the order in which they lie in it."""
    with pyzipper.AESZipFile(path) as archive:
        archive.setpassword(sample.PASSPHRASE.encode())
        return {name: archive.read(name) for name in archive.namelist()}
