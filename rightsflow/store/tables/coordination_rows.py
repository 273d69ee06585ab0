"""The tables that concern many cases: absences, leases, roles, slots, brakes, and forms that are no case yet."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from rightsflow.store.tables.base import Base, case_id_column

_PRESENT = text("released_at IS NULL")


class AbsenceRow(Base):
    """Days on which a case owner is absent, and their deputy."""

    __tablename__ = "absences"

    id: Mapped[int] = mapped_column(primary_key=True)
    person: Mapped[str] = mapped_column(String(32))
    deputy: Mapped[str] = mapped_column(String(32))
    first_on: Mapped[date]
    last_on: Mapped[date] = mapped_column(index=True)
    recorded_by: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str] = mapped_column(String(200), default="")


class LeaseRow(Base):
    """The lease of the process that works on a case, so that no other process does."""

    __tablename__ = "leases"

    case_id: Mapped[str] = mapped_column(String(20), ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    expires_at: Mapped[datetime]


class SlotRow(Base):
    """The place of a step in the line before a system; the first few work there at a time."""

    __tablename__ = "slots"
    # A number is never given twice: a holder that was taken for dead must not give back the place of another.
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(32), index=True)
    # No foreign key: checking it would wait for the case's lock while others wait for the line.
    case_id: Mapped[str] = mapped_column(String(20), index=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    expires_at: Mapped[datetime]


class RoleRow(Base):
    """The process that has an exclusive role, such as that of the keeper."""

    __tablename__ = "roles"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    expires_at: Mapped[datetime]


class BreakerRow(Base):
    """A system that has not answered of late, and when it is tried again."""

    __tablename__ = "breakers"

    system: Mapped[str] = mapped_column(String(32), primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime]
    retry_at: Mapped[datetime | None]
    # The case that tries it, and until when no other does.
    probe: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    probe_until: Mapped[datetime | None]


class BrakeRow(Base):
    """A brake on erasing at a system; the one without a release is in force."""

    __tablename__ = "brakes"
    __table_args__ = (
        Index("ix_brakes_present", "system", unique=True, sqlite_where=_PRESENT, postgresql_where=_PRESENT),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(32))
    set_by: Mapped[str] = mapped_column(String(200))
    since: Mapped[datetime]
    # A person's reason; a brake that was set by a case has the numbers below instead.
    sealed_reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    case_id: Mapped[str | None] = mapped_column(String(20), ForeignKey("cases.id", ondelete="SET NULL"), index=True)
    per: Mapped[str] = mapped_column(String(8), default="")
    records: Mapped[int] = mapped_column(default=0)
    limit: Mapped[int] = mapped_column(default=0)
    # The number of records that the case itself was to erase there.
    planned: Mapped[int] = mapped_column(default=0)
    released_at: Mapped[datetime | None]
    released_by: Mapped[str] = mapped_column(String(200), default="")
    # The day of the release in the controller's zone, for which a day's total is accepted.
    released_on: Mapped[date | None]
    sealed_release: Mapped[bytes | None] = mapped_column(LargeBinary)


class LegalHoldRow(Base):
    """A legal hold; the one without a release is in force."""

    __tablename__ = "legal_holds"
    __table_args__ = (Index("ix_legal_holds_present", "review_on", sqlite_where=_PRESENT, postgresql_where=_PRESENT),)

    id: Mapped[int] = mapped_column(primary_key=True)
    # The scope: keyed hashes of a person's identifiers, a case, a system, a category; empty ones do not limit it.
    persons: Mapped[list[str]]
    # The kinds of these identifiers, with blanks between them; empty of a hold that is older than this column.
    kinds: Mapped[str] = mapped_column(String(400), default="", server_default=text("''"))
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
    # True if the decisions on its records are open again, in every case.
    is_followed: Mapped[bool] = mapped_column(default=False, server_default=false())


class CoveragePlaceRow(Base):
    """A place of a system that may hold personal data and is not configured; accepted ones stay."""

    __tablename__ = "coverage_places"
    __table_args__ = (UniqueConstraint("system", "kind", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(String(200))
    looks_like: Mapped[str] = mapped_column(String(200))
    lines: Mapped[str] = mapped_column(Text)
    since: Mapped[datetime]
    # Since when it is gone, or configured.
    gone_at: Mapped[datetime | None]
    # When people were told of it.
    told_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    sealed_reason: Mapped[bytes | None] = mapped_column(LargeBinary)


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


class ErasedAmountRow(Base):
    """The number of records that a case erases or redacts at a system, and the first day."""

    __tablename__ = "erased_amounts"
    __table_args__ = (UniqueConstraint("case_id", "system"), Index("ix_erased_amounts_day", "system", "day"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    system: Mapped[str] = mapped_column(String(32))
    day: Mapped[date]
    records: Mapped[int]
    # Not where a person had to accept it: an exception does not raise the limit for those that follow.
    is_usual: Mapped[bool]
