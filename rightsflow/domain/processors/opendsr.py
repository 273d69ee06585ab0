"""What is said to a processor over OpenDSR 2.0, and what it says. Pure.

Source: https://github.com/opengdpr/OpenDSR, ``specification.md``, version 2.0.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from rightsflow.domain.identifiers import Identifier, IdentifierKind

IDENTITY_TYPES: Final = {
    IdentifierKind.EMAIL: "email",
    IdentifierKind.CUSTOMER_ID: "controller_customer_id",
}
"""The kinds of identifier that have a type there; a telephone number has none."""
RAW: Final = "raw"
"""The format of a value that is sent as it is; the connection is encrypted, and hashes of addresses are guessed."""
ERASURE: Final = "erasure"


class OpenDsrStatus(StrEnum):
    """Where a request stands there."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureCall:
    """An erasure as it is asked for there.

    Args:
        request_id: By which both sides know it, a UUID of version 4; the same at each attempt.
        submitted_at: When it is asked for (aware).
        identifiers: What the processor is told of the person.
    """

    request_id: str
    submitted_at: datetime
    identifiers: tuple[Identifier, ...] = field(repr=False)

    @property
    def identities(self) -> list[dict[str, str]]:
        """The identifiers in the words of the specification."""
        return [
            {"identity_type": IDENTITY_TYPES[one.kind], "identity_value": one.value, "identity_format": RAW}
            for one in self.identifiers
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatus:
    """What a processor says of a request, with a signature that was checked.

    Args:
        status: Where the request stands.
        results_count: How many records it counts; ``None`` where it says nothing.
        proof: What it said, its signature and its certificate, as a text that can be checked again.
    """

    status: OpenDsrStatus
    results_count: int | None
    proof: bytes = field(repr=False)


class OpenDsrProcessor(Protocol):
    """A processor that speaks OpenDSR 2.0."""

    def ask(self, call: ErasureCall) -> None:
        """Ask for an erasure; asked again with the same id, it is the same request.

        Args:
            call: The erasure.

        Raises:
            Transient: It did not answer.
            Permanent: It does not take such a request.
            Refused: What answered is not proved to be the processor.
        """
        ...

    def status(self, request_id: str) -> SignedStatus:
        """Where a request stands.

        Args:
            request_id: The request.

        Raises:
            Transient: It did not answer.
            Permanent: It does not know the request, or its answer cannot be read.
            Refused: What answered is not proved to be the processor.
        """
        ...


def can_be_told(identifiers: Iterable[Identifier]) -> bool:
    """Whether each of some identifiers has a type there, and there is one.

    Args:
        identifiers: The identifiers.
    """
    kinds = [one.kind for one in identifiers]
    return bool(kinds) and all(kind in IDENTITY_TYPES for kind in kinds)
