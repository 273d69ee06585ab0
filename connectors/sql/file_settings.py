"""The column that points at a file."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from connectors.settings import Strict
from rightsflow.domain.erasure.retention import DocumentClass

Word = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]


class FileColumn(Strict):
    """A column that points at a file in the system's ``files`` location.

    Args:
        column: Its name; it holds a bare file name, a path in the location, or a path that begins with it.
        folder_column: The column that holds the file's folder in the location, where that is a column of its own.
        folder: The folder of a bare name as a ``strftime`` pattern over the row's ``occurred_at``, for example
            ``%Y/%m/%d``. The days before and after are looked at too: a call over midnight lies under its first day.
        kind: The word for the files' kind of record.
        title: The same for people, in the plural.
        extensions: Extensions that the file may have instead of the column's, for example ``[".mp3"]`` where
            recordings are converted later.
        cleared: What is written into the column once the file is gone; it stands for no file. Where the column may
            only hold what another table has (files stored once, by their digest), a value that was put there for it.
        document_class: Which class of document the files are, as in :class:`TableSettings`.
    """

    column: str
    folder_column: str = ""
    folder: str = ""
    kind: Word = "recording"
    title: str = "call recordings"
    extensions: tuple[Annotated[str, Field(pattern=r"^\.[A-Za-z0-9]{1,8}$")], ...] = ()
    cleared: str = ""
    document_class: DocumentClass | None = None
