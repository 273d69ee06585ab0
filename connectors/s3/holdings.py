"""Present versions of records by a fresh listing, and the other versions under their keys.

A listing of its own for each key is one call a key. Where a person has many recordings beside each other, pages of a
thousand entries show the same. Only a listing that was read to its end counts, since not every server sorts as S3 does;
where it would take too many pages, the folders below are tried, and in the end each key for itself. A muted recording
stands for another version, which its tags say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property, partial
from types import MappingProxyType
from typing import Final

from connectors.s3.belonging import Finder
from connectors.s3.bucket import Bucket
from connectors.s3.client import WORKERS, bounded_map
from connectors.s3.objects import Stored, Version, VersionName, name_of, read_name, stored_of
from rightsflow.domain.errors import Permanent
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import RecordRef

MUTED_TAG: Final = "rightsflow-muted"
"""Says of a muted recording which version it replaces, and when that was stored."""
_INSTANT: Final = "%Y%m%dT%H%M%SZ"
_FORM: Final = re.compile(r"(?P<version>\S+) (?P<stored>\S+) (?P<at>\d{8}T\d{6}Z)")
_NONE: Final = "-"
_FEW = 8
"""The number of keys below which listing more than the keys themselves is not worthwhile."""
_KEYS_PER_PAGE = 100
"""For so many keys one page is read before the listing is given up: a page costs as much as twenty single keys."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandsFor:
    """The version that a muted one replaces.

    Args:
        name: Its name.
        stored_at: When it was stored (aware).
    """

    name: VersionName
    stored_at: datetime


def mark_of(version: Version) -> str:
    """Return the tag's value on a muted recording."""
    at = version.modified_at.astimezone(UTC).strftime(_INSTANT)
    return f"{version.version_id} {stored_of(version) or _NONE} {at}"


