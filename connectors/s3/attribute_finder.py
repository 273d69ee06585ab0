"""Versions that name the person in their user metadata or their tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.header import decode_header, make_header
from functools import partial
from itertools import islice
from typing import Final
from urllib.parse import unquote

from connectors.registry import ControllerPlace
from connectors.s3.bucket import Bucket
from connectors.s3.bucket_samples import ENOUGH_SAMPLED, SampleTally, under
from connectors.s3.client import WORKERS
from connectors.s3.companions import Read, ReadVersion, belongings, ending_cut
from connectors.s3.hits import LOCATE, Hit, is_mine, names_others, owner_of
from connectors.s3.objects import NULL, Stored, Version
from connectors.s3.pool import bounded_map
from connectors.s3.settings import MatchByMetadata, MatchByTags, S3Settings
from rightsflow.domain.attribution import claims
from rightsflow.domain.connector import MOST_SAMPLED, Sample
from rightsflow.domain.errors import Transient
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers
from rightsflow.domain.spellings import separate_readings
from rightsflow.domain.spellings.own_lines import is_own_line

_HIDDEN: Final = (
    "The store lists a version and does not show it; grant the key s3:GetObjectVersion on every object, and the step "
    "is tried again."
)


class AttributeFinder:
    """Versions that name the person in their user metadata or their tags: each version is asked for them.

    Older versions count too: a recording that was replaced or deleted is still held. Each version is a record of its
    own, since the versions of one key may be of several people.

    Args:
        match: The settings.
        settings: The system's section.
        place: The controller's country, in which national numbers are read, and its own lines.
        issuer: The system that issued the account ids.
    """

    def __init__(
        self, match: MatchByMetadata | MatchByTags, settings: S3Settings, place: ControllerPlace, issuer: str
    ) -> None:
        self._issuer = issuer
        self._match = match
        self._prefix = settings.prefix
        self._place = place
        self._own_lines = (*settings.own_numbers, *place.own_lines)
        self._attributes = _metadata if isinstance(match, MatchByMetadata) else _tags

    @property
    def searches(self) -> frozenset[IdentifierKind]:
        """The kinds the configured keys hold."""
        return frozenset(self._match.keys.values())

    def find(self, bucket: Bucket, known: Identifiers) -> Iterator[Hit]:
        """Walk everything under the prefix."""
        looked_beside: set[str] = set()
        everything = bucket.stored(self._prefix, operation=LOCATE)
        for read in bounded_map(partial(self._read, bucket), everything, workers=WORKERS):
            hits = [hit for version in read.versions if (hit := _hit(version, known))]
            yield from hits
            stem = ending_cut(read.key) if hits and self._match.companions else ""
            if stem and stem not in looked_beside:
                looked_beside.add(stem)
                yield from self._beside(bucket, stem, known)

    def samples(self, bucket: Bucket) -> Iterator[Sample]:
        """Yield a sample for each key; reading stops once each key has been readable."""
        versions = (version for stored in bucket.stored(self._prefix, operation=LOCATE) for version in stored.versions)
        tallies = [SampleTally(self._where(name)) for name in self._match.keys]
        read = bounded_map(partial(self._attributes, bucket), islice(versions, MOST_SAMPLED), workers=WORKERS)
        for number, attributes in enumerate(read, start=1):
            for tally, name in zip(tallies, self._match.keys, strict=True):
                value = (attributes or {}).get(name, "")
                tally.add(is_filled=bool(value.strip()), is_readable=any(self._readings({name: value})))
            if number >= ENOUGH_SAMPLED and all(tally.readable for tally in tallies):
                break
        yield from (tally.sample() for tally in tallies)

    def _where(self, name: str) -> str:
        sort = "metadata key" if isinstance(self._match, MatchByMetadata) else "tag"
        return f"objects{under(self._prefix)} with the {sort} {name}"

    def mine(self, bucket: Bucket, stored: Stored, known: Identifiers) -> frozenset[Version]:
        """The versions that name the subject, or belong to a version beside them that does."""
        read = self._read(bucket, stored)
        if any(version.is_named for version in read.versions):
            return frozenset(
                version.version for version in read.versions if is_mine(version.named, version.numbers, known)
            )
        if not self._match.companions:
            return frozenset()
        hits = self._companions_at(bucket, stored.key, known)
        return frozenset(hit.version for hit in hits if not hit.is_shared)

    def is_shared(self, bucket: Bucket, version: Version, known: Identifiers) -> bool:
        """Return whether a version names several people's numbers, or belongs to a recording that does."""
        read = self._read_version(bucket, version)
        if read.is_named or not self._match.companions:
            return names_others(read.named, read.numbers, known)
        hits = self._companions_at(bucket, version.key, known)
        return any(hit.is_shared and hit.version.version_id == version.version_id for hit in hits)

    def is_anothers(self, bucket: Bucket, version: Version, known: Identifiers) -> bool:
        """Return whether a version's tags, or its metadata if it can be replaced in place, now name another person."""
        if isinstance(self._match, MatchByMetadata) and version.version_id != NULL:
            return False
        named = self._read_version(bucket, version).named
        owner = owner_of(named, known)
        return bool(named) and not (owner and claims(owner, known))

    def _companions_at(self, bucket: Bucket, key: str, known: Identifiers) -> Iterator[Hit]:
        """The versions of a key that belong to recordings beside it."""
        beside = (hit for stem in _stems(key) for hit in self._beside(bucket, stem, known))
        return (hit for hit in beside if hit.version.key == key)

    def _beside(self, bucket: Bucket, stem: str, known: Identifiers) -> Iterator[Hit]:
        """The companions of the keys that are one stem and an ending."""
        around = [self._read(bucket, stored) for stored in bucket.stored(f"{stem}.", operation=LOCATE)]
        for companion, parent, is_shared in belongings(around, stem, known):
            yield Hit(version=companion, companion_of=parent, is_shared=is_shared)

    def _read(self, bucket: Bucket, stored: Stored) -> Read:
        return Read(stored.key, tuple(self._read_version(bucket, version) for version in stored.versions))

    def _read_version(self, bucket: Bucket, version: Version) -> ReadVersion:
        attributes = self._attributes(bucket, version)
        if attributes is None:
            _insist_on_absence(bucket, version)
            return ReadVersion(version)
        values = {name: attributes[name] for name in self._match.keys if attributes.get(name, "").strip()}
        read = [reading for reading in map(self._without_own_lines, self._readings(values)) if reading]
        numbers = tuple(reading for reading in read if any(item.kind is IdentifierKind.PHONE for item in reading))
        return ReadVersion(version, frozenset[Identifier]().union(*read), numbers, is_named=bool(values))

    def _readings(self, values: Mapping[str, str]) -> Iterator[Identifiers]:
        """Yield the possible readings of each part of the values."""
        for name, value in values.items():
            for separate_reading in separate_readings(
                self._match.keys[name], _decoded(value), countries=(self._place.country,), issuer=self._issuer
            ):
                yield separate_reading.may_be

    def _without_own_lines(self, read: Identifiers) -> Identifiers:
        lines = self._own_lines
        return frozenset(
            identifier
            for identifier in read
            if identifier.kind is not IdentifierKind.PHONE or not is_own_line(identifier.value, lines)
        )


