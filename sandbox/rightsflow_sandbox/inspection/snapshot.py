"""The digest of everything the systems hold on everybody but one person, to see that no one else was touched."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from rightsflow_sandbox.inspection.inspector import Inspector
from rightsflow_sandbox.inspection.ownership import Payers, blackened, words_of
from rightsflow_sandbox.telephony.cdr import recording_name, unique_ids_of
from rightsflow_sandbox.world.model import Customer
from rightsflow_sandbox.world.world import World

Record = dict[str, Any]

_READERS = ("email_cc_ids", "collaborator_ids", "follower_ids")


def snapshot(inspector: Inspector, world: World, excluding: Customer) -> dict[str, str]:
    """Take the digest of every other person's record.

    What is the excluded person's own inside another's record is left out of it: the comments the person wrote on
    another's ticket, the place among its readers, and the person's name, addresses and numbers in its texts.

    Returns:
        SHA-256 by system, kind and key; the keys hold no personal data.
    """
    dump = inspector.helpdesk()
    found = {
        **dict(_people(dump, excluding)),
        **dict(_tickets(dump, world, excluding)),
        **dict(_payments(inspector.payments(), world, excluding)),
        **dict(_calls(inspector, world, excluding)),
    }
    return {key: found[key] for key in sorted(found)}


def _digest(record: Any) -> str:
    text = json.dumps(record, sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def _people(dump: dict[str, list[Record]], person: Customer) -> Iterator[tuple[str, str]]:
    for name, belongs_to in (("users", "id"), ("identities", "user_id"), ("satisfaction_ratings", "requester_id")):
        for record in dump[name]:
            if record[belongs_to] != person.user_id:
                yield f"helpdesk {name} {record['id']}", _digest(record)


def _tickets(dump: dict[str, list[Record]], world: World, person: Customer) -> Iterator[tuple[str, str]]:
    words, joint = words_of(person, world), _joint_tickets(world, person)
    others = {ticket["id"]: ticket for ticket in dump["tickets"] if ticket["requester_id"] != person.user_id}
    threads: dict[int, list[Record]] = {key: [] for key in others}
    for comment in dump["comments"]:
        if comment["ticket_id"] in threads:
            threads[comment["ticket_id"]].append(comment)
    for key, thread in threads.items():
        yield f"helpdesk tickets {key}", _digest(_others_part(others[key], person, words, is_joint=key in joint))
        for comment in thread:
            if comment["author_id"] != person.user_id:
                yield f"helpdesk comments {comment['id']}", _digest(blackened(comment, words))


def _joint_tickets(world: World, person: Customer) -> frozenset[int]:
    """Return the tickets that the person read, wrote in or is named in, by the initial state."""
    words = words_of(person, world)
    return frozenset(
        ticket.id
        for ticket in world.tickets
        if person.user_id in ticket.cc_ids
        or any(one.author_id == person.user_id or any(word in one.body for word in words) for one in ticket.comments)
    )


def _others_part(ticket: Record, person: Customer, words: tuple[str, ...], *, is_joint: bool) -> Record:
    """Return a ticket without the person's own part."""
    kept: Record = blackened(ticket, words)
    for name in _READERS:
        kept[name] = [one for one in ticket.get(name, ()) if one != person.user_id]
    if is_joint:
        # Taking the person out moves the time of the last change, and that is no harm to the other.
        del kept["updated_at"]
    return kept


def _payments(objects: dict[str, list[Record]], world: World, person: Customer) -> Iterator[tuple[str, str]]:
    payers = Payers(world, objects)
    for kind, some in objects.items():
        for found in some:
            if payers.of(kind, found) not in person.accounts:
                yield f"payments {kind} {found['id']}", _digest(found)


def _calls(inspector: Inspector, world: World, person: Customer) -> Iterator[tuple[str, str]]:
    owners = {key: call for call in world.calls for key in unique_ids_of(call)}
    for row in inspector.calls():
        if owners[row["uniqueid"]].owner not in person.customer_ids:
            yield f"recordings call {row['uniqueid']}/{row['sequence']}", _digest(row)
    files = inspector.recording_digests()
    for call in world.calls:
        if call.owner not in person.customer_ids and recording_name(call) in files:
            yield f"recordings file {call.unique_id}", files[recording_name(call)]
