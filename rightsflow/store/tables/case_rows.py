"""The tables of a case: its own line, with what lists and the watch look for, and its parts, which go with it.

What may be personal data is encrypted under the case's key.
"""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Index, LargeBinary, String, Text, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from rightsflow.store.tables.base import Base, case_id_column

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
    # The number of the ticket that it is about, by which people tell it apart; empty for none.
    ticket: Mapped[str] = mapped_column(String(60), default="", server_default=text("''"))
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
    # True while a system refuses a step of it: such a case is never in time.
    refused: Mapped[bool] = mapped_column(default=False, server_default=false())
    # The number of transactions that changed its case file, by which a page or sheet notices a later change.
    changes: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    # An estimate of the seconds that people spent on it at the desk, all together; nothing says who.
    desk_seconds: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class IdentifierRow(Base):
    """An identifier of the subject: its keyed hash for look-ups, and its encrypted value."""

    __tablename__ = "identifiers"
    __table_args__ = (UniqueConstraint("case_id", "index_hash"), Index("ix_identifiers_index_hash", "index_hash"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    kind: Mapped[str] = mapped_column(String(20))
    issuer: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    index_hash: Mapped[str] = mapped_column(String(64))
    sealed_value: Mapped[bytes] = mapped_column(LargeBinary)
    learnt_from: Mapped[str] = mapped_column(String(40))
    contested: Mapped[bool] = mapped_column(default=False)
    had_since: Mapped[date | None]
    had_until: Mapped[date | None]


class FindingRow(Base):
    """A located record and its outcome."""

    __tablename__ = "findings"
    __table_args__ = (UniqueConstraint("case_id", "record_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    system: Mapped[str] = mapped_column(String(32))
    kind: Mapped[str] = mapped_column(String(60))
    category: Mapped[str] = mapped_column(String(200))
    record_hash: Mapped[str] = mapped_column(String(64))
    sealed_ref: Mapped[bytes] = mapped_column(LargeBinary)
    via_hash: Mapped[str] = mapped_column(String(64), default="")
    # The records that it belongs to, besides the one it was reached through, as keyed hashes.
    above_hashes: Mapped[list[str] | None] = mapped_column(default=list)
    # True if it only helps to attribute other records; such a row is deleted after attribution.
    is_context: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    sealed_owner: Mapped[bytes] = mapped_column(LargeBinary)
    owner_strong: Mapped[list[str]]
    owner_weak: Mapped[list[str]]
    attribution: Mapped[str] = mapped_column(String(20))
    # Why it is unclear whose it is; empty where it is not.
    doubt: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    # The kinds of the records from this one up to the one that put it in doubt; empty where it did so itself.
    chain: Mapped[list[str] | None] = mapped_column(default=list)
    occurred_on: Mapped[date | None]
    facts: Mapped[list[str]]
    locked_until: Mapped[date | None]

    # The class of document by a rule of the configuration; empty if no rule matches.
    document: Mapped[str] = mapped_column(String(24), default="", server_default=text("''"))
    # The language that the system has on file for the person; none where it has nothing.
    sealed_language: Mapped[bytes | None] = mapped_column(LargeBinary)
    # Keyed hashes that recognise its content if a back-up restores it under another name.
    content_hashes: Mapped[list[str] | None] = mapped_column(default=list)
    # The copies made of it for an access package; none while it was not read.
    copied_documents: Mapped[int | None]
    copied_files: Mapped[int | None]
    # The plan: what is meant to be done with it, and why.
    method: Mapped[str] = mapped_column(String(20), default="")
    planned: Mapped[str] = mapped_column(String(20), default="")
    # A person's decision on it alone: the act, and the whole decision with its ground, encrypted.
    decided: Mapped[str] = mapped_column(String(16), default="", server_default=text("''"))
    sealed_decision: Mapped[bytes | None] = mapped_column(LargeBinary)
    # The outcome: what became of it.
    outcome: Mapped[str] = mapped_column(String(20), default="")
    reason: Mapped[str] = mapped_column(Text, default="")
    legal_basis: Mapped[str] = mapped_column(String(200), default="")
    until: Mapped[date | None]
    ends_when: Mapped[str] = mapped_column(Text, default="")
    # The parts that the plan leaves to a person, and those that the approver has to check.
    question: Mapped[str] = mapped_column(String(32), default="", server_default=text("''"))
    note: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    refused: Mapped[bool] = mapped_column(default=False)
    # The parts that the connector left to a person: their words, with commas.
    left_to_person: Mapped[str] = mapped_column(String(80), default="", server_default=text("''"))
    request_id: Mapped[str] = mapped_column(String(200), default="")
    acted_at: Mapped[datetime | None]
    # The proof: what a fresh read showed.
    verified: Mapped[str] = mapped_column(String(20), default="")
    verified_at: Mapped[datetime | None]
    verified_detail: Mapped[str] = mapped_column(Text, default="")
    # When it was last looked at after the answer, whatever was seen; the days of the looks count from it.
    looked_at: Mapped[datetime | None]
    # When its restriction was lifted; a back-up of before has the mark.
    lifted_at: Mapped[datetime | None]


class StepRow(Base):
    """A step at one system; the unique key makes it happen once."""

    __tablename__ = "steps"
    __table_args__ = (UniqueConstraint("case_id", "step", "system"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    step: Mapped[str] = mapped_column(String(40))
    system: Mapped[str] = mapped_column(String(32), default="")
    scope: Mapped[str] = mapped_column(String(64), default="")
    state: Mapped[str] = mapped_column(String(20))
    attempts: Mapped[int] = mapped_column(default=0)
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    counts: Mapped[dict[str, object]]
    error: Mapped[str] = mapped_column(Text, default="")
    # The sort of the last attempt's fault; empty where there was none.
    fault: Mapped[str] = mapped_column(String(12), default="", server_default=text("''"))


class DecisionRow(Base):
    """A person's decision at a gate."""

    __tablename__ = "decisions"
    __table_args__ = (UniqueConstraint("case_id", "gate"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    gate: Mapped[str] = mapped_column(String(20))
    decision: Mapped[str] = mapped_column(String(20))
    by: Mapped[str] = mapped_column(String(200))
    sealed_reason: Mapped[bytes] = mapped_column(LargeBinary)
    # The method of identity verification; empty at another gate.
    method: Mapped[str] = mapped_column(String(40), default="", server_default=text("''"))
    code: Mapped[str] = mapped_column(String(20), default="")
    # Further details of the refusal's reason; empty for another decision.
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
    case_id: Mapped[str] = case_id_column()
    template_id: Mapped[str] = mapped_column(String(20))
    template_version: Mapped[str] = mapped_column(String(20))
    language: Mapped[str] = mapped_column(String(10))
    sealed_subject: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_body: Mapped[bytes] = mapped_column(LargeBinary)
    variables_hash: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime]
    # Since when a process has been mailing it, so that no second one does.
    claimed_at: Mapped[datetime | None]
    # True if it cannot be mailed, so that a person has to send it.
    by_hand: Mapped[bool] = mapped_column(default=False, server_default=false())
    # True if it is no longer to be sent.
    overtaken: Mapped[bool] = mapped_column(default=False, server_default=false())
    sent_at: Mapped[datetime | None]
    sent_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))


class CaseTaskRow(Base):
    """A manual task; no personal data of the subject."""

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
    case_id: Mapped[str] = case_id_column()
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(40))
    system: Mapped[str] = mapped_column(String(32))
    what: Mapped[str] = mapped_column(Text)
    # The numbers, between commas, of the records of a task that names each of them; other tasks name none.
    numbers: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    records: Mapped[int]
    owner: Mapped[str] = mapped_column(String(64))
    due_on: Mapped[date]
    # The last day on which the records are kept; erasing them after it ends what the case is kept for.
    kept_until: Mapped[date | None]
    check_first: Mapped[bool]
    # When the follow-up had looked at the records afresh, so that a person can approve what is to be erased.
    shown_at: Mapped[datetime | None]
    # The approver of the erasure by the software, and the time; empty if there is none.
    approved_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    approved_at: Mapped[datetime | None]
    done_on: Mapped[date | None]
    done_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))


class SecretRow(Base):
    """A further value of a case that no one may read in passing, such as the package's passphrase."""

    __tablename__ = "case_secrets"
    __table_args__ = (UniqueConstraint("case_id", "field"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    field: Mapped[str] = mapped_column(String(40))
    sealed_value: Mapped[bytes] = mapped_column(LargeBinary)


class MaskChoiceRow(Base):
    """A person's decision on a redaction of the access package; passages, grounds and reasons are encrypted."""

    __tablename__ = "mask_choices"
    __table_args__ = (Index("ix_mask_choices_case_id", "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    # The record, and the part of it as it was then, by keyed hashes: of another one a person is asked again.
    record_hash: Mapped[str] = mapped_column(String(64))
    part_hash: Mapped[str] = mapped_column(String(64))
    act: Mapped[str] = mapped_column(String(12))
    state: Mapped[str] = mapped_column(String(12))
    # At how many places the package was made with it.
    places: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    by: Mapped[str] = mapped_column(String(200))
    decided_at: Mapped[datetime]
    sealed_choice: Mapped[bytes] = mapped_column(LargeBinary)
    # A copy that was edited by hand, until the person has it; read where it is given alone.
    sealed_copy: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)


class ClockEventRow(Base):
    """Something that moves the case's clock, such as the question for proof of identity and its answer."""

    __tablename__ = "clock_events"
    __table_args__ = (UniqueConstraint("case_id", "kind"), Index("ix_clock_events_kind", "kind", "at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    kind: Mapped[str] = mapped_column(String(40))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
    recorded_at: Mapped[datetime]


class AlertRow(Base):
    """A rung of the alert ladder that was raised; the unique key raises it once."""

    __tablename__ = "alerts"
    __table_args__ = (UniqueConstraint("case_id", "kind", "key"), Index("ix_alerts_stage", "stage", "next_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
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
    case_id: Mapped[str] = case_id_column(index=True)
    from_owner: Mapped[str] = mapped_column(String(32))
    to_owner: Mapped[str] = mapped_column(String(32))
    by: Mapped[str] = mapped_column(String(200))
    at: Mapped[datetime]
    sealed_reason: Mapped[bytes] = mapped_column(LargeBinary)


class DurationRow(Base):
    """The duration of one part of a closed case, from which forecasts learn."""

    __tablename__ = "durations"
    __table_args__ = (
        UniqueConstraint("case_id", "part", "system"),
        Index("ix_durations_part", "right", "part", "system", "ended_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    right: Mapped[str] = mapped_column(String(20))
    part: Mapped[str] = mapped_column(String(20))
    system: Mapped[str] = mapped_column(String(32), default="")
    seconds: Mapped[float]
    ended_at: Mapped[datetime]
