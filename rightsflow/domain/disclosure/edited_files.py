"""Copies of recordings and attachments that a person edited by hand, to be given in the place of the original. Pure.

What the software can mask or mute itself it does: a file is edited by hand where it cannot. The copy is of the same
sort as the original, and a recording not longer than it, so that no copy of another file is taken by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto
from mimetypes import guess_type
from typing import Final

from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.file_kinds import MEDIA_TYPES, ProofFile, kind_of_file

MOST_EDITED_BYTES: Final = 20 * 1024 * 1024
"""Largest copy, in bytes."""
EDITED_BY: Final = "edited_by_hand_by"
EDITED_ON: Final = "edited_by_hand_on"
ORIGINAL_SHA256: Final = "sha256_of_the_original"
"""Field that the person reads beside a copy; the names of employees are not theirs to know."""
_LONGER_SECONDS: Final = 1.0
"""Time by which a copy may be longer: programs that write sound fill up its last block."""


class Sort(Enum):
    """The sort of an original file, which decides the copies that can replace it."""

    SOUND = auto()
    PICTURE = auto()
    PAPER = auto()
    """Anything that can be printed: its copy is a PDF, or a picture of it."""
    NONE = auto()
    """A film: no copy of it is taken."""


_COPIES: Final = {
    Sort.SOUND: frozenset({ProofFile.WAV, ProofFile.MP3}),
    Sort.PICTURE: frozenset({ProofFile.PNG, ProofFile.JPEG}),
    Sort.PAPER: frozenset({ProofFile.PDF, ProofFile.PNG, ProofFile.JPEG}),
    Sort.NONE: frozenset[ProofFile](),
}
_WORDS: Final = {
    Sort.SOUND: "a WAV or MP3 file",
    Sort.PICTURE: "a PNG or JPEG picture",
    Sort.PAPER: "a PDF, or a PNG or JPEG picture of it",
}
_SORTS: Final = {"audio": Sort.SOUND, "image": Sort.PICTURE, "video": Sort.NONE}
_UNSAID: Final = frozenset({"", "application/octet-stream"})
"""Kinds that say nothing, so that the file's name counts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EditedFile:
    """A copy, without its content.

    Args:
        kind: What kind of file it is, by what stands in it.
        size: How many bytes it has.
        sha256: Its SHA-256, in hexadecimal.
        original_sha256: The SHA-256 of the original.
    """

    kind: ProofFile
    size: int
    sha256: str
    original_sha256: str

    @property
    def media_type(self) -> str:
        """Media type of the copy."""
        return MEDIA_TYPES[self.kind]

    def named(self, name: str) -> str:
        """Return the copy's name for the person: the original's, with the extension of the copy's kind.

        Args:
            name: The original's name.
        """
        stem, dot, ending = name.rpartition(".")
        same = {self.kind.ending, self.kind.value.lower()}
        return name if ending.lower() in same else f"{stem if dot and stem else name}.{self.kind.ending}"


def sort_of(media_type: str, name: str) -> Sort:
    """Return the sort of an original file.

    Args:
        media_type: What its system says that it is.
        name: Its name.
    """
    said = media_type.partition(";")[0].strip().lower()
    known = (guess_type(name)[0] or "") if said in _UNSAID else said
    return _SORTS.get(known.partition("/")[0], Sort.PAPER)


def copies_in_words(sort: Sort) -> str:
    """Return the kinds of copies accepted for a sort of file; empty if there are none.

    Args:
        sort: The sort.
    """
    return _WORDS.get(sort, "")


def kind_of_copy(content: bytes, sort: Sort) -> ProofFile:
    """Return the kind of a copy.

    Args:
        content: The copy.
        sort: What the original is.

    Raises:
        BadInput: It is empty, too large, or not of the original's sort.
    """
    if not content:
        raise BadInput("The edited copy is missing, or empty; choose the file.")
    if len(content) > MOST_EDITED_BYTES:
        raise BadInput(
            f"The copy is larger than {MOST_EDITED_BYTES >> 20} MB; save it smaller (a call as MP3), or leave the "
            "record out with its ground."
        )
    try:
        kind = kind_of_file(content)
    except BadInput:
        kind = ProofFile.TEXT
    if kind not in _COPIES[sort]:
        taken = copies_in_words(sort)
        raise BadInput(
            f"The copy is not of the original's sort; give {taken}."
            if taken
            else "No copy of a film can be taken here; leave the record out with its ground."
        )
    return kind


def refuse_longer(copy: float | None, original: float | None) -> None:
    """Refuse a recording that is longer than its original: it is a copy of another one.

    Args:
        copy: How long the copy is, in seconds; ``None`` where that cannot be told.
        original: How long the original is.

    Raises:
        BadInput: It is, or it holds no sound.
    """
    if not copy:
        raise BadInput("No sound can be read in the copy; save it as a WAV or MP3 file again.")
    if original is not None and copy > original + _LONGER_SECONDS:
        raise BadInput(
            f"The copy lasts {copy:.1f} seconds and the original {original:.1f}; give an edited copy of this recording."
        )
