"""Who can sign in and by what: accounts and invitations, as everything outside reaches them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from rightsflow.domain.events import StoreEvent
from rightsflow.store.case.case_ledger import append_own
from rightsflow.store.keyed_part import KeyedPart
from rightsflow.store.passkeys import NewPasskey, put_passkey
from rightsflow.store.tables import AccountRow, InvitationRow, PasskeyRow, SessionRow


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Account:
    """What a person proves to be by.

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
        """Whether the person has a password and the codes of an app, and not passkeys alone."""
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


class Accounts(KeyedPart):
    """Accounts and invitations."""

    def invite(self, token_hash: str, invitation: Invitation, *, by: str) -> None:
        """Keep an invitation; an earlier one of the same person ends.

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
        """An invitation that can still be redeemed, or ``None``.

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
        by: str,
    ) -> str | None:
        """Make an invitation the person's account, in place of an earlier one; who was signed in by that is out.

        The passkeys of the earlier account go with it.

        Args:
            token_hash: The SHA-256 of the token in its link, hexadecimal.
            password_hash: Of the password, as argon2 encodes it; empty where there is a passkey instead.
            last_code: The step of the code that was given.
            passkey: The passkey that the person made instead.
            by: The person's name.

        Returns:
            The person's key; ``None`` where the invitation is over or was redeemed by another meanwhile.
        """
        with self._database.transaction() as session:
            row = session.get(InvitationRow, token_hash, with_for_update=True)
            if row is None or row.ends_at <= self._now():
                return None
            person, sealed = row.person, row.sealed_code_secret
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

    def of(self, person: str) -> Account | None:
        """A person's account, or ``None``.

        Args:
            person: Their key in the configuration.
        """
        with self._database.transaction() as session:
            row = session.get(AccountRow, person)
            return self._read(session, row) if row else None

    def all(self) -> list[Account]:
        """Every account, by the person's key."""
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


def _bound_to(person: str) -> str:
    """The name under which a person's secret is encrypted: it opens for no one else."""
    return f"codes:{person}"
