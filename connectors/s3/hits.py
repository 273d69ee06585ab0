"""A version that matched, and the decision by which one matches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from connectors.s3.bucket import Bucket
from connectors.s3.objects import Stored, Version
from rightsflow.domain.attribution import claims
from rightsflow.domain.connector import Sample
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, contested_numbers, strong
from rightsflow.domain.several_people import names_two, of_one

LOCATE = "locate"
"""The operation's name in errors."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A version that matched.

    Args:
        version: The version, or the delete marker of a key that has nothing else.
        owner: The identifiers by which it names the person it belongs to.
        companion_of: The version it belongs to, where it names no one itself.
        started_at: The day or the instant in its key, if there is one.
        is_shared: Whether it names another person too.
    """

    version: Version
    owner: Identifiers = field(default=frozenset(), repr=False)
    companion_of: Version | None = None
    started_at: date | datetime | None = None
    is_shared: bool = False


class Finder(Protocol):
    """Finds a person's objects in one way."""

    @property
    def searches(self) -> frozenset[IdentifierKind]:
        """The kinds of identifier it can search by."""
        ...

    def find(self, bucket: Bucket, known: Identifiers) -> Iterator[Hit]:
        """Yield each matching version once."""
        ...

    def samples(self, bucket: Bucket) -> Iterator[Sample]:
        """Check each setting that names a place of identifiers on stored objects."""
        ...

    def mine(self, bucket: Bucket, stored: Stored, known: Identifiers) -> frozenset[Version]:
        """Return the versions of a key that are the subject's, by a fresh read; versions in doubt are left out."""
        ...

    def is_shared(self, bucket: Bucket, version: Version, known: Identifiers) -> bool:
        """Return whether a subject's version, or its recording, also names another person, by a fresh read."""
        ...

    def is_anothers(self, bucket: Bucket, version: Version, known: Identifiers) -> bool:
        """Return whether a version that was located earlier now belongs to another person, by a fresh read."""
        ...


def owner_of(named: Identifiers, known: Identifiers) -> Identifiers:
    """Return the identifiers by which a version names its owner; empty if it names none of the subject's.

    Args:
        named: The identifiers it names.
        known: What is known of the subject.
    """
    if not named & known:
        return frozenset()
    return _without_other_numbers((named - strong(named)) | of_one(named, known), known)


def is_mine(named: Identifiers, numbers: Sequence[Identifiers], known: Identifiers) -> bool:
    """Return whether a version names the subject and no one else, by more than a number that others use too.

    Args:
        named: The identifiers it names.
        numbers: Each telephone number among them as what it can be read as.
        known: What is known of the subject.
    """
    owner = owner_of(named, known)
    is_sure = not owner & known <= contested_numbers(known)
    return is_sure and claims(owner, known) and not names_others(named, numbers, known)


def names_others(named: Identifiers, numbers: Sequence[Identifiers], known: Identifiers) -> bool:
    """Return whether a version of the subject also names another person: a second address, customer number or number.

    An unknown number alone, or next to a customer number, may be the subject's.

    Args:
        named: The identifiers it names.
        numbers: Each telephone number among them as what it can be read as, without the controller's own lines.
        known: What is known of the subject.
    """
    by_number = bool(named & known) and not strong(named) & known
    return names_two(named, known) or (by_number and any(not number & known for number in numbers))


def _without_other_numbers(owner: Identifiers, known: Identifiers) -> Identifiers:
    """Drop the numbers that are not known where there are several: one of them is the brand's own."""
    numbers = {identifier for identifier in owner if identifier.kind is IdentifierKind.PHONE}
    return owner if len(numbers) < 2 else owner - (numbers - known)
