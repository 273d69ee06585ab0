"""The tables of people who sign in at the desk. What lets anybody in is kept as a hash or encrypted, never in clear."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from rightsflow.store.tables.base import Base


class AccountRow(Base):
    """The sign-in credentials of a configured person; the configuration decides whether they may sign in."""

    __tablename__ = "accounts"

    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    # Empty of an account that has passkeys alone.
    password_hash: Mapped[str] = mapped_column(String(200))
    sealed_code_secret: Mapped[bytes] = mapped_column(LargeBinary)
    # The step of the last code that was taken: none is taken twice.
    last_code: Mapped[int]
    made_at: Mapped[datetime]


class InvitationRow(Base):
    """An invitation that was not redeemed."""

    __tablename__ = "invitations"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(String(32))
    invited_by: Mapped[str] = mapped_column(String(200))
    # Shown to the person who redeems it, for their app; it becomes the account's.
    sealed_code_secret: Mapped[bytes] = mapped_column(LargeBinary)
    ends_at: Mapped[datetime]


class SessionRow(Base):
    """A browser in which a person is signed in."""

    __tablename__ = "sessions"

    token_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    person: Mapped[str] = mapped_column(String(32), index=True)
    proof: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    stepped_up_at: Mapped[datetime | None]


class FailedAttemptRow(Base):
    """The number of failed sign-ins under a name, stored as a keyed hash."""

    __tablename__ = "failed_attempts"

    name_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime]


class PasskeyRow(Base):
    """A passkey of a person: the data for checking its signatures, without secrets."""

    __tablename__ = "passkeys"
    __table_args__ = (UniqueConstraint("id_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(32), index=True)
    # The host name of the desk that it is for.
    rp_id: Mapped[str] = mapped_column(String(253))
    id_hash: Mapped[str] = mapped_column(String(64))
    credential_id: Mapped[bytes] = mapped_column(LargeBinary)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    # The authenticator's own count of uses: a copy of it would repeat a count.
    sign_count: Mapped[int] = mapped_column(BigInteger)
    name: Mapped[str] = mapped_column(String(60))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class ChallengeRow(Base):
    """A single-use challenge that a browser has to answer."""

    __tablename__ = "challenges"

    # The hash of the cookie that the answer has to come with.
    holder_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    purpose: Mapped[str] = mapped_column(String(40), primary_key=True)
    sealed_value: Mapped[bytes] = mapped_column(LargeBinary)
    ends_at: Mapped[datetime]


class SavedFilterRow(Base):
    """A filter of the list of cases that a colleague saved under a name."""

    __tablename__ = "saved_filters"

    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    query: Mapped[str] = mapped_column(String(400))


class SubscriptionRow(Base):
    """What a colleague chose to be told of, what they were told, and the address of their calendar, as a hash."""

    __tablename__ = "subscriptions"
    __table_args__ = (UniqueConstraint("calendar_hash"),)

    person: Mapped[str] = mapped_column(String(32), primary_key=True)
    choice: Mapped[str] = mapped_column(String(20))
    # The items of work that they were told of, as JSON; none before the first look.
    told: Mapped[str | None] = mapped_column(Text)
    digest_on: Mapped[date | None]
    calendar_hash: Mapped[str | None] = mapped_column(String(64))