def _hit(read_version: ReadVersion, known: Identifiers) -> Hit | None:
    owner = owner_of(read_version.named, known)
    if not owner:
        return None
    return Hit(
        version=read_version.version,
        owner=owner,
        is_shared=names_others(read_version.named, read_version.numbers, known),
    )


def _stems(key: str) -> Iterator[str]:
    """The stems of which a key may be a companion, the longest first: ``7.a`` and ``7`` of ``7.a.json``."""
    while key := ending_cut(key):
        yield key


def _insist_on_absence(bucket: Bucket, version: Version) -> None:
    """Hold that a version that cannot be seen is gone; one that is still listed is hidden, which proves nothing.

    Raises:
        Transient: The store lists it still.
    """
    listed = bucket.exact(version.key, operation=LOCATE).versions
    if any(item.version_id == version.version_id for item in listed):
        raise Transient(_HIDDEN, system=bucket.system, operation=LOCATE)


def _metadata(bucket: Bucket, version: Version) -> Mapping[str, str] | None:
    head = bucket.head(version, operation=LOCATE)
    return head.metadata if head else None


def _tags(bucket: Bucket, version: Version) -> Mapping[str, str] | None:
    return bucket.tags(version, operation=LOCATE)


def _decoded(value: str) -> str:
    """Decode the common encodings of values that are not plain ASCII: RFC 2047 words and percent signs."""
    try:
        text = str(make_header(decode_header(value)))
    except (LookupError, ValueError):  # an unknown character set, broken base 64
        text = value
    return unquote(text)
