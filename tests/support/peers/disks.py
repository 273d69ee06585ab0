"""Small disks of memory, to be filled; only root may mount them, and not in every container."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_MOUNT, _UNMOUNT = "/bin/mount", "/bin/umount"


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own at a folder; where none may be mounted the test is skipped.

    Args:
        folder: Where; it is made.
        size: As ``mount`` wants it, such as ``1m``.
    """
    folder.mkdir(parents=True)
    if os.geteuid() or not _runs(_MOUNT, "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)):
        pytest.skip("only root can mount a small disk, and not in every container")
    try:
        yield folder
    finally:
        _runs(_UNMOUNT, "--lazy", str(folder))


def make_read_only(folder: Path, *, read_only: bool = True) -> None:
    """Mount a small disk again, for reading only or for writing.

    Args:
        folder: Where it is mounted.
        read_only: Whether it takes nothing from now on.
    """
    assert _runs(_MOUNT, "-o", f"remount,{'ro' if read_only else 'rw'}", str(folder))


def fill(folder: Path) -> Path:
    """Fill a disk to its last byte; returns the file to remove for space.

    Args:
        folder: A folder on it.
    """
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (64 * 1024, 4096, 512, 1):
            try:
                while file.write(bytes(size)) == size:
                    pass
            except OSError:
                continue
    return ballast


def _runs(*command: str) -> bool:
    return subprocess.run(command, check=False, capture_output=True).returncode == 0
