"""L9, which brings an access package, and L8, the clear no, possible only if it is one (Art. 12(3), 15 GDPR)."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.processors import AtProcessor
from rightsflow.documents.letters.variables import Contestable, Line, Searched, Text
from rightsflow.domain.processors.terms import InstructionStanding
from rightsflow.domain.vocabulary.rights import Right


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


class NothingHeld(Contestable):
    """L8. A clear no, possible only if it is one: nothing retained; entries of the list and earlier files are named.

    Args:
        right: What was asked for.
        received_on: When the request came in.
        searched_on: The day of the (last) search.
        searched: Every system, and by what it was searched: nothing, where nothing is known that it can be searched by.
        cannot_find: The systems whose searches cannot find everything.
        request_file_until: Until when the file about this request is kept.
        suppression: What the suppression list holds of the person, in words; empty if nothing.
        earlier_files: How many files there are about earlier requests of the person.
        processors: What was found in the systems that are searched by hand: nothing, or that it could not be searched.
        still_held: What is still held of the person after all; with anything here the letter does not render.
        not_searched: Systems that gave no answer; with anything here the letter does not render.
    """

    right: Right
    received_on: date
    searched_on: date
    searched: Annotated[tuple[Searched, ...], Field(min_length=1)]
    cannot_find: tuple[Line, ...] = ()
    request_file_until: date
    suppression: str = ""
    earlier_files: int = Field(default=0, ge=0)
    processors: tuple[AtProcessor, ...] = ()
    still_held: tuple[Text, ...] = ()
    not_searched: tuple[Text, ...] = ()

    @property
    def is_unknown_by_hand(self) -> bool:
        """True if a system that people search by hand could not be searched, or holds data that have to stay."""
        return any(processor.standing is not InstructionStanding.CONFIRMED for processor in self.processors)

    @property
    def is_complete(self) -> bool:
        """True if every system could be searched, so that the answer is an unqualified no."""
        return all(item.by for item in self.searched) and not self.is_unknown_by_hand

    @model_validator(mode="after")
    def _searched_somewhere(self) -> Self:
        if not any(item.by for item in self.searched):
            raise ValueError("no system was searched by anything")
        return self
