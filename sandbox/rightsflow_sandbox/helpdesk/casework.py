"""The API's work on tickets: visibility, changes, soft and permanent deletion."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Final

from rightsflow_sandbox.helpdesk.access import Client
from rightsflow_sandbox.helpdesk.calls import Call
from rightsflow_sandbox.helpdesk.defaults import COMMENT, Record, fresh
from rightsflow_sandbox.helpdesk.errors import ApiError, forbidden, not_found, record_invalid
from rightsflow_sandbox.helpdesk.jobs import Job, bulk
from rightsflow_sandbox.helpdesk.loading import STATUSES, to_html
from rightsflow_sandbox.helpdesk.profiles import acting_user
from rightsflow_sandbox.helpdesk.state import HelpdeskState
from rightsflow_sandbox.helpdesk.values import Trashed

_CHANGEABLE: Final = frozenset(
    {
        "subject",
        "priority",
        "type",
        "requester_id",
        "assignee_id",
        "group_id",
        "organization_id",
        "email_cc_ids",
        "collaborator_ids",
        "follower_ids",
        "external_id",
        "tags",
        "due_at",
        "recipient",
    }
)


def sees(state: HelpdeskState, client: Client, ticket: Record) -> bool:
    """Return whether a client's agent may see a ticket; a restricted agent does not see all."""
    if client.restriction is None:
        return True
    if client.restriction == "groups":
        return ticket["group_id"] in client.group_ids
    if client.restriction == "organization":
        agent = state.users.get(acting_user(state, client)) or {}
        return ticket["organization_id"] is not None and ticket["organization_id"] == agent.get("organization_id")
    return bool(ticket["assignee_id"] == acting_user(state, client))


def visible(call: Call, tickets: Iterable[Record]) -> list[Record]:
    """Return the tickets that the caller sees: a restricted agent gets a shorter list, and no error."""
    return [ticket for ticket in tickets if sees(call.state, call.agent, ticket)]


def open_ticket(call: Call, ticket_id: int) -> Record:
    """Return a ticket for the caller.

    Raises:
        ApiError: 404, unknown or deleted; 403, outside what a restricted agent sees.
    """
    ticket = call.state.ticket(ticket_id)
    if not sees(call.state, call.agent, ticket):
        raise forbidden()
    return ticket


def changeable(call: Call, ticket_id: int) -> Record:
    """Return a ticket that is not closed.

    Raises:
        ApiError: As :func:`open_ticket`, or 422 for a closed one, which is immutable (status code unverified).
    """
    ticket = open_ticket(call, ticket_id)
    if ticket["status"] == "closed":
        raise record_invalid("status", "Status: closed prevents ticket update")
    return ticket


def change(call: Call, ticket: Record, wanted: Record) -> None:
    """Answer a PUT.

    Raises:
        ApiError: 409 for a safe update of a ticket that changed meanwhile, 422 for a value that cannot be.
    """
    state, before = call.state, copy.deepcopy(ticket)
    if wanted.get("safe_update") and wanted.get("updated_stamp") != ticket["updated_at"]:
        description = "Safe Update prevented updating the ticket due to outdated data"
        raise ApiError(409, {"error": "UpdateConflict", "description": description})
    if "status" in wanted and wanted["status"] not in STATUSES:
        raise record_invalid("status", "Status: is not included in the list", "InvalidValue")
    if "requester_id" in wanted and wanted["requester_id"] not in state.users:
        raise record_invalid("requester", "Requester: is not valid", "InvalidValue")
    if wanted.get("custom_fields"):
        values = {one["id"]: one["value"] for one in ticket["custom_fields"] + wanted["custom_fields"]}
        ticket["custom_fields"] = [{"id": field, "value": value} for field, value in values.items()]
    ticket.update({field: value for field, value in wanted.items() if field in _CHANGEABLE | {"status"}})
    if "subject" in wanted:
        ticket["raw_subject"] = wanted["subject"]
    if wanted.get("comment"):
        add_comment(state, ticket, {"author_id": acting_user(state, call.agent)} | wanted["comment"])
    ticket["updated_at"] = state.stamp()
    state.touch("ticket", ticket["id"], before)


def add_comment(state: HelpdeskState, ticket: Record, given: Record) -> None:
    """Write a comment on a ticket."""
    body = str(given.get("body") or "")
    own = {"id": state.next_id(), "ticket_id": ticket["id"], "created_at": state.stamp(), "html_body": to_html(body)}
    comment = fresh(COMMENT) | own | {field: given[field] for field in ("author_id", "public") if field in given}
    tokens = [token for token in given.get("uploads", []) if token in state.uploads]
    comment |= {"body": body, "attachments": [state.uploads.pop(token) for token in tokens]}
    state.comments.setdefault(ticket["id"], []).append(comment)


def delete(call: Call, ticket: Record) -> None:
    """Soft-delete a ticket, closed or not."""
    state = call.state
    actor_id = acting_user(state, call.agent)
    actor = {"id": actor_id, "name": state.users.get(actor_id, {"name": "Service"})["name"]}
    state.touch("ticket", ticket["id"], ticket)
    del state.tickets[ticket["id"]]
    state.trash[ticket["id"]] = Trashed(
        ticket=ticket, deleted_at=state.stamp(), actor=actor, archived=state.is_archived(ticket)
    )


def restore(state: HelpdeskState, ticket_id: int) -> None:
    """Bring a soft-deleted ticket back.

    Raises:
        ApiError: 404, not deleted, permanently deleted, or archived before.
    """
    trashed = state.trash.get(ticket_id)
    if trashed is None or trashed.archived:
        raise not_found()
    del state.trash[ticket_id]
    state.tickets[ticket_id] = trashed.ticket
    state.touch("ticket", ticket_id, None)


def scrub(state: HelpdeskState, ticket_id: int) -> bool:
    """Delete a soft-deleted ticket permanently, with comments, attachments and recordings; ``False`` if it is gone."""
    if state.trash.pop(ticket_id, None) is None:
        return False
    state.comments.pop(ticket_id, None)
    return True


def destroy_many(call: Call, ids: list[int]) -> Job:
    """Return the job that soft-deletes several tickets; it reports itself as a bulk update."""

    def act(ticket_id: int) -> Record:
        ticket = call.state.tickets.get(ticket_id)
        if ticket is None or not sees(call.state, call.agent, ticket):
            return _failed("TicketNotFound", "The ticket is unknown or deleted already")
        delete(call, ticket)
        return {"status": "Deleted", "success": True}

    return Job(bulk(ids, act), call.state.now(), total=len(ids), job_type="Bulk Update Ticket")


def purge_many(call: Call, ids: list[int]) -> Job:
    """Return the job that permanently deletes several soft-deleted tickets."""

    def act(ticket_id: int) -> Record:
        if scrub(call.state, ticket_id):
            return {"status": "Deleted", "success": True}
        return _failed("TicketNotFound", "The ticket is not among the deleted ones")

    return Job(bulk(ids, act), call.state.now(), total=len(ids))


def purge_one(call: Call, ticket_id: int) -> Job:
    """Return the job that permanently deletes one soft-deleted ticket; its result is an object.

    Raises:
        ApiError: 404, the ticket was not soft-deleted first.
    """
    if ticket_id not in call.state.trash:
        raise not_found()
    return Job(lambda: {"success": scrub(call.state, ticket_id)}, call.state.now())


def _failed(error: str, details: str) -> Record:
    return {"status": "Failed", "success": False, "error": error, "details": details}
