"""The tables. Whatever may be personal data stands in a ``sealed_…`` column, encrypted under the case's key."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, ClassVar, Final

from sqlalchemy import (
    JSON,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

REVISION: Final = "0016"
"""The newest migration, to whose tables these are."""


class Instant(TypeDecorator[datetime]):
    """An aware instant; kept in UTC, since SQLite has no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base class fixes the signature
        """To the database."""
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        """From the database."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


class Base(DeclarativeBase):
    """The declarative base, with names for constraints so that migrations can address them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: Instant, list[str]: JSON, dict[str, Any]: JSON}


def _case_id(**options: Any) -> Mapped[str]:
    return mapped_column(String(20), ForeignKey("cases.id", ondelete="CASCADE"), **options)


_OPEN = text("closed_at IS NULL")
_RUNNING = text("closed_at IS NULL AND suspended_since IS NULL")
_COPIES = text("copies_end_on IS NOT NULL")
_ENDING = text("evidence_until IS NOT NULL")
_STANDING = text("closed_at IS NULL AND suspended_since IS NOT NULL")
_TO_START = text("start_at IS NOT NULL AND closed_at IS NULL")
_PRESENT = text("released_at IS NULL")


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
    # The person's language, a BCP 47 tag; empty where nobody knows.
    language: Mapped[str] = mapped_column(String(35), default="", server_default=text("''"))
    # Whether the request says so or the country; empty for a case that was opened before that was noted.
    language_from: Mapped[str] = mapped_column(String(10), default="", server_default=text("''"))
    opened_by: Mapped[str] = mapped_column(String(200))
    owner: Mapped[str] = mapped_column(String(200))
    intake_id: Mapped[str | None] = mapped_column(String(64), unique=True)
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
    # Which master key wraps it, by its fingerprint; empty if that was never noted.
    wrapped_by: Mapped[str] = mapped_column(String(16), default="", server_default=text("''"))
    # Minutes from UTC where the request was sent: on a strict reading the sender's date counts. None: not known.
    sent_offset: Mapped[int | None]
    state_since: Mapped[datetime] = mapped_column(server_default=text("'1970-01-01 00:00:00'"))
    holidays_version: Mapped[str] = mapped_column(String(80), server_default=text("''"))
    # While the clock stands the dates above are those without the suspension.
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
    # The last day on which the evidence of a closed case is kept.
    evidence_until: Mapped[date | None]
    # Whether a complaint or a claim holds it for longer, and the last day of that; none: until it is lifted.
    evidence_hold: Mapped[bool] = mapped_column(default=False, server_default=false())
    evidence_held_until: Mapped[date | None]
    # Whether it is one of many: the keeper starts it, and it makes room for others where a system does not answer.
    in_bulk: Mapped[bool] = mapped_column(default=False, server_default=false())
    # Whether Prefect has kept a run of it: one that is lost is started again.
    has_run: Mapped[bool] = mapped_column(default=False, server_default=false())
    # From when the keeper is to start its run; none: its run was started.
    start_at: Mapped[datetime | None]
    # The system that it waits for, where it made room; empty for none.
    waits_for: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))


