"""Processes of this machine: whether one lives, and whether it is still the one that was noted."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

_STATE, _STARTED = 0, 19
"""The positions of state and start time in ``/proc/PID/stat`` behind the name (``man 5 proc``: fields 3 and 22)."""
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_ENDED: Final = frozenset({"Z", "X"})


def is_alive(pid: int) -> bool:
    """Return whether a process is alive; a killed process that is not reaped yet counts as dead.

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
    """Return a mark that distinguishes a process from all others with the same number; empty if it is gone.

    Process numbers are reused; the boot and the tick at which a process started are not.

    Args:
        pid: The number.
    """
    fields = _fields(pid)
    if not fields or fields[_STATE] in _ENDED:
        return ""
    return f"{_BOOT.read_text(encoding='ascii').strip()} {fields[_STARTED]}"


def _fields(pid: int) -> list[str]:
    """Return the fields behind the name, which is in brackets and arbitrary; empty if they cannot be read."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    return status.rpartition(")")[2].split()
