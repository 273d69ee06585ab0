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
"""The value in the first entry of a chain in place of a hash."""

_KINDS: Mapping[str, type] = {
    "actor": str,
    "at": str,
    "chain": str,
    "details": dict,
    "event": str,
    "made_with": dict,
    "number": int,
    "previous": str,
}
"""The fields of an entry and the kind of each."""


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
    """An entry as it is stored.

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
    """An event in the ledger.

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
    """Return the entry that follows a chain's head.

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
            "at": written(at),
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
    """Return a value as canonical JSON (RFC 8785): equal values have equal texts.

    Raises:
        ValueError: It holds something that JSON has no form for.
    """
    return rfc8785.dumps(value).decode()


def digest_of(body: str) -> str:
    """Return the SHA-256 of a text, hexadecimal."""
    return hashlib.sha256(body.encode()).hexdigest()


def ending(number: int, previous: str) -> str:
    """Return the end of the text of an entry with this number and predecessor.

    Canonical JSON orders keys, and no key of an entry comes after these two, so that the link can be checked without
    parsing the entry.
    """
    return f',"number":{number},"previous":"{previous}"}}'


def written(at: datetime) -> str:
    """Return an instant in the one form in which the ledger writes it: UTC, with microseconds.

    Args:
        at: The instant (aware).

    Raises:
        OverflowError: There is no such instant in UTC.
    """
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def read_written(text: str) -> datetime:
    """Read an instant from the one form in which the ledger writes it (:func:`written`).

    Raises:
        ValueError: The text is not an instant, or is one in another form.
    """
    at = datetime.fromisoformat(text)
    try:
        is_exact = at.tzinfo is not None and written(at) == text
    except OverflowError:
        is_exact = False
    if not is_exact:
        raise ValueError("the instant is not in the form in which the ledger writes it")
    return at


def read_object(text: str, kinds: Mapping[str, type]) -> dict[str, Any]:
    """Read an object from its canonical JSON, with exactly these fields, each of exactly its type.

    Args:
        text: The JSON.
        kinds: The name of each field, and the type that its value has; ``True`` is no ``int`` here.

    Raises:
        ValueError: The text is not that, or is it in another form: blanks, a key that is there twice, a number written
            otherwise.
    """
    try:
        raw = json.loads(text)
        is_canonical = isinstance(raw, dict) and canonical(raw) == text
    except RecursionError:
        is_canonical = False
    if not is_canonical:
        raise ValueError("the object is not canonical JSON")
    if {name: type(value) for name, value in raw.items()} != kinds:
        raise ValueError("the object lacks a field, has one too many, or one of another kind")
    return dict(raw)


def read_entry(body: str) -> Entry:
    """Read an entry from its text.

    Raises:
        ValueError: The text is not an entry, or is not in the one form in which entries are written.
    """
    raw = read_object(body, _KINDS)
    return Entry(**{**raw, "at": read_written(raw["at"])})
