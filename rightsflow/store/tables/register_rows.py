"""Tables that outlive single cases: legal holds, places without configuration, found requests, the suppression list."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from rightsflow.store.tables.base import Base

_PRESENT = text("released_at IS NULL")


class LegalHoldRow(Base):
    """A legal hold; the one without a release is in force."""

    __tablename__ = "legal_holds"
    __table_args__ = (Index("ix_legal_holds_present", "review_on", sqlite_where=_PRESENT, postgresql_where=_PRESENT),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # The scope: keyed hashes of a person's identifiers, a case, a system, a category; empty ones do not limit it.
    persons: Mapped[list[str]]
    # The kinds of these identifiers.
    kinds: Mapped[list[str]]
    case_id: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    system: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    category: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    sealed_matter: Mapped[bytes] = mapped_column(LargeBinary)
    owner: Mapped[str] = mapped_column(String(64))
    placed_by: Mapped[str] = mapped_column(String(200))
    placed_at: Mapped[datetime]
    review_on: Mapped[date]
    approved_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    released_at: Mapped[datetime | None]
    released_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    sealed_release: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Of a released hold: true once the decisions on its records are open again in every case.
    is_followed: Mapped[bool] = mapped_column(default=False, server_default=false())


class CoveragePlaceRow(Base):
    """A place of a system that may hold personal data and is not configured; accepted ones stay.

    ``gone_at`` is set once the system no longer has it, or the configuration names it.
    """

    __tablename__ = "coverage_places"
    __table_args__ = (UniqueConstraint("system", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    looks_like: Mapped[str] = mapped_column(String(200))
    lines: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    gone_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    sealed_reason: Mapped[bytes | None] = mapped_column(LargeBinary)


class UnopenedRequestRow(Base):
    """A request found in a text that is no case yet, and how it ended; nothing of the text.

    The record's key is wiped when it ends; by its keyed hash the same text is not listed again.
    """

    __tablename__ = "unopened_requests"
    __table_args__ = (UniqueConstraint("system", "record_hash", "right", "received_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(60))
    record_hash: Mapped[str] = mapped_column(String(64))
    sealed_ref: Mapped[bytes | None] = mapped_column(LargeBinary)
    right: Mapped[str] = mapped_column(String(20))
    is_sure: Mapped[bool]
    language: Mapped[str] = mapped_column(String(8))
    starts_at: Mapped[int]
    ends_at: Mapped[int]
    received_at: Mapped[datetime]
    found_at: Mapped[datetime]
    told: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    ended_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_as: Mapped[str] = mapped_column(String(12), default="", server_default=text("''"))
    ended_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    case_id: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    sealed_reason: Mapped[bytes | None] = mapped_column(LargeBinary)


class ReadTextsRow(Base):
    """Up to when the texts of a system were read for requests."""

    __tablename__ = "read_texts"

    system: Mapped[str] = mapped_column(String(32), primary_key=True)
    read_to: Mapped[datetime]


class SuppressionRow(Base):
    """An entry of the suppression list. It outlives its case, and reveals no one without the key of its hash."""

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("digest", "reason"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(16))
    added_on: Mapped[date]
    until: Mapped[date | None]
    case_id: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
