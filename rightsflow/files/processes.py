"""Processes of this machine: whether one lives, and whether it is still the one that was noted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_STATE, _STARTED = 0, 19
"""Where they stand in ``/proc/PID/stat`` behind the name (``man 5 proc``: fields 3 and 22)."""
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_ENDED: Final = frozenset({"Z", "X"})


def is_alive(pid: int) -> bool:
    """Whether there is a process of a number; one that was killed and that no one has reaped yet is none.

    Args:
        pid: The number.
    """
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    fields = _fields(pid)
    return not fields or fields[_STATE] not in _ENDED


def birth_of(pid: int) -> str:
    """What tells a process from every other that has had or will have its number; empty where it is gone.

    Numbers are given again, the tick of a boot at which a process started is not.

    Args:
        pid: The number.
    """
    fields = _fields(pid)
    if not fields or fields[_STATE] in _ENDED:
        return ""
    return f"{_BOOT.read_text(encoding='ascii').strip()} {fields[_STARTED]}"


def _fields(pid: int) -> list[str]:
    """The fields behind the name, which stands in brackets and may hold anything; none where it cannot be read."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    return status.rpartition(")")[2].split()
