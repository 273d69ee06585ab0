"""Stores of files: what a location has now, by a fresh look, and what removing means there.

Most are file systems of ``fsspec``. A listing or an answer that fails is an error, never an empty folder: the methods
of ``fsspec`` that leave out what they cannot read (``glob``, ``walk``, ``find``, ``exists``) are not used.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final
from urllib.parse import urlsplit

from fsspec import get_filesystem_class
from fsspec.core import url_to_fs
from fsspec.utils import get_protocol

from connectors.extras import how_to_install_driver
from connectors.settings import SecretRef, is_this_machine
from connectors.sql.deletions import kept_after_deletion
from connectors.sql.errors import translated_files
from connectors.sql.layouts import StoredEntry
from rightsflow.domain.errors import Misconfigured, Transient

CHUNK: Final = 256 * 1024
_PLAIN_HTTP: Final = re.compile(r"http://(\[[^\]]*\]|[^/:;\s]*)", re.IGNORECASE)
Options = Mapping[str, str | int | bool]
_SFTP: Final = frozenset({"sftp", "ssh"})


@dataclass(frozen=True, slots=True)
class StoreLock:
    """What keeps a file in a store.

    Args:
        is_held: True if a hold without an end does.
        until: When its retention ends (aware); ``None`` without one.
    """

    is_held: bool
    until: datetime | None

    def holds_at(self, now: datetime) -> bool:
        """Return True if the file cannot be removed at that instant."""
        return self.is_held or (self.until is not None and self.until > now)


class FsspecStore:
    """A location that ``fsspec`` opens. It is opened when it is first used, and anew after a fault.

    Args:
        system: The system's name in the configuration.
        url: The location.
        options: What its driver needs beside the URL.
        timeout: Seconds that one call may take, where the driver has such a limit.

    Raises:
        Misconfigured: There is no driver for it.
    """

    def __init__(self, system: str, url: str, options: Options, timeout: int) -> None:
        self._system, self._location, self._options, self._timeout = system, url, options, timeout
        self.protocol = get_protocol(url)
        self.url = url.rstrip("/") + "/"
        try:
            driver = get_filesystem_class(self.protocol)
        except (ValueError, ImportError):
            raise Misconfigured(
                f"The key files of the system {system} is not a location that fsspec can open; "
                f"write one like file:///var/spool/recordings, or {how_to_install_driver(self.protocol)}."
            ) from None
        self.root = PurePosixPath(driver._strip_protocol(url))  # noqa: SLF001 - as fsspec's own url_to_fs does
        self._opened: Any = None

    def __repr__(self) -> str:
        """The system's name only."""
        return f"<FsspecStore {self._system}>"

    @property
    def has_links(self) -> bool:
        """True if folders may be links."""
        return self.is_local or self.protocol in _SFTP

    @property
    def is_local(self) -> bool:
        """True for a folder of this machine."""
        return self.protocol in {"file", "local"}

    def refresh(self) -> None:
        """Forget what earlier answers said."""
        with self._calling("files") as fs:
            fs.invalidate_cache()

    def is_writable(self) -> bool:
        """Return True if files can be removed, as far as a check without removal shows."""
        return not self.is_local or os.access(Path(self.root), os.W_OK | os.X_OK)

    def entry(self, path: str) -> StoredEntry | None:
        """Return what is under a path; ``None`` if nothing is.

        Args:
            path: The path in the location; empty for the location itself.
        """
        with self._calling("files") as fs:
            try:
                info = fs.info(self._whole(path))
            except (FileNotFoundError, NotADirectoryError):
                return None
            return _stored_entry(info, is_link=self._is_link(fs, path))

    def listing(self, folder: str, beginning: str = "") -> list[StoredEntry]:
        """Return what is in a folder; nothing if there is no such folder.

        Args:
            folder: The folder.
            beginning: The beginning of the names that are wanted.
        """
        with self._calling("files") as fs:
            try:
                listed = fs.ls(self._whole(folder), detail=True)
            except (FileNotFoundError, NotADirectoryError):
                return []
            whole = self._whole(folder).strip("/")
            # Some drivers list a file, or the folder itself, as the content of it.
            entries = [_stored_entry(info) for info in listed if str(info["name"]).strip("/") != whole]
            return [entry for entry in entries if entry.name.startswith(beginning)]

    def versions(self, path: str) -> list[str]:  # noqa: ARG002 - a file system keeps one
        """Return the ids of a file's versions, the newest first."""
        return [""]

    def lock(self, path: str) -> StoreLock | None:  # noqa: ARG002 - a file system has none
        """Return the lock that keeps a file longest; ``None`` if it has none."""
        return None

    def kept_after_deletion(self) -> str:
        """Return what the store keeps of a removed file, in words, as far as it tells; empty if nothing."""
        with self._calling("probe") as fs:
            return kept_after_deletion(self.protocol, fs, str(self.root).partition("/")[0])

    def read(self, path: str, version: str = "") -> Iterator[bytes]:  # noqa: ARG002 - there is one
        """Yield a file's bytes in chunks."""
        with self._calling("extract") as fs, fs.open(self._whole(path), "rb") as stream:
            while chunk := stream.read(CHUNK):
                yield chunk

    def beginning(self, path: str, size: int, version: str = "") -> bytes:  # noqa: ARG002 - there is one
        """Return the first bytes of a file."""
        with self._calling("extract") as fs, fs.open(self._whole(path), "rb") as stream:
            return bytes(stream.read(size))

    def remove(self, path: str) -> None:
        """Remove a file; one that is gone already is a success."""
        with self._calling("erase") as fs, suppress(FileNotFoundError):
            fs.rm_file(self._whole(path))

    def replace(self, path: str, content: bytes) -> None:
        """Write a file in place of another one, such that a reader sees the one or the other."""
        whole = self._whole(path)
        folder, _, name = whole.rpartition("/")
        beside = f"{folder}/.{name}.rightsflow"
        with self._calling("erase") as fs:
            if self.is_local:
                _replace_local(Path(whole), Path(beside), content)
            elif self.protocol in _SFTP:
                from connectors.sql.sftp import replace  # noqa: PLC0415 - its library is an extra

                replace(fs, whole, beside, content)
            else:
                # A store of objects shows an object when it is whole.
                fs.pipe_file(whole, content)

    def is_same(self, path: str, other: str) -> bool:
        """Return True if two paths are one file: by a folder that is a link, or where capitals do not matter."""
        if not self.is_local:
            return False
        first, second = (os.path.realpath(self.root / item) for item in (path, other))
        alike = first.casefold() == second.casefold()
        return first == second or (alike and os.path.lexists(second) and Path(first).samefile(second))

    def _whole(self, path: str) -> str:
        return str(self.root / path)

    def _is_link(self, fs: Any, path: str) -> bool:
        """Return True for a link on an SFTP server, whose ``info`` follows links."""
        if self.protocol not in _SFTP:
            return False
        from connectors.sql.sftp import is_link  # noqa: PLC0415 - its library is an extra

        return is_link(fs, self._whole(path))

    @contextmanager
    def _calling(self, operation: str) -> Iterator[Any]:
        try:
            with translated_files(self._system, operation):
                yield self._file_system()
        except Transient:
            # A connection that broke stays broken.
            self._opened = None
            raise

    def _file_system(self) -> Any:
        if self._opened is None:
            options = {name: _revealed(value) for name, value in self._options.items()}
            self._refuse_plain_http(options)
            if self.protocol in _SFTP:
                from connectors.sql.sftp import open_sftp  # noqa: PLC0415 - its library is an extra

                self._opened = open_sftp(self._system, self._location, options, self._timeout)
            else:
                self._opened, _ = url_to_fs(
                    self._location, use_listings_cache=False, skip_instance_cache=True, **options
                )
        return self._opened

    def _refuse_plain_http(self, options: Mapping[str, Any]) -> None:
        for value in (item for item in options.values() if isinstance(item, str)):
            if not all(is_this_machine(host.strip("[]")) for host in _PLAIN_HTTP.findall(value)):
                raise Misconfigured(
                    f"The key files_options of the system {self._system} names a server by http; use https."
                )


