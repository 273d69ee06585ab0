"""Check of an account: our rights there, and the completeness of our lists."""

from __future__ import annotations

from typing import cast

from connectors.zendesk.auth import ApiToken, SignIn
from connectors.zendesk.client import Api
from connectors.zendesk.shapes import Record
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import Misconfigured, RightsflowError

_WRITING = frozenset({"write", "tickets:write"})


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
