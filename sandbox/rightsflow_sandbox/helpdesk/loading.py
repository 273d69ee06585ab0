"""The data format: one JSON object with a list per kind of record, as the API names their fields.

    {"users": [{"id", "name", "email", "phone", "shared_phone_number", "external_id", "role", …}],
     "identities": [{"id", "user_id", "type", "value", "verified", "primary"}],
     "organizations": [], "organization_memberships": [],
     "tickets": [{"id", "subject", "status", "requester_id", "email_cc_ids", …}],
     "comments": [{"id", "ticket_id", "author_id", "type", "body", "html_body"?, "public", "metadata"?,
                   "attachments"?: [{"id", "file_name", "content_type", "content_base64"}],
                   "data"?: {of a VoiceComment}, "recording_base64"?}],
     "suspended_tickets": [], "satisfaction_ratings": [],
     "deleted_users"?, "deleted_tickets"?, "derive_identities"?: what a dump adds}

Every list and every field but ``id`` (and what refers to another record) may be left out; the API's defaults stand in.
What a user's e-mail and direct line imply is added where ``identities`` does not say it; a shared number implies none.
"""

from __future__ import annotations

import base64
import binascii
import html
from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from rightsflow_sandbox.helpdesk import defaults
from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.errors import DataError
from rightsflow_sandbox.helpdesk.limits import Limits
from rightsflow_sandbox.helpdesk.state import HelpdeskState, utc_now
from rightsflow_sandbox.helpdesk.values import Pace, Purged, Trashed

LISTS: Final = (
    "users",
    "identities",
    "organizations",
    "organization_memberships",
    "tickets",
    "comments",
    "suspended_tickets",
    "satisfaction_ratings",
    "deleted_users",
    "deleted_tickets",
)
"""The keys of the data format."""
DERIVE: Final = "derive_identities"
"""The key by which a dump says that its identities are all there are."""
ROLES: Final = frozenset({"end-user", "agent", "admin"})
STATUSES: Final = frozenset({"new", "open", "pending", "hold", "solved", "closed"})


def load_helpdesk(
    mapping: Mapping[str, object],
    *,
    now: Callable[[], datetime] = utc_now,
    pace: Pace | None = None,
    limits: Limits | None = None,
) -> HelpdeskState:
    """Build a helpdesk from the data format above.

    Args:
        mapping: The data.
        now: Its clock.
        pace: How slowly its background work goes.
        limits: Its rate limits; by default none.

    Raises:
        DataError: The data cannot be used; the sentence names the place and what has to be there.
    """
    state = HelpdeskState(now=now, pace=pace or Pace(), limits=limits or Limits())
    unknown = sorted(set(mapping) - {*LISTS, DERIVE})
    if unknown:
        raise DataError(f"The data has the unknown key {unknown[0]!r}; known are {', '.join(LISTS)}.")
    for place, given in _rows(mapping, "users"):
        _add_user(state, place, given)
    for place, given in _rows(mapping, "identities"):
        _add_identity(state, place, given)
    _simple(state.organizations, mapping, "organizations", defaults.ORGANIZATION)
    _simple(state.memberships, mapping, "organization_memberships", defaults.MEMBERSHIP)
    for place, given in _rows(mapping, "tickets"):
        ticket = _ticket(state, place, given)
        _unique(state.tickets, place, ticket)
    _restore_deleted(state, mapping)
    _add_comments(state, mapping)
    _simple(state.suspended, mapping, "suspended_tickets", defaults.SUSPENDED)
    _simple(state.ratings, mapping, "satisfaction_ratings", defaults.RATING)
    _finish(state, derive=bool(mapping.get(DERIVE, True)))
    return state


def dump_helpdesk(state: HelpdeskState) -> Record:
    """Return the whole state in the data format, each list by id: loading it restores the same helpdesk."""
    return {
        "users": _by_id(state.users.values()),
        DERIVE: False,
        "identities": _by_id(one for some in state.identities.values() for one in some),
        "organizations": _by_id(state.organizations.values()),
        "organization_memberships": _by_id(state.memberships.values()),
        "tickets": _by_id(state.tickets.values()),
        "comments": _by_id(one for some in state.comments.values() for one in some),
        "suspended_tickets": _by_id(state.suspended.values()),
        "satisfaction_ratings": _by_id(state.ratings.values()),
        "deleted_users": [asdict(state.purged[key]) for key in sorted(state.purged)],
        "deleted_tickets": [asdict(state.trash[key]) for key in sorted(state.trash)],
    }


