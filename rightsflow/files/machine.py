"""The machine: disks that take nothing, named by their folder with what to do about it, and processes that live or not.

A file system says only "No space left on device"; which of a machine's disks that is, is known where the file is
written.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryFile
from typing import Final

from rightsflow.domain.errors import Transient

_MB: Final = 1024 * 1024
_GB: Final = 1024 * _MB
LEAST_FREE: Final = 64 * _MB
"""The bytes without which a disk counts as full: databases need room to write down what they were about to do."""
SCARCE: Final = _GB
"""The bytes below which a person should look."""
_PROBE_BYTES: Final = 64 * 1024

_SENTENCES: Final[Mapping[int, str]] = {
    **dict.fromkeys(
        (errno.ENOSPC, errno.EDQUOT),
        "The disk of {place} is full; free space there, then it goes on.",
    ),
    errno.EROFS: "The disk of {place} is read-only; mount it for writing, then it goes on.",
    **dict.fromkeys(
        (errno.EACCES, errno.EPERM),
        "{place} must not be written by this account; give the account the right to write there, then it goes on.",
    ),
    errno.EIO: "The disk of {place} reports a fault; check the disk, or move the folder to another one.",
}


def disk_fault(error: OSError, place: str) -> Transient | None:
    """Return the fault of a disk that an error points to, or ``None``.

    Args:
        error: What the operating system said.
        place: The folder or the file, as a person can find it; no personal data.

    Returns:
        The fault in one sentence, or ``None`` where the error is about something else.
    """
    sentence = _SENTENCES.get(error.errno or 0)
    if sentence is None:
        return None
    fault = sentence.format(place=place)
    return Transient(fault[0].upper() + fault[1:])


@contextmanager
def naming_disk(place: str) -> Iterator[None]:
    """Name the disk that refuses writes. The block may only contain writes to that disk.

    Args:
        place: The folder or the file, as a person can find it; no personal data.

    Raises:
        Transient: The disk is full, read-only or faulty, or the account has no right to write there.
    """
    try:
        yield
    except OSError as error:
        fault = disk_fault(error, place)
        if fault is None:
            raise
        raise fault from None


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskState:
    """The state of the disk that a folder is on.

    Args:
        free: The bytes that this account may still write.
        fault: What is wrong and what to do about it, in one sentence; empty where nothing is.
        is_scarce: Whether little is left although nothing is wrong yet.
    """

    free: int
    fault: str = ""
    is_scarce: bool = False

    @property
    def free_text(self) -> str:
        """The figure for people."""
        return f"{self.free / _GB:.1f} GB free" if self.free >= _GB else f"{self.free / _MB:.0f} MB free"


def disk_state(folder: Path, place: str, *, least: int = LEAST_FREE, scarce: int = SCARCE) -> DiskState:
    """Look at a disk without writing to it.

    Args:
        folder: A folder on it; one that is not there is looked for among those above it.
        place: What it is, as a person can find it.
        least: The bytes without which it counts as full.
        scarce: The bytes below which a person should look.
    """
    there = next((parent for parent in (folder, *folder.parents) if parent.exists()), folder)
    try:
        seen = os.statvfs(there)
    except OSError as error:
        fault = disk_fault(error, place)
        return DiskState(free=0, fault=str(fault or f"The disk of {place} cannot be read; check it."))
    free = seen.f_bavail * seen.f_frsize
    code = 0
    if seen.f_flag & os.ST_RDONLY:
        code = errno.EROFS
    elif not os.access(there, os.W_OK | os.X_OK):
        code = errno.EACCES
    elif free < least or (seen.f_files and not seen.f_favail):
        code = errno.ENOSPC
    state = DiskState(free=free, is_scarce=free < scarce)
    if not code:
        return state
    return replace(state, fault=str(disk_fault(OSError(code, ""), f"{place} ({state.free_text})")))


def try_disk(folder: Path, place: str) -> DiskState:
    """Look at a disk, and write a small file there and remove it.

    Args:
        folder: A folder that is there.
        place: What it is, as a person can find it.
    """
    state = disk_state(folder, place)
    if state.fault or not folder.is_dir():
        return state
    try:
        with TemporaryFile(dir=folder, prefix=".probe-") as file:
            file.write(bytes(_PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        fault = disk_fault(error, f"{place} ({state.free_text})")
        return replace(state, fault=str(fault or f"Nothing can be written to {place}; check its disk."))
    return state


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
