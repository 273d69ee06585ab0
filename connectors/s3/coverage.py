"""Coverage of a bucket: prefixes that no search reads, and metadata keys that look like an identity or free text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from heapq import nlargest
from itertools import islice
from typing import Final

from connectors.s3.bucket import Bucket
from connectors.s3.objects import Version
from connectors.s3.settings import KeyTemplate, MatchByContact, MatchByKey, MatchByMetadata, S3Settings
from rightsflow.domain.coverage import PlaceKind, SystemPlace, looks_like

_SAMPLED: Final = 10
"""So many objects under a prefix are asked for their metadata."""
_PAGES: Final = 50
"""So many calls list them."""


def uncovered(bucket: Bucket, settings: S3Settings) -> Iterator[SystemPlace]:
    """Yield the prefixes and the metadata keys that the configuration does not know.

    Args:
        bucket: The bucket.
        settings: The system's section.
    """
    read = _read_prefixes(settings)
    for parent in sorted({parent for prefix in read for parent in _parents(prefix)}):
        for folder in bucket.folders(parent):
            if not any(folder.startswith(prefix) or prefix.startswith(folder) for prefix in read):
                yield SystemPlace(
                    kind=PlaceKind.PREFIX,
                    name=folder,
                    looks_like="objects that no search reads",
                    lines=f'prefix = "{folder}"   # in a section of its own',
                )
    yield from _metadata_keys(bucket, settings, read)


def _read_prefixes(settings: S3Settings) -> list[str]:
    """The prefixes of the keys that a search reads, or that a rule of documents names."""
    match = settings.match
    if isinstance(match, MatchByContact):
        below = [f"{folder.format(alias=match.alias)}/" for folder in match.folders]
    else:
        below = [KeyTemplate(match.template).beginning] if isinstance(match, MatchByKey) else [""]
    return [settings.prefix + end for end in below]


def _parents(prefix: str) -> Iterator[str]:
    """The prefixes above a prefix, each with its slash."""
    parts = prefix.split("/")[:-1]
    yield from ("/".join(parts[:number]) + "/" if number else "" for number in range(len(parts)))


def _metadata_keys(bucket: Bucket, settings: S3Settings, read: Collection[str]) -> Iterator[SystemPlace]:
    known = {rule.metadata.casefold() for rule in settings.document_rules}
    known |= set(settings.match.keys) if isinstance(settings.match, MatchByMetadata) else set()
    values: defaultdict[str, list[str]] = defaultdict(list)
    for prefix in read:
        for version in _newest(bucket, prefix):
            head = bucket.head(version)
            for key, value in (head.metadata if head else {}).items():
                values[key.casefold()].append(value)
    for key in sorted(values.keys() - known):
        if sort := looks_like(key, values[key]):
            lines = f'match = {{ by = "metadata", keys = {{ "{key}" = "…" }} }}'
            yield SystemPlace(kind=PlaceKind.METADATA_KEY, name=key, looks_like=sort, lines=lines)


def _newest(bucket: Bucket, prefix: str) -> list[Version]:
    """The newest objects among those that a bounded number of calls lists: what is new is in them."""
    listed = (version for page in islice(bucket.pages(prefix), _PAGES) for version in page if not version.is_marker)
    return nlargest(_SAMPLED, listed, key=lambda version: version.modified_at)
