"""Present versions of records by a fresh listing, and the other versions under their keys."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from types import MappingProxyType

from connectors.s3.bucket import Bucket
from connectors.s3.client import WORKERS
from connectors.s3.hits import Finder
from connectors.s3.listings import seen_together
from connectors.s3.marks import standing_for
from connectors.s3.objects import Stored, Version
from connectors.s3.pool import bounded_map
from connectors.s3.refs import VersionName, name_of, read_name
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import RecordRef


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
        operation: What is being done, for errors.
        mutes: Whether a muted version may stand for another one, which its tags say.
        was_erased: Whether the records were erased: what was written in the place of one since is a new recording then,
            unless it has the same content.
    """

    bucket: Bucket
    finder: Finder
    known: Identifiers = field(repr=False)
    operation: str
    mutes: bool = False
    was_erased: bool = False

    def look_up(self, records: Sequence[RecordRef], *, tells_others: bool = False) -> Iterator[KeyHolding]:
        """Yield the records key by key.

        Args:
            records: The records.
            tells_others: Whether ``has_others`` is wanted, for which the other versions are read.
        """
        groups = by_key(records)
        seen = seen_together(self.bucket, groups, operation=self.operation)

        def look(item: tuple[str, list[RecordRef]]) -> KeyHolding:
            return self.at(*item, tells_others=tells_others, seen=seen)

        yield from bounded_map(look, groups.items(), workers=WORKERS, makes_call=partial(self.has_to_ask, seen))

    def has_subjects(self, stored: Stored) -> bool:
        """Return whether a version under a key is the subject's, by a fresh read.

        Args:
            stored: What lies there.
        """
        return bool(_Subjects(self, stored).versions)

    def are_anothers(self, versions: Iterable[Version]) -> bool:
        """Return whether a version that was located earlier now names another person, by a fresh read.

        Args:
            versions: The versions; delete markers name no one.
        """
        return any(
            self.finder.is_anothers(self.bucket, version, self.known) for version in versions if not version.is_marker
        )

    def has_to_ask(self, seen: Mapping[str, Stored], item: tuple[str, Sequence[RecordRef]]) -> bool:
        """Return whether :meth:`at` may have to call the store for a key.

        Args:
            seen: What a listing of many keys has just shown.
            item: The key and its records.
        """
        key, records = item
        if (stored := seen.get(key)) is None:
            return True
        named = {record.ref for record in records}
        return any(self.mutes or name_of(version) not in named for version in stored.versions)

    def again(self, holding: KeyHolding) -> KeyHolding:
        """The same records by another listing.

        Args:
            holding: As it was before.
        """
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
        stored = seen[key] if key in seen else self.bucket.exact(key, operation=self.operation)
        if not stored.entries:
            return KeyHolding(stored=stored, own=dict.fromkeys(records, ()))
        subjects = _Subjects(self, stored)
        own = {record: self._own(read_name(record.ref), stored, subjects) for record in records}
        return KeyHolding(stored=stored, own=own, has_others=tells_others and _has_others(stored, own, subjects))

    def _own(self, name: VersionName, stored: Stored, subjects: _Subjects) -> tuple[Version, ...]:
        own = _own(name, stored, subjects, has_to_be_same=self.was_erased)
        if not (self.mutes and name.version_id):
            return own
        muted = standing_for(self.bucket, name, stored, operation=self.operation)
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
