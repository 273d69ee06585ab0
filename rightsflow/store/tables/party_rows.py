"""The tables of others in a case: processors, controllers with orders, agents; and of what is said in it."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column

from rightsflow.store.tables.base import Base, case_id_column


class InstructionRow(Base):
    """An instruction to a processor; its text names the person and is encrypted."""

    __tablename__ = "instructions"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        UniqueConstraint("case_id", "processor", "task", name="uq_instructions_case_id_processor"),
        Index(
            "ix_instructions_open",
            "due_on",
            sqlite_where=text("is_open"),
            postgresql_where=text("is_open"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    number: Mapped[int]
    processor: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(120))
    role: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    action: Mapped[str] = mapped_column(String(20))
    kinds: Mapped[list[str]]
    expected: Mapped[int]
    due_on: Mapped[date]
    sealed_text: Mapped[bytes] = mapped_column(LargeBinary)
    asked_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    # Since when a process has been mailing it, so that no second one does.
    claimed_at: Mapped[datetime | None]
    reminded_on: Mapped[date | None]
    reminders: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    sent_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    # True if an answer is still to come; the case is then not purged.
    is_open: Mapped[bool] = mapped_column(default=True, server_default=true())
    # The task to lift a restriction with which it was written; 0 for what the request itself asks.
    task: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    # True if it was called off because the person withdrew the request.
    is_called_off: Mapped[bool] = mapped_column(default=False, server_default=false())
    # True if the answer to the person named it as open, so that a second letter follows.
    is_promised: Mapped[bool] = mapped_column(default=False, server_default=false())


class ProcessorAnswerRow(Base):
    """A processor's answer with its proof; free text and proof are encrypted."""

    __tablename__ = "processor_answers"
    __table_args__ = (UniqueConstraint("case_id", "instruction", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    instruction: Mapped[int]
    number: Mapped[int]
    answer: Mapped[str] = mapped_column(String(20))
    answered_on: Mapped[date]
    records: Mapped[int | None]
    until: Mapped[date | None]
    sub_processors: Mapped[list[str]]
    doubts: Mapped[list[str]]
    is_late: Mapped[bool] = mapped_column(default=False, server_default=false())
    sealed_note: Mapped[bytes | None] = mapped_column(LargeBinary)
    proof_sha256: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"))
    sealed_proof: Mapped[bytes | None] = mapped_column(LargeBinary)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str] = mapped_column(String(200))
    checked_at: Mapped[datetime | None]
    checked_by: Mapped[str] = mapped_column(String(200), default="", server_default=text("''"))
    sealed_check: Mapped[bytes | None] = mapped_column(LargeBinary)


class ProcessorDocumentRow(Base):
    """A file that a processor handed over in an access request, encrypted; its content goes once the person has it."""

    __tablename__ = "processor_documents"
    __table_args__ = (UniqueConstraint("case_id", "instruction", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    instruction: Mapped[int]
    answer: Mapped[int]
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sealed_content: Mapped[bytes | None] = mapped_column(LargeBinary)


_WANTED = text("wants_callbacks")


class OrderRow(Base):
    """A controller's order; its certificate holds counts only and is encrypted for the key of its package."""

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("controller", "request_id", name="uq_orders_controller"),
        Index(
            "ix_orders_wants_callbacks",
            "case_id",
            sqlite_where=text("wants_callbacks"),
            postgresql_where=text("wants_callbacks"),
        ),
    )

    case_id: Mapped[str] = mapped_column(String(20), ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    controller: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(120))
    controller_id: Mapped[str] = mapped_column(String(200))
    request_id: Mapped[str] = mapped_column(String(36))
    # The SHA-256 of what was asked, by which the same request that is sent again is known.
    digest: Mapped[str] = mapped_column(String(64))
    systems: Mapped[list[str]]
    callbacks: Mapped[list[str]]
    # JSON: categories and provisions, in the controller's words.
    exclusions: Mapped[str] = mapped_column(Text)
    due_on: Mapped[date]
    received_at: Mapped[datetime]
    # True if a callback may be due: until the last status was delivered, or delivery was given up.
    wants_callbacks: Mapped[bool]
    told: Mapped[str] = mapped_column(String(20), default="", server_default=text("''"))
    tries: Mapped[int] = mapped_column(default=0, server_default=text("0"))
    sealed_result: Mapped[bytes | None] = mapped_column(LargeBinary)
    results: Mapped[int | None]
    completed_at: Mapped[datetime | None]


class AgentRequestRow(Base):
    """An agent's request for a person; personal data is encrypted under the case's key."""

    __tablename__ = "agent_requests"
    __table_args__ = (
        Index(
            "ix_agent_requests_wants_callbacks",
            "case_id",
            sqlite_where=text("wants_callbacks"),
            postgresql_where=text("wants_callbacks"),
        ),
    )

    case_id: Mapped[str] = mapped_column(String(20), ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True)
    request_id: Mapped[str] = mapped_column(String(36), unique=True)
    agent: Mapped[str] = mapped_column(String(32))
    name: Mapped[str] = mapped_column(String(120))
    exercise: Mapped[str] = mapped_column(String(20))
    regime: Mapped[str] = mapped_column(String(8))
    received_at: Mapped[datetime]
    # JSON: its own id, its callback, the person's relation to us in its words, and its statement of verified data.
    sealed_said: Mapped[bytes] = mapped_column(LargeBinary)
    # The signed message as it came, which proves what was asked.
    sealed_envelope: Mapped[bytes] = mapped_column(LargeBinary)
    # True if a callback may be due: until the last status was delivered, or delivery was given up.
    wants_callbacks: Mapped[bool]
    told: Mapped[str] = mapped_column(String(80))
    tries: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class AgentTokenRow(Base):
    """The token that an agent got last, as a keyed hash."""

    __tablename__ = "agent_tokens"

    agent: Mapped[str] = mapped_column(String(32), primary_key=True)
    business_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    # When the message was signed that it was given for: an older one, or the same again, gets none.
    issued_at: Mapped[datetime]
    made_at: Mapped[datetime]


_UNREAD = text("unread_by <> ''")


class MessageRow(Base):
    """A message of the person, or a note between colleagues; its text is encrypted."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("case_id", "number"),
        Index("ix_messages_unread", "case_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index("ix_messages_recorded_at", "recorded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    # When it arrived or was written, and when it was recorded.
    at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(200))
    # The keys, with spaces, of the colleagues whom a note names, and of those who have not read it yet.
    named: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    unread_by: Mapped[str] = mapped_column(Text, default="", server_default=text("''"))
    # True if it was recorded as the answer to what the person was asked.
    is_answer: Mapped[bool] = mapped_column(default=False, server_default=false())
    # None once its content was removed.
    sealed_text: Mapped[bytes | None] = mapped_column(LargeBinary)


class MessageFileRow(Base):
    """A file of a message; its name and content are encrypted, and gone once the message's content was removed."""

    __tablename__ = "message_files"
    __table_args__ = (UniqueConstraint("case_id", "message", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[str] = case_id_column()
    message: Mapped[int]
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(String(10))
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sealed_name: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_content: Mapped[bytes | None] = mapped_column(LargeBinary, deferred=True)
