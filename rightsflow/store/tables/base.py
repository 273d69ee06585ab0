"""The common base of all tables: names of constraints, aware instants, and the tables' revision."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import ClassVar, Final, cast

from sqlalchemy import JSON, DateTime, ForeignKey, MetaData, String, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator

REVISION: Final = "0001"
"""The newest migration, to whose tables these are."""


class Instant(TypeDecorator[datetime]):
    """An aware instant; stored in UTC, since SQLite has no zones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - the base class fixes the signature
        """Return the value as the database stores it."""
        if value is not None and value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC) if value is not None else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        """Return the value as the software reads it."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


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
    type_annotation_map: ClassVar[dict[object, object]] = {
        datetime: Instant,
        list[str]: JSON,
        dict[str, str]: JSON,
        dict[str, object]: JSON,
    }


def table_of(row: type[Base]) -> Table:
    """Return the table of a row's class, for statements that bypass the session and make no objects.

    Args:
        row: The class.
    """
    return cast("Table", row.__table__)


def case_id_column(*, index: bool | None = None) -> Mapped[str]:
    """Return the column of a row that belongs to a case and goes with it."""
    return mapped_column(String(20), ForeignKey("cases.id", ondelete="CASCADE"), index=index)
