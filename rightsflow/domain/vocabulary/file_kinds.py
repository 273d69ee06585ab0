"""The kinds of file that processors give, told by what stands in them and not by their names. Pure."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput

_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class ProofFile(StrEnum):
    """The kinds of file that can be given as proof, by what stands in them and not by their names."""

    PDF = "PDF"
    PNG = "PNG"
    JPEG = "JPEG"
    TEXT = "text"
    """Plain text, CSV, JSON, a log."""
    WAV = "WAV"
    MP3 = "MP3"
    OTHER = "other"
    """A file of any other kind; accepted from another Rightsflow alone, and read by a person."""

    @property
    def ending(self) -> str:
        """File extension of the kind."""
        return {ProofFile.JPEG: "jpg", ProofFile.TEXT: "txt", ProofFile.OTHER: "bin"}.get(self, self.value.lower())


_BEGINNINGS: Final = (
    (b"%PDF-", ProofFile.PDF),
    (b"\x89PNG\r\n\x1a\n", ProofFile.PNG),
    (b"\xff\xd8\xff", ProofFile.JPEG),
)
_SOUNDS: Final = (
    (re.compile(rb"RIFF.{4}WAVE", re.DOTALL), ProofFile.WAV),
    (re.compile(rb"ID3|\xff[\xf2\xf3\xfa\xfb]"), ProofFile.MP3),
)


def kind_of_file(content: bytes, *, any_kind: bool = False) -> ProofFile:
    """Return the kind of a processor's file, by its content.

    Args:
        content: The file.
        any_kind: Whether one of another kind is taken as well.

    Raises:
        BadInput: It is of no kind that is taken.
    """
    for pattern, kind in _SOUNDS:
        if pattern.match(content):
            return kind
    try:
        return kind_of_proof(content)
    except BadInput:
        if any_kind:
            return ProofFile.OTHER
        raise


def kind_of_proof(content: bytes) -> ProofFile:
    """Return the kind of a file given as proof.

    Args:
        content: The file.

    Raises:
        BadInput: It is of no kind that is taken.
    """
    for begins, kind in _BEGINNINGS:
        if content.startswith(begins):
            return kind
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\x00"
    if _CONTROLS.search(text):
        raise BadInput("The file is of no kind that is taken here; give a PDF, a PNG or JPEG picture, or plain text.")
    return ProofFile.TEXT


def ending_of(content: bytes) -> str:
    """Return the file extension of a document, by its content; an officer may have recorded any kind.

    Args:
        content: The document.
    """
    return kind_of_file(content, any_kind=True).ending


MEDIA_TYPES: Final = {
    ProofFile.PDF: "application/pdf",
    ProofFile.PNG: "image/png",
    ProofFile.JPEG: "image/jpeg",
    ProofFile.TEXT: "text/plain",
    ProofFile.WAV: "audio/wav",
    ProofFile.MP3: "audio/mpeg",
    ProofFile.OTHER: "application/octet-stream",
}
