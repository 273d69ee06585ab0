"""Objects that name the person in their user metadata or their tags."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from email.header import decode_header, make_header
from functools import partial
from pathlib import PurePosixPath
from urllib.parse import unquote

from connectors.s3.bucket import Bucket
from connectors.s3.client import WORKERS
from connectors.s3.hits import LOCATE, Hit, judge
from connectors.s3.objects import Stored, Version
from connectors.s3.pool import bounded_map
from connectors.s3.settings import MatchByMetadata, MatchByTags
from rightsflow.identifiers import IdentifierKind, Identifiers, parse_leniently


class AttributeFinder:
    """Objects that name the person in their user metadata or their tags: each version is asked for them.

    Older versions count too: a recording that was replaced or deleted is still held.

    Args:
        match: The settings.
        prefix: Where to look.
        country: ISO 3166-1 alpha-2 code in which national numbers are read.
    """

    def __init__(self, match: MatchByMetadata | MatchByTags, prefix: str, country: str) -> None:
        self._match = match
        self._prefix = prefix
        self._country = country
        self._attributes = _metadata if isinstance(match, MatchByMetadata) else _tags

    @property
    def searches(self) -> frozenset[IdentifierKind]:
        """The kinds the configured keys hold."""
        return frozenset(self._match.keys.values())

    def find(self, bucket: Bucket, known: Identifiers) -> Iterator[Hit]:
        """Walk everything under the prefix."""
        given: set[str] = set()
        everything = bucket.stored(self._prefix, operation=LOCATE)
        for stored, named in bounded_map(partial(self._read, bucket), everything, workers=WORKERS):
            hit = judge(stored, named, known)
            if hit is None or stored.key in given:
                continue
            given.add(stored.key)
            yield hit
            for companion in self._companions(bucket, stored) if self._match.companions else ():
                if companion.stored.key not in given:
                    given.add(companion.stored.key)
                    yield companion

    def _read(self, bucket: Bucket, stored: Stored) -> tuple[Stored, list[Identifiers]]:
        return stored, [self._named(self._attributes(bucket, version)) for version in stored.versions]

    def _named(self, attributes: Mapping[str, str]) -> Identifiers:
        found = (
            parse_leniently(kind, _decoded(attributes.get(name, "")), country=self._country)
            for name, kind in self._match.keys.items()
        )
        return frozenset(one for one in found if one)

    def _companions(self, bucket: Bucket, stored: Stored) -> Iterator[Hit]:
        """Objects of the same name with another ending that name nobody themselves."""
        stem = str(PurePosixPath(stored.key).with_suffix(""))
        if stem == stored.key:
            return
        for beside in bucket.stored(f"{stem}.", operation=LOCATE):
            _, named = self._read(bucket, beside)
            if beside.key != stored.key and beside.versions and not any(named):
                yield Hit(stored=beside, companion_of=stored.key)


def _metadata(bucket: Bucket, version: Version) -> Mapping[str, str]:
    head = bucket.head(version, operation=LOCATE)
    return head.metadata if head else {}


def _tags(bucket: Bucket, version: Version) -> Mapping[str, str]:
    return bucket.tags(version, operation=LOCATE)


def _decoded(value: str) -> str:
    """Undo what writers do to values that are not plain ASCII: RFC 2047 words and percent signs."""
    try:
        text = str(make_header(decode_header(value)))
    except (LookupError, ValueError):  # an unknown character set, broken base 64
        text = value
    return unquote(text)
