"""The table of cases: one line each, with what lists and the watch look for."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, String, Text, false, text
from sqlalchemy.orm import Mapped, mapped_column

from rightsflow.store.tables.base import Base

_OPEN = text("closed_at IS NULL")
_RUNNING = text("closed_at IS NULL AND suspended_since IS NULL")
_COPIES = text("copies_end_on IS NOT NULL")
_ENDING = text("evidence_until IS NOT NULL")
_STANDING = text("closed_at IS NULL AND suspended_since IS NOT NULL")
_FOLLOWED = text("follow_up_on IS NOT NULL")
_RULED = text("rules_version IS NOT NULL")
_TO_START = text("start_at IS NOT NULL AND closed_at IS NULL")


class CaseRow(Base):
    """One request's handling."""

    __tablename__ = "cases"
    __table_args__ = (
        Index(
            "ix_cases_running",
            "work_to_on",
            "id",
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index(
            "ix_cases_standing",
            "work_to_on",
            "id",
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
        Index(
            "ix_cases_owner",
            "owner",
            "work_to_on",
            "id",
            "suspended_since",
            "due_on",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        Index("ix_cases_wrapped_by", "wrapped_by"),
        Index("ix_cases_follow_up_on", "follow_up_on", sqlite_where=_FOLLOWED, postgresql_where=_FOLLOWED),
        Index("ix_cases_rules_version", "rules_version", sqlite_where=_RULED, postgresql_where=_RULED),
        Index("ix_cases_copies_end_on", "copies_end_on", sqlite_where=_COPIES, postgresql_where=_COPIES),
        Index("ix_cases_evidence_until", "evidence_until", sqlite_where=_ENDING, postgresql_where=_ENDING),
        Index(
            "ix_cases_to_start",
            "work_to_on",
            "received_at",
            "id",
            sqlite_where=_TO_START,
            postgresql_where=_TO_START,
        ),
        Index("ix_cases_open_forecast", "forecast_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(
            "ix_cases_open_holidays",
            "holidays_version",
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
    )

    id: Mapped[str] = mapped_column(String(20), primary_key=True)
    right: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(24), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    # The person's language, a BCP 47 tag; empty where no one knows.
    language: Mapped[str] = mapped_column(String(35), default="", server_default=text("''"))
    # The source of the language: the request or the country; empty for a case opened before this was noted.
    language_from: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    # On which ground a restriction was asked for; empty of any other request.
    ground: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    opened_by: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(200))
    intake_id: Mapped[str | None] = mapped_column(String(64), unique=True)
    # The controller on whose behalf it is handled, by its key in the configuration; empty for a request of our own.
    controller: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    received_at: Mapped[datetime]
    opened_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    regime: Mapped[str] = mapped_column(String(20))
    rule_version: Mapped[str] = mapped_column(String(60))
    due_on: Mapped[date] = mapped_column(index=True)
    due_at: Mapped[datetime]
    safe_due_on: Mapped[date]
    work_to_on: Mapped[date]
    explanation: Mapped[str] = mapped_column(Text)
    wrapped_key: Mapped[bytes] = mapped_column(LargeBinary)
    # The fingerprint of the master key that wraps it; empty if none was noted.
    wrapped_by: Mapped[str] = mapped_column(String(16), default="", server_default=text("''"))
    # Minutes from UTC where the request was sent: on a strict reading the sender's date counts. None: not known.
    sent_offset: Mapped[int | None]
    state_since: Mapped[datetime] = mapped_column(server_default=text("'1970-01-01 00:00:00'"))
    holidays_version: Mapped[str] = mapped_column(String(80), server_default=text("''"))
    # While the clock is suspended the dates above are those without the suspension.
    suspended_since: Mapped[datetime | None]
    no_pause_due_on: Mapped[date | None]
    notice_due_on: Mapped[date | None]
    extended: Mapped[bool] = mapped_column(default=False, server_default=false())
    expected_on: Mapped[date | None]
    expected_late_on: Mapped[date | None]
    at_risk: Mapped[bool] = mapped_column(default=False, server_default=false())
    forecast_at: Mapped[datetime | None]
    forecast_basis: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    # When the watch has to look at the case next; none for a closed case.
    watch_at: Mapped[datetime | None] = mapped_column(index=True)
    # The day on which the working copies go; none while they are needed, or when they are gone.
    copies_end_on: Mapped[date | None]
    # The day from which the follow-up of an erasure has to look at the case; none: there is nothing to come.
    follow_up_on: Mapped[date | None]
    # By which rules of retention what is kept was looked at last; none while a case is not answered, or keeps nothing.
    rules_version: Mapped[str | None] = mapped_column(String(32))
    # The last day on which the evidence of a closed case is kept.
    evidence_until: Mapped[date | None]
    # True if a complaint or a claim holds it for longer, and the last day of that; no day: until it is lifted.
    evidence_hold: Mapped[bool] = mapped_column(default=False, server_default=false())
    evidence_held_until: Mapped[date | None]
    # True for a case of a batch: the keeper starts it, and it yields its slot if a system does not answer.
    in_bulk: Mapped[bool] = mapped_column(default=False, server_default=false())
    # True if Prefect has stored a run of it: a lost run is started again.
    has_run: Mapped[bool] = mapped_column(default=False, server_default=false())
    # From when the keeper is to start its run; none: its run was started.
    start_at: Mapped[datetime | None]
    # The system that it waits for, where it made room; empty for none.
    waits_for: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    # The number of transactions that changed its case file, by which a page or sheet notices a later change.
    changes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
