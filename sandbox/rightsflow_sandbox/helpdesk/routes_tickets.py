"""Tickets, and the lists of them that a user has to do with."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from rightsflow_sandbox.helpdesk import casework
from rightsflow_sandbox.helpdesk.calls import Call, Endpoint, Handler, Reply
from rightsflow_sandbox.helpdesk.defaults import TICKET, Record, fresh
from rightsflow_sandbox.helpdesk.errors import ApiError, not_found
from rightsflow_sandbox.helpdesk.paging import Listing
from rightsflow_sandbox.helpdesk.profiles import acting_user
from rightsflow_sandbox.helpdesk.rendering import show_ticket, show_user
from rightsflow_sandbox.helpdesk.routes_deleted import queued

TICKETS = Listing("tickets", sorts=("id", "updated_at", "created_at", "status"))

RELATIONS: Final[Mapping[str, Callable[[Record, int], bool]]] = {
    "requested": lambda ticket, user_id: ticket["requester_id"] == user_id,
    "ccd": lambda ticket, user_id: user_id in ticket["email_cc_ids"] or user_id in ticket["collaborator_ids"],
    "assigned": lambda ticket, user_id: ticket["assignee_id"] == user_id,
    "followed": lambda ticket, user_id: user_id in ticket["follower_ids"],
}
"""The relations of a user to a ticket; a person only named in a comment is in none of these lists."""


def _page(call: Call, tickets: list[Record]) -> Reply:
    """Return a page of tickets; cursor pages leave out the second copy of the custom fields."""
    by_cursor = any(name.startswith("page[") for name in call.query)
    return Reply(TICKETS.answer(call, tickets, lambda ticket: show_ticket(call.state, ticket, fields=not by_cursor)))


def _related(call: Call, relation: str) -> list[Record]:
    user_id = call.number("user_id")
    call.state.user(user_id, deleted=True)
    is_related, visible = RELATIONS[relation], casework.visible(call, call.state.tickets.values())
    return [one for one in visible if call.state.ignores_filters or is_related(one, user_id)]


def of_user(relation: str) -> Handler:
    """Return the list of a user's tickets in one relation, archived ones included."""
    return lambda call: _page(call, _related(call, relation))


def count_of_user(relation: str) -> Handler:
    """Return the handler that counts a user's tickets."""

    def handle(call: Call) -> Reply:
        return Reply({"count": {"value": len(_related(call, relation)), "refreshed_at": call.state.stamp()}})

    return handle


def index(call: Call) -> Reply:
    """Return all tickets but the archived ones."""
    state = call.state
    tickets = [one for one in casework.visible(call, state.tickets.values()) if not state.is_archived(one)]
    if "external_id" in call.query:
        tickets = [one for one in tickets if one["external_id"] == call.query["external_id"]]
    return _page(call, tickets)


def show(call: Call) -> Reply:
    """Return a ticket."""
    ticket = casework.open_ticket(call, call.number("ticket_id"))
    answer: Record = {"ticket": show_ticket(call.state, ticket)}
    if call.includes("users"):
        answer["users"] = _people(call, [ticket["requester_id"], ticket["assignee_id"], ticket["submitter_id"]])
    return Reply(answer)


def _people(call: Call, ids: list[int]) -> list[Record]:
    known = dict.fromkeys(one for one in ids if one in call.state.users)
    return [show_user(call.state, call.state.users[one]) for one in known]


def people_of(*fields: str) -> Handler:
    """Return the users that a ticket names in these fields."""

    def handle(call: Call) -> Reply:
        ticket = casework.open_ticket(call, call.number("ticket_id"))
        return Reply({"users": _people(call, [one for field in fields for one in ticket[field]])})

    return handle


def show_many(call: Call) -> Reply:
    """Several tickets; unknown, deleted and unseen ones are left out without an error."""
    wanted = [call.state.tickets[one] for one in call.ids() if one in call.state.tickets]
    tickets = [show_ticket(call.state, one) for one in casework.visible(call, wanted)]
    return Reply({"tickets": tickets, "next_page": None, "previous_page": None, "count": len(tickets)})


def create(call: Call) -> Reply:
    """Open a ticket; an ``Idempotency-Key`` makes that happen once."""
    state, given, key = call.state, call.section("ticket"), call.headers.get("idempotency-key", "")
    sent = json.dumps(call.body, sort_keys=True)
    if key in state.idempotent:
        before, answer = state.idempotent[key]
        if before != sent:
            description = "Request parameters don't match the given idempotency key"
            raise ApiError(400, {"error": "IdempotentRequestError", "description": description})
        return Reply(answer, status=201, headers={"x-idempotency-lookup": "hit"})
    ticket = _new_ticket(call, given)
    shown = show_ticket(state, ticket)
    answer = {"ticket": shown, "audit": _audit(call, ticket)}
    headers = {"Location": shown["url"]}
    if key:
        state.idempotent[key] = (sent, answer)
        headers["x-idempotency-lookup"] = "miss"
    return Reply(answer, status=201, headers=headers)


