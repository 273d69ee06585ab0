"""The door of the desk: invite, redeem, sign in, prove it afresh, sign out. Each refusal is one sentence."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rightsflow.domain.accounts import FREE_ATTEMPTS, check_password
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import Proof, folded
from rightsflow.signin.invitations import NO_INVITATION, Invitations, new_secret, step_of
from rightsflow.signin.members import Member, Roster
from rightsflow.signin.oidc_door import OidcDoor
from rightsflow.signin.passkey_door import PasskeyDoor
from rightsflow.signin.sessions import TOKEN_BYTES, Drafts, KnownBrowsers, SessionDoor, hashed
from rightsflow.store import Store
from rightsflow.store.accounts import Account

_NOT_LET_IN: Final = "That does not fit: check name, password and the code that your app shows now."
_NEW_APP: Final = "authenticator"
_APP_LASTS: Final = timedelta(minutes=10)
_NO_COOKIES: Final[Mapping[str, str]] = MappingProxyType({})
_WRONG_CODE: Final = "The code does not fit; type the one that your app shows now. Each code counts once."


class Door:
    """The sign-in of people who prove their identity.

    Args:
        store: Gives the case store; asked for at each use, since it may not answer while the desk starts.
        roster: Gives those who may sign in, as of now.
        hasher: Hashes passwords; argon2id with the library's present parameters (RFC 9106) by default.
    """

    def __init__(
        self, store: Callable[[], Store], roster: Callable[[], Roster], hasher: PasswordHasher | None = None
    ) -> None:
        self.sessions = SessionDoor(store, roster)
        self.invitations = Invitations(self.sessions)
        self.passkeys = PasskeyDoor(self.sessions, self.invitations)
        self.oidc = OidcDoor(self.sessions)
        self.drafts = Drafts(self.sessions)
        self.browsers = KnownBrowsers(self.sessions)
        self.invite, self.invited = self.invitations.invite, self.invitations.invited
        self.known, self.sign_out = self.sessions.known, self.sessions.sign_out
        self.sign_out_everywhere = self.sessions.sign_out_everywhere
        self._hasher = hasher or PasswordHasher()
        # The hash that is compared if there is no account, so that the time does not reveal existing names.
        self._no_ones = self._hasher.hash(secrets.token_urlsafe(TOKEN_BYTES))

    @property
    def _store(self) -> Store:
        return self.sessions.store

    def redeem(self, token: str, *, password: str, again: str, code: str, session: str = "") -> str:
        """Make an account of an invitation and sign its person in; returns the session's token.

        Args:
            token: The token of the invitation.
            password: The password that the person chose.
            again: The same.
            code: What their app shows, which proves that it has the secret.
            session: The session in the same browser, which proves an earlier sign-in; empty for none.

        Raises:
            BadInput: The invitation is over, or replaces a sign-in without its proof or a second admin's approval; the
                password cannot be used, or the code does not fit.
        """
        member, secret = self.invitations.invited(token)
        check_password(password, again, names=(member.key, member.name))
        step = step_of(secret, code, self._store.now())
        if step is None:
            raise BadInput(_WRONG_CODE)
        kept = self._hasher.hash(password)
        is_old = self.invitations.is_old_sign_in(session, member.key)
        person = self._store.accounts.redeem(
            hashed(token), password_hash=kept, last_code=step, is_signed_in=is_old, by=member.name
        )
        if person is None:
            raise BadInput(NO_INVITATION)
        return self.sessions.begin(member, Proof.PASSWORD_AND_CODE)

    def sign_in(
        self, typed: str, password: str, code: str, *, address: str = "", cookies: Mapping[str, str] = _NO_COOKIES
    ) -> str:
        """Sign a person in by password and code; returns the session's token.

        Args:
            typed: Their key or name.
            password: Their password.
            code: What their app shows.
            address: Whence it is tried; empty where that is not known.
            cookies: What the browser sent along, by which it may be one of the person's.

        Raises:
            BadInput: Something does not fit; the answer does not say what.
            Conflict: It was tried too often; it says from when on it can be tried again.
        """
        member = self.sessions.roster().called(typed)
        name = member.key if member else folded(typed)
        counted = self.browsers.counted(name, member.key if member else "", address, cookies)
        self._begin_attempt(counted)
        account = self._store.accounts.of(member.key) if member else None
        knows_password = self._fits(account, password)
        if member is None or account is None or not knows_password or not self._takes(account, code):
            raise BadInput(_NOT_LET_IN)
        self._store.sessions.forget_failures(counted)
        return self.sessions.begin(member, Proof.PASSWORD_AND_CODE)

    def step_up(self, token: str, code: str) -> None:
        """Accept a fresh code of the person who is signed in.

        Args:
            token: The session's token.
            code: What their app shows.

        Raises:
            BadInput: No one is signed in by that, or the code does not fit.
            Conflict: It was tried too often.
        """
        signed_in = self.sessions.present(token)
        name = signed_in.member.key
        # For itself: who is not signed in cannot lock anybody out of it.
        counted = {f"step-up\n{name}": FREE_ATTEMPTS}
        self._begin_attempt(counted)
        account = self._store.accounts.of(name)
        if account is None or not account.has_password or not self._takes(account, code):
            raise BadInput(_WRONG_CODE)
        self._store.sessions.forget_failures(counted)
        self.sessions.step_up(token)

    def change_password(self, token: str, current: str, *, password: str, again: str) -> int:
        """Replace the password of the person who is signed in; returns how many other sessions ended.

        Args:
            token: The session's token, which goes on.
            current: The present password.
            password: The new one.
            again: The same.

        Raises:
            BadInput: The present password does not fit, or the new one cannot be used.
            Conflict: It was tried too often.
        """
        member = self.sessions.present(token).member
        check_password(password, again, names=(member.key, member.name))
        self._demand_password(member, current)
        kept = self._hasher.hash(password)
        return self._store.accounts.change_password(member.key, kept, session_hash=hashed(token), by=member.name)

    def offer_app(self, token: str) -> str:
        """Return a new secret for an app of the person who is signed in; it counts once they prove it.

        Args:
            token: The session's token.
        """
        self.sessions.present(token)
        secret = new_secret()
        self._store.challenges.keep(hashed(token), _NEW_APP, secret.encode(), lasts=_APP_LASTS)
        return secret

    def offered_app(self, token: str) -> str:
        """Return the secret that was offered in a session; empty for none.

        Args:
            token: The session's token.
        """
        found = self._store.challenges.seen(hashed(token), _NEW_APP)
        return found.decode() if found else ""

    def change_app(self, token: str, current: str, code: str) -> int:
        """Replace the authenticator app of the person who is signed in; returns how many other sessions ended.

        Args:
            token: The session's token, which goes on.
            current: The present password.
            code: What the new app shows.

        Raises:
            BadInput: Password or code do not fit, or no new app was offered.
            Conflict: It was tried too often.
        """
        member, secret = self.sessions.present(token).member, self.offered_app(token)
        if not secret:
            raise BadInput("The picture is out of date; have a new one made.")
        self._demand_password(member, current)
        step = step_of(secret, code, self._store.now())
        if step is None:
            raise BadInput(_WRONG_CODE)
        self._store.challenges.take(hashed(token), _NEW_APP)
        session = hashed(token)
        return self._store.accounts.change_codes(member.key, secret, step, session_hash=session, by=member.name)

    def _demand_password(self, member: Member, password: str) -> None:
        counted = {f"step-up\n{member.key}": FREE_ATTEMPTS}
        self._begin_attempt(counted)
        if not self._fits(self._store.accounts.of(member.key), password):
            raise BadInput("The present password does not fit.")
        self._store.sessions.forget_failures(counted)

    def has_codes(self, key: str) -> bool:
        """Return whether a person has a password and authenticator codes."""
        account = self._store.accounts.of(key)
        return account is not None and account.has_password

    def members(self) -> list[tuple[Member, datetime | None]]:
        """Return all people who may sign in, with the time of their account (aware); ``None`` if they have none yet."""
        made = {account.person: account.made_at for account in self._store.accounts.all()}
        return [(member, made.get(member.key)) for member in self.sessions.roster().members.values()]

    def _begin_attempt(self, counted: Mapping[str, int]) -> None:
        until = self._store.sessions.begin_attempt(counted)
        if until is not None:
            seconds = max(1, round((until - self._store.now()).total_seconds()))
            raise Conflict(f"It was tried too often; try again in {_spoken(seconds)}.")

    def _fits(self, account: Account | None, password: str) -> bool:
        known = account if account and account.has_password else None
        try:
            self._hasher.verify(known.password_hash if known else self._no_ones, password)
        except (VerificationError, InvalidHashError):
            return False
        return known is not None

    def _takes(self, account: Account, code: str) -> bool:
        step = step_of(account.code_secret, code, self._store.now())
        return step is not None and self._store.accounts.take_code(account.person, step)


def _spoken(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{round(seconds / 60)} minutes"
