"""Access to the API: clients of the account, their tokens, and the scope of a token."""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from rightsflow_sandbox.helpdesk.errors import ApiError, forbidden, not_authenticated

RESOURCES: Final = frozenset(
    {"tickets", "users", "organizations", "satisfaction_ratings", "hc", "auditlogs", "macros", "triggers", "webhooks"}
)
"""Resources that a scope can be narrowed to."""
KNOWN_SCOPES: Final = frozenset({"read", "write", "impersonate"}) | {
    f"{resource}:{right}" for resource in RESOURCES for right in ("read", "write")
}
TOKEN_SECONDS: Final = 7200


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An OAuth client of the account, with the rights of the user it acts as.

    Args:
        client_id: Its public name.
        secret: Its secret.
        role: ``"admin"`` or ``"agent"``; what needs an administrator answers an agent with 403.
        may_delete: Whether an agent has the permission to delete users and tickets.
        restriction: ``None`` for all tickets; ``"assigned"``, ``"groups"`` or ``"organization"`` (the agent's own) for
            a restricted agent, whose lists are short without any error.
        group_ids: The groups of a restricted agent.
        user_id: The user it acts as; the first administrator in the data if ``None``.
    """

    client_id: str
    secret: str
    role: str = "admin"
    may_delete: bool = True
    restriction: str | None = None
    group_ids: frozenset[int] = frozenset()
    user_id: int | None = None


@dataclass(frozen=True, slots=True)
class Token:
    """An issued access token."""

    client: Client
    scopes: frozenset[str]
    ends_at: datetime

    def check(self, resource: str, right: str) -> None:
        """See whether the token's scopes reach a resource.

        An unknown scope is accepted when the token is made, and then every call is refused (third-party probe of
        2026).

        Args:
            resource: One of :data:`RESOURCES`, or empty for what any scope with the right reaches.
            right: ``"read"`` or ``"write"``.

        Raises:
            ApiError: 403.
        """
        if not self.scopes <= KNOWN_SCOPES:
            raise forbidden()
        narrow = (scope.endswith(f":{right}") for scope in self.scopes)
        if right in self.scopes or f"{resource}:{right}" in self.scopes or (not resource and any(narrow)):
            return
        raise forbidden()


class ApiAccess:
    """The account's clients and the tokens that are valid."""

    def __init__(self) -> None:
        self.clients: dict[str, Client] = {}
        self.tokens: dict[str, Token] = {}

    def register(self, client: Client) -> None:
        """Add a client, or replace the one of the same id."""
        self.clients[client.client_id] = client

    def revoke_all(self) -> None:
        """Make every token invalid at once, as after its lifetime."""
        self.tokens.clear()

    def issue(self, form: Mapping[str, Any], now: datetime) -> dict[str, Any]:
        """Answer ``POST /oauth/tokens``.

        Raises:
            ApiError: 400 for a grant that is not offered, 401 for an unknown client or a wrong secret.
        """
        if form.get("grant_type") != "client_credentials":
            text = "The authorization grant type is not supported by the authorization server."
            raise ApiError(400, {"error": "unsupported_grant_type", "error_description": text})
        client = self.clients.get(str(form.get("client_id", "")))
        given = str(form.get("client_secret", ""))
        if client is None or not hmac.compare_digest(client.secret.encode(), given.encode()):
            text = "Client authentication failed due to unknown client or no client authentication included."
            raise ApiError(401, {"error": "invalid_client", "error_description": text})
        scope = str(form.get("scope") or "read")
        seconds = form.get("expires_in") or TOKEN_SECONDS
        if not str(seconds).isdigit() or not 300 <= int(seconds) <= 172_800:
            text = "expires_in must be between 300 and 172800 seconds"
            raise ApiError(400, {"error": "invalid_request", "error_description": text})
        value = secrets.token_hex(32)
        self.tokens[value] = Token(client, frozenset(scope.split()), now + timedelta(seconds=int(seconds)))
        return {"access_token": value, "token_type": "bearer", "scope": scope, "expires_in": int(seconds)}

    def token(self, authorization: str, now: datetime) -> Token:
        """Return the token of an ``Authorization`` header.

        Raises:
            ApiError: 401, no bearer token, or an unknown or expired one.
        """
        kind, _, value = authorization.partition(" ")
        found = self.tokens.get(value.strip())
        if kind.lower() != "bearer" or found is None or found.ends_at <= now:
            raise not_authenticated()
        return found
