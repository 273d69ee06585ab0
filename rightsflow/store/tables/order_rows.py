"""The table of the orders of controllers; each goes with its case."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from rightsflow.store.tables.base import Base

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
