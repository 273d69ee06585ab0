"""Sign-in accounts and invitations: the store's interface for the rest of the software."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rightsflow.domain.accounts import INVITATION_LASTS, KEPT_APART, Entrusted, refuse_own_invitation, refuse_unapproved
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import append_own, own_entries
from rightsflow.store.passkeys import NewPasskey, put_passkey
from rightsflow.store.tables import AccountRow, InvitationRow, PasskeyRow, SessionRow
from rightsflow.store.vault_keys import KeyedPart

_APPROVED: Final = StoreEvent.INVITATION_APPROVED


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Account:
    """A person's sign-in credentials.

    Args:
        person: Their key in the configuration.
        password_hash: Of their password, as argon2 encodes it; empty where they have passkeys alone.
        code_secret: What their codes are computed from, base 32.
        last_code: The step of the last code that was taken.
        made_at: When the invitation was redeemed (aware).
    """

    person: str
    password_hash: str
    code_secret: str
    last_code: int
    made_at: datetime

    @property
    def has_password(self) -> bool:
        """True if the person has a password and authenticator codes, not passkeys alone."""
        return bool(self.password_hash)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Invitation:
    """An invitation that was not redeemed.

    Args:
        person: Whom it is for, by their key.
        code_secret: What their codes will be computed from, base 32.
        ends_at: Until when it can be redeemed (aware).
    """

    person: str
    code_secret: str
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Replacing:
    """An invitation that replaces a sign-in, and that no second admin has approved yet.

    Args:
        person: The key of the person whom it is for.
        invited_by: The name of the person who made it.
        ends_at: The end of its time (aware).
    """

    person: str
    invited_by: str
    ends_at: datetime


class Accounts(KeyedPart):
    """Accounts and invitations."""

    def invite(self, token_hash: str, invitation: Invitation, *, by: str) -> None:
        """Store an invitation; an earlier invitation of the same person ends.

        Args:
            token_hash: The SHA-256 of the token in its link, hexadecimal.
            invitation: The invitation.
            by: Who invites.
        """
        with self._database.transaction() as session:
            session.execute(delete(InvitationRow).where(InvitationRow.person == invitation.person))
            session.add(
                InvitationRow(
                    token_hash=token_hash,
                    person=invitation.person,
                    invited_by=str(by),
                    sealed_code_secret=self._sealed(session, invitation.person, invitation.code_secret),
                    ends_at=invitation.ends_at,
                )
            )
            self._note(session, StoreEvent.PERSON_INVITED, by, person=invitation.person)

    def invitation(self, token_hash: str) -> Invitation | None:
        """Return an invitation that can still be redeemed, or ``None``.

        Args:
            token_hash: The SHA-256 of the token in its link, hexadecimal.
        """
        with self._database.transaction() as session:
            row = session.get(InvitationRow, token_hash)
            if row is None or row.ends_at <= self._now():
                return None
            secret = self._opened(session, row.person, row.sealed_code_secret)
            return Invitation(person=row.person, code_secret=secret, ends_at=row.ends_at)

    def redeem(
        self,
        token_hash: str,
        *,
        password_hash: str = "",
        last_code: int = 0,
        passkey: NewPasskey | None = None,
        is_signed_in: bool = False,
        by: str,
    ) -> str | None:
        """Turn an invitation into the person's account; an earlier account is replaced and its sessions end.

        The passkeys of the earlier account go with it.

        Args:
            token_hash: The SHA-256 of the token in its link, hexadecimal.
            password_hash: Of the password, as argon2 encodes it; empty where there is a passkey instead.
            last_code: The step of the code that was given.
            passkey: The passkey that the person made instead.
            is_signed_in: Whether the person proved just now that an earlier sign-in is theirs.
            by: The person's name.

        Returns:
            The person's key; ``None`` where the invitation is over or was redeemed by another meanwhile.

        Raises:
            BadInput: It replaces a sign-in, which was not used, and no second admin approved it.
        """
        with self._database.transaction() as session:
            row = session.get(InvitationRow, token_hash, with_for_update=True)
            if row is None or row.ends_at <= self._now():
                return None
            person, sealed = row.person, row.sealed_code_secret
            if _has_signed_in(session, person):
                refuse_unapproved(is_signed_in=is_signed_in, is_approved=_is_approved(session, row))
            session.delete(row)
            session.execute(delete(SessionRow).where(SessionRow.person == person))
            session.execute(delete(PasskeyRow).where(PasskeyRow.person == person))
            if passkey is not None:
                put_passkey(session, person, passkey, self._now())
            session.merge(
                AccountRow(
                    person=person,
                    password_hash=password_hash,
                    sealed_code_secret=sealed,
                    last_code=last_code,
                    made_at=self._now(),
                )
            )
            self._note(session, StoreEvent.ACCOUNT_MADE, by, person=person)
            return person

    def has_signed_in(self, person: str) -> bool:
        """Return whether a person has an account, or signed in before.

        Args:
            person: Their key in the configuration.
        """
        with self._database.reading() as session:
            return _has_signed_in(session, person)

    def replacing(self) -> list[Replacing]:
        """Return the invitations that replace a sign-in and wait for a second admin."""
        with self._database.reading() as session:
            rows = session.scalars(select(InvitationRow).where(InvitationRow.ends_at > self._now())).all()
            return [
                Replacing(person=row.person, invited_by=row.invited_by, ends_at=row.ends_at)
                for row in sorted(rows, key=lambda row: row.person)
                if _has_signed_in(session, row.person) and not _is_approved(session, row)
            ]

    def approve_invitation(self, person: str, *, name: str, by: str, is_alone: bool = False) -> None:
        """Let the invitation of a person replace the sign-in that they have.

        Args:
            person: The person's key.
            name: The person's name.
            by: The admin who approves, another one than the admin who invited.
            is_alone: Whether there is no other admin, so that who runs the server approves it; the ledger says so.

        Raises:
            BadInput: There is no such invitation.
            Conflict: The admin made it, or it is for them.
        """
        with self._database.transaction() as session:
            query = select(InvitationRow).where(InvitationRow.person == person, InvitationRow.ends_at > self._now())
            row = session.scalars(query.with_for_update()).one_or_none()
            if row is None:
                raise BadInput("That invitation is over or was used; invite the person again.")
            if not is_alone:
                refuse_own_invitation(by, invited_by=row.invited_by, name=name)
            alone = {"alone": True} if is_alone else {}
            self._note(session, _APPROVED, by, person=person, invitation=_mark(row), **alone)

    def entrusted(self, person: str) -> Entrusted | None:
        """Return the inviter of a recent account; ``None`` for an older account, or if there is none.

        Args:
            person: Their key in the configuration.
        """
        with self._database.reading() as session:
            row = session.get(AccountRow, person)
            if row is None or self._now() >= row.made_at + KEPT_APART:
                return None
            first = row.made_at - INVITATION_LASTS
            by = {
                entry.actor
                for event in (StoreEvent.PERSON_INVITED, _APPROVED)
                for entry in own_entries(session, event)
                if entry.details.get("person") == person and entry.at >= first
            }
            return Entrusted(row.made_at, tuple(sorted(by)))

    def of(self, person: str) -> Account | None:
        """Return a person's account, or ``None``.

        Args:
            person: Their key in the configuration.
        """
        with self._database.transaction() as session:
            row = session.get(AccountRow, person)
            return self._read(session, row) if row else None

    def all(self) -> list[Account]:
        """Return every account, by the person's key."""
        with self._database.transaction() as session:
            rows = session.scalars(select(AccountRow).order_by(AccountRow.person))
            return [self._read(session, row) for row in rows]

    def take_code(self, person: str, step: int) -> bool:
        """Note that a code was taken; returns whether it is newer than the one before, so that none counts twice.

        Args:
            person: Their key.
            step: The step of time that the code belongs to.
        """
        with self._database.transaction() as session:
            row = session.get(AccountRow, person, with_for_update=True)
            if row is None or row.last_code >= step:
                return False
            row.last_code = step
            return True

    def change_password(self, person: str, password_hash: str, *, session_hash: str, by: str) -> int:
        """Replace a person's password; their other sessions end.

        Args:
            person: Their key.
            password_hash: Of the new password, as argon2 encodes it.
            session_hash: The hash of the session's token that goes on.
            by: The person's name.

        Returns:
            How many sessions ended.
        """
        with self._database.transaction() as session:
            session.get_one(AccountRow, person, with_for_update=True).password_hash = password_hash
            return self._changed(session, StoreEvent.PASSWORD_CHANGED, person, session_hash, by)

    def change_codes(self, person: str, code_secret: str, last_code: int, *, session_hash: str, by: str) -> int:
        """Replace what a person's codes are computed from; their other sessions end.

        Args:
            person: Their key.
            code_secret: The new secret, base 32.
            last_code: The step of the code that proved the new app.
            session_hash: The hash of the session's token that goes on.
            by: The person's name.

        Returns:
            How many sessions ended.
        """
        with self._database.transaction() as session:
            row = session.get_one(AccountRow, person, with_for_update=True)
            row.sealed_code_secret, row.last_code = self._sealed(session, person, code_secret), last_code
            return self._changed(session, StoreEvent.AUTHENTICATOR_CHANGED, person, session_hash, by)

    def _changed(self, session: Session, event: StoreEvent, person: str, session_hash: str, by: str) -> int:
        others = select(SessionRow).where(SessionRow.person == person, SessionRow.token_hash != session_hash)
        rows = session.scalars(others).all()
        for row in rows:
            session.delete(row)
        self._note(session, event, by, person=person, sessions=len(rows))
        return len(rows)

    def _read(self, session: Session, row: AccountRow) -> Account:
        return Account(
            person=row.person,
            password_hash=row.password_hash,
            code_secret=self._opened(session, row.person, row.sealed_code_secret),
            last_code=row.last_code,
            made_at=row.made_at,
        )

    def _sealed(self, session: Session, person: str, secret: str) -> bytes:
        return self._keyring(session).seal_intake(_bound_to(person), secret.encode())

    def _opened(self, session: Session, person: str, sealed: bytes) -> str:
        return self._keyring(session).open_intake(_bound_to(person), sealed).decode()

    def _note(self, session: Session, event: StoreEvent, by: str, **details: Any) -> None:
        given: Mapping[str, Any] = details
        append_own(session, self._now(), event, actor=by, details=given)


def _has_signed_in(session: Session, person: str) -> bool:
    if session.get(AccountRow, person) is not None:
        return True
    # By an identity provider, which needs no account.
    return any(own_entry.details.get("person") == person for own_entry in own_entries(session, StoreEvent.SIGNED_IN))


def _is_approved(session: Session, row: InvitationRow) -> bool:
    return any(own_entry.details.get("invitation") == _mark(row) for own_entry in own_entries(session, _APPROVED))


def _mark(row: InvitationRow) -> str:
    """Return the mark by which the ledger recognises an invitation; the mark itself lets no one in."""
    return row.token_hash[:16]


def _bound_to(person: str) -> str:
    """Return the name under which a person's secret is encrypted: it opens for no one else."""
    return f"codes:{person}"
