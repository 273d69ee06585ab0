"""Records that a restore brings back under another name: erased again, or reviewed by a person. Pure.

A back-up brings back what was erased (Art. 5(2), 17(1) GDPR), and a muted recording unmuted. It is erased again only
where it is known to be the same; what cannot be told from something new of the person stays until a person has looked.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from rightsflow.domain.vocabulary.records import RecordRef, Restored

_UNDER_A_SECOND = timedelta(seconds=1)
"""Stores tell whole seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sorted:
    """Restored records, sorted by what happens to them.

    Args:
        back: What is erased again once a person has approved it; of each record one.
        doubtful: What a person has to look at, since it may be something new.
        unmuted: What lies unmuted beside a muted recording, or in its place; a person mutes or removes it.
    """

    back: tuple[Restored, ...] = ()
    doubtful: tuple[Restored, ...] = ()
    unmuted: tuple[Restored, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RestoredCopies:
    """Records found at the places of restricted records that are none of the case's records by name.

    Args:
        renamed: Records that are gone by their own name, as they go by now; of each record one.
        beside: Further ones of the same content, besides the record.
        doubtful: What a person has to look at, since it may be something new.
    """

    renamed: tuple[Restored, ...] = ()
    beside: tuple[Restored, ...] = ()
    doubtful: tuple[Restored, ...] = ()


def sort_copies(
    found: Iterable[Restored], marked_at: Mapping[RecordRef, datetime], gone: Collection[RecordRef]
) -> RestoredCopies:
    """Sort the records found at the places of restricted records: identical ones are restricted too.

    Args:
        found: What lies there, but for the case's own records.
        marked_at: When each record was marked (aware).
        gone: The records that are not there by their own names.
    """
    renamed: dict[RecordRef, Restored] = {}
    beside, doubtful = list[Restored](), list[Restored]()
    for restored in found:
        if not restored.is_same:
            # What was there before, beside a record that is still there, is another record.
            if restored.record in gone or restored.stored_at >= marked_at[restored.record] - _UNDER_A_SECOND:
                doubtful.append(restored)
        elif restored.record in gone and restored.record not in renamed:
            renamed[restored.record] = restored
        else:
            beside.append(restored)
    return RestoredCopies(renamed=tuple(renamed.values()), beside=tuple(beside), doubtful=tuple(doubtful))


def sort_restored(
    found: Iterable[Restored], erased_at: Mapping[RecordRef, datetime], muted: Collection[RecordRef]
) -> Sorted:
    """Sort the records found at the places of erased or muted records.

    Args:
        found: What lies there, but for the case's other records.
        erased_at: When each record was erased or muted (aware).
        muted: Those that were muted.
    """
    back: dict[RecordRef, Restored] = {}
    doubtful, unmuted = list[Restored](), list[Restored]()
    for restored in found:
        if restored.record in muted:
            unmuted.append(restored)
        elif not restored.is_same or restored.stored_at < erased_at[restored.record] - _UNDER_A_SECOND:
            # What was there before the erasure did not come back.
            doubtful.append(restored)
        elif restored.record not in back:
            back[restored.record] = restored
    return Sorted(back=tuple(back.values()), doubtful=tuple(doubtful), unmuted=tuple(unmuted))
