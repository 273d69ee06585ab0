"""The section about signing in by an identity provider of one's own (OpenID Connect)."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.endpoints import encrypted_endpoint
from rightsflow.config.sections.section import Strict


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
