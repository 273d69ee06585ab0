"""Passkeys of the desk's people: made with an invitation or on one's own page, used to sign in and to step up."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

from rightsflow.domain.errors import BadInput
from rightsflow.domain.people import Proof
from rightsflow.signin.invitations import NO_INVITATION, Invitations
from rightsflow.signin.members import Member
from rightsflow.signin.passkey_site import Purpose, Site
from rightsflow.signin.sessions import SessionDoor, hashed
from rightsflow.store.passkeys import Passkey

if TYPE_CHECKING:
    from rightsflow.signin.passkey_checks import PasskeyChecks

_NO_ROLE: Final = "You have no role here any more; ask who manages the people."


class PasskeyDoor:
    """The sign-in by passkeys, and their administration.

    Args:
        sessions: The sessions.
        invitations: The invitations.
    """

    def __init__(self, sessions: SessionDoor, invitations: Invitations) -> None:
        self._sessions = sessions
        self._invitations = invitations

    @cached_property
    def checks(self) -> PasskeyChecks:
        """The requests to browsers and the checks of their answers."""
        # Late: its libraries take 9 MB, and are needed only where someone has a passkey.
        from rightsflow.signin.passkey_checks import PasskeyChecks  # noqa: PLC0415

        return PasskeyChecks(lambda: self._sessions.store)

    def of(self, person: str) -> list[Passkey]:
        """Return a person's passkeys, oldest first.

        Args:
            person: Their key.
        """
        return self._sessions.store.passkeys.of(person)

    def to_redeem(self, token: str, site: Site | None, holder: str) -> str:
        """Return the options for making a passkey with an invitation, as JSON for the browser.

        Args:
            token: The token of the invitation.
            site: Where; ``None`` where passkeys are not possible.
            holder: The cookie that the answer will come with.

        Raises:
            BadInput: The invitation is over, or passkeys are not possible at this address.
        """
        member: Member = self._invitations.invited(token)[0]
        return self.checks.to_make(member, site, holder)

    def redeem(self, token: str, *, answer: str, name: str, site: Site | None, holder: str) -> str:
        """Redeem as ``Door.redeem`` does, by a passkey instead of a password and codes of an app.

        Args:
            token: The token of the invitation.
            answer: What the browser sent, JSON.
            name: What the person calls the passkey.
            site: Where; ``None`` where passkeys are not possible.
            holder: The cookie that the answer came with.

        Raises:
            BadInput: The invitation is over, the answer does not fit, or passkeys are not possible at this address.
        """
        member, _ = self._invitations.invited(token)
        made = self.checks.made(answer, name, site, holder)
        is_old, accounts = self._invitations.is_old_sign_in(holder, member.key), self._sessions.store.accounts
        if accounts.redeem(hashed(token), passkey=made, is_signed_in=is_old, by=member.name) is None:
            raise BadInput(NO_INVITATION)
        return self._sessions.begin(member, Proof.PASSKEY)

    def sign_in(self, answer: str, site: Site | None, holder: str) -> str:
        """Sign in the owner of a passkey; return the session's token.

        Args:
            answer: What the browser sent, JSON.
            site: Where; ``None`` where passkeys are not possible.
            holder: The cookie that the answer came with.

        Raises:
            BadInput: The answer does not fit, the person may not sign in any more, or passkeys are not possible here.
        """
        member = self._sessions.roster().members.get(self.checks.checked(answer, Purpose.SIGN_IN, site, holder))
        if member is None:
            raise BadInput(_NO_ROLE)
        return self._sessions.begin(member, Proof.PASSKEY)

    def step_up(self, token: str, answer: str, site: Site | None) -> None:
        """Accept a fresh answer of a passkey of the person who is signed in.

        Args:
            token: The session's token.
            answer: What the browser sent, JSON.
            site: Where; ``None`` where passkeys are not possible.

        Raises:
            BadInput: No one is signed in by that, or the answer does not fit, or the passkey is another person's.
        """
        signed_in = self._sessions.present(token)
        if self.checks.checked(answer, Purpose.STEP_UP, site, token) != signed_in.member.key:
            raise BadInput("That is another person's passkey; use one of yours.")
        self._sessions.step_up(token)

    def add(self, token: str, *, answer: str, name: str, site: Site | None) -> None:
        """Add a passkey for the person who is signed in.

        Args:
            token: The session's token.
            answer: What the browser sent, JSON.
            name: What the person calls it.
            site: Where; ``None`` where passkeys are not possible.

        Raises:
            BadInput: No one is signed in by that, or the answer does not fit.
            Conflict: This one is in use already.
        """
        signed_in = self._sessions.present(token)
        made = self.checks.made(answer, name, site, token)
        self._sessions.store.passkeys.add(signed_in.member.key, made, by=signed_in.actor)

    def remove(self, token: str, number: int) -> None:
        """Remove a passkey of the person who is signed in.

        Args:
            token: The session's token.
            number: Which.

        Raises:
            BadInput: No one is signed in by that.
            Conflict: It is not there, or the person's only way to sign in.
        """
        signed_in = self._sessions.present(token)
        key, account = signed_in.member.key, self._sessions.store.accounts.of(signed_in.member.key)
        keep_one = account is None or not account.has_password
        self._sessions.store.passkeys.remove(key, number, keep_one=keep_one, by=signed_in.actor)
