"""What is changed: the store of a case that was really handled, and the evidence bundle of that case."""

from __future__ import annotations

from pathlib import Path

from proofs.tampering.evidence import Bundle
from proofs.tampering.originals import Original, original


def made(folder: Path) -> tuple[Original, Bundle]:
    """A store and a bundle; both are the same for all seeds, but for the keys and the ids."""
    store, content, key = original(folder)
    return store, Bundle(content, key)
