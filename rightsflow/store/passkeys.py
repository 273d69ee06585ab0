"""Passkeys of people who sign in, and short-lived data of one browser: challenges, sign-ins, refused forms."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, delete, func, select
from sqlalchemy.orm import Session

from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.events import StoreEvent
from rightsflow.store.core.case_ledger import append_own
from rightsflow.store.tables import ChallengeRow, PasskeyRow
from rightsflow.store.vault_keys import KeyedPart


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class NewPasskey:
    """A passkey that a browser has just made.

    Args:
        rp_id: The host name that it is for.
        credential_id: Its id.
        public_key: What its signatures are checked with, as COSE encodes it.
        sign_count: How often it was used, as it says; 0 where it does not count.
        name: What the person calls it.
    """

    rp_id: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Passkey:
    """A stored passkey.

    Args:
        number: Its number.
        person: Whose, by their key in the configuration.
        new: What the browser made.
        made_at: When it was added (aware).
        used_at: When it was last used (aware); ``None`` for never.
    """

    number: int
    person: str
    new: NewPasskey
    made_at: datetime
    used_at: datetime | None


class Passkeys(KeyedPart):
    """All of them."""

    def handle(self, person: str) -> bytes:
        """Return a person's user handle for authenticators: 32 bytes that reveal nothing of the person.

        Args:
            person: Their key in the configuration.
        """
        with self._database.transaction() as session:
            return bytes.fromhex(self._keyring(session).blind_index("passkey", person))

    def of(self, person: str) -> list[Passkey]:
        """Return a person's passkeys, oldest first.

        Args:
            person: Their key in the configuration.
        """
        with self._database.transaction() as session:
            rows = session.scalars(select(PasskeyRow).where(PasskeyRow.person == person).order_by(PasskeyRow.id))
            return [_read(row) for row in rows]

    def with_id(self, credential_id: bytes) -> Passkey | None:
        """Return the passkey of an id, or ``None``."""
        with self._database.transaction() as session:
            row = session.scalars(_with_id(credential_id)).one_or_none()
            return _read(row) if row else None

    def add(self, person: str, new: NewPasskey, *, by: str) -> None:
        """Store a further passkey of a person.

        Args:
            person: Whose, by their key in the configuration.
            new: What the browser made.
            by: The person's name, for the ledger.

        Raises:
            Conflict: It is there already.
        """
        with self._database.transaction() as session:
            put_passkey(session, person, new, self._now())
            append_own(session, self._now(), StoreEvent.PASSKEY_ADDED, actor=by, details={"person": person})

    def remove(self, person: str, number: int, *, keep_one: bool, by: str) -> None:
        """Forget a passkey of a person.

        Args:
            person: Whose, by their key in the configuration.
            number: Which.
            keep_one: Whether it must not be the last one.
            by: The person's name, for the ledger.

        Raises:
            Conflict: It is not there, or it is the last one.
        """
        with self._database.transaction() as session:
            row = session.get(PasskeyRow, number, with_for_update=True)
            if row is None or row.person != person:
                raise Conflict("That passkey is not there any more.")
            count = session.scalar(select(func.count()).where(PasskeyRow.person == person)) or 0
            if keep_one and count == 1:
                raise Conflict("It is your only way to sign in; add another one first.")
            session.delete(row)
            append_own(session, self._now(), StoreEvent.PASSKEY_REMOVED, actor=by, details={"person": person})

    def note_use(self, credential_id: bytes, sign_count: int) -> bool:
        """Note that a passkey was used; returns whether its counter went on, which a copy's would not.

        Args:
            credential_id: Its id.
            sign_count: How often it was used, as it says; 0 where it does not count.
        """
        with self._database.transaction() as session:
            row = session.scalars(_with_id(credential_id).with_for_update()).one_or_none()
            if row is None or ((sign_count or row.sign_count) and sign_count <= row.sign_count):
                return False
            row.sign_count, row.used_at = sign_count, self._now()
            return True


def put_passkey(session: Session, person: str, new: NewPasskey, now: datetime) -> None:
    """Store a passkey in an open transaction.

    Args:
        session: The transaction.
        person: Whose, by their key in the configuration.
        new: What the browser made.
        now: The present instant (aware).

    Raises:
        Conflict: It is there already.
    """
    if session.scalars(_with_id(new.credential_id)).one_or_none() is not None:
        raise Conflict("This passkey is in use already; make another one.")
    session.add(
        PasskeyRow(
            person=person,
            rp_id=new.rp_id,
            id_hash=_hash(new.credential_id),
            credential_id=new.credential_id,
            public_key=new.public_key,
            sign_count=new.sign_count,
            name=new.name,
            made_at=now,
        )
    )


def _with_id(credential_id: bytes) -> Select[PasskeyRow]:
    return select(PasskeyRow).where(PasskeyRow.id_hash == _hash(credential_id))


def _hash(credential_id: bytes) -> str:
    return hashlib.sha256(credential_id).hexdigest()


def _read(row: PasskeyRow) -> Passkey:
    new = NewPasskey(
        rp_id=row.rp_id,
        credential_id=row.credential_id,
        public_key=row.public_key,
        sign_count=row.sign_count,
        name=row.name,
    )
    return Passkey(number=row.id, person=row.person, new=new, made_at=row.made_at, used_at=row.used_at)


class Challenges(KeyedPart):
    """Challenges by the hash of their browser's cookie; each is used once and replaced by a later one of its sort."""

    def keep(self, holder_hash: str, purpose: str, value: bytes, *, lasts: timedelta) -> None:
        """Store a challenge, and delete expired ones.

        Args:
            holder_hash: The SHA-256 of the browser's cookie, hexadecimal.
            purpose: What it is for.
            value: What has to be known when the answer comes.
            lasts: For how long it counts.
        """
        now = self._now()
        with self._database.transaction() as session:
            session.execute(delete(ChallengeRow).where(ChallengeRow.ends_at <= now))
            sealed = self._keyring(session).seal_intake(_bound_to(holder_hash, purpose), value)
            session.merge(
                ChallengeRow(holder_hash=holder_hash, purpose=purpose, sealed_value=sealed, ends_at=now + lasts)
            )

    def take(self, holder_hash: str, purpose: str) -> bytes | None:
        """Remove and return a challenge; ``None`` if there is none or it has expired.

        Args:
            holder_hash: The SHA-256 of the browser's cookie, hexadecimal.
            purpose: What it is for.
        """
        with self._database.transaction() as session:
            row = session.get(ChallengeRow, (holder_hash, purpose), with_for_update=True)
            if row is None:
                return None
            session.delete(row)
            if row.ends_at <= self._now():
                return None
            return self._keyring(session).open_intake(_bound_to(holder_hash, purpose), row.sealed_value)

    def seen(self, holder_hash: str, purpose: str) -> bytes | None:
        """Return a stored challenge without removing it; ``None`` if there is none or it has expired.

        Args:
            holder_hash: The SHA-256 of the browser's cookie, hexadecimal.
            purpose: What it is for.
        """
        with self._database.reading() as session:
            row = session.get(ChallengeRow, (holder_hash, purpose))
            if row is None or row.ends_at <= self._now():
                return None
            return self._keyring(session).open_intake(_bound_to(holder_hash, purpose), row.sealed_value)


def _bound_to(holder_hash: str, purpose: str) -> str:
    """Return the name under which a challenge is encrypted: it opens for no other browser, and for nothing else."""
    return f"challenge:{purpose}:{holder_hash}"
