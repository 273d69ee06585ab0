"""Users and their identities."""

from __future__ import annotations

import secrets
from typing import Any

from rightsflow_sandbox.helpdesk import profiles
from rightsflow_sandbox.helpdesk.calls import Call, Endpoint, Reply
from rightsflow_sandbox.helpdesk.casework import visible
from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.errors import ApiError, not_found, parameter_missing
from rightsflow_sandbox.helpdesk.jobs import Job, bulk
from rightsflow_sandbox.helpdesk.paging import Listing
from rightsflow_sandbox.helpdesk.rendering import show_identity, show_user
from rightsflow_sandbox.helpdesk.routes_deleted import queued
from rightsflow_sandbox.helpdesk.searching import search

USERS = Listing("users", sorts=("id", "name", "created_at", "updated_at"))
FOUND = Listing("users", "users/search", cursor=False)
IDENTITIES = Listing("identities", sorts=("id", "created_at", "updated_at"))
MEMBERSHIPS = Listing("organization_memberships")


def me(call: Call) -> Reply:
    """Return the calling user; without credentials an anonymous user, and still 200."""
    if call.client is None:
        anonymous: Record = {"id": None, "url": None, "name": "Anonymous user", "email": None, "role": "end-user"}
        return Reply({"user": anonymous | {"active": False, "verified": False, "authenticity_token": None}})
    state, client = call.state, call.client
    user_id = profiles.acting_user(state, client)
    user = state.users.get(user_id) or profiles.service_user(user_id)
    rights: Record = {"role": client.role, "ticket_restriction": client.restriction}
    rights["restricted_agent"] = client.restriction is not None
    return Reply({"user": show_user(state, user | rights) | {"authenticity_token": secrets.token_hex(16)}})


def index(call: Call) -> Reply:
    """Return all users that are not deleted."""
    state = call.state
    roles = call.values("role")
    users = [user for user in state.users.values() if user["active"] and (not roles or user["role"] in roles)]
    if "external_id" in call.query:
        users = [user for user in users if _same(user["external_id"], call.query["external_id"])]
    return Reply(USERS.answer(call, users, lambda user: show_user(state, user)))


def _same(left: str | None, right: str) -> bool:
    """External ids are compared without case."""
    return left is not None and str(left).casefold() == right.casefold()


def find(call: Call) -> Reply:
    """Full-text search (offset pages only), or an exact look-up by external id."""
    state = call.state
    if "external_id" in call.query:
        indexed = state.indexed("user")
        asked = call.query["external_id"]
        users = [user for user in indexed if state.ignores_filters or _same(user["external_id"], asked)]
    elif "query" in call.query:
        users = [document.record for document in search(state, call.query["query"], kind="user")]
    else:
        raise parameter_missing("query")
    return Reply(FOUND.answer(call, users, lambda user: show_user(state, user)))


def autocomplete(call: Call) -> Reply:
    """Return the users whose name has this beginning."""
    state, name = call.state, call.query.get("name", "").casefold()
    users = [user for user in state.indexed("user") if user["name"].casefold().startswith(name)]
    return Reply(FOUND.answer(call, users, lambda user: show_user(state, user)))


def show_many(call: Call) -> Reply:
    """Several users by id or external id; unknown ones are left out without an error."""
    state = call.state
    if "external_ids" in call.query:
        wanted = {one.strip().casefold() for one in call.query["external_ids"].split(",")}
        users = [one for one in state.users.values() if str(one["external_id"] or "").casefold() in wanted - {""}]
    else:
        users = [state.users[one] for one in call.ids() if one in state.users]
    users = [user for user in users if user["active"]]
    answer: Record = {"users": [show_user(state, user) for user in users], "count": len(users)}
    return Reply(answer | _sideload(call, users))


def _sideload(call: Call, users: list[Record]) -> Record:
    if not call.includes("identities"):
        return {}
    some = [one for user in users for one in call.state.identities.get(user["id"], ())]
    return {"identities": [show_identity(call.state, one) for one in some]}


def show(call: Call) -> Reply:
    """Return a user; a soft-deleted user is shown too, with ``active`` false (unverified)."""
    user = call.state.user(call.number("user_id"), deleted=True)
    return Reply({"user": show_user(call.state, user)} | _sideload(call, [user]))


def update(call: Call) -> Reply:
    """Change a user."""
    user = call.state.user(call.number("user_id"))
    profiles.change(call, user, call.section("user"))
    return Reply({"user": show_user(call.state, user)})


def delete(call: Call) -> Reply:
    """Soft-delete a user: 200 with the user, unlike tickets."""
    user = call.state.user(call.number("user_id"))
    profiles.delete(call, user)
    return Reply({"user": show_user(call.state, user)})


def destroy_many(call: Call) -> Reply:
    """Soft-delete several users in the background; an obstacle is that user's result, and the job completes."""

    def act(user_id: int) -> Record:
        try:
            profiles.delete(call, call.state.user(user_id))
        except ApiError as refusal:
            return {"status": "Failed", "success": False, "error": "UserDeleteError", "details": refusal.body["error"]}
        return {"status": "Deleted", "success": True}

    ids = call.ids()
    return queued(call, Job(bulk(ids, act), call.state.now(), total=len(ids), job_type="Bulk Delete User"))


