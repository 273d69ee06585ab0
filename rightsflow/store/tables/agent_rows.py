"""The tables of authorised agents: what each asked, which goes with its case, and the tokens that they are known by."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from rightsflow.store.tables.base import Base


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
