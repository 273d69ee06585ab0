"""Messages to and from a processor over OpenDSR 2.0. Pure.

Source: https://github.com/opengdpr/OpenDSR, ``specification.md``, version 2.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from rightsflow.domain.identifiers import Identifier, IdentifierKind
from rightsflow.domain.processors.instructions import Exclusion
from rightsflow.domain.vocabulary.rights import Right

IDENTITY_TYPES: Final = {
    IdentifierKind.EMAIL: "email",
    IdentifierKind.CUSTOMER_ID: "controller_customer_id",
}
"""The kinds of identifier that have a type there; a telephone number has none."""
RAW: Final = "raw"
"""The format of a value that is sent as it is; the connection is encrypted, and hashes of addresses are guessed."""
REQUEST_TYPES: Final = {Right.ERASURE: "erasure", Right.ACCESS: "access"}
"""Name of each right in OpenDSR."""
EXTENSION: Final = "rightsflow"
"""Name of the extension by which one Rightsflow sends another data that the specification has no words for."""


class OpenDsrDialect(StrEnum):
    """A processor's dialect of OpenDSR."""

    SPECIFICATION = "2.0"
    """The dialect of the specification."""
    MPARTICLE_V3 = "mparticle-v3"
    """The dialect of mParticle's version 3: https://docs.mparticle.com/developers/apis/dsr-api/v3/."""


class OpenDsrStatus(StrEnum):
    """The status of a request at a processor."""

    PENDING = "pending"
    IN_PROGRESS = "in_progress"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDsrCall:
    """A request to a processor over OpenDSR.

    Args:
        request_id: By which both sides know it, a UUID of version 4; the same at each attempt.
        right: What is asked for.
        submitted_at: When it is asked for (aware).
        identifiers: What the processor is told of the person.
        exclusions: What it has to keep; told to another Rightsflow alone, since the specification has no words for it.
        due_on: The day by which it has to prove it; told likewise.
    """

    request_id: str
    right: Right
    submitted_at: datetime
    identifiers: tuple[Identifier, ...] = field(repr=False)
    exclusions: tuple[Exclusion, ...] = ()
    due_on: date | None = None

    @property
    def identities(self) -> list[dict[str, str]]:
        """The identifiers in the words of the specification."""
        return [
            {
                "identity_type": IDENTITY_TYPES[identifier.kind],
                "identity_value": identifier.value,
                "identity_format": RAW,
            }
            for identifier in self.identifiers
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedStatus:
    """A processor's status of a request, with a signature that was checked.

    Args:
        status: Where the request stands.
        results_count: How many records it counts; ``None`` where it says nothing.
        proof: What it said, its signature and its certificate, as a text that can be checked again.
        results_url: Where its results can be fetched; empty where it says nothing.
    """

    status: OpenDsrStatus
    results_count: int | None
    proof: bytes = field(repr=False)
    results_url: str = ""


class OpenDsrProcessor(Protocol):
    """A processor that speaks OpenDSR 2.0."""

    def ask(self, call: OpenDsrCall) -> None:
        """Ask for something; asked again with the same id, it is the same request.

        Args:
            call: What is asked.

        Raises:
            Transient: It did not answer.
            Permanent: It does not take such a request.
            Refused: What answered is not proved to be the processor.
        """
        ...

    def status(self, request_id: str) -> SignedStatus:
        """Return the status of a request.

        Args:
            request_id: The request.

        Raises:
            Transient: It did not answer.
            Permanent: It does not know the request, or its answer cannot be read.
            Refused: What answered is not proved to be the processor.
        """
        ...

    def probe(self) -> str:
        """Check that the processor answers, proves its identity and accepts the requests; return a sentence.

        Raises:
            Transient: It does not answer.
            Permanent: It does not take such requests.
            Refused: Its certificate does not prove who it is.
        """
        ...

    def told_by_callback(self, body: bytes, headers: Mapping[str, str]) -> str:
        """Return the request of a callback, once the callback is proved to be the processor's.

        Args:
            body: Its bytes, as they came.
            headers: Its headers.

        Raises:
            Transient: The processor's certificate could not be fetched.
            Refused: It is not proved to be the processor's, or is for another address or controller.
        """
        ...

    def result(self, request_id: str, said: SignedStatus) -> CertifiedResult:
        """Return the answer of another Rightsflow: its certificate, and the files that it hands over.

        Args:
            request_id: The request, which is completed.
            said: Its status.

        Raises:
            Transient: It did not answer.
            Permanent: Its answer cannot be read, or is larger than is taken over by itself.
            Refused: What answered is not proved to be the processor.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedResult:
    """The answer of another Rightsflow, with a signature that was checked.

    Args:
        records: How many records are gone, or handed over.
        is_whole: Whether nothing else is left there: no record, no task, no processor of its own.
        documents: The files that it handed over, which are the person's records.
        proof: Its certificate with signature and certificate of its domain, as a text that can be checked again.
    """

    records: int
    is_whole: bool
    documents: tuple[bytes, ...] = field(repr=False)
    proof: bytes = field(repr=False)


def can_be_told(identifiers: Iterable[Identifier]) -> bool:
    """Return whether there are identifiers and each of them has a type in OpenDSR.

    Args:
        identifiers: The identifiers.
    """
    kinds = [identifier.kind for identifier in identifiers]
    return bool(kinds) and all(kind in IDENTITY_TYPES for kind in kinds)
