"""Dates of birth: how they are written, and when two of them are of two people. Pure.

A date of birth is no proof: namesakes are born on one day too. It only contradicts. What can be read in two ways, or
stands for "not known", says nothing, so that it contradicts nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from enum import StrEnum
from itertools import combinations, product
from typing import Final

PLACEHOLDERS: Final = frozenset(
    {"1900-01-01", "1900-01-02", "1901-01-01", "1899-12-30", "1899-12-31", "1911-11-11", "1970-01-01", "1999-09-09"}
)
"""Days that systems and people write where the date is not known: the first ones of calendars and of clocks, and
digits that are typed fast. Years before 1890 and after 2099 are none of anybody who lives."""
_EARLIEST: Final = 1890
_LATEST: Final = 2099

_MIDNIGHT: Final = re.compile(r"[T ]00:00(:00(\.0+)?)?( ?(Z|[+-]00:?00))?$", re.IGNORECASE)
"""Time that a timestamp column adds to a date. Another time may be midnight in another zone: it is not read."""
_YEAR_FIRST: Final = re.compile(r"(?P<y>\d{4})([-/.])(?P<m>\d{1,2})\2(?P<d>\d{1,2})")
_BASIC: Final = re.compile(r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})")
_YEAR_LAST: Final = re.compile(r"(?P<first>\d{1,2})(?P<sign>[-/.]) ?(?P<second>\d{1,2})(?P=sign) ?(?P<y>\d{4})")
_DATE_LIKE: Final = re.compile(r"\d{1,4}([-/.]) ?\d{1,2}\1 ?\d{1,4}|\d{4}-\d{2}-\d{2}[T ].*")


class DateOrder(StrEnum):
    """The order of day and month where the year is last."""

    UNKNOWN = ""
    """Unknown: a date that can be read in both orders is not read."""
    DAY_FIRST = "day-first"
    MONTH_FIRST = "month-first"


def read_birth_date(text: str, order: DateOrder = DateOrder.UNKNOWN) -> str:
    """Read a date of birth in its one spelling, ``1980-02-01``; empty if it is ambiguous or unknown.

    Args:
        text: As it was written or stored.
        order: What is known of the order in which day and month stand.
    """
    days = {day for day in _days(_MIDNIGHT.sub("", text.strip()), order) if day not in PLACEHOLDERS}
    return days.pop() if len(days) == 1 else ""


def is_unknown(text: str) -> bool:
    """Return whether a text states that the date is unknown, or is empty.

    Args:
        text: As it is stored.
    """
    plain = _MIDNIGHT.sub("", text.strip())
    return not any(item in "123456789" for item in plain) or any(day in PLACEHOLDERS for day in _days(plain))


def looks_like_date(text: str) -> bool:
    """Return whether a text is written like a date, readable without doubt or not.

    Args:
        text: The text.
    """
    return _DATE_LIKE.fullmatch(text.strip()) is not None


def spellings(day: str) -> tuple[str, ...]:
    """Return the spellings of a date of birth in texts.

    Args:
        day: In its one spelling.
    """
    year, month, day_of_month = day.split("-")
    spelt = {(day_of_month, month), (day_of_month.lstrip("0"), month.lstrip("0"))}
    european = [f"{first}{sign}{second}{sign}{year}" for first, second in spelt for sign in "./-"]
    american = [f"{second}/{first}/{year}" for first, second in spelt]
    return (day, f"{year}/{month}/{day_of_month}", *sorted({*european, *american}))


def born_apart(days: Collection[str], known: Collection[str]) -> bool:
    """Return whether a record's dates of birth show another person than the known ones do.

    Args:
        days: Those in the record, in their one spelling. Several that differ are of several people.
        known: The person's.
    """
    if not known:
        return any(_differ(day, other) for day, other in combinations(sorted(days), 2))
    full = [text for text in known if not _is_year(text)] or known
    return bool(days) and all(_differ(day, other) for day, other in product(days, full))


def born_alike(days: Collection[str], known: Collection[str]) -> bool:
    """Return whether a record bears the person's full date of birth, which excludes a namesake in the same household.

    Args:
        days: As above.
        known: As above.
    """
    return any(day in known and not _is_year(day) for day in days) and not born_apart(days, known)


def _differ(text: str, other: str) -> bool:
    """Compare two dates; the first of January means the year alone, as at many registries and clinics."""
    if _is_year(text) or _is_year(other):
        return text[:4] != other[:4]
    return text != other


def _is_year(day: str) -> bool:
    return day.endswith("-01-01")


def _days(text: str, order: DateOrder = DateOrder.UNKNOWN) -> Iterator[str]:
    """Yield the days that a text may mean."""
    if match := _YEAR_FIRST.fullmatch(text) or _BASIC.fullmatch(text):
        yield from _day(int(match["y"]), int(match["m"]), int(match["d"]))
    elif match := _YEAR_LAST.fullmatch(text):
        year, first, second = int(match["y"]), int(match["first"]), int(match["second"])
        if order is not DateOrder.MONTH_FIRST:
            yield from _day(year, second, first)
        if order is not DateOrder.DAY_FIRST:
            yield from _day(year, first, second)


def _day(year: int, month: int, day: int) -> Iterator[str]:
    if _EARLIEST <= year <= _LATEST:
        try:
            yield date(year, month, day).isoformat()
        except ValueError:
            return
