"""The data that a browser takes to an identity provider, and the answer that it brings back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The request that a browser took to the provider, and that the answer has to match.

    Args:
        state: Comes back with the answer.
        nonce: Stands in the token.
        verifier: Proves that who asked gets the token (PKCE).
        back: Where the provider sends the browser back to.
        is_afresh: Whether the person has to prove it anew there.
        at: When it was (aware).
    """

    state: str
    nonce: str
    verifier: str = field(repr=False)
    back: str
    is_afresh: bool
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """The facts that a token proves.

    Args:
        subject: The provider's own name for the person.
        email: Their address, if the provider calls it verified; empty otherwise.
        proved_at: When they proved it there (aware); ``None`` where the provider does not say.
        acr: The class of that proof, as the provider calls it.
        amr: Its means.
    """

    subject: str = field(repr=False)
    email: str = field(repr=False)
    proved_at: datetime | None
    acr: str
    amr: str