def related(call: Call) -> Reply:
    """Count the tickets and organisations that a user is involved in."""
    state, user_id = call.state, call.number("user_id")
    state.user(user_id)
    tickets = visible(call, state.tickets.values())
    counts = {
        "assigned_tickets": sum(one["assignee_id"] == user_id for one in tickets),
        "ccd_tickets": sum(user_id in one["email_cc_ids"] + one["collaborator_ids"] for one in tickets),
        "organization_subscriptions": 0,
        "requested_tickets": sum(one["requester_id"] == user_id for one in tickets),
    }
    return Reply({"user_related": counts})


def end_sessions(call: Call) -> Reply:
    """Log a user out everywhere."""
    call.state.user(call.number("user_id"))
    return Reply(status=204)


def memberships(call: Call) -> Reply:
    """Return a user's organisations; ``default`` is true or null."""
    state, user_id = call.state, call.number("user_id")
    state.user(user_id)
    rows = [one for one in state.memberships.values() if one["user_id"] == user_id]
    return Reply(MEMBERSHIPS.answer(call, rows, dict))


def leave(call: Call) -> Reply:
    """End a membership."""
    if call.state.memberships.pop(call.number("membership_id"), None) is None:
        raise not_found()
    return Reply(status=204)


def identities(call: Call) -> Reply:
    """Return a user's identities; a soft-deleted user has none left (unverified)."""
    state, user_id = call.state, call.number("user_id")
    state.user(user_id, deleted=True)
    wanted = call.values("type")
    rows = [one for one in state.identities.get(user_id, ()) if not wanted or one["type"] in wanted]
    return Reply(IDENTITIES.answer(call, rows, lambda one: show_identity(state, one)))


def _identity(call: Call) -> Record:
    call.state.user(call.number("user_id"))
    for one in call.state.identities.get(call.number("user_id"), ()):
        if one["id"] == call.number("identity_id"):
            return one
    raise not_found()


def show_one_identity(call: Call) -> Reply:
    """Return an identity."""
    return Reply({"identity": show_identity(call.state, _identity(call))})


def add_identity(call: Call) -> Reply:
    """Add an e-mail or direct line to a user."""
    state, user_id = call.state, call.number("user_id")
    given = call.section("identity")
    user = state.user(user_id)
    before = len(state.identities.get(user_id, ()))
    profiles.add_identity(state, user, str(given.get("type", "")), str(given.get("value", "")))
    some = state.identities[user_id]
    shown = show_identity(state, some[-1])
    return Reply({"identity": shown}, status=201 if len(some) > before else 200, headers={"Location": shown["url"]})


def change_identity(call: Call) -> Reply:
    """Change an identity's value; of a primary one the user's own field follows."""
    changed, given = _identity(call), call.section("identity")
    state, user = call.state, call.state.user(call.number("user_id"))
    if given.get("value"):
        profiles.change_identity(state, user, changed, str(given["value"]))
    return Reply({"identity": show_identity(state, changed)})


def delete_identity(call: Call) -> Reply:
    """Remove an identity. ``user.phone`` stays; ``user.email`` becomes the next primary one."""
    state, gone = call.state, _identity(call)
    user = state.user(call.number("user_id"))
    state.touch("user", user["id"], user)
    some = state.identities[user["id"]]
    some.remove(gone)
    if gone["type"] == "email" and gone["value"] == user["email"]:
        user["email"] = next((one["value"] for one in some if one["type"] == "email"), None)
    return Reply(status=204)


def _at(method: str, path: str, handle: Any, **more: Any) -> Endpoint:
    return Endpoint(method, path, handle, scope=more.pop("scope", "users"), **more)


ENDPOINTS = (
    _at("GET", "users/me", me, anonymous=True),
    _at("GET", "users/search", find),
    _at("GET", "users/autocomplete", autocomplete),
    _at("GET", "users/show_many", show_many),
    _at("GET", "users", index),
    _at("DELETE", "users/destroy_many", destroy_many, deletes=True),
    _at("GET", "users/{user_id:int}", show),
    _at("PUT", "users/{user_id:int}", update, limits={"create-update-user": "user_id", "users-update": ""}),
    _at("DELETE", "users/{user_id:int}", delete, deletes=True),
    _at("GET", "users/{user_id:int}/related", related),
    _at("DELETE", "users/{user_id:int}/sessions", end_sessions),
    _at("GET", "users/{user_id:int}/organization_memberships", memberships, scope="organizations"),
    _at("DELETE", "organization_memberships/{membership_id:int}", leave, scope="organizations"),
    _at("GET", "users/{user_id:int}/identities", identities),
    _at("POST", "users/{user_id:int}/identities", add_identity),
    _at("GET", "users/{user_id:int}/identities/{identity_id:int}", show_one_identity),
    _at("PUT", "users/{user_id:int}/identities/{identity_id:int}", change_identity),
    _at("DELETE", "users/{user_id:int}/identities/{identity_id:int}", delete_identity),
)
