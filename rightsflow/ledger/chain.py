"""Entries and how they are linked: canonical JSON (RFC 8785), each carrying the SHA-256 of the one before."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

GENESIS = "0" * 64
"""What the first entry of a chain carries in place of a hash."""


@dataclass(frozen=True, slots=True)
class Head:
    """The last entry of a chain.

    Args:
        number: Its number; 0 for a chain without entries.
        digest: The SHA-256 of its text, hexadecimal.
    """

    number: int
    digest: str


START = Head(0, GENESIS)
"""The head of a chain without entries."""


@dataclass(frozen=True, slots=True)
class Link:
    """One entry as it is kept.

    Args:
        number: Its place in the chain, from 1.
        body: Its text, canonical JSON.
        digest: The SHA-256 of the text, hexadecimal.
    """

    number: int
    body: str
    digest: str

    @property
    def head(self) -> Head:
        """The chain's head once this is its last entry."""
        return Head(self.number, self.digest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing that happened.

    Args:
        chain: The case, or the ledger's own chain.
        number: Its place in the chain, from 1.
        at: When (aware).
        actor: A person's name, or ``rightsflow`` for the machine.
        event: What, past tense, such as ``CaseOpened``.
        details: Counts, names of systems, codes, keyed hashes; never content.
        made_with: The versions of the ``code`` and of the ``rules`` of the law it was made with.
        previous: The SHA-256 of the entry before, or :data:`GENESIS`.
    """

    chain: str
    number: int
    at: datetime
    actor: str
    event: str
    details: Mapping[str, Any]
    made_with: Mapping[str, str]
    previous: str


def link(
    head: Head,
    chain: str,
    event: str,
    *,
    at: datetime,
    actor: str,
    details: Mapping[str, Any],
    made_with: Mapping[str, str],
) -> Link:
    """The entry that comes after a chain's head.

    Args:
        head: The chain's head.
        chain: The case, or the ledger's own chain.
        event: What happened.
        at: When (aware).
        actor: Who did it.
        details: What JSON can hold; whole numbers up to 2**53.
        made_with: The versions of the code and of the rules.

    Raises:
        ValueError: The instant has no time zone, or the details cannot be written as canonical JSON.
    """
    if at.tzinfo is None:
        raise ValueError("an entry needs an instant with a time zone")
    number = head.number + 1
    body = canonical(
        {
            "actor": actor,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "chain": chain,
            "details": dict(details),
            "event": event,
            "made_with": dict(made_with),
            "number": number,
            "previous": head.digest,
        }
    )
    return Link(number, body, digest_of(body))


def canonical(value: Any) -> str:
    """A value as canonical JSON (RFC 8785): equal values have equal texts.

    Raises:
        ValueError: It holds something that JSON has no form for.
    """
    return rfc8785.dumps(value).decode()


def digest_of(body: str) -> str:
    """The SHA-256 of a text, hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def ending(number: int, previous: str) -> str:
    """How the text of an entry with this number and predecessor ends.

    Canonical JSON orders keys, and no key of an entry comes after these two: so the link can be checked without
    parsing the entry.
    """
    return f',"number":{number},"previous":"{previous}"}}'


def read_entry(body: str) -> Entry:
    """An entry from its text.

    Raises:
        ValueError: The text is not an entry, or is not canonical JSON.
    """
    raw = json.loads(body)
    if not isinstance(raw, dict) or canonical(raw) != body:
        raise ValueError("the entry is not canonical JSON")
    try:
        return Entry(**{**raw, "at": datetime.fromisoformat(raw["at"])})
    except (KeyError, TypeError):
        raise ValueError("the entry lacks a field or has one too many") from None
