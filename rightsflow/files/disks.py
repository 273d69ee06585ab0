"""A disk that takes nothing: full, read-only, faulty or not ours. Named by its folder, and what to do about it.

A file system says only "No space left on device"; which of a machine's disks that is, is known where the file is
written.
"""

from __future__ import annotations

import errno
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from rightsflow.domain.errors import Transient

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
    """What is wrong with a disk, where an error says that something is.

    Args:
        error: What the operating system said.
        place: The folder or the file, as a person can find it; no personal data.

    Returns:
        The fault in one sentence, or ``None`` where the error is about something else.
    """
    sentence = _SENTENCES.get(error.errno or 0)
    if sentence is None:
        return None
    told = sentence.format(place=place)
    return Transient(told[0].upper() + told[1:])


@contextmanager
def naming_disk(place: str) -> Iterator[None]:
    """Say which disk it is that takes nothing. Only what writes to it belongs into the block.

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
