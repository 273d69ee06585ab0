"""Tables that coordinate people, processes and systems over all cases.

Absences, leases, slots, exclusive roles, circuit breakers, and brakes on erasing with the amounts that set them.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
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
    """A step's slot in the queue for a system; the steps of the first few slots work there at the same time."""

    __tablename__ = "slots"
    # Numbers are never reused: a holder that was taken for dead must not release the slot of another.
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(32), index=True)
    # No foreign key: checking it would wait for the case's lock while others wait for the queue.
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


class RunningPartRow(Base):
    """A running process and the settings that it works with."""

    __tablename__ = "running_parts"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    host: Mapped[str] = mapped_column(String(255), primary_key=True)
    pid: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    settings: Mapped[str] = mapped_column(String(64))
    # The secrets without a value there, by their references.
    missing: Mapped[str] = mapped_column(Text)
    read_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class BreakerRow(Base):
    """A system that has not answered of late: when it is tried again, and by which case."""

    __tablename__ = "breakers"

    system: Mapped[str] = mapped_column(String(32), primary_key=True)
    failures: Mapped[int]
    since: Mapped[datetime]
    retry_at: Mapped[datetime | None]
    probing_case_id: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    probing_until: Mapped[datetime | None]


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
