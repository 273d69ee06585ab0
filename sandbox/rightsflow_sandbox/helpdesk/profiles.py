"""The API's work on users: changes, soft and permanent deletion."""

from __future__ import annotations

import copy
from typing import Any, Final

from rightsflow_sandbox.helpdesk.access import Client
from rightsflow_sandbox.helpdesk.calls import Call
from rightsflow_sandbox.helpdesk.defaults import IDENTITY, STAFF, USER, Record, instant
from rightsflow_sandbox.helpdesk.errors import ApiError, forbidden, not_found, record_invalid
from rightsflow_sandbox.helpdesk.state import HelpdeskState
from rightsflow_sandbox.helpdesk.values import Purged

SERVICE_USER: Final = 9_007_199_254_740_995
"""The id of the administrator who acts where the data has none."""
APPLICATIONS: Final = ("support", "explore", "chat")
"""The products that each have to delete a user permanently."""
GONE: Final = "Permanently Deleted User"
_CHANGEABLE: Final = frozenset(
    {
        "name",
        "alias",
        "details",
        "notes",
        "tags",
        "user_fields",
        "external_id",
        "signature",
        "suspended",
        "organization_id",
        "locale",
        "time_zone",
        "photo",
    }
)


def acting_user(state: HelpdeskState, client: Client) -> int:
    """Return the id of the user that a client acts as."""
    if client.user_id is not None:
        return client.user_id
    staff = (user["id"] for user in state.users.values() if user["role"] == client.role and user["active"])
    return next(staff, SERVICE_USER)


def service_user(user_id: int) -> Record:
    """Return the user that a client acts as if the data have none of its role."""
    return {**USER, **STAFF, "id": user_id, "name": "Service", "updated_at": USER["created_at"]}


def requested(state: HelpdeskState, user_id: int) -> list[Record]:
    """Return the tickets of which a user is the requester."""
    return [ticket for ticket in state.tickets.values() if ticket["requester_id"] == user_id]


def change(call: Call, user: Record, wanted: Record) -> None:
    """Answer a PUT: a new e-mail or direct line becomes one more identity, an empty ``phone`` clears the number.

    Raises:
        ApiError: 422, the address belongs to another person.
    """
    state, before = call.state, copy.deepcopy(user)
    if wanted.get("email"):
        add_identity(state, user, "email", str(wanted["email"]))
        user["email"] = user["email"] or wanted["email"]
    if "phone" in wanted:
        _change_phone(state, user, wanted["phone"])
    if "user_fields" in wanted:
        wanted = wanted | {"user_fields": user["user_fields"] | (wanted["user_fields"] or {})}
    user.update({field: value for field, value in wanted.items() if field in _CHANGEABLE})
    user["updated_at"] = state.stamp()
    state.touch("user", user["id"], before)


def _change_phone(state: HelpdeskState, user: Record, phone: Any) -> None:
    """Clear the number with its identity, or add one."""
    some = state.identities.setdefault(user["id"], [])
    if not phone:
        some[:] = [one for one in some if one["type"] != "phone_number" or one["value"] != user["phone"]]
        user["phone"], user["shared_phone_number"] = None, None
        return
    if any(one["type"] == "phone_number" for one in some):
        add_identity(state, user, "phone_number", str(phone))
        return
    user["phone"], user["shared_phone_number"] = phone, False
    try:
        add_identity(state, user, "phone_number", str(phone))
    except ApiError:
        # Another person's direct line: the number becomes a shared one, which has no identity.
        user["shared_phone_number"] = True


def add_identity(state: HelpdeskState, user: Record, kind: str, value: str) -> None:
    """Add an identity to a user, unless the user has it already.

    Raises:
        ApiError: 422, another user has it.
    """
    for owner, some in state.identities.items():
        if any(one["type"] == kind and one["value"].casefold() == value.casefold() for one in some):
            if owner == user["id"]:
                return
            raise record_invalid("email" if kind == "email" else "phone", "is already being used", "DuplicateValue")
    identity = dict(IDENTITY) | {"id": state.next_id(), "user_id": user["id"], "type": kind, "value": value}
    now = state.stamp()
    some = state.identities.setdefault(user["id"], [])
    some.append(identity | {"primary": not some, "verified": False, "created_at": now, "updated_at": now})


