"""Invitations, known again by the token of their link, and the six-digit codes of an app (TOTP, RFC 6238)."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from typing import Final

import pyotp

from rightsflow.domain.accounts import INVITATION_LASTS, Permission
from rightsflow.domain.errors import BadInput
from rightsflow.signin.members import Member
from rightsflow.signin.sessions import TOKEN_BYTES, SessionDoor, hashed
from rightsflow.store.accounts import Invitation, Replacing

_SECONDS: Final = 30
_DIGITS: Final = 6
_NEIGHBOURS: Final = (0, -1, 1)
"""A clock may be half a minute off."""
ISSUER: Final = "Rightsflow"


def new_secret() -> str:
    """Create a secret of 160 bits, in base 32, as apps take it."""
    return pyotp.random_base32()


def address(secret: str, name: str) -> str:
    """Return the ``otpauth:`` address from which an app takes the secret.

    Args:
        secret: The secret, base 32.
        name: Whose it is, as the app shows it.
    """
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=ISSUER)


def step_of(secret: str, code: str, at: datetime) -> int | None:
    """Return the step of time of a code; ``None`` if it is not the present one's or a neighbour's.

    Args:
        secret: The secret, base 32.
        code: As typed; spaces do not count.
        at: The present instant (aware).
    """
    digits = "".join(code.split())
    if len(digits) != _DIGITS or not (digits.isascii() and digits.isdigit()):
        return None
    totp, present = pyotp.TOTP(secret), int(at.timestamp()) // _SECONDS
    for step in (present + away for away in _NEIGHBOURS):
        if step > 0 and hmac.compare_digest(totp.at(step * _SECONDS), digits):
            return step
    return None


NO_INVITATION: Final = "This invitation is over or was used; ask who invited you for a new one."


class Invitations:
    """The invitations.

    Args:
        sessions: The sessions, with the store and those who may sign in.
    """

    def __init__(self, sessions: SessionDoor) -> None:
        self._sessions = sessions

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
        member = self._sessions.roster().called(typed)
        if member is None:
            raise BadInput(
                "No one with a role is called so; add roles to them under [people] or [owners] in rightsflow.toml, "
                'such as roles = ["officer"].'
            )
        token = secrets.token_urlsafe(TOKEN_BYTES)
        ends_at = self._sessions.store.now() + INVITATION_LASTS
        invitation = Invitation(person=member.key, code_secret=new_secret(), ends_at=ends_at)
        self._sessions.store.accounts.invite(hashed(token), invitation, by=by)
        return member, token

    def waiting(self) -> list[tuple[Member, Replacing]]:
        """Return the invitations that replace a sign-in and wait for a second admin, with the person of each."""
        members = self._sessions.roster().members
        return [
            (members[replacing.person], replacing)
            for replacing in self._sessions.store.accounts.replacing()
            if replacing.person in members
        ]

    def approve(self, typed: str, *, by: str) -> Member:
        """Let the invitation of a person replace the sign-in that they have.

        Args:
            typed: Their key or name.
            by: The admin who approves, another one than the admin who invited.

        Raises:
            BadInput: There is no such person or invitation.
            Conflict: The admin made it, or it is for them.
        """
        member = self._sessions.roster().called(typed)
        if member is None:
            raise BadInput("No one with a role is called so; choose one of the list.")
        self._sessions.store.accounts.approve_invitation(member.key, name=member.name, by=by)
        return member

    def approve_alone(self, member: Member, *, by: str) -> bool:
        """Approve an invitation that the server's operator made, where no other admin could; returns whether it was.

        Args:
            member: The person whom it is for.
            by: The operator.
        """
        accounts, members = self._sessions.store.accounts, self._sessions.roster().members.values()
        others = [item for item in members if Permission.MANAGE_PEOPLE in item.permissions and item.key != member.key]
        if any(accounts.has_signed_in(other.key) for other in others):
            return False
        accounts.approve_invitation(member.key, name=member.name, by=by, is_alone=True)
        return True

    def is_old_sign_in(self, session: str, key: str) -> bool:
        """Return whether a session is a person's own, with a fresh proof.

        Args:
            session: The session's token; empty for none.
            key: The person's key.
        """
        signed_in = self._sessions.known(session)
        return signed_in is not None and signed_in.member.key == key and signed_in.is_fresh

    def invited(self, token: str) -> tuple[Member, str]:
        """Return the person whom an invitation is for, and the secret for their app.

        Args:
            token: The token of its link.

        Raises:
            BadInput: It is over or was used, or the person has no role any more.
        """
        invitation = self._sessions.store.accounts.invitation(hashed(token))
        member = self._sessions.roster().members.get(invitation.person) if invitation else None
        if invitation is None or member is None:
            raise BadInput(NO_INVITATION)
        return member, invitation.code_secret
