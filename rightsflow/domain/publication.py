"""Publication as a port: where seals and the lines of purges go, out of reach of the case store."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """A seal as a place gets it, or the line of an erasure.

    Args:
        number: The seal's number; 0 for an erasure.
        name: The name of its file.
        text: The file's text.
        digest: The SHA-256 of the seal's body, or of the line, hexadecimal.
    """

    number: int
    name: str
    text: str
    digest: str


class PublicationPlace(Protocol):
    """Somewhere out of reach of anyone who rules over the case store."""

    def publish(self, publication: Publication) -> None:
        """Put a seal there; the same one given again changes nothing.

        Raises:
            Misconfigured: A setting or a right is wrong.
            Refused: Something else is there under its name, or the place does not take it.
            Transient: The place does not answer.
        """
