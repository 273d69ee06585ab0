"""Files that are text, such as a chat's transcript or a saved mail: they are masked as the text of a record is. Pure.

What cannot be read as text for certain is left as it is, and a person looks into it before the package is released: a
file in another encoding, one that is too large, and a mail whose parts are encoded.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from rightsflow.domain.vocabulary.records import Blob

MOST_BYTES: Final = 500_000
"""Largest file that is masked, in bytes; a person reviews larger ones."""
_KINDS: Final = frozenset({"text/plain", "text/csv", "text/html", "message/rfc822"})
_ENDINGS: Final = (".txt", ".csv", ".html", ".htm", ".eml")
_UNSAID: Final = frozenset({"", "application/octet-stream"})
"""Kinds that say nothing, so that the file's name counts."""
_ENCODED: Final = re.compile(r"^content-transfer-encoding:\s*(?:base64|quoted-printable)", re.IGNORECASE | re.MULTILINE)
_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True)
class TextFile:
    """A file's text.

    Args:
        content: The text.
        mark: What stands before it in the file; empty for nothing.
    """

    content: str = field(repr=False)
    mark: str = ""

    def with_text(self, content: str) -> Iterator[bytes]:
        """The bytes of the file with another text.

        Args:
            content: The text.
        """
        yield f"{self.mark}{content}".encode()


def is_text_file(blob: Blob) -> bool:
    """Return whether a file is declared as text; it may still be unreadable.

    Args:
        blob: The file.
    """
    kind = blob.media_type.partition(";")[0].strip().lower()
    return kind in _KINDS or (kind in _UNSAID and blob.name.lower().endswith(_ENDINGS))


def text_of(blob: Blob) -> TextFile | None:
    """Return the text of a file; ``None`` if it is not text that can be masked.

    Args:
        blob: The file.
    """
    if not is_text_file(blob):
        return None
    read = bytearray()
    for chunk in blob.open():
        read += chunk
        if len(read) > MOST_BYTES:
            return None
    try:
        text = read.decode()
    except UnicodeDecodeError:
        return None
    if "\0" in text or _ENCODED.search(text):
        return None
    mark = _MARK if text.startswith(_MARK) else ""
    return TextFile(text.removeprefix(_MARK), mark)
