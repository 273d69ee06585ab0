"""The certificate with which we answer an order, and with which another Rightsflow answers ours. Pure.

It states the records' outcomes in counts and names nothing of the person. The signature over its bytes, which goes with
it, proves who made it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from rightsflow.domain.case.findings import Fate
from rightsflow.domain.errors import BadInput
from rightsflow.domain.processors.opendsr import REQUEST_TYPES
from rightsflow.domain.vocabulary.rights import Right

NAME: Final = "rightsflow processor"
FORMAT: Final = 1
_MOST: Final = 10_000_000
_PASSED_OVER: Final = frozenset({Fate.NOT_HELD, Fate.GONE})
"""Fates of records that we neither erased nor retained: they were no longer there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedLine:
    """Records of one category that had the same fate for the same reason.

    Args:
        category: In the words of the record of processing.
        fate: What became of them.
        records: How many.
        legal_basis: The provision on which they are kept; empty for none.
        until: The last day on which they are; ``None`` where another event ends it.
        ends_when: That event, in words.
    """

    category: str
    fate: Fate
    records: int
    legal_basis: str = ""
    until: date | None = None
    ends_when: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestedPackage:
    """The encrypted package of an access request.

    Args:
        sha256: The SHA-256 of the encrypted file, in hexadecimal.
        key: Its passphrase, encrypted for the controller's certificate, base64.
    """

    sha256: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """The content of a certificate.

    Args:
        processor: The processor's name.
        controller_id: For which controller it was done.
        request_id: By which both sides know the order.
        right: What was asked for.
        received_at: When the order arrived (aware).
        completed_at: When the certificate was made (aware).
        verified_at: When the last fresh read looked at a record (aware); ``None`` if none did.
        systems: How many systems were searched.
        lines: What became of the records.
        open_processors: How many of the processor's own processors have not proved their part.
        by_hand: How many tasks are left that people have to do.
        package: The package of an access request, where something is held.
    """

    processor: str
    controller_id: str
    request_id: str
    right: Right
    received_at: datetime
    completed_at: datetime
    verified_at: datetime | None
    systems: int
    lines: tuple[AttestedLine, ...]
    open_processors: int = 0
    by_hand: int = 0
    package: AttestedPackage | None = None

    @property
    def erased(self) -> int:
        """Number of erased records."""
        return sum(line.records for line in self.lines if line.fate.is_gone)

    @property
    def given(self) -> int:
        """Number of records in the package."""
        return sum(line.records for line in self.lines if line.fate is Fate.COPIED)

    @property
    def left(self) -> int:
        """Number of records that were there and are neither gone nor in the package."""
        done = {Fate.COPIED} if self.right is Right.ACCESS else set()
        return sum(
            line.records
            for line in self.lines
            if not (line.fate.is_gone or line.fate in done or line.fate in _PASSED_OVER)
        )

    @property
    def results(self) -> int:
        """Number of records in the answer: the erased ones, or those in the package."""
        return self.given if self.right is Right.ACCESS else self.erased

    @property
    def is_whole(self) -> bool:
        """True if nothing is left: no record, no task, and no processor of the processor."""
        return not (self.left or self.open_processors or self.by_hand)


def lines_of(records: Iterable[AttestedLine]) -> tuple[AttestedLine, ...]:
    """Merge lines of one record each.

    Args:
        records: The lines.
    """
    counted = Counter[tuple[str, Fate, str, str, str]]()
    for record in records:
        until = record.until.isoformat() if record.until else ""
        counted[record.category, record.fate, record.legal_basis, until, record.ends_when] += record.records
    return tuple(
        AttestedLine(
            category=category,
            fate=fate,
            records=count,
            legal_basis=basis,
            until=date.fromisoformat(until) if until else None,
            ends_when=ends_when,
        )
        for (category, fate, basis, until, ends_when), count in sorted(counted.items())
    )


def said_by(attestation: Attestation) -> dict[str, Any]:
    """Return a certificate as the object that its bytes encode.

    Args:
        attestation: What it says.
    """
    package = {"sha256": attestation.package.sha256, "key": attestation.package.key} if attestation.package else None
    return {
        "certificate": NAME,
        "format": FORMAT,
        "processor": attestation.processor,
        "controller_id": attestation.controller_id,
        "subject_request_id": attestation.request_id,
        "subject_request_type": REQUEST_TYPES[attestation.right],
        "received_time": _instant(attestation.received_at),
        "completed_time": _instant(attestation.completed_at),
        "verified_time": _instant(attestation.verified_at) if attestation.verified_at else None,
        "systems_searched": attestation.systems,
        "records": [
            {
                "category": line.category,
                "outcome": line.fate.value,
                "count": line.records,
                "legal_basis": line.legal_basis,
                "until": line.until.isoformat() if line.until else None,
                "ends_when": line.ends_when,
            }
            for line in attestation.lines
        ],
        "processors_open": attestation.open_processors,
        "tasks_open": attestation.by_hand,
        "package": package,
    }


def read_attestation(body: bytes) -> Attestation:
    """Read a certificate; its issuer has to be proved before.

    Args:
        body: Its bytes.

    Raises:
        BadInput: It is no certificate of a format that is known.
    """
    try:
        return _read(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise BadInput("The certificate is of no format that is known here.") from None


def _read(said: Mapping[str, Any]) -> Attestation:
    if said["certificate"] != NAME or said["format"] != FORMAT:
        raise ValueError(NAME)
    package, verified = said["package"], said["verified_time"]
    return Attestation(
        processor=_text(said["processor"]),
        controller_id=_text(said["controller_id"]),
        request_id=_text(said["subject_request_id"]),
        right={name: right for right, name in REQUEST_TYPES.items()}[said["subject_request_type"]],
        received_at=datetime.fromisoformat(said["received_time"]),
        completed_at=datetime.fromisoformat(said["completed_time"]),
        verified_at=datetime.fromisoformat(verified) if verified else None,
        systems=_count(said["systems_searched"]),
        lines=tuple(map(_line, said["records"])),
        open_processors=_count(said["processors_open"]),
        by_hand=_count(said["tasks_open"]),
        package=AttestedPackage(sha256=_text(package["sha256"]), key=_text(package["key"])) if package else None,
    )


def _line(said: Mapping[str, Any]) -> AttestedLine:
    return AttestedLine(
        category=_text(said["category"]),
        fate=Fate(said["outcome"]),
        records=_count(said["count"]),
        legal_basis=_text(said["legal_basis"]),
        until=date.fromisoformat(said["until"]) if said["until"] else None,
        ends_when=_text(said["ends_when"]),
    )


def _text(given: object) -> str:
    if not isinstance(given, str):
        raise TypeError(NAME)
    return given


def _count(given: object) -> int:
    if not isinstance(given, int) or isinstance(given, bool) or not 0 <= given <= _MOST:
        raise ValueError(NAME)
    return given


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
