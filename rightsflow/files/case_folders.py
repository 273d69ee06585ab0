"""The folders of working copies, by their cases: whether they are here, how large they are, and their removal."""

from __future__ import annotations

import secrets
from contextlib import suppress
from typing import Protocol

import fsspec

from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import read_case_id


class _FileSystem(Protocol):
    protocol: str | tuple[str, ...]


class CaseFolder:
    """The folder of one case's working copies; removing it needs no key.

    Args:
        location: As for :class:`rightsflow.files.workspace.Workspace`.
        case_id: The case.
    """

    def __init__(self, location: str, case_id: str) -> None:
        self._fs, root = fsspec.core.url_to_fs(location)
        self._root = f"{root.rstrip('/')}/{case_id}"

    @property
    def may_be_elsewhere(self) -> bool:
        """True if another machine can have a folder of this name that is not visible here."""
        return _is_local(self._fs)

    def exists(self) -> bool:
        """Return whether the folder exists here."""
        self._fs.invalidate_cache()
        return bool(self._fs.exists(self._root))

    def empty(self) -> None:
        """Remove all files in the folder, half-written ones too.

        The folder stays as the sign that its copies were here, until it is noted that they are gone.
        """
        self._fs.invalidate_cache()
        with suppress(FileNotFoundError):
            for path in self._fs.ls(self._root, detail=False):
                self._fs.rm(path, recursive=True)

    def remove(self) -> None:
        """Remove the folder and its files."""
        with suppress(FileNotFoundError):
            self._fs.rm(self._root, recursive=True)


def case_folders(location: str) -> list[str]:
    """The cases of which a location holds a folder.

    Args:
        location: As for :class:`rightsflow.files.workspace.Workspace`.
    """
    fs, root = fsspec.core.url_to_fs(location)
    fs.invalidate_cache()
    with suppress(FileNotFoundError):
        names = sorted(path.rstrip("/").rsplit("/", 1)[-1] for path in fs.ls(root, detail=False))
        return [name for name in names if _is_case_id(name)]
    return []


def is_shared(location: str) -> bool:
    """Return whether other machines see files at a location; a local folder counts as not shared, as it may not be.

    Args:
        location: As for :class:`rightsflow.files.workspace.Workspace`.
    """
    return not _is_local(fsspec.core.url_to_fs(location)[0])


def round_trip(location: str) -> None:
    """Write a small file there, read it and remove it; the file system's errors are passed on.

    Args:
        location: As for :class:`rightsflow.files.workspace.Workspace`.
    """
    fs, root = fsspec.core.url_to_fs(location)
    fs.invalidate_cache()
    fs.makedirs(root, exist_ok=True)
    name, content = f"{root.rstrip('/')}/.probe-{secrets.token_hex(8)}", secrets.token_bytes(64)
    try:
        fs.pipe_file(name, content)
        if fs.cat_file(name) != content:
            raise OSError("something else was read than was written")
    finally:
        fs.rm_file(name)


def _is_local(fs: _FileSystem) -> bool:
    return "file" in ((fs.protocol,) if isinstance(fs.protocol, str) else fs.protocol)


def _is_case_id(name: str) -> bool:
    try:
        return read_case_id(name) == name
    except BadInput:
        return False
