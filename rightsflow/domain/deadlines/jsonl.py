"""Rows in and out: the input columns of a table of deadlines, and the dates by their fixed names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines.model import ClockInput, DeadlineType, DueDates, ExtensionState, Regime
from rightsflow.domain.deadlines.periods import parse_period
from rightsflow.domain.errors import BadInput

E = TypeVar("E", bound=StrEnum)

SUSPENDED = "SUSPENDED"
"""Stands in ``due_date`` while the clock is suspended."""

REGIME_NAMES: Mapping[str, Regime] = {
    **{regime.value: regime for regime in Regime},
    "uk gdpr": Regime.UK_GDPR,
    "ch fadp": Regime.CH_FADP,
    "ccpa/cpra": Regime.CCPA,
    "cpra": Regime.CCPA,
}
"""The names of the laws, in lower case, as configuration files and tables write them."""

_EVENTS = (
    "identity_requested_at",
    "identity_confirmed_at",
    "clarification_requested_at",
    "clarification_received_at",
    "fee_requested_at",
    "fee_paid_at",
    "extension_notice_sent_at",
)
Row: TypeAlias = Mapping[str, object]
"""A line of JSON, by its columns."""

_JUDGEMENTS = {"true": True, "yes": True, "false": False, "no": False}


def read_row(row: Row) -> ClockInput:
    """Read one row. Empty and missing columns are absent events; columns that are no input are ignored.

    ``received_at``, ``controller_tz`` and ``country`` have to be there; ``regime`` is the GDPR, ``deadline_type`` a
    response and ``request_type`` an access request where they are not.

    Args:
        row: Column names and values; values are text, or ``true``/``false`` for a judgement.

    Raises:
        BadInput: A column is missing or cannot be read; the sentence names it and how to write it, not its value.
    """
    events: dict[str, Any] = {name: _instant(row, name) for name in _EVENTS}
    return ClockInput(
        received_at=_required(row, "received_at", _instant, "2026-03-05T10:00:00+01:00"),
        zone=_required(row, "controller_tz", _zone, "Europe/Berlin"),
        country=_required(row, "country", _text, "DE").upper(),
        subdivision=_text(row, "subdivision"),
        regime=_regime(row),
        deadline_type=_deadline_type(row),
        request_type=_text(row, "request_type").lower() or "access",
        period=parse_period(period) if (period := _text(row, "period")) else None,
        pause_valid=_judgement(row, "pause_valid"),
        extension_valid=_judgement(row, "extension_valid"),
        **events,
    )


def write_row(due: DueDates) -> dict[str, str | None]:
    """Return the dates as ISO 8601 text, ``None`` where there is none.

    The last day for the notice of extension is written where a notice was sent; where none was, it is the due date.

    Args:
        due: The dates.
    """
    has_notice = due.extension is not ExtensionState.NONE
    dates = {
        "due_at": due.due_at,
        "extension_notice_due_date": due.extension_notice_due_on if has_notice else None,
        "no_pause_due_date": due.no_pause_due_on,
        "safe_due_date": due.safe_due_on,
        "operational_target_date": due.operational_target_on,
    }
    return {
        "due_date": due.due_on.isoformat() if due.due_on else SUSPENDED,
        **{name: day.isoformat() if day else None for name, day in dates.items()},
        "rule_version": due.rule_version,
        "holidays_version": due.holidays_version,
    }


T = TypeVar("T")


def _required(row: Row, column: str, read: Callable[[Row, str], T | None], like: str) -> T:
    value = read(row, column)
    if not value:
        raise BadInput(f"{column} is missing; write it like {like}.")
    return value


def _text(row: Row, column: str) -> str:
    value = row.get(column)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(f"{column} is not text; put it between quotes.")
    return value.strip()


def _instant(row: Row, column: str) -> datetime | None:
    text = _text(row, column)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise BadInput(f"{column} is no ISO 8601 instant; write it like 2026-03-05T10:00:00+01:00.") from None


def _zone(row: Row, column: str) -> ZoneInfo | None:
    name = _text(row, column)
    try:
        return ZoneInfo(name) if name else None
    except (KeyError, ValueError, OSError):
        raise BadInput(f"{column} is no time zone; use a name of the IANA database, like Europe/Berlin.") from None


def _regime(row: Row) -> Regime:
    name = _text(row, "regime").lower()
    if not name:
        return Regime.GDPR
    if name not in REGIME_NAMES:
        raise BadInput(f"regime is none this clock knows; use one of {', '.join(sorted(Regime))}.")
    return REGIME_NAMES[name]


def _deadline_type(row: Row) -> DeadlineType:
    name = _text(row, "deadline_type").lower()
    try:
        return DeadlineType(name) if name else DeadlineType.RESPONSE
    except ValueError:
        raise BadInput(f"deadline_type is unknown; use one of {', '.join(DeadlineType)}.") from None


def _judgement(row: Row, column: str) -> bool | None:
    value = row.get(column)
    if isinstance(value, bool):
        return value
    text = _text(row, column).lower()
    if not text:
        return None
    if text not in _JUDGEMENTS:
        raise BadInput(f"{column} is neither true nor false; write one of the two, or leave it empty.")
    return _JUDGEMENTS[text]
