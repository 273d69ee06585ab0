"""A package opened with another library than the one that wrote it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from stream_unzip import stream_unzip

from tests.unit.documents.package import sample

Make = Callable[..., Path]


def contents(path: Path) -> dict[str, bytes]:
    """All files of a package, in the order in which they lie in it."""
    with path.open("rb") as file:
        members = stream_unzip(iter(lambda: file.read(1 << 16), b""), password=sample.PASSPHRASE.encode())
        return {name.decode(): b"".join(chunks) for name, _, chunks in members}
