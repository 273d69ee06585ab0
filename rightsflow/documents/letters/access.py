"""L9: the message that brings an access package (Art. 15 GDPR)."""

from __future__ import annotations

from datetime import date

from pydantic import Field

from rightsflow.documents.letters.processors import AtProcessor
from rightsflow.documents.letters.variables import Contestable, Line, Text


class AccessCover(Contestable):
    """L9. The message with the package; the items of Art. 15(1) are in the letter inside, encrypted.

    Args:
        received_on: When the request came in.
        delivery: How the package comes, as a full sentence, for example "You can fetch it at https://…."
        available_until: The last day on which it can be fetched, if there is one.
        passphrase_channel: How the passphrase comes, for example "by telephone"; another channel than this one.
        on_paper: Whether the copy is enclosed as a print, since the person asked by letter.
        has_files: Whether recordings or other files are in it, which may not be printable.
        about: What a request for a part is about, in words; empty where it is about everything.
        processors: What the processors gave that were asked for a copy of what they hold.
        erased_since: How many records of the package another request of the person has erased since they were copied.
    """

    received_on: date
    delivery: Text
    available_until: date | None = None
    passphrase_channel: Line
    on_paper: bool = False
    has_files: bool = False
    about: str = ""
    processors: tuple[AtProcessor, ...] = ()
    erased_since: int = Field(default=0, ge=0)

    @property
    def waits_for_processors(self) -> bool:
        """True if a processor still has to answer: a second letter follows."""
        return any(processor.standing.is_open for processor in self.processors)
