"""A person's decisions on the masks of an access package (Art. 15(4) GDPR), and their places in a record. Pure.

A choice is made for a record as it was copied then, and is known by the keyed hash of that part of it: of a part that
changed since, a person is asked again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from rightsflow.domain.disclosure.edited_files import EditedFile

RIGHTS_OF_OTHERS_OF: Final = "Art. 15(4)"
"""The provision of every mask."""
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
    """

    place: MaskPlace
    kind: str
    under: str
    hidden: str = field(repr=False)
    before: str = field(repr=False)
    after: str = field(repr=False)


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
