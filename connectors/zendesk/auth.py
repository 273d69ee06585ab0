"""Sign-in of the connector: OAuth client credentials, or a legacy API token."""

from __future__ import annotations

import base64
import time
from typing import TypedDict, cast

from connectors.http import HttpClient, Patience
from connectors.settings import SecretRef
from connectors.zendesk.settings import ZendeskSettings
from rightsflow.domain.errors import Misconfigured, Permanent

_EARLY_SECONDS = 60.0
"""A token is replaced this long before its end, so that it does not end on the way."""


class _Token(TypedDict, total=False):
    """Zendesk's answer to the client's credentials."""

    access_token: str
    scope: str
    expires_in: float


class ClientCredentials:
    """An OAuth access token by the grant ``client_credentials``, cached until it expires or is refused.

    Args:
        http: A client without credentials.
        client_id: The OAuth client's name.
        client_secret: Where its secret lies; read at each new token, so that a rotated one is picked up.
        scope: The scopes to ask for.
    """

    def __init__(self, http: HttpClient, client_id: str, client_secret: SecretRef, scope: str) -> None:
        self._http = http
        self._client_id = client_id
        self._client_secret = client_secret
        self._scope = scope
        self._token: _Token = {}
        self._ends_at = 0.0

    @property
    def granted_scopes(self) -> frozenset[str]:
        """The scopes of the token, as Zendesk granted them."""
        return frozenset(str(self._token.get("scope") or self._scope).split())

    def header(self) -> str:
        """The value of ``Authorization``; asks for a token if there is none."""
        # Taken once: another thread may drop it meanwhile.
        token = self._token
        if not token or time.monotonic() >= self._ends_at:
            token = self._ask()
        return f"Bearer {token['access_token']}"

    def renew(self) -> bool:
        """Drop the token; another can always be asked for."""
        self._token = {}
        return True

    def _ask(self) -> _Token:
        wanted = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret.reveal(),
            "scope": self._scope,
        }
        # A second token does no harm, so a lost answer may be asked for again by the orchestration.
        answer = self._http.call("sign in", "POST", "/oauth/tokens", body=wanted, allow=(400, 401, 403))
        if answer.status_code != 200:
            raise Misconfigured(
                f"The system {self._http.system} did not accept client_id and client_secret for the scope asked for; "
                "check the OAuth client in the Admin Center and renew its secret."
            )
        token = cast("_Token", self._http.json("sign in", answer))
        if not token.get("access_token"):
            raise Permanent(
                "The system gave no access token; check that its OAuth client allows client credentials.",
                system=self._http.system,
                operation="sign in",
            )
        self._token = token
        lifetime = float(token.get("expires_in") or 3600.0)
        self._ends_at = time.monotonic() + max(lifetime - _EARLY_SECONDS, 0.0)
        return token


class ApiToken:
    """A legacy API token in HTTP Basic, ``{agent_email}/token`` for the user part.

    Args:
        user: The administrator as whom it acts.
        token: Where the token lies.
    """

    granted_scopes = frozenset({"read", "write", "impersonate"})

    def __init__(self, user: str, token: SecretRef) -> None:
        self._user = user
        self._token = token

    def header(self) -> str:
        """The value of ``Authorization``."""
        pair = f"{self._user}/token:{self._token.reveal()}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def renew(self) -> bool:
        """A refused token stays refused."""
        return False


SignIn = ClientCredentials | ApiToken


def sign_in(system: str, settings: ZendeskSettings, patience: Patience) -> SignIn:
    """The credentials that the settings describe; no call is made yet."""
    if settings.api_user and settings.api_token:
        return ApiToken(settings.api_user, settings.api_token)
    if settings.client_secret is None:
        raise Misconfigured(f"The system {system} has no client_secret; add it to the configuration.")
    bare = HttpClient(system, settings.base_url, patience=patience)
    return ClientCredentials(bare, settings.client_id, settings.client_secret, settings.scope)