def _stored_entry(info: Mapping[str, Any], *, is_link: bool = False) -> StoredEntry:
    return StoredEntry(
        name=str(info["name"]).rstrip("/").rpartition("/")[2],
        is_folder=info.get("type") == "directory",
        is_link=is_link or bool(info.get("islink")) or info.get("type") == "link",
        size=int(info.get("size") or 0),
    )


def _replace_local(path: Path, beside: Path, content: bytes) -> None:
    was = path.stat()
    # A run that was killed may have left one.
    beside.unlink(missing_ok=True)
    try:
        with beside.open("xb") as stream:
            os.fchmod(stream.fileno(), 0o600)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        with suppress(PermissionError):
            os.chown(beside, was.st_uid, was.st_gid)
        beside.chmod(was.st_mode & 0o7777)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def _revealed(value: str | float) -> Any:
    reference = _reference(value) if isinstance(value, str) else None
    if reference is None:
        return value
    text = reference.reveal()
    # A service account's key is a JSON object.
    return json.loads(text) if text.startswith("{") else text


def location(url: str) -> str:
    """Accept a location without credentials, copies on this machine or a protocol in clear.

    Raises:
        ValueError: It is another one.
    """
    parts = urlsplit(url)
    if "::" in url:
        raise ValueError("give the location itself, without a cache or an archive before ::")
    if parts.password:
        raise ValueError("put the password in files_options, as a secret reference")
    if parts.scheme in {"ftp", "http", "webdav", "dav"} and not is_this_machine(parts.hostname or ""):
        raise ValueError("use a location whose connection is encrypted, such as sftp:// or https://")
    return url


_SECRET_WORDS: Final = ("password", "passwd", "passphrase", "secret", "token", "key", "connection_string", "credential")
_NO_SECRETS: Final = frozenset({"key_filename", "known_hosts"})


def without_secrets(options: dict[str, str | int | bool]) -> dict[str, str | int | bool]:
    """Accept options of a location's driver in which no secret is written out.

    Raises:
        ValueError: One is.
    """
    for name, value in options.items():
        is_secret = name not in _NO_SECRETS and any(word in name.lower() for word in _SECRET_WORDS)
        if is_secret and isinstance(value, str) and _reference(value) is None:
            raise ValueError(f"write {name} in files_options as a secret reference, such as env:NAME")
    return options


def _reference(value: str) -> SecretRef | None:
    try:
        return SecretRef(value)
    except ValueError:
        return None
