"""Columns of MySQL and MariaDB that Python has no type for, or another one than their words say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects import mysql
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

_HOUR: Final = 3600


class UtcMoment(TypeDecorator[datetime]):
    """A ``TIMESTAMP``: an instant, given in the session's zone, which is UTC. What cannot be a day is given as text."""

    impl = sa.DateTime
    cache_ok = True

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Read it with its zone."""
        return value.replace(tzinfo=UTC) if isinstance(value, datetime) else value

    def process_bind_param(self, value: Any, _dialect: Dialect) -> Any:
        """Write it as the session's zone has it."""
        return value.astimezone(UTC).replace(tzinfo=None) if isinstance(value, datetime) and value.tzinfo else value


class LengthText(TypeDecorator[str]):
    """A ``TIME``, which may be a length of time of many hours, or a negative one: read as the server writes it."""

    impl = sa.String
    cache_ok = True

    def process_result_value(self, value: Any, _dialect: Dialect) -> Any:
        """Read it as text."""
        return _written(value) if isinstance(value, timedelta) else value


def read_as(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type by which a column is read.

    Args:
        kind: As it was reflected.
    """
    if isinstance(kind, mysql.TIMESTAMP):
        return UtcMoment()
    if isinstance(kind, mysql.TIME):
        return LengthText()
    if isinstance(kind, mysql.ENUM | mysql.SET):
        # Text of the schema's own words; a column may hold an empty one that is none of them.
        return sa.String()
    return kind


def _written(value: timedelta) -> str:
    seconds = abs(value)
    whole, parts = divmod(seconds, timedelta(seconds=1))
    sign = "-" if value < timedelta(0) else ""
    fraction = f".{parts.microseconds:06}" if parts else ""
    return f"{sign}{whole // _HOUR:02}:{whole % _HOUR // 60:02}:{whole % 60:02}{fraction}"
