"""Processes that an ``up`` which was killed left behind: known by their number and their start, and ended.

Each child is noted in a file while it runs. The number alone would not do: after a crash another process may have it.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import time
from pathlib import Path
from typing import Final

from rightsflow.files.machine import birth_of

logger = logging.getLogger(__name__)

_GRACE_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.05


def note(file: Path, pid: int) -> None:
    """Note a child process.

    Args:
        file: Where; an older note there is replaced.
        pid: The process.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({"pid": pid, "birth": birth_of(pid)}), encoding="ascii")
    fresh.replace(file)


def end_orphans(folder: Path, grace: float = _GRACE_SECONDS) -> list[str]:
    """End every process that was noted in a folder and still runs, with its process group; returns their names.

    Args:
        folder: Where the notes lie; they are removed.
        grace: How many seconds each has to end by itself.
    """
    ended = []
    for file in sorted(folder.glob("*.json")):
        pid, birth = _read(file)
        if birth and birth_of(pid) == birth:
            logger.warning("the %s of an earlier `up` still runs; it is ended", file.stem)
            _end(pid, birth, grace)
            ended.append(file.stem)
        file.unlink(missing_ok=True)
    return ended


def _read(file: Path) -> tuple[int, str]:
    try:
        noted = json.loads(file.read_text(encoding="ascii"))
        return int(noted["pid"]), str(noted["birth"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, ""


def _end(pid: int, birth: str, grace: float) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        if not _signal_group(pid, how):
            return
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline:
            if birth_of(pid) != birth:
                # What it started must not outlive it.
                _signal_group(pid, signal.SIGKILL)
                return
            time.sleep(_POLL_SECONDS)


def _signal_group(pid: int, how: signal.Signals) -> bool:
    try:
        os.killpg(pid, how)
    except (ProcessLookupError, PermissionError):
        return False
    return True
