"""Many keys by few listings: what a listing of a prefix has shown to its end is a proof for every key under it.

A listing of its own for each key is one call a key. Where a person has many recordings beside each other, pages of a
thousand entries show the same. Only a listing that was read to its end counts, since not every server sorts as S3 does;
where it would take too many pages, the folders below are tried, and in the end each key for itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from connectors.s3.bucket import Bucket
from connectors.s3.objects import Stored, Version
from rightsflow.domain.errors import Permanent

_FEW = 8
"""The number of keys below which listing more than the keys themselves is not worthwhile."""
_KEYS_PER_PAGE = 100
"""For so many keys one page is read before the listing is given up: a page costs as much as twenty single keys."""


def seen_together(bucket: Bucket, keys: Iterable[str], *, operation: str) -> Mapping[str, Stored]:
    """Return the bucket's objects under the keys that few listings show; other keys have to be requested one by one.

    Args:
        bucket: Where they lie.
        keys: The keys.
        operation: What is being done, for errors.
    """
    found: dict[str, Stored] = {}
    waiting = [sorted(set(keys))]
    while waiting:
        group = waiting.pop()
        if len(group) < _FEW:
            continue
        prefix = _in_common(group[0], group[-1])
        shown = _shown(bucket, prefix, group, operation)
        if shown is None:
            waiting += _below(prefix, group)
        else:
            found |= shown
    return found


def _in_common(first: str, last: str) -> str:
    """Return the common beginning of a sorted group's keys."""
    parted = (place for place, (item, other) in enumerate(zip(first, last, strict=False)) if item != other)
    return first[: next(parted, min(len(first), len(last)))]


def _shown(bucket: Bucket, prefix: str, keys: Sequence[str], operation: str) -> dict[str, Stored] | None:
    """Return the objects that a full listing of the prefix shows under the keys; ``None`` if it has too many pages."""
    entries: dict[str, dict[str, Version]] = {key: {} for key in keys}
    most = 1 + len(keys) // _KEYS_PER_PAGE
    try:
        for number, page in enumerate(bucket.pages(prefix, operation=operation)):
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
