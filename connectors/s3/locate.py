"""The ways to find a person's objects: by user metadata or tags, by keys, or by Amazon Connect's contact ids.

Amazon Connect has folders by day, and file names that begin with the contact's id. A contact id tells nothing of its
day, and the day folders of one contact differ (the analysis is under the day it was connected to an agent, in UTC;
the recording under another), so no key is computed: every day folder there is, is looked into. A day with no more than
a page of objects costs one call, however many contacts are looked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from email.header import decode_header, make_header
from functools import partial
from itertools import chain, islice
from typing import Final
from urllib.parse import unquote

from connectors.registry import ControllerPlace
from connectors.s3.belonging import (
    Finder,
    Hit,
    Read,
    ReadVersion,
    belongings,
    ending_cut,
    is_mine,
    names_others,
    owner_of,
)
from connectors.s3.bucket import Bucket
from connectors.s3.client import WORKERS, bounded_map
from connectors.s3.objects import NULL, Stored, Version, started_at
from connectors.s3.settings import KeyTemplate, MatchByContact, MatchByKey, MatchByMetadata, MatchByTags, S3Settings
from rightsflow.domain.attribution import claims
from rightsflow.domain.connector import MOST_SAMPLED, Sample
from rightsflow.domain.errors import Transient
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, of_kind
from rightsflow.domain.spellings.fields import separate_readings
from rightsflow.domain.spellings.wordforms import is_own_line

ENOUGH_SAMPLED: Final = 50
"""After how many objects a setting that has proved right needs no more."""
_CONTACT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_FILE_NAME = re.compile(rf"({_CONTACT_ID.pattern})(?![0-9A-Za-z-])")
# From so many contacts on, it is cheaper to read a crowded day to its end than to ask for each contact.
_FEW = 20
_DAYS_SAMPLED = 20
_HIDDEN: Final = (
    "The store lists a version and does not show it; grant the key s3:GetObjectVersion on every object, and the step "
    "is tried again."
)


@dataclass(slots=True)
class SampleTally:
    """The count for one setting.

    Args:
        what: As in :class:`rightsflow.domain.connector.Sample`.
        looked_at: How many objects were looked at.
        filled: How many of them had something there.
        readable: How many had an identifier there.
    """

    what: str
    looked_at: int = 0
    filled: int = 0
    readable: int = 0

    def add(self, *, is_filled: bool, is_readable: bool) -> None:
        """Count one object."""
        self.looked_at += 1
        self.filled += is_filled
        self.readable += is_readable

    def sample(self) -> Sample:
        """The sample; a name that no object has at all is misspelt, and counts as looked for in vain in each."""
        return Sample(what=self.what, looked_at=self.filled or self.looked_at, readable=self.readable)


def under(prefix: str) -> str:
    """Return the searched location, for a sample's text."""
    return f" under {prefix}" if prefix else ""


class _NamedByKey:
    """Objects whose key names one person, whatever was stored under it."""

    def is_shared(self, bucket: Bucket, version: Version, known: Identifiers) -> bool:  # noqa: ARG002
        """Never: the key names one person."""
        return False

    def is_anothers(self, bucket: Bucket, version: Version, known: Identifiers) -> bool:  # noqa: ARG002
        """Never: the key of a version stays."""
        return False

    def mine(self, bucket: Bucket, stored: Stored, known: Identifiers) -> frozenset[Version]:  # noqa: ARG002
        """All of them: the key names one person, whatever was stored under it."""
        return frozenset(stored.versions)


class KeyFinder(_NamedByKey):
    """Objects that name the person in their key.

    Args:
        match: The settings.
        prefix: The text before the template.
        country: ISO 3166-1 alpha-2 code in which national numbers are read.
        issuer: The system that issued the account ids.
    """

    def __init__(self, match: MatchByKey, prefix: str, country: str, issuer: str) -> None:
        self._template = KeyTemplate(match.template, issuer)
        self._prefix = prefix
        self._country = country

    @property
    def searches(self) -> frozenset[IdentifierKind]:
        """The kinds in the template."""
        return self._template.kinds

    def find(self, bucket: Bucket, known: Identifiers) -> Iterator[Hit]:
        """List the prefixes the person's keys can have, and read each key back."""
        for prefix in self._template.prefixes(known, self._country):
            for stored in bucket.stored(f"{self._prefix}{prefix}"):
                read = self._template.read(stored.key.removeprefix(self._prefix), self._country)
                if read and (owner := owner_of(read[0], known)):
                    yield from (Hit(version=record, owner=owner, started_at=read[1]) for record in stored.records)

    def samples(self, bucket: Bucket) -> Iterator[Sample]:
        """Yield a sample for each identifier in the template, from the first page of keys that begin as it does."""
        beginning = f"{self._prefix}{self._template.beginning}"
        shown, _ = bucket.first_page(beginning)
        read = [self._template.read(item.key.removeprefix(self._prefix), self._country) for item in shown]
        for kind in sorted(self._template.kinds):
            readable = sum(any(item.kind is kind for item in each[0]) for each in read if each)
            what = f"object keys{under(beginning)} with {{{kind}}} in the template"
            yield Sample(what=what, looked_at=len(read), readable=readable)


