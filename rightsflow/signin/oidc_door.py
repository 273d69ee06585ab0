"""People who sign in by an identity provider: sent there, taken back, and let in if they are people of the file."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from rightsflow.config.sections.desk_settings import OidcSettings
from rightsflow.domain.accounts import ELSEWHERE_LASTS
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import Proof
from rightsflow.signin.members import Member
from rightsflow.signin.oidc_answer import Asked, Proven
from rightsflow.signin.sessions import TOKEN_BYTES, SessionDoor, hashed

if TYPE_CHECKING:
    from rightsflow.signin.oidc_provider import OidcProvider

BACK: Final = "/sign-in/oidc/back"
"""The path that the provider sends browsers back to, below the desk's pages."""
_PURPOSE: Final = "sign in by OIDC"
_VERIFIER_BYTES: Final = 48
_NOT_ASKED: Final = "No sign-in is under way in this browser, or it took too long; start again."
_NO_ONE: Final = "The identity provider knows you, and you have no role here; ask who manages the people."
_NO_PROVIDER: Final = "There is no identity provider here; sign in by password or passkey."


@dataclass(frozen=True, slots=True, kw_only=True)
class CameBack:
    """The person who came back from the provider.

    Args:
        token: The token of the session: a new one, or that of the session that was proved afresh.
        is_afresh: Whether it was that.
        path: Where to go on.
    """

    token: str = field(repr=False)
    is_afresh: bool
    path: str


class OidcDoor:
    """The sign-in at an identity provider.

    Args:
        sessions: The sessions, with the store and those who may sign in.
    """

    def __init__(self, sessions: SessionDoor) -> None:
        self._sessions = sessions

    @property
    def label(self) -> str:
        """The label of the button; empty if there is no provider."""
        settings = self._sessions.roster().desk.oidc
        return settings.label if settings else ""

    def address(self, holder: str, *, origin: str, path: str, is_afresh: bool) -> str:
        """Return the address that a browser is sent to for signing in.

        Args:
            holder: What the browser holds: the cookie that it comes back with.
            origin: The desk's own address that it called.
            path: Where it goes on to afterwards.
            is_afresh: Whether the person has to prove anew who they are.

        Raises:
            BadInput: There is no provider.
            Transient: It does not answer.
        """
        provider, store = self._provider(), self._sessions.store
        asked = Asked(
            state=secrets.token_urlsafe(TOKEN_BYTES),
            nonce=secrets.token_urlsafe(TOKEN_BYTES),
            verifier=secrets.token_urlsafe(_VERIFIER_BYTES),
            back=f"{origin}/desk{BACK}",
            is_afresh=is_afresh,
            at=store.now(),
        )
        url = provider.address(asked)
        kept = asdict(asked) | {"at": asked.at.isoformat(), "path": path}
        store.challenges.keep(hashed(holder), _PURPOSE, json.dumps(kept).encode(), lasts=ELSEWHERE_LASTS)
        return url

    def address_to_leave(self, back: str) -> str:
        """Return the address at which a browser also signs out at the provider; empty if the provider has none.

        Args:
            back: Where it may come back to.

        Raises:
            BadInput: There is no provider.
            Transient: It does not answer.
        """
        return self._provider().address_to_leave(back)

    def come_back(self, holder: str, answer: Mapping[str, str]) -> CameBack:
        """Sign in the person who comes back, if the answer is right and the file lists them.

        Args:
            holder: What the browser holds; of a session that is proved afresh, its token.
            answer: What it came back with.

        Raises:
            BadInput: The answer is not to what this browser was sent with, or the person has no role, or is another one
                than the session's.
            Transient: The provider does not answer.
        """
        kept = self._sessions.store.challenges.take(hashed(holder), _PURPOSE) if holder else None
        if kept is None:
            raise BadInput(_NOT_ASKED)
        state = json.loads(kept)
        path = str(state.pop("path"))
        asked = Asked(**state | {"at": datetime.fromisoformat(state["at"])})
        proven = self._provider().proven(asked, answer)
        member, how = self._member(proven), {"acr": proven.acr, "amr": proven.amr}
        if asked.is_afresh:
            if self._sessions.present(holder).member.key != member.key:
                raise BadInput("You signed in there as another person; sign out there, and try again.")
            self._sessions.step_up_elsewhere(holder, how)
            return CameBack(token=holder, is_afresh=True, path=path)
        # A person signed in there already has not proved anything now: access to personal data requires that.
        token = self._sessions.begin_as(member, Proof.OIDC, proved_at=proven.proved_at, how=how)
        return CameBack(token=token, is_afresh=False, path=path)

    def _member(self, proven: Proven) -> Member:
        members, settings = self._sessions.roster().members.values(), self._settings()
        if settings.claim == "sub":
            matching = [member for member in members if member.subject and member.subject == proven.subject]
        else:
            wanted = proven.email.casefold()
            matching = [member for member in members if wanted and member.email.casefold() == wanted]
        if len(matching) != 1:
            # If two people share an address, it does not identify either of them.
            raise BadInput(_NO_ONE)
        return matching[0]

    def _settings(self) -> OidcSettings:
        settings = self._sessions.roster().desk.oidc
        if settings is None:
            raise BadInput(_NO_PROVIDER)
        return settings

    def _provider(self) -> OidcProvider:
        # Late: its libraries take 11 MB, and most desks have no provider.
        from rightsflow.signin.oidc_provider import OidcProvider  # noqa: PLC0415

        return OidcProvider(self._settings(), self._sessions.store.now())
