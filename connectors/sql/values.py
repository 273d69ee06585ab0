"""Values of a row: alike, as a key, as data for people, and as an instant."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from math import isfinite, isnan
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from connectors.sql.text import is_exactly, is_utf8, is_written, readable
from rightsflow.domain.errors import Permanent


def compared(value: object) -> str:
    """A value such that two are alike that a database calls equal though their columns have different types.

    ``5`` and ``5.00``, ``"a1"`` and the ``"A1   "`` of a column of fixed width without case.
    """
    if isinstance(value, int | float | Decimal) and isfinite(value):
        return format(Decimal(str(value)).normalize(), "f")
    return str(value).rstrip(" ").casefold()


def as_number(text: str) -> Decimal | int | None:
    """The number that a text is; ``None`` if it is none, or none that a database has."""
    try:
        number = Decimal(text.strip())
    except InvalidOperation:
        return None
    if not number.is_finite():
        return None
    return int(number) if number == number.to_integral_value() else number


def _no_value(_text: str) -> object:
    raise ValueError("read as the text that the database writes")


_READ_BACK: dict[type, Callable[[str], object]] = {
    datetime: datetime.fromisoformat,
    date: date.fromisoformat,
    time: time.fromisoformat,
    Decimal: Decimal,
    float: float,
    UUID: UUID,
    bytes: bytes.fromhex,
    timedelta: _no_value,
}

_CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def key_text(row: Mapping[str, object], columns: Sequence[str]) -> str:
    """The row's key as canonical JSON: the same row always gives the same text.

    Raises:
        Permanent: A value of it is no text that can be written back, so that the row would not be found again.
    """
    values = [row[name] for name in columns]
    if len(values) == 1 and type(values[0]) is int:
        return f"[{values[0]}]"
    text = _CANONICAL.encode([_key_part(value) for value in values])
    if not is_utf8(text):
        raise Permanent(
            f"A row has text in its key columns ({', '.join(columns)}) that is not UTF-8; choose other columns as key."
        )
    return text


def _key_part(value: object) -> object:
    return value if isinstance(value, str) else _plain(value)


def key_condition(table: sa.Table, columns: Sequence[str], keys: Sequence[str]) -> sa.ColumnElement[bool]:
    """The condition that selects the rows with one of these very keys; values are bound.

    Raises:
        Permanent: A key was made for other key columns than are configured now.
    """
    return sa.or_(sa.false(), *(_one(table, columns, key) for key in keys))


def whole_numbers(table: sa.Table, columns: Sequence[str], keys: Sequence[str]) -> list[int]:
    """The keys as numbers, for a table whose key is a column of them; none where any key is something else."""
    if len(columns) != 1 or not isinstance(table.c[columns[0]].type, sa.Integer):
        return []
    values = [json.loads(key) for key in keys]
    numbers = [value[0] for value in values if isinstance(value, list) and len(value) == 1 and type(value[0]) is int]
    return numbers if len(numbers) == len(keys) else []


def _one(table: sa.Table, columns: Sequence[str], key: str) -> sa.ColumnElement[bool]:
    values = json.loads(key)
    if not isinstance(values, list) or len(values) != len(columns):
        raise Permanent(
            f"The key columns of the table {table.name} were changed since the case was located; restore them."
        )
    return sa.and_(*(_equals(table.c[name], value) for name, value in zip(columns, values, strict=True)))


def _equals(column: sa.Column[Any], value: Any) -> sa.ColumnElement[bool]:
    if value is None:
        return column.is_(None)
    if isinstance(value, str) and isinstance(column.type, sa.String) and not isinstance(column.type, sa.Enum):
        return is_exactly(column, value)
    try:
        wanted = column.type.python_type
    except NotImplementedError:
        wanted = object
    read_back = _READ_BACK.get(wanted)
    try:
        return column.__eq__(read_back(value) if read_back else value)
    except ValueError:
        # Text of the database for which Python has no value, such as "infinity".
        return is_written(column, value)


def _plain(value: object) -> object:
    """A value as JSON, whose numbers are finite; all that JSON has no type for is text as the database writes it."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else f"{'-' if value < 0 else ''}Infinity"
    return value if value is None or isinstance(value, bool | int | float) else readable(str(value))


def plain_row(row: Mapping[str, object], leave_out: frozenset[str]) -> dict[str, object]:
    """A row as JSON-compatible data under the system's own column names."""
    return {name: _plain(value) for name, value in row.items() if name not in leave_out}


def instant(value: object, zone: ZoneInfo) -> datetime | None:
    """A stored time as an aware instant in the given zone; ``None`` where there is none or it cannot be read.

    Args:
        value: A datetime, a date, ISO text, or seconds since 1970 in UTC.
        zone: The zone of times without one.
    """
    try:
        return _instant(value, zone)
    except (ValueError, OverflowError, OSError):
        return None


def _instant(value: object, zone: ZoneInfo) -> datetime | None:
    if isinstance(value, str):
        value = datetime.fromisoformat(value.strip())
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool):
        return datetime.fromtimestamp(float(value), UTC).astimezone(zone)
    if isinstance(value, datetime):
        return value.replace(tzinfo=zone) if value.tzinfo is None else value.astimezone(zone)
    if isinstance(value, date):
        return datetime.combine(value, time(), zone)
    return None
