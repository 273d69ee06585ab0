"""Search, suspended tickets, satisfaction ratings, organisations, custom fields, brands."""

from __future__ import annotations

from typing import Final

from rightsflow_sandbox.helpdesk import rendering
from rightsflow_sandbox.helpdesk.calls import Call, Endpoint, Reply
from rightsflow_sandbox.helpdesk.casework import sees
from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.errors import not_found, parameter_missing, search_too_large
from rightsflow_sandbox.helpdesk.paging import PAGE, Listing
from rightsflow_sandbox.helpdesk.searching import IndexedDocument, search

MOST_RESULTS: Final = 1000
RESULTS = Listing("results", "search/index", cursor=False)
EXPORT = Listing("results", offset=False, largest=1000)
SUSPENDED = Listing("suspended_tickets", sorts=("id", "author_email", "cause", "created_at", "subject"))
RATINGS = Listing("satisfaction_ratings", sorts=("id", "created_at", "updated_at"))
ORGANIZATIONS = Listing("organizations")
TICKET_FIELDS = Listing("ticket_fields")
USER_FIELDS = Listing("user_fields")
BRANDS = Listing("brands")


def _found(call: Call, kind: str = "") -> list[IndexedDocument]:
    query = call.query.get("query", "")
    if not query and not kind:
        raise parameter_missing("query")
    found = search(call.state, query, kind=kind)
    return [one for one in found if one.kind != "ticket" or sees(call.state, call.agent, one.record)]


def _result(call: Call, document: IndexedDocument) -> Record:
    if document.kind == "ticket":
        shown = rendering.show_ticket(call.state, document.record)
    else:
        shown = rendering.show(call.state, f"{document.kind}s", document.record)
    return shown | {"result_type": document.kind}


def find(call: Call) -> Reply:
    """Search; ``count`` is the true number, but only the first 1000 results are returned."""
    found = {(one.kind, one.record["id"]): one for one in _found(call)}
    rows: list[Record] = [{"id": key[1], "kind": key[0]} for key in found]
    answer = RESULTS.answer(call, rows, lambda row: _result(call, found[row["kind"], row["id"]]))
    size = min(int(call.query.get("per_page", PAGE)), PAGE)
    if int(call.query.get("page", 1)) * size > MOST_RESULTS:
        raise search_too_large()
    return Reply(answer | {"facets": None})


def count(call: Call) -> Reply:
    """Count the results of a search."""
    return Reply({"count": len(_found(call))})


def export(call: Call) -> Reply:
    """Search by cursor, one type of record, without the cap."""
    kind = call.query.get("filter[type]")
    if not kind:
        raise parameter_missing("filter[type]")
    found = {one.record["id"]: one for one in _found(call, kind)}
    answer = EXPORT.answer(call, [{"id": one} for one in found], lambda row: _result(call, found[row["id"]]))
    answer["links"]["prev"] = None
    return Reply(answer | {"facets": None})


def suspended(call: Call) -> Reply:
    """Suspended tickets; there is no filter by author."""
    state = call.state
    rows = [one | {"author_email": one["author"].get("email")} for one in state.suspended.values()]
    return Reply(SUSPENDED.answer(call, rows, lambda one: _suspended(call, state.suspended[one["id"]])))


def _suspended(call: Call, record: Record) -> Record:
    return rendering.show(call.state, "suspended_tickets", record)


def show_suspended(call: Call) -> Reply:
    """Return a suspended ticket, inside a list as in the vendor's example."""
    found = call.state.suspended.get(call.number("suspended_id"))
    if found is None:
        raise not_found()
    return Reply({"suspended_ticket": [_suspended(call, found)]})


def delete_suspended(call: Call) -> Reply:
    """Delete one."""
    if call.state.suspended.pop(call.number("suspended_id"), None) is None:
        raise not_found()
    return Reply(status=204)


def delete_many_suspended(call: Call) -> Reply:
    """Delete several; unknown ones are passed over."""
    for one in call.ids():
        call.state.suspended.pop(one, None)
    return Reply(status=204)


def ratings(call: Call) -> Reply:
    """Return all satisfaction ratings; there is no filter by user, and no way to delete one."""
    rows = list(call.state.ratings.values())
    if "score" in call.query:
        rows = [one for one in rows if one["score"] == call.query["score"]]
    return Reply(RATINGS.answer(call, rows, lambda one: rendering.show(call.state, "satisfaction_ratings", one)))


def organizations_of(call: Call) -> Reply:
    """Return the organisations of a user."""
    state, user_id = call.state, call.number("user_id")
    state.user(user_id)
    ids = {one["organization_id"] for one in state.memberships.values() if one["user_id"] == user_id}
    rows = [one for one in state.organizations.values() if one["id"] in ids]
    return Reply(ORGANIZATIONS.answer(call, rows, lambda one: rendering.show(state, "organizations", one)))


def ticket_fields(call: Call) -> Reply:
    """Return the custom fields of tickets."""
    return Reply(TICKET_FIELDS.answer(call, list(call.state.ticket_fields.values()), dict))


def user_fields(call: Call) -> Reply:
    """Return the custom fields of profiles."""
    return Reply(USER_FIELDS.answer(call, list(call.state.user_fields.values()), dict))


def brands(call: Call) -> Reply:
    """Return the brands."""
    return Reply(BRANDS.answer(call, list(call.state.brands.values()), dict))


ENDPOINTS = (
    Endpoint("GET", "ticket_fields", ticket_fields),
    Endpoint("GET", "user_fields", user_fields),
    Endpoint("GET", "brands", brands),
    Endpoint("GET", "search", find, limits={"search-index": ""}),
    Endpoint("GET", "search/count", count, limits={"search-index": ""}),
    Endpoint("GET", "search/export", export, limits={"search-export": ""}),
    Endpoint("GET", "suspended_tickets", suspended, scope="tickets"),
    Endpoint("DELETE", "suspended_tickets/destroy_many", delete_many_suspended, scope="tickets", deletes=True),
    Endpoint("GET", "suspended_tickets/{suspended_id:int}", show_suspended, scope="tickets"),
    Endpoint("DELETE", "suspended_tickets/{suspended_id:int}", delete_suspended, scope="tickets", deletes=True),
    Endpoint("GET", "satisfaction_ratings", ratings, scope="satisfaction_ratings", admin=True),
    Endpoint("GET", "users/{user_id:int}/organizations", organizations_of, scope="organizations"),
)
