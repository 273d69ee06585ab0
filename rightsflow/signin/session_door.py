"""Sessions at the desk: begun for who proved who they are, known again by their token, ended."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rightsflow.domain.accounts import is_fresh
from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import Actor, Proof
from rightsflow.signin.members import Member, Roster
from rightsflow.store import Store
from rightsflow.store.sessions import NOTHING_SAID

TOKEN_BYTES: Final = 32
_NOT_SIGNED_IN: Final = "You are not signed in any more; sign in again."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The person who is signed in, as of one request.

    Args:
        member: Who, with the roles of the present configuration.
        proof: How they signed in.
        is_fresh: Whether they proved it within the last minutes.
        lasts: How long the session goes on without a further request.
    """

    member: Member
    proof: Proof
    is_fresh: bool
    lasts: timedelta = timedelta()

    @property
    def actor(self) -> Actor:
        """The person as acts, ledger and evidence name them."""
        return Actor(self.member.name, role=self.member.role, proof=self.proof)


class SessionDoor:
    """The sessions.

    Args:
        store: Gives the case store; asked for at each use, since it may not answer while the desk starts.
        roster: Gives those who may sign in, as of now.
    """

    def __init__(self, store: Callable[[], Store], roster: Callable[[], Roster]) -> None:
        self._give_store = store
        self.roster = roster

    @property
    def store(self) -> Store:
        """The case store."""
        return self._give_store()

    def begin(self, member: Member, proof: Proof) -> str:
        """Begin a session with a fresh proof; return its token.

        Args:
            member: Who signed in.
            proof: How.
        """
        return self.begin_as(member, proof, proved_at=self.store.now())

    def begin_as(
        self, member: Member, proof: Proof, *, proved_at: datetime | None, how: Mapping[str, str] = NOTHING_SAID
    ) -> str:
        """Begin a session; returns its token.

        Args:
            member: Who signed in.
            proof: How.
            proved_at: When they proved it (aware); ``None`` where that is not known.
            how: What an identity provider said of it, in its words.
        """
        token = secrets.token_urlsafe(TOKEN_BYTES)
        lasts = self.roster().desk.lifetimes.absolute
        by = Actor(member.name, role=member.role, proof=proof)
        self.store.sessions.begin(hashed(token), member.key, proof, proved_at=proved_at, lasts=lasts, by=by, how=how)
        return token

    def known(self, token: str) -> SignedIn | None:
        """Return the person signed in by a session's token, with their present roles; ``None`` for no one."""
        if not token:
            return None
        roster = self.roster()
        idle, now = roster.desk.lifetimes.idle, self.store.now()
        found = self.store.sessions.known(hashed(token), idle=idle)
        member = roster.members.get(found.person) if found else None
        if found is None or member is None:
            return None
        return SignedIn(member, found.proof, is_fresh(found.stepped_up_at, now), min(idle, found.ends_at - now))

    def present(self, token: str) -> SignedIn:
        """Return the person signed in by a session's token; one is required.

        Raises:
            BadInput: No one is.
        """
        signed_in = self.known(token)
        if signed_in is None:
            raise BadInput(_NOT_SIGNED_IN)
        return signed_in

    def step_up(self, token: str) -> None:
        """Note that the person of a session re-authenticated.

        Args:
            token: The session's token.
        """
        self.store.sessions.step_up(hashed(token))

    def step_up_elsewhere(self, token: str, how: Mapping[str, str]) -> None:
        """Note that the person of a session proved it afresh at an identity provider.

        Args:
            token: The session's token.
            how: What the provider said of it, in its words.

        Raises:
            BadInput: No one is signed in by that.
        """
        signed_in = self.present(token)
        self.store.sessions.note_proof(signed_in.member.key, by=signed_in.actor, how=how)
        self.step_up(token)

    def sign_out(self, token: str) -> None:
        """End a session."""
        self.store.sessions.end(hashed(token))

    def sign_out_everywhere(self, key: str, *, by: str) -> int:
        """End every session of a person, with or without a role; returns how many there were.

        Args:
            key: Their key.
            by: Who ends them.
        """
        return self.store.sessions.end_all(key, by=by)


def hashed(token: str) -> str:
    """Return the hash by which a token is stored, so that reading the store does not reveal a usable token."""
    return hashlib.sha256(token.encode()).hexdigest()