class IdentifierRow(Base):
    """One identifier of the subject: its keyed hash to look it up, and itself, sealed."""

    __tablename__ = "identifiers"
    __table_args__ = (UniqueConstraint("case_id", "index_hash"), Index("ix_identifiers_index_hash", "index_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    kind: Mapped[str] = mapped_column(String(20))
    issuer: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    index_hash: Mapped[str] = mapped_column(String(64))
    sealed_value: Mapped[bytes] = mapped_column(LargeBinary)
    learnt_from: Mapped[str] = mapped_column(String(40))
    contested: Mapped[bool] = mapped_column(default=False)


class FindingRow(Base):
    """One located record and what became of it."""

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("case_id", "record_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    system: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(200))
    record_hash: Mapped[str] = mapped_column(String(64))
    sealed_ref: Mapped[bytes] = mapped_column(LargeBinary)
    via_hash: Mapped[str] = mapped_column(String(64), default="")
    sealed_owner: Mapped[bytes] = mapped_column(LargeBinary)
    owner_strong: Mapped[list[str]]
    owner_weak: Mapped[list[str]]
    attribution: Mapped[str] = mapped_column(String(20))
    occurred_on: Mapped[date | None]
    facts: Mapped[list[str]]
    locked_until: Mapped[date | None]

    # Which class of document a rule of the configuration says that it is; empty where none does.
    document: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    # The language that the system has on file for the person; none where it has nothing.
    sealed_language: Mapped[bytes | None] = mapped_column(LargeBinary)
    # What was copied of it for an access package; nothing while it was not read.
    copied_documents: Mapped[int | None]
    copied_files: Mapped[int | None]
    # The plan: what is meant to be done with it, and why.
    method: Mapped[str] = mapped_column(String(20), default="")
    planned: Mapped[str] = mapped_column(String(20), default="")
    # What a person decided on it alone: which act, and the whole with its ground, encrypted.
    decided: Mapped[str] = mapped_column(String(16), default="", server_default=text("''"))
    sealed_decision: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The outcome: what became of it.
    outcome: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    legal_basis: Mapped[str] = mapped_column(String(200), default="")
    until: Mapped[date | None]
    ends_when: Mapped[str] = mapped_column(Text, default="")
    # What the plan leaves to a person, and what the person who approves has to look at.
    question: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    note: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    refused: Mapped[bool] = mapped_column(default=False)
    request_id: Mapped[str] = mapped_column(String(200), default="")
    acted_at: Mapped[datetime | None]
    # The proof: what a fresh read showed.
    verified: Mapped[str] = mapped_column(String(20), default="")
    verified_at: Mapped[datetime | None]
    verified_detail: Mapped[str] = mapped_column(Text, default="")


class StepRow(Base):
    """One step at one system; the unique key makes it happen once."""

    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("case_id", "step", "system"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    step: Mapped[str] = mapped_column(String(40))
    system: Mapped[str] = mapped_column(String(32), default="")
    scope: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    counts: Mapped[dict[str, Any]]
    error: Mapped[str] = mapped_column(Text, default="")


class DecisionRow(Base):
    """What a person decided at a gate."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("case_id", "gate"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    gate: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(200))
    sealed_reason: Mapped[bytes] = mapped_column(LargeBinary)
    # How identity was checked; empty at another gate.
    method: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    code: Mapped[str] = mapped_column(String(20), default="")
    # What the refusal's reason has to say besides; empty at another decision.
    sealed_details: Mapped[bytes | None] = mapped_column(LargeBinary)
    include_unclear: Mapped[bool] = mapped_column(default=False)
    decided_at: Mapped[datetime]


class LetterRow(Base):
    """A letter in the outbox; each kind goes out once per case."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("case_id", "template_id"),
        Index(
            "ix_letters_unsent",
            "template_id",
            "case_id",
            sqlite_where=text("sent_at IS NULL"),
            postgresql_where=text("sent_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    template_id: Mapped[str] = mapped_column(String(20))
    template_version: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(10))
    sealed_subject: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_body: Mapped[bytes] = mapped_column(LargeBinary)
    variables_hash: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime]
    # Since when a process has been mailing it, so that no second one does.
    claimed_at: Mapped[datetime | None]
    # It cannot be mailed: somebody has to send it.
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))


class CaseTaskRow(Base):
    """What a person has to do by hand; no personal data of the subject."""

    __tablename__ = "case_tasks"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        Index(
            "ix_case_tasks_open",
            "due_on",
            sqlite_where=text("done_on IS NULL"),
            postgresql_where=text("done_on IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    system: Mapped[str] = mapped_column(String(32))
    what: Mapped[str] = mapped_column(Text)
    records: Mapped[int]
    owner: Mapped[str] = mapped_column(String(64))
    due_on: Mapped[date]
    # The last day on which the records are kept; erasing them after it ends what the case is kept for.
    kept_until: Mapped[date | None]
    check_first: Mapped[bool]
    done_on: Mapped[date | None]
    done_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))


class SecretRow(Base):
    """A further value of a case that nobody may read in passing, such as the package's passphrase."""

    __tablename__ = "case_secrets"
    __table_args__ = (UniqueConstraint("case_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    field: Mapped[str] = mapped_column(String(40))
    sealed_value: Mapped[bytes] = mapped_column(LargeBinary)


class ChainRow(Base):
    """A chain of the ledger and its head, which the database itself moves on with every entry (a trigger).

    The chain outlives its case: when the evidence period ends, the entries go and the head stays, since seals name it.
    """

    __tablename__ = "chains"

    chain: Mapped[str] = mapped_column(String(20), primary_key=True)
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    # The entry up to which the last seal covers it.
    sealed_number: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    purged_at: Mapped[datetime | None]


class LedgerRow(Base):
    """One entry of the ledger. The database refuses to change or delete it (triggers)."""

    __tablename__ = "ledger"
    __table_args__ = (UniqueConstraint("chain", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(20))
    number: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))


class SealRow(Base):
    """A signed commitment to the heads of all chains. The database refuses to change or delete it (triggers)."""

    __tablename__ = "seals"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    # By the key's name.
    signatures: Mapped[dict[str, Any]]


class SealProofRow(Base):
    """That a chain's head, as it was then, is under a seal; kept for chains that had grown since the seal before."""

    __tablename__ = "seal_proofs"
    __table_args__ = (UniqueConstraint("chain", "seal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    chain: Mapped[str] = mapped_column(String(20))
    seal: Mapped[int]
    number: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))
    position: Mapped[int]
    path: Mapped[list[str]]


class PublicationRow(Base):
    """A place where a seal was published, so that each goes to each place once."""

    __tablename__ = "publications"
    __table_args__ = (UniqueConstraint("place", "seal"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    place: Mapped[str] = mapped_column(String(200))
    seal: Mapped[int]
    published_at: Mapped[datetime]


class VaultKeyRow(Base):
    """A key of the whole store, wrapped by the master key: for keyed hashes, for forms, for seals."""

    __tablename__ = "vault_keys"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    # Which master key wraps it, by its fingerprint.
    wrapped_by: Mapped[str] = mapped_column(String(16))
    # Of a signing key: the half that anybody may have, hexadecimal.
    public: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    created_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class ClockEventRow(Base):
    """Something that moves the case's clock, such as the question for proof of identity and its answer."""

    __tablename__ = "clock_events"
    __table_args__ = (UniqueConstraint("case_id", "kind"), Index("ix_clock_events_kind", "kind", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]


class AlertRow(Base):
    """One rung of the alert ladder that was raised; the unique key raises it once."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("case_id", "kind", "key"), Index("ix_alerts_stage", "stage", "next_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(120))
    about_on: Mapped[date]
    tell: Mapped[list[str]]
    text: Mapped[str] = mapped_column(Text)
    raised_at: Mapped[datetime]
    # Sending: an attempt is noted before it is made, so that a repeated one is known to be the same.
    stage: Mapped[str] = mapped_column(String(12))
    next_at: Mapped[datetime | None]
    attempt: Mapped[int] = mapped_column(default=0)
    recipients: Mapped[list[str]]
    told: Mapped[list[str]]
    failures: Mapped[int] = mapped_column(default=0)
    posted_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[str] = mapped_column(String(200), default="")
    ended_at: Mapped[datetime | None]


class HandoverRow(Base):
    """A case that went from one owner to another."""

    __tablename__ = "handovers"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id(index=True)
    from_owner: Mapped[str] = mapped_column(String(32))
    to_owner: Mapped[str] = mapped_column(String(32))
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    sealed_reason: Mapped[bytes] = mapped_column(LargeBinary)


class AbsenceRow(Base):
    """Days on which somebody who answers for cases is absent, and who stands in."""

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


class DurationRow(Base):
    """How long one part of a closed case took; what the forecast learns from."""

    __tablename__ = "durations"
    __table_args__ = (
        UniqueConstraint("case_id", "part", "system"),
        Index("ix_durations_part", "right", "part", "system", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    right: Mapped[str] = mapped_column(String(20))
    part: Mapped[str] = mapped_column(String(20))
    system: Mapped[str] = mapped_column(String(32), default="")
    seconds: Mapped[float]
    ended_at: Mapped[datetime]


class LeaseRow(Base):
    """Which process works on a case at present, so that no second one does."""

    __tablename__ = "leases"

    case_id: Mapped[str] = mapped_column(String(20), ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    holder: Mapped[str] = mapped_column(String(64))
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    expires_at: Mapped[datetime]


class SlotRow(Base):
    """The place of a step in the line before a system; the first few work there at a time."""

    __tablename__ = "slots"
    # A number is never given twice: whoever was taken for dead must not give back the place of another.
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: Mapped[int] = mapped_column(primary_key=True)
    system: Mapped[str] = mapped_column(String(32), index=True)
    # No foreign key: checking it would wait for the case's lock while others wait for the line.
    case_id: Mapped[str] = mapped_column(String(20), index=True)
    host: Mapped[str] = mapped_column(String(255))
    pid: Mapped[int]
    expires_at: Mapped[datetime]


class RoleRow(Base):
    """Which process has a role that one at a time may have, such as that of the keeper."""

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
    # What a person gave as the reason; a brake that was set by a case has the numbers below instead.
    sealed_reason: Mapped[bytes | None] = mapped_column(LargeBinary)
    case_id: Mapped[str | None] = mapped_column(String(20), ForeignKey("cases.id", ondelete="SET NULL"), index=True)
    per: Mapped[str] = mapped_column(String(8), default="")
    records: Mapped[int] = mapped_column(default=0)
    limit: Mapped[int] = mapped_column(default=0)
    # How many records the case itself was to erase there.
    planned: Mapped[int] = mapped_column(default=0)
    released_at: Mapped[datetime | None]
    released_by: Mapped[str] = mapped_column(String(200), default="")
    # The day of the release in the controller's zone, for which a day's total is accepted.
    released_on: Mapped[date | None]
    sealed_release: Mapped[bytes | None] = mapped_column(LargeBinary)


class ErasedAmountRow(Base):
    """How many records a case erases or redacts at a system, and from which day on."""

    __tablename__ = "erased_amounts"
    __table_args__ = (UniqueConstraint("case_id", "system"), Index("ix_erased_amounts_day", "system", "day"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = _case_id()
    system: Mapped[str] = mapped_column(String(32))
    day: Mapped[date]
    records: Mapped[int]
    # Not where a person had to accept it: an exception does not raise the limit for those that follow.
    is_usual: Mapped[bool]


class IntakeRow(Base):
    """A form on its way to becoming a case, sealed; gone as soon as it has become one or was found unusable."""

    __tablename__ = "intakes"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    sealed_form: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[datetime]
