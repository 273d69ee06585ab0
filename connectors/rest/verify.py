"""Verification after an erasure: each record is read afresh by its key, never through a search."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.rest.paths import has_place, values_at, without
from connectors.rest.records import RestRecord, RestSession, blanks_of, holds_something, named_now
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
            yield _unproved(session, ref) or left(ref, ())
        elif record.is_trashed:
            yield _in_trash(session, record)
        elif seen := _still_theirs(session, record):
            yield _present(ref, seen)
        else:
            yield left(ref, _leading_back(session, record), _WORDS, remains=True)


def _present(ref: RecordRef, detail: str) -> Presence:
    return Presence(record=ref, state=PresenceState.PRESENT, detail=detail)


def _unproved(session: RestSession, ref: RecordRef) -> Presence | None:
    """Return the answer for a record that no read shows, erased or not."""
    erase = session.description.kinds[ref.kind].erase
    if erase is None or not erase.unseen:
        return None
    detail = f"{session.description.system.title} took the order to delete it, and has no call that shows the result."
    return Presence(record=ref, state=PresenceState.RESIDUE, detail=detail, fields=("proof",))


def _in_trash(session: RestSession, record: RestRecord) -> Presence:
    days = record.kind.read.trash_days if record.kind.read else 0
    if not days:
        return _present(record.ref, "It is only in the trash and can be restored.")
    detail = f"It is in the trash of {session.description.system.title}, which is emptied after {days} days."
    return Presence(record=record.ref, state=PresenceState.RESIDUE, detail=detail, fields=("trash",))


def _still_theirs(session: RestSession, record: RestRecord) -> str:
    """Return where the subject's data can still be read that an erasure removes; empty if nowhere."""
    if _can_change_entries(record) and _has_entries(session, record):
        return "An entry of the person can still be read in it."
    if _is_masked(record) or _is_emptied(session, record):
        return ""
    if any(item.finds and item in session.known for item in named_now(record)):
        return "It is still there and names the person."
    standing = session.standing(record)
    return "It is still there." if standing in {Standing.MINE, Standing.DOUBTFUL, Standing.THEIRS} else ""


def _can_change_entries(record: RestRecord) -> bool:
    return record.kind.entries is not None and record.kind.entries.can_change


def _has_entries(session: RestSession, record: RestRecord) -> bool:
    described = record.kind.entries
    return described is not None and any(
        entry.is_of(session.known) and holds_something(described, entry.row) for entry in session.entries(record)
    )


def _is_masked(record: RestRecord) -> bool:
    """Return whether the record holds what a mask leaves, in each field that it replaces and that is filled.

    One that has none of these fields does not show that the system took the mask.
    """
    mask = record.kind.mask
    if mask is None or not any(has_place(record.row, path) for path in mask.places):
        return False
    blanks = blanks_of(mask)
    values = [value for path in mask.places for value in values_at(record.row, path)]
    return all(any(blank.fullmatch(str(value)) for blank in blanks) for value in values)


def _is_emptied(session: RestSession, record: RestRecord) -> bool:
    """Return whether a record without a mask of its own has entries of the person, and each is redacted."""
    if record.kind.mask is not None:
        return False
    own = any(entry.is_of(session.known) for entry in session.entries(record))
    inside = [
        child
        for name, parent in session.below[record.ref.kind]
        if parent.inside
        for child in session.children(record, name, parent)
        if named_now(child) & session.known
    ]
    return (own or bool(inside)) and all(map(_is_masked, inside))


def _leading_back(session: RestSession, record: RestRecord) -> tuple[str, ...]:
    inside = [parent.inside for _, parent in session.below[record.ref.kind] if parent.inside]
    fields = fields_left(without(record.row, inside), session.trail(record.kind))
    if not _can_change_entries(record) and _has_entries(session, record):
        fields = (*fields, _ENTRIES)
    above = [parent for parent in map(session.once, record.above) if parent is not None]
    names = (item for parent in above for item in (named_now(parent) if _is_masked(parent) else parent.names))
    names_parent = any(item.finds and item in session.known for item in names)
    return (*fields, *((_PARENT,) if names_parent else ()))
