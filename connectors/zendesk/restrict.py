"""Restriction: a tag on tickets and profiles, and the group whose agents alone see the ticket (Art. 18 GDPR).

The tag says it; that no one works with the ticket is done by the account's views and roles, which leave the tag out and
let agents see the tickets of their groups alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from connectors.faults import request_id
from connectors.zendesk.kinds import TICKET
from connectors.zendesk.session import Session
from connectors.zendesk.shapes import Record
from rightsflow.domain.records import MarkSeen, MarkState, Method, Outcome, OutcomeKind, RecordRef

_GONE = "It is not there any more."
_CLOSED = "Zendesk does not let a closed ticket be changed, so that it cannot be marked; it stays as it is."
_NOT_TAKEN = "Zendesk answered without the mark; look at the record there."


def restrict(session: Session, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
    """Mark tickets or profiles as restricted."""
    yield from (_marked(session, ref, Method.RESTRICT) for ref in refs)


def lift(session: Session, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
    """Take the mark away; a ticket stays in its group until a person moves it."""
    yield from (_marked(session, ref, Method.LIFT) for ref in refs)


def marks(session: Session, refs: Sequence[RecordRef]) -> Iterator[MarkSeen]:
    """Whether restricted tickets and profiles bear the tag; one answer per ref."""
    for ref in refs:
        key, path = _place(ref)
        thing = session.api.find(path, key)
        if thing is None or thing.get("status") == "deleted" or not thing.get("active", True):
            yield MarkSeen(record=ref, state=MarkState.GONE)
        else:
            is_marked = session.settings.restricted_tag in cast("list[object]", thing.get("tags") or [])
            yield MarkSeen(record=ref, state=MarkState.MARKED if is_marked else MarkState.UNMARKED)


def _place(ref: RecordRef) -> tuple[str, str]:
    return ("ticket", f"/tickets/{ref.ref}") if ref.kind == TICKET else ("user", f"/users/{ref.ref}")


def _marked(session: Session, ref: RecordRef, method: Method) -> Outcome:
    key, path = _place(ref)
    thing = session.api.find(path, key)
    if thing is None:
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    if thing.get("status") == "closed":
        return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=_CLOSED, refused=True)
    wanted = _tags(thing, session.settings.restricted_tag, method)
    change: dict[str, object] = {"tags": wanted}
    if key == "ticket" and method is Method.RESTRICT and session.settings.restricted_group is not None:
        change["group_id"] = session.settings.restricted_group
    answer = session.api.put(path, {key: change})
    fresh = session.api.find(path, key) or {}
    if set(wanted) != set(cast("list[str]", fresh.get("tags") or [])):
        return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=_NOT_TAKEN)
    done = OutcomeKind.RESTRICTED if method is Method.RESTRICT else OutcomeKind.RETAINED
    return Outcome(record=ref, kind=done, request_id=request_id(answer))


def _tags(thing: Record, mark: str, method: Method) -> list[str]:
    """The tags with or without the mark: a change replaces all of them."""
    others = [str(one) for one in cast("list[object]", thing.get("tags") or []) if one != mark]
    return [*others, mark] if method is Method.RESTRICT else others
