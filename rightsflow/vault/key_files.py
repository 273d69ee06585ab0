"""The place of the master key, a variable or a file, and the safe replacement of a key file by another key.

A rotation writes the new key beside the old one, gives the old one the name ``PATH.before`` and the new one its place.
Each of these happens at once or not at all and is on the disk before the next; while ``PATH.before`` exists, both keys
are read.
"""

from __future__ import annotations

import base64
import binascii
import os
import stat
from contextlib import suppress
from pathlib import Path

from rightsflow.config.secret_references import SecretRef
from rightsflow.domain.errors import Misconfigured
from rightsflow.vault.keys import MasterKey
from rightsflow.vault.sealing import KEY_BYTES

_FILE = "file:"


def create_key_file(path: Path) -> None:
    """Write a new random master key, readable by its owner only; it is on the disk when this returns.

    Raises:
        FileExistsError: There is one already; overwriting it would make every case unreadable.
    """
    fresh = _write_fresh_key(path)
    try:
        path.hardlink_to(fresh)
    finally:
        fresh.unlink()
    _settle(path.parent)


def load_master_key(reference: str, before: str = "") -> MasterKey:
    """Read the master key, and the one that it is replacing, if there is one.

    Args:
        reference: ``env:NAME`` or ``file:PATH``; the value is 32 bytes in base64.
        before: A reference to the key before; empty for none.

    Raises:
        Misconfigured: It is missing, malformed, or a file that others can read or replace.
    """
    key = _read(reference, "RIGHTSFLOW_MASTER_KEY")
    if before:
        key = key.preceded_by(_read(before, "RIGHTSFLOW_MASTER_KEY_BEFORE"))
    path = key_file_of(reference)
    kept = _before(path) if path else None
    return key.preceded_by(_read_file(kept)) if kept and kept.exists() else key


def key_file_of(reference: str) -> Path | None:
    """Return the file that a reference names, with symbolic links followed; ``None`` where it names none."""
    if not reference.startswith(_FILE):
        return None
    path = Path(reference.removeprefix(_FILE))
    try:
        return path.resolve()
    except RuntimeError:
        # Links in a circle, up to Python 3.12; reading it says that there is no key.
        return path.absolute()


def put_new_key(path: Path) -> None:
    """Write a new key to a key file and store the old one beside it; if that was done already, nothing changes.

    Args:
        path: The key file, as :func:`key_file_of` gives it.

    Raises:
        Misconfigured: The folder cannot be written.
    """
    before = _before(path)
    try:
        if not before.exists():
            before.hardlink_to(path)
            _settle(path.parent)
        if before.samefile(path):
            _write_fresh_key(path).replace(path)
            _settle(path.parent)
    except OSError as error:
        raise Misconfigured(
            f"No new key can be put at {path} ({error.strerror}); make its folder writable, or give the new key and "
            "the old one by RIGHTSFLOW_MASTER_KEY and RIGHTSFLOW_MASTER_KEY_BEFORE."
        ) from None


def drop_key_before(path: Path) -> None:
    """Delete the old key beside a key file; nothing may be wrapped by it any more."""
    with suppress(FileNotFoundError):
        _before(path).unlink()
    _settle(path.parent)


def _before(path: Path) -> Path:
    return path.with_name(f"{path.name}.before")


def _write_fresh_key(path: Path) -> Path:
    """Write a new key beside its place; a killed process may have left one that has wrapped nothing yet."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(base64.b64encode(os.urandom(KEY_BYTES)) + b"\n")
        file.flush()
        os.fsync(descriptor)
    return fresh


def _settle(folder: Path) -> None:
    """Have a folder's entries on the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _read(reference: str, variable: str) -> MasterKey:
    try:
        secret = SecretRef(reference)
    except ValueError:
        # The text may be the key itself, put where its reference belongs: it is not quoted.
        raise Misconfigured(f"{variable} is not a reference; give env:NAME or file:PATH.") from None
    path = key_file_of(reference)
    if path is None:
        return _parse(secret)
    key = _read_file(path)
    # A link is replaced in the folder where it lies itself.
    _refuse_replaceable(Path(reference.removeprefix(_FILE)))
    return key


def _read_file(path: Path) -> MasterKey:
    _refuse_readable_by_others(path)
    _refuse_replaceable(path)
    return _parse(SecretRef(f"{_FILE}{path}"))


def _parse(secret: SecretRef) -> MasterKey:
    try:
        value = base64.b64decode(secret.reveal(), validate=True)
    except (binascii.Error, ValueError):
        value = b""
    if len(value) != KEY_BYTES:
        raise Misconfigured(f"The master key at {secret.reference} is not 32 bytes in base64; restore the right key.")
    return MasterKey(value)


def _refuse_readable_by_others(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except OSError:
        raise Misconfigured(f"There is no master key at {path}; run `rightsflow init`, or restore the key.") from None
    if stat.S_IMODE(mode) & 0o077:
        raise Misconfigured(f"Others can read the master key {path}; run `chmod 600 {path}`.")


def _refuse_replaceable(path: Path) -> None:
    """Refuse a key file in a folder where others could replace it, unless the folder is sticky."""
    mode = path.parent.stat().st_mode
    if mode & (stat.S_IWGRP | stat.S_IWOTH) and not mode & stat.S_ISVTX:
        raise Misconfigured(f"Others can replace the master key {path}; run `chmod go-w {path.parent}`.")
