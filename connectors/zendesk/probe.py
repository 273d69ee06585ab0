"""Check of an account: our rights there, the completeness of our lists, and samples of stored profiles."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import cast

from connectors.zendesk.client import PAGE, Api, ApiToken, Record, SignIn
from connectors.zendesk.conversations import Session
from rightsflow.domain.connector import Health, Sample
from rightsflow.domain.errors import Misconfigured, RightsflowError
from rightsflow.domain.identifiers import IdentifierKind, parse_leniently

_WRITING = frozenset({"write", "tickets:write"})
_CONTACT = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE})


def require_whole_view(api: Api) -> Record:
    """See to it that lists are complete: only an administrator's are, a restricted agent's are short without an error.

    Returns:
        The user as whom the connector acts.

    Raises:
        Misconfigured: The account takes us for no one, or for a person who does not see everything.
    """
    user = cast("Record", api.get("/users/me").get("user") or {})
    # Bad credentials may be answered by 200 and an anonymous user.
    if not user.get("id"):
        raise Misconfigured(
            f"The system {api.http.system} takes the connector for an anonymous user; check the OAuth client."
        )
    if user.get("role") != "admin" or user.get("ticket_restriction") or user.get("restricted_agent"):
        raise Misconfigured(
            f"The system {api.http.system} lets the connector act as a restricted agent, whose lists are short without "
            "an error; let the OAuth client belong to an administrator."
        )
    return user


def probe(api: Api, credentials: SignIn) -> Health:
    """The answer to a probe; never an error."""
    try:
        require_whole_view(api)
        # Being a person is not enough: a token with a misspelt scope is accepted and then reaches nothing.
        for path in ("/tickets", "/users", "/deleted_users"):
            api.get(path, {"page[size]": 1})
    except RightsflowError as error:
        return Health(ok=False, detail=str(error.args[0]))
    granted = credentials.granted_scopes
    if not granted & _WRITING:
        detail = "The scope allows reading only, so nothing could be erased; set scope to: read write."
        return Health(ok=False, detail=detail, excessive_rights=_excessive(credentials))
    return Health(
        ok=True,
        detail="Signed in as an administrator; tickets, users and deleted users can be read.",
        excessive_rights=_excessive(credentials),
    )


def _excessive(credentials: SignIn) -> tuple[str, ...]:
    if isinstance(credentials, ApiToken):
        return ("an API token can act as any user of the account (and ends on 2027-04-30): use an OAuth client",)
    needless = sorted(credentials.granted_scopes & {"impersonate", "hc:write", "webhooks:write", "triggers:write"})
    return tuple(f"the scope {scope} is not needed" for scope in needless)


def samples(session: Session) -> Iterator[Sample]:
    """Yield a sample for e-mail addresses and numbers, and one for each configured field; one call."""
    listed = session.api.by_cursor("/users", "users", {"role": "end-user"})
    users = list(islice(listed, PAGE))
    read = [session.directory.person(user, ()).identifiers for user in users]
    contacts = sum(any(identifier.kind in _CONTACT for identifier in identifiers) for identifiers in read)
    yield Sample(what="end users with an e-mail address or a phone number", looked_at=len(users), readable=contacts)
    settings = session.settings
    customer_ids = _field(settings.customer_id_field, users)
    # Accounts that keep no customer ids need not say so: the field has a default.
    if customer_ids.looked_at or "customer_id_field" in settings.model_fields_set:
        yield customer_ids
    for field in settings.account_id_fields:
        yield _field(field, users)
    for field, kind in settings.identifier_fields.items():
        yield _field(field, users, kind)
    yield from _ticket_samples(session)


def _ticket_samples(session: Session) -> Iterator[Sample]:
    """Yield a sample for each declared field of tickets; one call."""
    fields = session.settings.ticket_identifier_fields
    tickets = list(islice(session.api.by_cursor("/tickets", "tickets"), PAGE)) if fields else []
    for field, kind in fields.items():
        held = (item for ticket in tickets for item in ticket.get("custom_fields") or () if item["id"] == field)
        filled = [item["value"] for item in held if item.get("value")]
        readable = sum(parse_leniently(kind, value, country=session.place.country) is not None for value in filled)
        yield Sample(what=f"values of the ticket field {field}", looked_at=len(filled), readable=readable)


def _field(field: str, users: Sequence[Record], kind: IdentifierKind = IdentifierKind.CUSTOMER_ID) -> Sample:
    """Return a sample of a field; a field in no profile is misspelt, and counts as unreadable in each."""
    if field == "external_id":
        values = [user.get(field) for user in users]
    else:
        holders = [fields for user in users if field in (fields := user.get("user_fields") or {})]
        values = [fields[field] for fields in holders]
        if not holders:
            return Sample(what=f"end users with the field {field}", looked_at=len(users), readable=0)
    filled = [value for value in values if value not in (None, "")]
    # Account ids are read as customer ids are; who issued them does not matter here.
    readable = sum(parse_leniently(kind, value) is not None for value in filled)
    return Sample(what=f"values of the field {field}", looked_at=len(filled), readable=readable)
