"""The owner of a version: by the identifiers that it names, or by the recording beside it.

Companions are objects that name no one themselves, beside one that does, such as a transcript. A companion
belongs to the recording from which it was made, and nothing in the store says from which version that was. It can only
have been made from one that was there: where every version that the recordings beside it had by then is the same
person's, the companion is too, and it is shared where that is. In doubt it belongs to no one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from connectors.s3.bucket import Bucket
from connectors.s3.objects import Stored, Version
from rightsflow.domain.attribution import claims
from rightsflow.domain.chain_claims import names_two, of_one
from rightsflow.domain.connector import Sample
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, contested_numbers, strong


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
    """Return the identifiers by which a version names its owner; empty if it names none of the subject's."""
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


@dataclass(frozen=True, slots=True)
class ReadVersion:
    """A version with the person's data in it.

    Args:
        version: The version.
        named: The identifiers that could be read.
        numbers: Each telephone number among them as what it can be read as, without the controller's own lines.
        is_named: Whether it carries one of the configured attributes at all, readable or not.
    """

    version: Version
    named: Identifiers = field(default=frozenset(), repr=False)
    numbers: tuple[Identifiers, ...] = field(default=(), repr=False)
    is_named: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """All versions of a key, read."""

    key: str = field(repr=False)
    versions: tuple[ReadVersion, ...]

    @property
    def is_named(self) -> bool:
        """True if one of the object's versions has an attribute of a person."""
        return any(version.is_named for version in self.versions)


def ending_cut(key: str) -> str:
    """A key without its last ending; empty where its name has none."""
    folder, slash, name = key.rpartition("/")
    stem = name.rpartition(".")[0]
    return f"{folder}{slash}{stem}" if stem else ""


def belongings(around: Iterable[Read], stem: str, known: Identifiers) -> Iterator[tuple[Version, Version, bool]]:
    """The versions that name no one, each with the subject's that it belongs to, and whether others are in that.

    Args:
        around: All keys that begin with the stem and a dot.
        stem: The key of a recording without its ending.
        known: What is known of the subject.
    """
    listed = list(around)
    stems = {ending_cut(item.key) for item in listed if item.is_named}
    parents = [item for read in listed if ending_cut(read.key) == stem and read.is_named for item in read.versions]
    for read in listed:
        # A name may continue another: 7.a.json belongs to 7.a.wav and not to 7.wav.
        nearest = max((item for item in stems if read.key.startswith(f"{item}.")), key=len, default="")
        if read.is_named or nearest != stem:
            continue
        for version in read.versions:
            if parent := _parent(version.version, parents, known):
                yield (version.version, *parent)


def _parent(companion: Version, parents: Sequence[ReadVersion], known: Identifiers) -> tuple[Version, bool] | None:
    # A version stored in the same second may be the earlier one.
    before = [parent for parent in parents if parent.version.modified_at <= companion.modified_at] or parents
    owners = [owner_of(parent.named, known) for parent in before]
    are_mine = all(owner and claims(owner, known) for owner in owners)
    if not before or not are_mine or not _are_of_one(before, known):
        return None
    is_shared = any(names_others(parent.named, parent.numbers, known) for parent in before)
    return max(before, key=lambda parent: parent.version.modified_at).version, is_shared


def _are_of_one(parents: Sequence[ReadVersion], known: Identifiers) -> bool:
    """Return whether versions belong to one person, even if other people use a number of the subject's."""
    return (
        all(strong(parent.named) & known for parent in parents)
        or len({parent.named & known for parent in parents}) == 1
    )
