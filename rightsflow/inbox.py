"""The folder in which files to be imported lie, in clear, until they are imported."""

from __future__ import annotations

import fsspec

from rightsflow.errors import BadInput, Misconfigured
from rightsflow.importing import LARGEST_BYTES, is_bare_name


class Inbox:
    """The import folder.

    Args:
        location: An ``fsspec`` location: a folder, or one that workers on other machines reach as well.
    """

    def __init__(self, location: str) -> None:
        try:
            self._fs, root = fsspec.core.url_to_fs(location)
        except (ImportError, ValueError):
            raise Misconfigured(
                "[imports] folder in rightsflow.toml is no location; give a folder or a URL like s3://bucket/imports."
            ) from None
        self._root = root.rstrip("/")

    def read(self, name: str) -> bytes:
        """The bytes of a file; of one that is too large a few more than are taken.

        Args:
            name: Its bare name.

        Raises:
            BadInput: The name is none, or there is no such file.
        """
        try:
            with self._fs.open(self._path(name), "rb") as opened:
                content: bytes = opened.read(LARGEST_BYTES + 1)
        except OSError as error:
            raise BadInput(
                f"The file cannot be read from the import folder ({type(error).__name__}); put it there, readable by "
                "the worker, or correct the name."
            ) from None
        return content

    def remove(self, name: str) -> None:
        """Remove a file that was imported.

        Args:
            name: Its bare name.

        Raises:
            BadInput: It cannot be removed.
        """
        try:
            self._fs.rm(self._path(name))
        except FileNotFoundError:
            return
        except OSError as error:
            raise BadInput(
                f"All is imported, but the file cannot be removed ({type(error).__name__}); it holds personal data in "
                "clear: remove it by hand."
            ) from None

    def _path(self, name: str) -> str:
        if not is_bare_name(name):
            raise BadInput(
                "That is no name of a file to import; give its bare name without folders, in plain letters and digits, "
                "that ends in .csv."
            )
        return f"{self._root}/{name}"
