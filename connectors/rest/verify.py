"""Verification after an erasure: each record is read afresh by its key, never through a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.rest.paths import value_at, values_at, without
from connectors.rest.records import RestRecord, RestSession, blanks_of
from rightsflow.domain.chain_claims import standing_now
from rightsflow.domain.erasure.residue import fields_left, left
from rightsflow.domain.ownership import Standing
from rightsflow.domain.vocabulary.records import Presence, PresenceState, RecordRef

_PARENT = "parent"
_ENTRIES = "entries"
_WORDS = {_PARENT: "the link to your profile", _ENTRIES: "what you wrote"}


def look_again(session: RestSession, refs: Sequence[RecordRef]) -> Iterator[Presence]:
    """Yield an answer per record."""
    for ref in refs:
        record = session.read(ref)
        if record is None:
            yield left(ref, ())
        elif record.is_trashed:
            yield _in_trash(session, record)
        elif seen := _still_theirs(session, record):
            yield _present(ref, seen)
        else:
            yield left(ref, _leading_back(session, record), _WORDS, remains=True)


def _present(ref: RecordRef, detail: str) -> Presence:
    return Presence(record=ref, state=PresenceState.PRESENT, detail=detail)


def _in_trash(session: RestSession, record: RestRecord) -> Presence:
    days = record.kind.read.trash_days if record.kind.read else 0
    if not days:
        return _present(record.ref, "It is only in the trash and can be restored.")
    detail = f"It is in the trash of {session.description.system.title}, which is emptied after {days} days."
    return Presence(record=record.ref, state=PresenceState.RESIDUE, detail=detail, fields=("trash",))


def _still_theirs(session: RestSession, record: RestRecord) -> str:
    """Return where the subject's data can still be read that an erasure removes; empty if nowhere."""
    names = next(session.chain(record))
    if any(item.finds and item in session.known for item in names):
        return "It is still there and names the person."
    if _can_change_entries(record) and _has_entries(session, record):
        return "An entry of the person can still be read in it."
    if _is_masked(record):
        return ""
    standing = standing_now(list(session.chain(record)), session.known)
    return "It is still there." if standing in {Standing.MINE, Standing.DOUBTFUL, Standing.THEIRS} else ""


def _can_change_entries(record: RestRecord) -> bool:
    return record.kind.entries is not None and bool(record.kind.entries.mask or record.kind.entries.erase)


def _has_entries(session: RestSession, record: RestRecord) -> bool:
    return any(entry.is_of(session.known) and _has_text(record, entry.row) for entry in session.entries(record))


def _has_text(record: RestRecord, row: object) -> bool:
    entries = record.kind.entries
    blanks = blanks_of(entries.mask) if entries else ()
    texts = [str(value) for path in (entries.texts if entries else ()) for value in values_at(row, path)]
    return any(not any(blank.fullmatch(text) for blank in blanks) for text in texts) or not (entries and entries.texts)


def _is_masked(record: RestRecord) -> bool:
    """Return whether the record holds what a mask leaves, in each field that it names and that is filled."""
    mask = record.kind.mask
    if mask is None:
        return False
    blanks = blanks_of(mask)
    values = [value_at(record.row, name) for name in mask.body]
    return all(value is None or any(blank.fullmatch(str(value)) for blank in blanks) for value in values)


def _leading_back(session: RestSession, record: RestRecord) -> tuple[str, ...]:
    inside = [parent.inside for _, parent in session.below[record.ref.kind] if parent.inside]
    fields = fields_left(without(record.row, inside), session.trail(record.kind))
    if not _can_change_entries(record) and _has_entries(session, record):
        fields = (*fields, _ENTRIES)
    above = next(iter(record.above), None)
    parent = session.once(above) if above else None
    names_parent = parent is not None and any(item.finds and item in session.known for item in parent.names)
    return (*fields, *((_PARENT,) if names_parent else ()))
