"""Blanking: fields of a ticket that is kept and does not need them are emptied (Art. 17(3) GDPR).

Only in a ticket of which the person is the requester and no other customer takes part.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, cast

from connectors.faults import request_id
from connectors.zendesk.client import Record
from connectors.zendesk.conversations import Session
from rightsflow.domain.rectification.changes import in_words
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef
from rightsflow.domain.wording import listed

_GONE: Final = "It is not there any more."
_CLOSED: Final = "Zendesk does not let a closed ticket be changed"
_OTHERS: Final = "another person's data stand in the same record"
_NOT_TAKEN: Final = "the system did not take it"
_REFUSED: Final = 422


def blank_tickets(session: Session, refs: Sequence[RecordRef], fields: Collection[str]) -> Iterator[Outcome]:
    """Empty fields of tickets, and read each afresh; one outcome per ref."""
    for ref in refs:
        yield _blanked(session, ref, sorted(fields))


def _blanked(session: Session, ref: RecordRef, fields: Sequence[str]) -> Outcome:
    conversation = session.conversations.find(int(ref.ref))
    if conversation is None:
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    ids = {name: session.settings.ticket_fields[name] for name in fields if name in session.settings.ticket_fields}
    filled = _filled(conversation.ticket, ids)
    if not filled:
        return Outcome(record=ref, kind=OutcomeKind.RETAINED)
    if not conversation.is_the_subjects or conversation.others:
        return _left(ref, filled, _OTHERS)
    if conversation.is_closed:
        return _left(ref, filled, _CLOSED)
    path = f"/tickets/{ref.ref}"
    emptied = [{"id": ids[name], "value": None} for name in filled]
    answer = session.api.put(path, {"ticket": {"custom_fields": emptied}}, allow=(_REFUSED,))
    left = _filled(session.api.find(path, "ticket") or {}, ids)
    if left:
        return _left(ref, left, _NOT_TAKEN)
    return Outcome(record=ref, kind=OutcomeKind.RETAINED, request_id=request_id(answer))


def _filled(ticket: Record, ids: dict[str, int]) -> list[str]:
    values = {item["id"]: item.get("value") for item in cast("list[Record]", ticket.get("custom_fields") or [])}
    return [name for name, key in ids.items() if values.get(key) not in (None, "", [], False)]


def _left(ref: RecordRef, fields: Sequence[str], why: str) -> Outcome:
    said = f"{listed([in_words(field) for field in fields])}, since {why}."
    return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=said, refused=True)
