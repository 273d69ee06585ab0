"""The door of the desk: invite, redeem, sign in, prove it afresh, sign out. Each refusal is one sentence."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from rightsflow.domain.actors import Actor, Proof
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import folded
from rightsflow.domain.signing_in import INVITATION_LASTS, check_password, is_fresh
from rightsflow.signin.codes import new_secret, step_of
from rightsflow.signin.members import Member, Roster
from rightsflow.store import Store
from rightsflow.store.accounts import Account, Invitation

_TOKEN_BYTES: Final = 32
_NOT_LET_IN: Final = "That does not fit: check name, password and the code that your app shows now."
_WRONG_CODE: Final = "The code does not fit; type the one that your app shows now. Each code counts once."
_NO_INVITATION: Final = "This invitation is over or was used; ask who invited you for a new one."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A person who is signed in, as of one request.

    Args:
        member: Who, with the roles of the present configuration.
        proof: How they signed in.
        is_fresh: Whether they proved it within the last minutes.
    """

    member: Member
    proof: Proof
    is_fresh: bool

    @property
    def actor(self) -> Actor:
        """The person as acts, ledger and evidence name them."""
        return Actor(self.member.name, role=self.member.role, proof=self.proof)


class Door:
    """Lets people in who prove who they are.

    Args:
        store: Gives the case store; asked for at each use, since it may not answer while the desk starts.
        roster: Gives those who may sign in, as of now.
        hasher: Hashes passwords; argon2id with the library's present parameters (RFC 9106) by default.
    """

    def __init__(
        self, store: Callable[[], Store], roster: Callable[[], Roster], hasher: PasswordHasher | None = None
    ) -> None:
        self._give_store = store
        self._roster = roster
        self._hasher = hasher or PasswordHasher()
        # What is compared where there is no account, so that the time tells no one which names there are.
        self._no_ones = self._hasher.hash(secrets.token_urlsafe(_TOKEN_BYTES))

    @property
    def _store(self) -> Store:
        return self._give_store()

    def invite(self, typed: str, *, by: str) -> tuple[Member, str]:
        """Invite a person; an earlier invitation of theirs ends.

        Args:
            typed: Their key or name.
            by: Who invites.

        Returns:
            The person, and the token of the invitation, which is kept nowhere.

        Raises:
            BadInput: No one with a role is called so.
        """
        member = self._roster().called(typed)
        if member is None:
            raise BadInput(
                "No one with a role is called so; add roles to them under [people] or [owners] in rightsflow.toml, "
                'such as roles = ["officer"].'
            )
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        ends_at = self._store.now() + INVITATION_LASTS
        invitation = Invitation(person=member.key, code_secret=new_secret(), ends_at=ends_at)
        self._store.accounts.invite(_hashed(token), invitation, by=by)
        return member, token

    def invited(self, token: str) -> tuple[Member, str]:
        """Whom an invitation is for, and the secret for their app.

        Args:
            token: The token of its link.

        Raises:
            BadInput: It is over or was used, or the person has no role any more.
        """
        found = self._store.accounts.invitation(_hashed(token))
        member = self._roster().members.get(found.person) if found else None
        if found is None or member is None:
            raise BadInput(_NO_INVITATION)
        return member, found.code_secret

    def redeem(self, token: str, *, password: str, again: str, code: str) -> str:
        """Make an account of an invitation and sign its person in; returns the session's token.

        Args:
            token: The token of the invitation.
            password: The password that the person chose.
            again: The same.
            code: What their app shows, which proves that it has the secret.

        Raises:
            BadInput: The invitation is over, the password cannot be used, or the code does not fit.
        """
        member, secret = self.invited(token)
        check_password(password, again, names=(member.key, member.name))
        step = step_of(secret, code, self._store.now())
        if step is None:
            raise BadInput(_WRONG_CODE)
        hashed = self._hasher.hash(password)
        person = self._store.accounts.redeem(_hashed(token), password_hash=hashed, last_code=step, by=member.name)
        if person is None:
            raise BadInput(_NO_INVITATION)
        return self._begin(member)

    def sign_in(self, typed: str, password: str, code: str) -> str:
        """Sign a person in by password and code; returns the session's token.

        Args:
            typed: Their key or name.
            password: Their password.
            code: What their app shows.

        Raises:
            BadInput: Something does not fit; the answer does not say what.
            Conflict: It was tried too often; it says from when on it can be tried again.
        """
        member = self._roster().called(typed)
        name = member.key if member else folded(typed)
        self._refuse_while_locked(name)
        account = self._store.accounts.of(member.key) if member else None
        knows_password = self._fits(account, password)
        if member is None or account is None or not knows_password or not self._takes(account, code):
            self._store.sessions.note_failure(name)
            raise BadInput(_NOT_LET_IN)
        self._store.sessions.forget_failures(name)
        return self._begin(member)

    def known(self, token: str) -> SignedIn | None:
        """Who is signed in by a session's token, with the roles of now; ``None`` for no one.

        Args:
            token: The token.
        """
        if not token:
            return None
        roster = self._roster()
        found = self._store.sessions.known(_hashed(token), idle=roster.desk.lifetimes.idle)
        member = roster.members.get(found.person) if found else None
        if found is None or member is None:
            return None
        return SignedIn(member, found.proof, is_fresh(found.stepped_up_at, self._store.now()))

    def step_up(self, token: str, code: str) -> None:
        """Take a fresh code of the person who is signed in.

        Args:
            token: The session's token.
            code: What their app shows.

        Raises:
            BadInput: No one is signed in by that, or the code does not fit.
            Conflict: It was tried too often.
        """
        signed_in = self.known(token)
        if signed_in is None:
            raise BadInput("You are not signed in any more; sign in again.")
        name = signed_in.member.key
        self._refuse_while_locked(name)
        account = self._store.accounts.of(name)
        if account is None or not self._takes(account, code):
            self._store.sessions.note_failure(name)
            raise BadInput(_WRONG_CODE)
        self._store.sessions.forget_failures(name)
        self._store.sessions.step_up(_hashed(token))

    def sign_out(self, token: str) -> None:
        """End a session.

        Args:
            token: Its token.
        """
        self._store.sessions.end(_hashed(token))

    def sign_out_everywhere(self, key: str, *, by: str) -> int:
        """End every session of a person, with or without a role; returns how many there were.

        Args:
            key: Their key.
            by: Who ends them.
        """
        return self._store.sessions.end_all(key, by=by)

    def members(self) -> list[tuple[Member, datetime | None]]:
        """Everybody who may sign in, and since when they have an account (aware); ``None`` for not yet."""
        made = {one.person: one.made_at for one in self._store.accounts.all()}
        return [(one, made.get(one.key)) for one in self._roster().members.values()]

    def _begin(self, member: Member) -> str:
        token = secrets.token_urlsafe(_TOKEN_BYTES)
        lasts = self._roster().desk.lifetimes.absolute
        by = Actor(member.name, role=member.role, proof=Proof.PASSWORD_AND_CODE)
        self._store.sessions.begin(_hashed(token), member.key, Proof.PASSWORD_AND_CODE, lasts=lasts, by=by)
        return token

    def _refuse_while_locked(self, name: str) -> None:
        until = self._store.sessions.locked_until(name)
        if until is not None:
            seconds = max(1, round((until - self._store.now()).total_seconds()))
            raise Conflict(f"It was tried too often; try again in {_spoken(seconds)}.")

    def _fits(self, account: Account | None, password: str) -> bool:
        try:
            self._hasher.verify(account.password_hash if account else self._no_ones, password)
        except (VerificationError, InvalidHashError):
            return False
        return account is not None

    def _takes(self, account: Account, code: str) -> bool:
        step = step_of(account.code_secret, code, self._store.now())
        return step is not None and self._store.accounts.take_code(account.person, step)


def _hashed(token: str) -> str:
    """What is kept of a token: who reads the store cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def _spoken(seconds: int) -> str:
    return f"{seconds} seconds" if seconds < 120 else f"{round(seconds / 60)} minutes"