def _by_id(records: Any) -> list[Record]:
    return sorted((dict(record) for record in records), key=lambda record: record["id"])


def _rows(mapping: Mapping[str, object], name: str) -> Iterator[tuple[str, Mapping[str, object]]]:
    """Yield the records of one list, each with its place for an error."""
    rows = mapping.get(name) or []
    if not isinstance(rows, list):
        raise DataError(f"{name} must be a list of objects.")
    for number, row in enumerate(rows):
        place = f"{name}[{number}]"
        if not isinstance(row, Mapping):
            raise DataError(f"{place} must be an object.")
        yield place, row


def _whole(place: str, given: Mapping[str, object], field: str = "id") -> int:
    value = given.get(field)
    if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
        raise DataError(f"{place}.{field} must be a positive whole number.")
    return value


def _record(place: str, given: Mapping[str, object], base: Mapping[str, object]) -> Record:
    """Return a record with the defaults filled in, with lists and objects of its own."""
    _whole(place, given)
    record = defaults.fresh({**base, **given})
    if record.get("updated_at") is None and "updated_at" in base:
        record["updated_at"] = record["created_at"]
    for field in ("created_at", "updated_at"):
        if field in record:
            _check_time(f"{place}.{field}", record[field])
    return record


def _check_time(place: str, value: object) -> None:
    try:
        defaults.instant(_text(value))
    except (TypeError, ValueError):
        raise DataError(f"{place} must be a time in UTC such as 2024-09-06T18:52:11Z.") from None


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _unique(records: dict[int, Record], place: str, record: Record) -> None:
    if record["id"] in records:
        raise DataError(f"{place}.id is the id of an earlier record; give each its own.")
    records[record["id"]] = record


def _known(place: str, value: Any, known: Container[object], kind: str) -> None:
    if value not in known:
        raise DataError(f"{place} names no {kind} of this data.")


def _simple(into: dict[int, Record], mapping: Mapping[str, object], name: str, base: Mapping[str, object]) -> None:
    for place, given in _rows(mapping, name):
        _unique(into, place, _record(place, given, base))


def _add_user(state: HelpdeskState, place: str, given: Mapping[str, object]) -> None:
    role = given.get("role", "end-user")
    if role not in ROLES:
        raise DataError(f"{place}.role must be one of {', '.join(sorted(ROLES))}.")
    base = defaults.USER if role == "end-user" else {**defaults.USER, **defaults.STAFF}
    user = _record(place, given, base)
    if user["phone"] and user["shared_phone_number"] is None:
        user["shared_phone_number"] = False
    _unique(state.users, place, user)


def _add_identity(state: HelpdeskState, place: str, given: Mapping[str, object]) -> None:
    _known(f"{place}.user_id", given.get("user_id"), state.users, "user")
    identity = _record(place, given, defaults.IDENTITY)
    state.identities.setdefault(identity["user_id"], []).append(_deliverable(identity))


def _deliverable(identity: Record) -> Record:
    """Return the two fields that only e-mail identities have."""
    if identity["type"] == "email":
        identity.setdefault("undeliverable_count", 0)
        identity.setdefault("deliverable_state", "deliverable")
    return identity


def _ticket(state: HelpdeskState, place: str, given: Mapping[str, object]) -> Record:
    ticket = _record(place, given, defaults.TICKET)
    if ticket["status"] not in STATUSES:
        raise DataError(f"{place}.status must be one of {', '.join(sorted(STATUSES))}.")
    # A ticket outlives its requester once it is closed, so a dump may name users that are gone.
    known: Container[object] = state.users if ticket["status"] != "closed" else {ticket["requester_id"]}
    _known(f"{place}.requester_id", ticket["requester_id"], known, "user")
    if ticket["submitter_id"] is None:
        ticket["submitter_id"] = ticket["requester_id"]
    if ticket["raw_subject"] is None:
        ticket["raw_subject"] = ticket["subject"]
    return ticket


