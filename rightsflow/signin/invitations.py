"""Invitations: made for a person with a role, and known again by the token of their link."""

from __future__ import annotations

import secrets
from typing import Final

from rightsflow.domain.errors import BadInput
from rightsflow.domain.signing_in import INVITATION_LASTS
from rightsflow.signin.codes import new_secret
from rightsflow.signin.members import Member
from rightsflow.signin.session_door import TOKEN_BYTES, SessionDoor, hashed
from rightsflow.store.accounts import Invitation

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

    def invited(self, token: str) -> tuple[Member, str]:
        """Whom an invitation is for, and the secret for their app.

        Args:
            token: The token of its link.

        Raises:
            BadInput: It is over or was used, or the person has no role any more.
        """
        found = self._sessions.store.accounts.invitation(hashed(token))
        member = self._sessions.roster().members.get(found.person) if found else None
        if found is None or member is None:
            raise BadInput(NO_INVITATION)
        return member, found.code_secret
