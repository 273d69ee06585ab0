"""A person's decisions on the masks of an access package (Art. 15(4) GDPR), and files that were edited by hand. Pure.

A choice is made for a record as it was copied then, and is known by the keyed hash of that part of it: if the part
changed since, a person is asked again. A file is edited by hand where the software cannot mask or mute it. The copy is
of the same sort as the original, and a recording not longer, so that no copy of another file is taken by mistake.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum, StrEnum, auto
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
    essence = media_type.partition(";")[0].strip().lower()
    known = (guess_type(name)[0] or "") if essence in _UNSAID else essence
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


MOST_PASSAGE_CHARACTERS: Final = 5000
"""Longest passage that is masked by its wording, in characters; with a longer one the record is left out."""
MOST_CHOICES: Final = 5000
"""Largest number of choices in a case."""


class MaskAct(StrEnum):
    """The act of a choice."""

    ACCEPT = "accept"
    """Text that the software masked stays masked; a person has reviewed it."""
    SHOW = "show"
    """Text that the software masked is not another person's, and is given."""
    HIDE = "hide"
    """A passage that the software left is masked."""
    MUTE = "mute"
    """An interval of a recording is silenced."""
    EDIT = "edit"
    """A file is given as a copy that a person edited by hand."""

    @property
    def changes_the_package(self) -> bool:
        """True if the choice changes the package."""
        return self is not MaskAct.ACCEPT


class MaskState(StrEnum):
    """The state of a choice."""

    NOTED = "noted"
    """The package was made without it, and has to be made again."""
    APPLIED = "applied"
    """The package was made with it."""
    STALE = "stale"
    """The record is another one than that for which it was made; a person decides again, or takes it back."""
    LIFTED = "lifted"
    """It was taken back, and the package was made with it."""


class MaskGround(StrEnum):
    """The rights that a mask protects, as in recital 63 GDPR. The person reads the ground in the answer."""

    OTHER_PERSON = "another person's data"
    BUSINESS = "a trade secret"
    INTELLECTUAL_PROPERTY = "intellectual property"


@dataclass(frozen=True, slots=True, order=True)
class MaskPlace:
    """The place of masked text in a part.

    Args:
        text: Which of the part's texts, in the order in which they are masked, from 0.
        start: The character at which it begins.
        end: The one behind its end.
    """

    text: int
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedHit:
    """Text that the software masked at one place of a part.

    Args:
        place: Where.
        kind: What it is: ``name``, ``email`` or ``phone``.
        under: The key that it stands under; empty of a key.
        hidden: What stands there; another person's data.
        before: What the rules leave before it.
        after: What they leave after it.
        is_in_file: True if it is in the text of a file; ``under`` is then its place there, in words.
    """

    place: MaskPlace
    kind: str
    under: str
    hidden: str = field(repr=False)
    before: str = field(repr=False)
    after: str = field(repr=False)
    is_in_file: bool = False


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A part of a recording.

    Args:
        start: Where it begins, in milliseconds from the recording's beginning.
        end: Where it ends, in milliseconds.
        channel: Which channel, from 1; 0 for all of them.
    """

    start: int
    end: int
    channel: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskChoice:
    """A person's choice on masks.

    Args:
        number: Its number among all choices; 0 while it has none.
        record: The keyed hash of the record.
        part: The keyed hash of the part of the record for which it was made.
        act: What.
        state: Where it stands.
        places: At how many places the package was made with it.
        by: Who decided.
        decided_at: When (aware); ``None`` while it is not kept.
        place: What is accepted or shown.
        kind: What was masked there: ``name``, ``email`` or ``phone``.
        passage: What is masked; personal data.
        interval: What is muted.
        edited: The copy that is given.
        ground: On which ground it is masked, muted or edited.
        reason: Why, in the words of who decided; may name a person.
    """

    record: str
    part: str
    act: MaskAct
    number: int = 0
    state: MaskState = MaskState.NOTED
    places: int = 0
    by: str = ""
    decided_at: datetime | None = None
    place: MaskPlace | None = None
    kind: str = ""
    passage: str = field(default="", repr=False)
    interval: Interval | None = None
    edited: EditedFile | None = None
    ground: MaskGround | None = None
    reason: str = field(default="", repr=False)

    @property
    def is_open(self) -> bool:
        """True if the package has to be rebuilt, or the person has to decide again, before the release."""
        return self.act.changes_the_package and self.state is not MaskState.APPLIED


@dataclass(frozen=True, slots=True)
class Made:
    """The result of the making of a package for one choice.

    Args:
        fits: Whether the record is still the one for which it was made.
        places: At how many places it took effect.
    """

    fits: bool
    places: int = 0


def after_making(choice: MaskChoice, made: Made) -> MaskState | None:
    """Return the state of a choice after the package was built; ``None`` if the choice has ended.

    Args:
        choice: The choice.
        made: The result of the making.
    """
    if choice.state is MaskState.LIFTED:
        return None
    if made.fits:
        return MaskState.APPLIED
    return MaskState.STALE if choice.act.changes_the_package else None