class ContactFinder(_NamedByKey):
    """Looks into every day folder of every kind for the known contact ids.

    Args:
        match: The settings.
        prefix: The text before the folders.
        issuer: The system whose account ids the contact ids are.
    """

    searches = frozenset({IdentifierKind.ACCOUNT_ID})

    def __init__(self, match: MatchByContact, prefix: str, issuer: str) -> None:
        self._issuer = issuer
        self._roots = [f"{prefix}{folder.format(alias=match.alias).strip('/')}/" for folder in match.folders]
        self._since = match.since or date.min

    def find(self, bucket: Bucket, known: Identifiers) -> Iterator[Hit]:
        """Yield each object whose name begins with a known contact id."""
        named = of_kind(known, IdentifierKind.ACCOUNT_ID, issuer=self._issuer)
        contacts = frozenset(filter(_CONTACT_ID.fullmatch, named))
        if not contacts:
            return
        days = self._days(bucket)
        for hits in bounded_map(partial(self._hits_of_day, bucket, contacts), days, workers=WORKERS):
            yield from hits

    def samples(self, bucket: Bucket) -> Iterator[Sample]:
        """Yield a sample: the objects of the first days whose names begin with a contact id."""
        tally = SampleTally("objects in the folders of the settings with a contact id in their name")
        for day in islice(self._days(bucket), _DAYS_SAMPLED):
            shown, _ = bucket.first_page(day)
            for stored in shown[: MOST_SAMPLED // _DAYS_SAMPLED]:
                tally.add(is_filled=True, is_readable=bool(_contact_of(stored.key.removeprefix(day))))
            if tally.readable >= ENOUGH_SAMPLED:
                break
        yield tally.sample()

    def _days(self, bucket: Bucket) -> Iterator[str]:
        """The prefixes of all days there are, down from the years."""
        for root in self._roots:
            months = (
                month for year in self._folders(bucket, root, root) for month in self._folders(bucket, year, root)
            )
            yield from (day for month in months for day in self._folders(bucket, month, root))

    def _folders(self, bucket: Bucket, above: str, root: str) -> Iterator[str]:
        """The year, month or day folders below another, none that ended before the first day looked at."""
        for folder in bucket.folders(above):
            numbers = folder.removeprefix(root).strip("/").split("/")
            if not all(part.isdigit() for part in numbers):
                continue
            first = (self._since.year, self._since.month, self._since.day)[: len(numbers)]
            if tuple(map(int, numbers)) >= first:
                yield folder

    def _hits_of_day(self, bucket: Bucket, contacts: frozenset[str], day: str) -> list[Hit]:
        return [
            Hit(
                version=version,
                owner=frozenset({Identifier(IdentifierKind.ACCOUNT_ID, contact, self._issuer)}),
                started_at=started_at(stored.key),
            )
            for stored in _candidates(bucket, contacts, day)
            if (contact := _contact_of(stored.key.removeprefix(day))) in contacts
            for version in stored.records
        ]


def _candidates(bucket: Bucket, contacts: frozenset[str], day: str) -> Iterable[Stored]:
    shown, is_everything = bucket.first_page(day)
    if is_everything:
        return shown
    if len(contacts) > _FEW:
        return bucket.stored(day)
    return chain.from_iterable(bucket.stored(f"{day}{contact}") for contact in sorted(contacts))


def _contact_of(name: str) -> str:
    match = _FILE_NAME.match(name)
    return match[1] if match else ""


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
        everything = bucket.stored(self._prefix)
        for read in bounded_map(partial(self._read, bucket), everything, workers=WORKERS):
            hits = [hit for version in read.versions if (hit := _hit(version, known))]
            yield from hits
            stem = ending_cut(read.key) if hits and self._match.companions else ""
            if stem and stem not in looked_beside:
                looked_beside.add(stem)
                yield from self._beside(bucket, stem, known)

    def samples(self, bucket: Bucket) -> Iterator[Sample]:
        """Yield a sample for each key; reading stops once each key has been readable."""
        versions = (version for stored in bucket.stored(self._prefix) for version in stored.versions)
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
        around = [self._read(bucket, stored) for stored in bucket.stored(f"{stem}.")]
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
    listed = bucket.exact(version.key).versions
    if any(item.version_id == version.version_id for item in listed):
        raise Transient(_HIDDEN, system=bucket.system, operation=bucket.operation)


def _metadata(bucket: Bucket, version: Version) -> Mapping[str, str] | None:
    head = bucket.head(version)
    return head.metadata if head else None


def _tags(bucket: Bucket, version: Version) -> Mapping[str, str] | None:
    return bucket.tags(version)


def _decoded(value: str) -> str:
    """Decode the common encodings of values that are not plain ASCII: RFC 2047 words and percent signs."""
    try:
        text = str(make_header(decode_header(value)))
    except (LookupError, ValueError):  # an unknown character set, broken base 64
        text = value
    return unquote(text)


def finder_for(system: str, settings: S3Settings, place: ControllerPlace) -> Finder:
    """The finder for the settings' ``match``.

    Args:
        system: The system's name, which issued the account ids where the settings name no other issuer.
        settings: Its section.
        place: The controller's country, in which national numbers are read, and its own lines.
    """
    match, issuer = settings.match, settings.match.issuer or system
    if isinstance(match, MatchByContact):
        return ContactFinder(match, settings.prefix, issuer)
    if isinstance(match, MatchByKey):
        return KeyFinder(match, settings.prefix, place.country, issuer)
    return AttributeFinder(match, settings, place, issuer)