def _new_ticket(call: Call, given: Record) -> Record:
    state, now, author = call.state, call.state.stamp(), acting_user(call.state, call.agent)
    number = max([*state.tickets, *state.trash, 0]) + 1
    first = given.get("comment") or {}
    requester = given.get("requester_id") or author
    ticket = fresh(TICKET) | {
        "id": number,
        "created_at": now,
        "updated_at": now,
        "status": "new",
        "subject": given.get("subject", ""),
        "raw_subject": given.get("subject", ""),
        "requester_id": requester,
        "submitter_id": author,
        "tags": list(given.get("tags", [])),
    }
    state.tickets[number] = ticket
    casework.add_comment(state, ticket, {"author_id": requester, "body": ""} | first)
    state.touch("ticket", number, None)
    return ticket


def _audit(call: Call, ticket: Record) -> Record:
    return {
        "id": call.state.next_id(),
        "ticket_id": ticket["id"],
        "created_at": call.state.stamp(),
        "author_id": acting_user(call.state, call.agent),
        "metadata": {"system": {"client": call.headers.get("user-agent"), "ip_address": "192.0.2.10"}, "custom": {}},
        "events": [],
    }


def update(call: Call) -> Reply:
    """Change a ticket that is not closed."""
    ticket = casework.changeable(call, call.number("ticket_id"))
    casework.change(call, ticket, call.section("ticket"))
    return Reply({"ticket": show_ticket(call.state, ticket), "audit": _audit(call, ticket)})


def delete(call: Call) -> Reply:
    """Soft-delete a ticket: 204 and empty, unlike users."""
    casework.delete(call, casework.open_ticket(call, call.number("ticket_id")))
    return Reply(status=204)


def destroy_many(call: Call) -> Reply:
    """Soft-delete several tickets in the background."""
    return queued(call, casework.destroy_many(call, call.ids()))


def mark_as_spam(call: Call) -> Reply:
    """Delete a ticket and suspend its requester."""
    ticket = casework.open_ticket(call, call.number("ticket_id"))
    requester = call.state.users.get(ticket["requester_id"])
    if requester is None:
        raise not_found()
    casework.delete(call, ticket)
    requester["suspended"] = True
    return Reply({})


def changed_since(call: Call) -> Reply:
    """Return a page of the tickets that changed since a start, archived and deleted ones included, oldest change first.

    *unverified*: the cursor's inner form; here it is the number of tickets that were given before it.
    """
    state = call.state
    cursor = call.query.get("cursor", "")
    try:
        size = min(int(call.query.get("per_page", "1000")), 1000)
        start, at = json.loads(base64.urlsafe_b64decode(cursor)) if cursor else (int(call.query["start_time"]), 0)
    except (KeyError, ValueError) as error:
        raise ApiError(400, {"error": "InvalidValue", "description": "Invalid start_time or cursor"}) from error
    if not cursor and start > state.now().timestamp() - 60:
        raise ApiError(
            400,
            {
                "error": "StartTimeTooRecent",
                "description": "Too recent start_time. Use a start_time older than 60 seconds",
            },
        )
    since = datetime.fromtimestamp(start, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = sorted(
        (one for one in state.tickets.values() if one["updated_at"] >= since),
        key=lambda one: (one["updated_at"], one["id"]),
    )
    page, end = found[at : at + size], at + size >= len(found)
    after = base64.urlsafe_b64encode(json.dumps([start, at + len(page)]).encode()).decode()
    return Reply(
        {
            "tickets": [show_ticket(state, one, fields=True) for one in page],
            "after_url": f"{state.site.account_url}{call.path}.json?cursor={after}" if page else None,
            "after_cursor": after,
            "before_url": None,
            "before_cursor": None,
            "end_of_stream": end,
        }
    )


ENDPOINTS = (
    *(Endpoint("GET", f"users/{{user_id:int}}/tickets/{one}", of_user(one), scope="tickets") for one in RELATIONS),
    *(
        Endpoint("GET", f"users/{{user_id:int}}/tickets/{one}/count", count_of_user(one), scope="tickets")
        for one in ("ccd", "assigned")
    ),
    Endpoint("GET", "tickets", index, scope="tickets", limits={"tickets-index": ""}),
    Endpoint("POST", "tickets", create, scope="tickets"),
    Endpoint("GET", "tickets/show_many", show_many, scope="tickets"),
    Endpoint(
        "GET",
        "incremental/tickets/cursor",
        changed_since,
        scope="tickets",
        admin=True,
        limits={"incremental-exports": ""},
    ),
    Endpoint("DELETE", "tickets/destroy_many", destroy_many, scope="tickets", deletes=True),
    Endpoint("GET", "tickets/{ticket_id:int}", show, scope="tickets"),
    Endpoint(
        "PUT",
        "tickets/{ticket_id:int}",
        update,
        scope="tickets",
        limits={"tickets-update": "", "per-ticket-updates": "ticket_id"},
    ),
    Endpoint(
        "DELETE", "tickets/{ticket_id:int}", delete, scope="tickets", deletes=True, limits={"tickets-destroy": ""}
    ),
    Endpoint("PUT", "tickets/{ticket_id:int}/mark_as_spam", mark_as_spam, scope="tickets", deletes=True),
    Endpoint(
        "GET", "tickets/{ticket_id:int}/collaborators", people_of("collaborator_ids", "email_cc_ids"), scope="tickets"
    ),
    Endpoint("GET", "tickets/{ticket_id:int}/email_ccs", people_of("email_cc_ids"), scope="tickets"),
    Endpoint("GET", "tickets/{ticket_id:int}/followers", people_of("follower_ids"), scope="tickets"),
)