def change_identity(state: HelpdeskState, user: Record, identity: Record, value: str) -> None:
    """Change the value of an identity.

    Raises:
        ApiError: 422, another user has it.
    """
    kind = identity["type"]
    for owner, some in state.identities.items():
        taken = any(one["type"] == kind and one["value"].casefold() == value.casefold() for one in some)
        if taken and owner != user["id"]:
            raise record_invalid("email" if kind == "email" else "phone", "is already being used", "DuplicateValue")
    before, was = copy.deepcopy(user), identity["value"]
    identity["value"], identity["updated_at"] = value, state.stamp()
    field = "email" if kind == "email" else "phone"
    if user[field] == was:
        user[field] = value
    state.touch("user", user["id"], before)


def delete(call: Call, user: Record) -> None:
    """Soft-delete a user: out of the lists, identities free for others, memberships gone.

    The refusal while a requested ticket is not closed is documented; its status and body are not (unverified).

    Raises:
        ApiError: 403 if the caller may not, 422 while tickets stand in the way.
    """
    state = call.state
    if call.agent.role != "admin" and user["role"] != "end-user":
        raise forbidden()
    if user["id"] == acting_user(state, call.agent):
        raise record_invalid("base", "The account owner or the acting user cannot be deleted")
    if any(ticket["status"] != "closed" for ticket in requested(state, user["id"])):
        raise record_invalid("base", "User is the requester of at least one ticket that is not closed")
    state.touch("user", user["id"], copy.deepcopy(user))
    user["active"], user["updated_at"] = False, state.stamp()
    state.identities.pop(user["id"], None)
    for membership in [one for one in state.memberships.values() if one["user_id"] == user["id"]]:
        del state.memberships[membership["id"]]
    if user["role"] != "end-user":
        _unassign(state, user["id"])


def _unassign(state: HelpdeskState, agent_id: int) -> None:
    """Remove a deleted agent from open tickets; closed ones keep their assignee."""
    for ticket in state.tickets.values():
        if ticket["assignee_id"] == agent_id and ticket["status"] != "closed":
            ticket["assignee_id"] = None


def soft_deleted(state: HelpdeskState, user_id: int) -> Record:
    """Return a soft-deleted user.

    Raises:
        ApiError: 404, not deleted at all, or permanently.
    """
    user = state.users.get(user_id)
    if user is None or user["active"]:
        raise not_found()
    return user


def purge(call: Call, user_id: int) -> Record:
    """Delete a soft-deleted user permanently and return the former record.

    Tickets, comments and what they say about the person stay as they are.

    Raises:
        ApiError: 404, the user was not soft-deleted first.
    """
    state = call.state
    user = soft_deleted(state, user_id)
    del state.users[user_id]
    state.purged[user_id] = Purged(record=user, asked_at=state.stamp(), executer_id=acting_user(state, call.agent))
    return user


def deleted_users(state: HelpdeskState, *, count_read: bool) -> list[Record]:
    """Return all deleted users; permanently deleted ones keep their name for a while, without e-mail and phone.

    Args:
        state: The helpdesk.
        count_read: Whether this is a read after which the rename comes nearer.
    """
    rows = [user for user in state.users.values() if not user["active"]]
    for purged in state.purged.values():
        if purged.reads >= state.pace.rename_reads:
            anonymise(purged)
        purged.reads += count_read
        rows.append(purged.record)
    return rows


def anonymise(purged: Purged) -> None:
    """Reduce a permanently deleted user to the data that the products leave in the end."""
    blank = dict.fromkeys(("email", "phone", "external_id", "notes", "details", "alias", "signature", "photo"))
    purged.record |= blank | {"name": GONE, "tags": [], "user_fields": {}}


def waited(state: HelpdeskState, purged: Purged) -> float:
    """Return the seconds since permanent deletion was requested."""
    return (state.now() - instant(purged.asked_at)).total_seconds()


def compliance(call: Call, user_id: int, application: str) -> list[Record]:
    """Return each product's progress in a permanent deletion; reading advances it by a step.

    Raises:
        ApiError: 404, the account never had this user.
    """
    state = call.state
    if user_id in state.users:
        return []
    purged = state.purged.get(user_id)
    if purged is None:
        raise not_found()
    purged.polls += 1
    is_late = waited(state, purged) >= state.pace.compliance_seconds
    actions = ["request_deletion"]
    actions += ["started"] if purged.polls > 1 or is_late else []
    actions += ["complete"] if purged.polls > state.pace.compliance_polls or is_late else []
    row = {"account_subdomain": "sandbox", "created_at": purged.asked_at, "user_id": user_id}
    row["executer_id"] = purged.executer_id
    wanted = APPLICATIONS if application == "all" else [application]
    return [row | {"action": action, "application": one} for one in wanted for action in actions]
