"""What is changed: the store of a case that was really handled, and the evidence bundle of that case."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from unittest.mock import patch

from tests.tampering.bundles import Bundle
from tests.tampering.stores import Original, original


def made(folder: Path) -> tuple[Original, Bundle]:
    """A store and a bundle; both are the same for all seeds, but for the keys and the ids."""
    # As the fixture ``unlimited`` does: no server is needed for steps without limits.
    with patch("tasks.limits.concurrency", lambda *_args, **_options: nullcontext()):
        store, content, key = original(folder)
    return store, Bundle(content, key)
