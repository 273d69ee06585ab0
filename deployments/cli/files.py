"""Files that commands write: whole or not at all, for their owner alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from rightsflow.domain.errors import BadInput

_OWNER_ONLY = 0o600


def refuse_no_file(path: Path) -> None:
    """Say that no file can be written at a path, before anything is done for it.

    Args:
        path: Where it is to be.

    Raises:
        BadInput: A folder, or a device, is there, or there is no folder that it could lie in.
    """
    is_taken = path.exists() and not path.is_file()
    if is_taken or not path.absolute().parent.is_dir():
        raise BadInput("The file cannot be written there; give a file in a folder that is there with -o.")


def _write(opened: BinaryIO, content: bytes) -> None:
    opened.write(content)
    opened.flush()
    os.fsync(opened.fileno())


def write_whole(path: Path, content: bytes, write: Callable[[BinaryIO, bytes], None] = _write) -> None:
    """Write a file beside its place, and put it there once it is whole: what was there before stays until then.

    Args:
        path: The file.
        content: Its bytes.
        write: Writes them, down to the disk.

    Raises:
        BadInput: It cannot be written.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY), "wb") as opened:
            write(opened, content)
        beside.replace(path)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "that is no file's name"
        raise BadInput(f"The file cannot be written ({why}); give another with -o.") from None
    finally:
        with suppress(OSError, ValueError):
            beside.unlink(missing_ok=True)