def stands_for(version: Version, tags: Mapping[str, str]) -> StandsFor | None:
    """Return the version that a muted one replaces; ``None`` for a version that was not muted."""
    if (read := _FORM.fullmatch(tags.get(MUTED_TAG, ""))) is None:
        return None
    return StandsFor(
        name=VersionName(version.key, read["version"], read["stored"].removeprefix(_NONE)),
        stored_at=datetime.strptime(read["at"], _INSTANT).replace(tzinfo=UTC),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Marked:
    """The content of a version's tags.

    Args:
        name: By which name its record is known.
        has_code: Whether seconds with a card's security number are marked in it.
        stored_at: When the recording was first stored (aware).
        is_double: Whether it represents a version that is still there, which is the record.
    """

    name: str = field(repr=False)
    has_code: bool
    stored_at: datetime
    is_double: bool


def read_marks(bucket: Bucket, version: Version, code_tag: str) -> Marked:
    """Read the tags of a version; without a configured tag no call is made."""
    tags = {} if version.is_marker or not code_tag else bucket.tags(version) or {}
    found = stands_for(version, tags)
    if found is None:
        return Marked(
            name=name_of(version), has_code=bool(tags.get(code_tag)), stored_at=version.modified_at, is_double=False
        )
    is_double = any(found.name.names(each) for each in bucket.exact(version.key).versions)
    return Marked(
        name=str(found.name), has_code=bool(tags.get(code_tag)), stored_at=found.stored_at, is_double=is_double
    )


def standing_for(bucket: Bucket, name: VersionName, stored: Stored) -> tuple[Version, ...]:
    """Return the muted versions of a key that replace a version."""
    found = []
    for version in stored.versions:
        mark = stands_for(version, bucket.tags(version) or {}) if not name.names(version) else None
        if mark is not None and mark.name == name:
            found.append(version)
    return tuple(found)


def seen_together(bucket: Bucket, keys: Iterable[str]) -> Mapping[str, Stored]:
    """Return the bucket's objects under the keys that few listings show; other keys have to be requested one by one."""
    found: dict[str, Stored] = {}
    waiting = [sorted(set(keys))]
    while waiting:
        group = waiting.pop()
        if len(group) < _FEW:
            continue
        prefix = _in_common(group[0], group[-1])
        shown = _shown(bucket, prefix, group)
        if shown is None:
            waiting += _below(prefix, group)
        else:
            found |= shown
    return found


def _in_common(first: str, last: str) -> str:
    """Return the common beginning of a sorted group's keys."""
    parted = (place for place, (item, other) in enumerate(zip(first, last, strict=False)) if item != other)
    return first[: next(parted, min(len(first), len(last)))]


def _shown(bucket: Bucket, prefix: str, keys: Sequence[str]) -> dict[str, Stored] | None:
    """Return the objects that a full listing of the prefix shows under the keys; ``None`` if it has too many pages."""
    entries: dict[str, dict[str, Version]] = {key: {} for key in keys}
    most = 1 + len(keys) // _KEYS_PER_PAGE
    try:
        for number, page in enumerate(bucket.pages(prefix)):
            if number == most:
                return None
            for item in page:
                if item.key in entries:
                    entries[item.key][item.version_id] = item
    except Permanent:
        # Each key for itself may do, and says what is wrong with it.
        return None
    return {key: Stored.of(key, listed.values()) for key, listed in entries.items()}


def _below(prefix: str, keys: Sequence[str]) -> Iterator[list[str]]:
    """Return the keys grouped by the folder below a prefix; none if they do not differ there."""
    folders: dict[str, list[str]] = {}
    for key in keys:
        folders.setdefault(key[len(prefix) :].partition("/")[0], []).append(key)
    return (group for group in folders.values() if len(group) < len(keys))


@dataclass(frozen=True, kw_only=True)
class KeyHolding:
    """A key with the records under it.

    Args:
        stored: Everything under the key.
        own: The entries of each record that is asked for; none where it is gone.
        has_others: Whether the key has a version that is not known to be the subject's.
    """

    stored: Stored
    own: Mapping[RecordRef, tuple[Version, ...]] = field(repr=False)
    has_others: bool = False

    @cached_property
    def entries(self) -> tuple[Version, ...]:
        """The entries of all the records."""
        return tuple(dict.fromkeys(entry for entries in self.own.values() for entry in entries))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdings:
    """Looks records up.

    Args:
        bucket: Where they lie.
        finder: Says which versions of a key are the subject's, where a record's name leaves that open.
        known: What is known of the subject.
        mutes: Whether a muted version may stand for another one, which its tags say.
        was_erased: Whether the records were erased: what was written in the place of one since is a new recording then,
            unless it has the same content.
    """

    bucket: Bucket
    finder: Finder
    known: Identifiers = field(repr=False)
    mutes: bool = False
    was_erased: bool = False

    def look_up(self, records: Sequence[RecordRef], *, tells_others: bool = False) -> Iterator[KeyHolding]:
        """Yield the records key by key.

        Args:
            records: The records.
            tells_others: Whether ``has_others`` is wanted, for which the other versions are read.
        """
        groups = by_key(records)
        seen = seen_together(self.bucket, groups)

        def look(item: tuple[str, list[RecordRef]]) -> KeyHolding:
            return self.at(*item, tells_others=tells_others, seen=seen)

        yield from bounded_map(look, groups.items(), workers=WORKERS, makes_call=partial(self.has_to_ask, seen))

    def has_subjects(self, stored: Stored) -> bool:
        """Return whether a version under a key is the subject's, by a fresh read."""
        return bool(_Subjects(self, stored).versions)

    def are_anothers(self, versions: Iterable[Version]) -> bool:
        """Return whether a version that was located earlier now names another person, by a fresh read."""
        return any(
            self.finder.is_anothers(self.bucket, version, self.known) for version in versions if not version.is_marker
        )

    def has_to_ask(self, seen: Mapping[str, Stored], item: tuple[str, Sequence[RecordRef]]) -> bool:
        """Return whether :meth:`at` may have to call the store for a key."""
        key, records = item
        if (stored := seen.get(key)) is None:
            return True
        named = {record.ref for record in records}
        return any(self.mutes or name_of(version) not in named for version in stored.versions)

    def again(self, holding: KeyHolding) -> KeyHolding:
        """The same records by another listing."""
        fresh = self.at(holding.stored.key, list(holding.own))
        return KeyHolding(stored=fresh.stored, own=fresh.own, has_others=holding.has_others)

    def at(
        self,
        key: str,
        records: Sequence[RecordRef],
        *,
        tells_others: bool = False,
        seen: Mapping[str, Stored] = MappingProxyType({}),
    ) -> KeyHolding:
        """Look up the records of one key.

        Args:
            key: The key.
            records: The records.
            tells_others: As for :meth:`look_up`.
            seen: What a listing of many keys has just shown.
        """
        stored = seen[key] if key in seen else self.bucket.exact(key)
        if not stored.entries:
            return KeyHolding(stored=stored, own=dict.fromkeys(records, ()))
        subjects = _Subjects(self, stored)
        own = {record: self._own(read_name(record.ref), stored, subjects) for record in records}
        return KeyHolding(stored=stored, own=own, has_others=tells_others and _has_others(stored, own, subjects))

    def _own(self, name: VersionName, stored: Stored, subjects: _Subjects) -> tuple[Version, ...]:
        own = _own(name, stored, subjects, has_to_be_same=self.was_erased)
        if not (self.mutes and name.version_id):
            return own
        muted = standing_for(self.bucket, name, stored)
        return tuple(dict.fromkeys((*own, *muted)))


def by_key(records: Sequence[RecordRef]) -> dict[str, list[RecordRef]]:
    """Group records by their key, in their order."""
    groups: dict[str, list[RecordRef]] = {}
    for record in records:
        groups.setdefault(read_name(record.ref).key, []).append(record)
    return groups


class _Subjects:
    """The subject's versions of a key, read once where they are needed at all."""

    def __init__(self, holdings: Holdings, stored: Stored) -> None:
        self._holdings = holdings
        self._stored = stored

    @cached_property
    def versions(self) -> frozenset[Version]:
        holdings = self._holdings
        return holdings.finder.mine(holdings.bucket, self._stored, holdings.known)


def _has_others(stored: Stored, own: Mapping[RecordRef, tuple[Version, ...]], subjects: _Subjects) -> bool:
    asked = [entry for entries in own.values() for entry in entries]
    beside = [version for version in stored.versions if version not in asked]
    return any(version not in subjects.versions for version in beside)


def _own(name: VersionName, stored: Stored, subjects: _Subjects, *, has_to_be_same: bool) -> tuple[Version, ...]:
    if not name.version_id:
        # Located before versions were told apart.
        return tuple(version for version in stored.versions if version in subjects.versions)
    exactly = tuple(entry for entry in stored.entries if name.names(entry))
    if exactly:
        return exactly
    # Written anew in the same place: the subject's own record still, or another person's.
    replaces = name.has_content_of if has_to_be_same else name.is_replaced_by
    return tuple(version for version in stored.versions if replaces(version) and version in subjects.versions)
