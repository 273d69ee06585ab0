"""How a processor confirms by a one-time link: how long that lasts, and which files it can give as proof. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput
from rightsflow.domain.processors.answering import StatedAnswer
from rightsflow.domain.processors.terms import Doubt, ProcessorAnswer

LINK_TOKEN_BYTES: Final = 32
"""How long a link's token is: 256 random bits."""
LINK_LASTS: Final = timedelta(days=14)
"""How long a link lasts at least, and after the day by which the processor has to prove what it did."""
_CONTROLS: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class ProofFile(StrEnum):
    """The kinds of file that can be given as proof, by what stands in them and not by their names."""

    PDF = "PDF"
    PNG = "PNG"
    JPEG = "JPEG"
    TEXT = "text"
    """Plain text, CSV, JSON, a log."""

    @property
    def ending(self) -> str:
        """What the name of such a file ends in."""
        return {ProofFile.JPEG: "jpg", ProofFile.TEXT: "txt"}.get(self, self.value.lower())


_BEGINNINGS: Final = (
    (b"%PDF-", ProofFile.PDF),
    (b"\x89PNG\r\n\x1a\n", ProofFile.PNG),
    (b"\xff\xd8\xff", ProofFile.JPEG),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfirmationLink:
    """A link that was made for an instruction.

    Args:
        number: The instruction's number within the case.
        digest: The keyed hash of its token.
        ends_at: Until when it can be used (aware).
        is_used: Whether it was.
    """

    number: int
    digest: str
    ends_at: datetime
    is_used: bool = False

    def is_live(self, now: datetime) -> bool:
        """Whether it can still be used.

        Args:
            now: The present instant (aware).
        """
        return not self.is_used and now < self.ends_at


def link_ends_at(due_on: date, now: datetime) -> datetime:
    """Until when a link can be used that is made now: some weeks after the processor's day, if it is not past.

    Args:
        due_on: The day by which the processor has to prove what it did.
        now: The present instant (aware).
    """
    return now + max(due_on - now.date(), timedelta()) + LINK_LASTS


def kind_of_proof(content: bytes) -> ProofFile:
    """What kind of file was given as proof.

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
    """What the name of a document ends in, by what stands in it; one that an officer recorded may be of any kind.

    Args:
        content: The document.
    """
    try:
        return kind_of_proof(content).ending
    except BadInput:
        return "bin"


def doubts_of_own_words(stated: StatedAnswer) -> tuple[Doubt, ...]:
    """What has to be checked of an answer that no person of ours has read: words that a letter would quote.

    Args:
        stated: The answer.
    """
    return (Doubt.OWN_WORDS,) if stated.answer is ProcessorAnswer.CANNOT else ()
