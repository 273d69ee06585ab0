"""The sections about the desk, at which people work signed in, and about an identity provider (OpenID Connect)."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.section import Strict, encrypted_endpoint
from rightsflow.domain.accounts import Lifetimes


def _issuer(url: str) -> str:
    encrypted_endpoint(url)
    # Unchanged: tokens name the issuer letter by letter, some with a slash at the end.
    return url


class OidcSettings(Strict):
    """An identity provider for signing in at the desk. It proves identities; roles are defined in this file.

    Register the address of the desk with ``/desk/sign-in/oidc/back`` behind it as the redirect address there.

    Args:
        issuer: Its address, letter by letter as its discovery document names it.
        client_id: The client's id for the desk there.
        client_secret: A reference to the client's secret; none for a public client, which PKCE protects alone.
        claim: The claim that identifies the person: ``email``, which the provider has to mark as verified and which
            belongs to one person of the file; or ``sub``, which is the person's ``oidc_subject``.
        acr: The classes of authentication of which a token has to have one; empty for any. They are requested, too.
        label: The label of the button.
    """

    issuer: Annotated[str, AfterValidator(_issuer)]
    client_id: str = Field(min_length=1)
    client_secret: SecretRef | None = None
    claim: Literal["email", "sub"] = "email"
    acr: tuple[str, ...] = ()
    label: str = Field(default="Sign in with your organisation's account", min_length=1, max_length=60)


def _address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("give the server's address without a path, such as https://rights.example.com")
    return text.rstrip("/")


class DeskSettings(Strict):
    """The desk, at which people work signed in. It is served as soon as anybody in the file has a role.

    Args:
        address: The address of the server with the desk, such as ``https://rights.example.com``. Alerts, the board, the
            sheets and suspended runs link to it. By default the address of ``RIGHTSFLOW_PUBLIC_URL``, or the one at
            which ``up`` serves it; without a known address there are no links.
        typed_names: The validity of actions under a typed name (``--by``): decisions at
            gates, all other actions on cases, access to personal data, the export of evidence. ``"refused"`` by default
            if there is a desk; ``"allowed"`` is for scripts, and the evidence marks typed names. Opening and importing
            requests, which decides nothing, and setting a brake are possible under a typed name in any case.
        idle_minutes: The number of minutes without a request after which a session ends.
        session_hours: The number of hours after which a session ends in any case.
        initials: Whether lists at the desk show the initials of the person beside a case. They are personal data, which
            everyone who may read cases then sees without a ledger entry; ``false`` by default.
        oidc: An identity provider by which people sign in; ``None`` for none.
        measure_minutes: Whether the statistics estimate the minutes that a case takes at the desk. Off by default: in
            Germany the works council decides on it (§ 87(1) no. 6 BetrVG). Only sums of cases are stored, no person's.
    """

    address: Annotated[str, AfterValidator(_address)] | None = None
    typed_names: Literal["refused", "allowed"] = "refused"
    idle_minutes: Annotated[int, Field(ge=1, le=480, strict=True)] = 30
    session_hours: Annotated[int, Field(ge=1, le=72, strict=True)] = 10
    initials: bool = False
    oidc: OidcSettings | None = None
    measure_minutes: bool = False

    @property
    def lifetimes(self) -> Lifetimes:
        """The lifetimes of a session."""
        return Lifetimes(idle=timedelta(minutes=self.idle_minutes), absolute=timedelta(hours=self.session_hours))