def _add_comments(state: HelpdeskState, mapping: Mapping[str, object]) -> None:
    seen: dict[int, Record] = {}
    files: dict[int, Record] = {}
    for place, given in _rows(mapping, "comments"):
        comment = _comment(state, place, given)
        _unique(seen, place, comment)
        for number, one in enumerate(comment["attachments"]):
            _unique(files, f"{place}.attachments[{number}]", one)
        state.comments.setdefault(comment["ticket_id"], []).append(comment)
    for thread in state.comments.values():
        thread.sort(key=lambda comment: (comment["created_at"], comment["id"]))
    state.reserve(max([*seen, *files, 0]))


def _comment(state: HelpdeskState, place: str, given: Mapping[str, object]) -> Record:
    _known(f"{place}.ticket_id", given.get("ticket_id"), {*state.tickets, *state.trash}, "ticket")
    comment = _record(place, given, defaults.COMMENT)
    if comment["html_body"] is None:
        comment["html_body"] = to_html(comment["body"])
    comment["attachments"] = [
        _attachment(f"{place}.attachments[{number}]", one) for number, one in enumerate(comment["attachments"])
    ]
    if comment["type"] != "Comment":
        comment["data"] = dict(defaults.VOICE) | dict(comment.get("data") or {})
    _check_base64(f"{place}.recording_base64", comment.get("recording_base64"))
    return comment


def to_html(body: str) -> str:
    """Return the HTML that the helpdesk makes of a comment's plain text."""
    paragraphs = "<br>".join(html.escape(body, quote=False).split("\n"))
    return f'<div class="zd-comment" dir="auto">{paragraphs}</div>'


def _attachment(place: str, given: Mapping[str, object]) -> Record:
    _check_base64(f"{place}.content_base64", given.get("content_base64"))
    return _record(place, given, defaults.ATTACHMENT)


def _check_base64(place: str, value: object) -> None:
    if value is None:
        return
    try:
        base64.b64decode(_text(value), validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise DataError(f"{place} is not valid Base64.") from None


def _restore_deleted(state: HelpdeskState, mapping: Mapping[str, object]) -> None:
    for place, given in _rows(mapping, "deleted_users"):
        _build(place, Purged, given, lambda one: state.purged.__setitem__(one.record["id"], one))
    for place, given in _rows(mapping, "deleted_tickets"):
        _build(place, Trashed, given, lambda one: state.trash.__setitem__(one.ticket["id"], one))


def _build(place: str, kind: type[Any], given: Mapping[str, object], keep: Callable[[Any], None]) -> None:
    try:
        keep(kind(**given))
    except (TypeError, KeyError):
        raise DataError(f"{place} is not what a dump writes there; leave the list out of new data.") from None


def _finish(state: HelpdeskState, *, derive: bool) -> None:
    """Set aside the ids in use, derive identities, and check that nothing has two owners."""
    for records in (state.users, state.organizations, state.memberships, state.suspended, state.ratings):
        state.reserve(max(records, default=0))
    for some in state.identities.values():
        state.reserve(max(identity["id"] for identity in some))
    for user in state.users.values():
        if derive and user["active"]:
            some = state.identities.setdefault(user["id"], [])
            some[:0] = list(_derived(state, user, {str(one["value"]).casefold() for one in some}))
    _check_owners(state)


def _derived(state: HelpdeskState, user: Record, known: set[str]) -> Iterator[Record]:
    """Yield the identities that a user's e-mail and direct line imply and that are not known yet."""
    phone = None if user["shared_phone_number"] else user["phone"]
    for kind, value in (("email", user["email"]), ("phone_number", phone)):
        if value and value.casefold() not in known:
            identity = dict(defaults.IDENTITY) | {"id": state.next_id(), "user_id": user["id"], "type": kind}
            identity |= {"value": value, "primary": True, "created_at": user["created_at"]}
            yield _deliverable(identity | {"updated_at": user["created_at"]})


def _check_owners(state: HelpdeskState) -> None:
    """E-mail addresses, direct lines and external ids belong to one user each."""
    owners: dict[tuple[str, str], int] = {}
    claims = [
        (one["type"], one["value"], owner)
        for owner, some in state.identities.items()
        for one in some
        if one["type"] in {"email", "phone_number"}
    ]
    claims += [("external_id", user["external_id"], user["id"]) for user in state.users.values() if user["external_id"]]
    for kind, value, owner in claims:
        if owners.setdefault((kind, str(value).casefold()), owner) != owner:
            message = f"Users {owners[kind, str(value).casefold()]} and {owner} have the same {kind}; "
            raise DataError(message + "the helpdesk allows one owner (a number in use by several must be shared).")
