"""Looking at records again after an erasure, by a fresh listing of their keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from connectors.s3.client import WORKERS
from connectors.s3.companions import ending_cut
from connectors.s3.holdings import Holdings, KeyHolding, by_key
from connectors.s3.listings import seen_together
from connectors.s3.pool import bounded_map
from rightsflow.domain.erasure.residue import ResidueTrail, fields_left, left
from rightsflow.domain.errors import Permanent
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Presence, PresenceState, RecordRef

_KEY = "key"
_WORDS = {_KEY: "the name under which another recording is stored"}


def verify(holdings: Holdings, refs: Sequence[RecordRef], known: Identifiers, country: str) -> Iterator[Presence]:
    """Yield an answer per record.

    Args:
        holdings: Fresh listings of the keys.
        refs: The records.
        known: The subject's identifiers.
        country: ISO 3166-1 alpha-2 code, in which national phone numbers are read.
    """
    trail = ResidueTrail(known=known, country=country, id_fields=frozenset({_KEY}))

    groups = by_key(refs)
    shown = seen_together(holdings.bucket, groups, operation=holdings.operation)

    def look(item: tuple[str, list[RecordRef]]) -> list[Presence]:
        key, group = item
        try:
            holding = holdings.at(key, group, seen=shown)
        except Permanent as error:
            return [Presence(record=ref, state=PresenceState.UNKNOWN, detail=str(error)) for ref in group]
        left_there = _left_in_key(holdings, holding, trail) if any(not own for own in holding.own.values()) else ()
        return [_presence(ref, holding, left_there) for ref in group]

    asks = partial(holdings.has_to_ask, shown)
    for seen in bounded_map(look, groups.items(), workers=WORKERS, makes_call=asks):
        yield from seen


def _left_in_key(holdings: Holdings, holding: KeyHolding, trail: ResidueTrail) -> tuple[str, ...]:
    """Return the traces of the person in a key still in use; the person's own objects there count as other records."""
    if not holding.stored.entries:
        return ()
    # A part of a key is a field of its own: an id is all of it.
    shown = [ending_cut(part) or part for part in holding.stored.key.split("/")]
    fields = fields_left({_KEY: shown}, trail)
    return () if fields and holdings.has_subjects(holding.stored) else fields


def _presence(ref: RecordRef, holding: KeyHolding, left_there: tuple[str, ...]) -> Presence:
    if entries := holding.own[ref]:
        what = "It" if len(entries) == 1 else f"{len(entries)} versions of it"
        return Presence(record=ref, state=PresenceState.PRESENT, detail=f"{what} can still be read.")
    if holding.stored.entries and not holding.stored.versions:
        detail = "A delete marker still holds the object's name."
        return Presence(record=ref, state=PresenceState.PRESENT, detail=detail)
    return left(ref, left_there, _WORDS)
