"""Records that each system still holds on a person, read directly and judged by the truth of the world."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rightsflow_sandbox.inspection.inspector import Inspector
from rightsflow_sandbox.inspection.ownership import BLACK, Payers, names, words_of
from rightsflow_sandbox.telephony.cdr import recording_name, unique_ids_of
from rightsflow_sandbox.world.model import Customer
from rightsflow_sandbox.world.world import World

Record = dict[str, Any]


@dataclass(frozen=True, slots=True, order=True)
class HeldRecord:
    """A record that a system holds on a person.

    Args:
        system: ``"helpdesk"``, ``"payments"`` or ``"recordings"``.
        kind: What it is, for example ``"ticket"``.
        ref: The system's key; never a name, an address or a number.
        names_person: Whether the person's name, addresses or numbers stand in it. A voucher that the law wants kept
            may go on being there without them.
    """

    system: str
    kind: str
    ref: str
    names_person: bool


def holdings(inspector: Inspector, world: World, person: Customer) -> list[HeldRecord]:
    """Return all records held on a person, sorted."""
    words, dump = words_of(person, world), inspector.helpdesk()
    return sorted(
        [
            *_profile(dump, person, words),
            *_tickets(dump, person, words),
            *_payments(inspector, world, person, words),
            *_calls(inspector, world, person, words),
        ]
    )


def _profile(dump: dict[str, list[Record]], person: Customer, words: tuple[str, ...]) -> Iterator[HeldRecord]:
    for user in dump["users"]:
        if user["id"] == person.user_id:
            kind = "profile" if user["active"] else "deleted profile"
            yield HeldRecord("helpdesk", kind, str(user["id"]), names(user, words))
    for identity in dump["identities"]:
        if identity["user_id"] == person.user_id:
            yield HeldRecord("helpdesk", "identity", str(identity["id"]), names_person=True)


def _tickets(dump: dict[str, list[Record]], person: Customer, words: tuple[str, ...]) -> Iterator[HeldRecord]:
    for trashed in dump["deleted_tickets"]:
        if trashed["ticket"]["requester_id"] == person.user_id:
            yield HeldRecord("helpdesk", "deleted ticket", str(trashed["ticket"]["id"]), names_person=True)
    requesters = {ticket["id"]: ticket["requester_id"] for ticket in dump["tickets"]}
    for ticket in dump["tickets"]:
        if ticket["requester_id"] == person.user_id:
            yield HeldRecord("helpdesk", "ticket", str(ticket["id"]), names(ticket, words))
        elif person.user_id in ticket["email_cc_ids"]:
            yield HeldRecord("helpdesk", "ticket in copy", str(ticket["id"]), names(ticket, words))
    for comment in dump["comments"]:
        yield from _comment(comment, requesters.get(comment["ticket_id"]) == person.user_id, person, words)


def _comment(comment: Record, is_own_ticket: bool, person: Customer, words: tuple[str, ...]) -> Iterator[HeldRecord]:
    is_named = names(comment, words)
    if comment["author_id"] == person.user_id or is_own_ticket:
        # A person's own text is theirs, with or without a name in it, until it is blackened throughout.
        if is_named or comment["attachments"] or comment["body"].replace(BLACK, "").strip():
            yield HeldRecord("helpdesk", "comment", str(comment["id"]), is_named)
    elif is_named:
        yield HeldRecord("helpdesk", "mention", str(comment["id"]), names_person=True)


def _payments(inspector: Inspector, world: World, person: Customer, words: tuple[str, ...]) -> Iterator[HeldRecord]:
    objects = inspector.payments()
    payers = Payers(world, objects)
    for kind, some in objects.items():
        for found in some:
            if payers.of(kind, found) in person.accounts or names(found, words):
                yield HeldRecord("payments", kind, found["id"], names(found, words))


def _calls(inspector: Inspector, world: World, person: Customer, words: tuple[str, ...]) -> Iterator[HeldRecord]:
    own = {key for call in world.calls_of(person) for key in unique_ids_of(call)}
    ids = (*words, *person.customer_ids)
    for row in inspector.calls():
        if row["uniqueid"] in own or row["accountcode"] in person.customer_ids:
            yield HeldRecord("recordings", "call", f"{row['uniqueid']}/{row['sequence']}", names(row, ids))
    files = inspector.recording_digests()
    for call in world.calls_of(person):
        if recording_name(call) in files:
            yield HeldRecord("recordings", "recording", call.unique_id, names_person=True)
