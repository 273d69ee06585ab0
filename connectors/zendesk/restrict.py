"""Restriction: a tag on tickets and profiles, and the group whose agents alone see the ticket (Art. 18 GDPR).

The tag says it; that no one works with the ticket is done by the account's views and roles, which leave the tag out and
let agents see the tickets of their groups alone. A second tag names the case, so that a mark that a restored back-up
brings back is told from one that an agent put.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import cast

from connectors.faults import request_id
from connectors.zendesk.client import Record
from connectors.zendesk.conversations import Session
from connectors.zendesk.kinds import TICKET
from rightsflow.domain.vocabulary.records import (
    ANOTHER_CASES,
    MarkSeen,
    MarkState,
    Method,
    Outcome,
    OutcomeKind,
    RecordRef,
)
from rightsflow.domain.vocabulary.states import is_case_id

_GONE = "It is not there any more."
_CLOSED = "Zendesk does not let a closed ticket be changed, so that it cannot be marked; it stays as it is."
_NOT_TAKEN = "Zendesk answered without the mark; look at the record there."


def restrict(session: Session, refs: Sequence[RecordRef], case_id: str = "") -> Iterator[Outcome]:
    """Mark tickets or profiles as restricted, in the name of a case."""
    yield from (_marked(session, ref, Method.RESTRICT, case_id) for ref in refs)


def lift(session: Session, refs: Sequence[RecordRef], case_id: str = "") -> Iterator[Outcome]:
    """Take the mark away, unless it names another case; a ticket stays in its group until a person moves it."""
    yield from (_marked(session, ref, Method.LIFT, case_id) for ref in refs)


def marks(session: Session, refs: Sequence[RecordRef]) -> Iterator[MarkSeen]:
    """Tell whether restricted tickets and profiles have the tag; one answer per ref."""
    for ref in refs:
        key, path = _place(ref)
        thing = session.api.find(path, key)
        if thing is None or thing.get("status") == "deleted" or not thing.get("active", True):
            yield MarkSeen(record=ref, state=MarkState.GONE)
        else:
            mark, tags = session.settings.restricted_tag, _tags_of(thing)
            state = MarkState.MARKED if mark in tags else MarkState.UNMARKED
            yield MarkSeen(record=ref, state=state, case_id=min(_named(tags, mark), default=""))


def _place(ref: RecordRef) -> tuple[str, str]:
    return ("ticket", f"/tickets/{ref.ref}") if ref.kind == TICKET else ("user", f"/users/{ref.ref}")


def _marked(session: Session, ref: RecordRef, method: Method, case_id: str) -> Outcome:
    key, path = _place(ref)
    thing = session.api.find(path, key)
    if thing is None:
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    mark, tags = session.settings.restricted_tag, _tags_of(thing)
    if method is Method.LIFT and case_id and _named(tags, mark) - {case_id}:
        return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=ANOTHER_CASES)
    if thing.get("status") == "closed":
        return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=_CLOSED, refused=True)
    wanted = _wanted(tags, mark, method, case_id)
    change: dict[str, object] = {"tags": wanted}
    if key == "ticket" and method is Method.RESTRICT and session.settings.restricted_group is not None:
        change["group_id"] = session.settings.restricted_group
    answer = session.api.put(path, {key: change})
    fresh = session.api.find(path, key) or {}
    if set(wanted) != set(_tags_of(fresh)):
        return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=_NOT_TAKEN)
    done = OutcomeKind.RESTRICTED if method is Method.RESTRICT else OutcomeKind.RETAINED
    return Outcome(record=ref, kind=done, request_id=request_id(answer))


def _wanted(tags: Sequence[str], mark: str, method: Method, case_id: str) -> list[str]:
    """The tags with or without the mark: a change replaces all of them."""
    others = [tag for tag in tags if tag != mark and not _case_in(tag, mark)]
    if method is Method.LIFT:
        return others
    return [*others, mark, *([f"{mark}_{case_id.lower()}"] if case_id else ())]


def _tags_of(thing: Record) -> list[str]:
    return [str(item) for item in cast("list[object]", thing.get("tags") or [])]


def _named(tags: Sequence[str], mark: str) -> set[str]:
    """The cases that tags name beside the mark."""
    return {_case_in(tag, mark) for tag in tags} - {""}


def _case_in(tag: str, mark: str) -> str:
    """The case that a tag names beside the mark; empty where it is another tag."""
    named = tag.removeprefix(f"{mark}_").upper() if tag.startswith(f"{mark}_") else ""
    return named if is_case_id(named) else ""
