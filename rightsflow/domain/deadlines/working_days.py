"""Working days: which days a period may end on, by country and subdivision.

The table is the ``holidays`` library's, corrected where it lists days on which no one should rely. Where a day is in
doubt it counts as a working day, because a shift that is not owed makes an answer late.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

import holidays
from holidays.registry import EntityLoader
from holidays.version import __version__ as _library_version

from rightsflow.domain.errors import BadInput

_CORRECTIONS = 2
HOLIDAYS_VERSION = f"python-holidays {_library_version}, corrections {_CORRECTIONS}"
"""The holiday table a date was computed with; open cases are computed again when it changes."""

DAY = timedelta(days=1)
_SATURDAY = 5

NOT_RELIED_ON: Mapping[str, frozenset[str]] = {
    # The Algemene termijnenwet only equates Good Friday with a holiday (Art. 3(2)), and the day is worked.
    "NL": frozenset({"Good Friday"}),
    # As in Sweden, whose eves the library leaves out: a law on time limits equates them with holidays, and no more.
    "FI": frozenset({"Midsummer Eve", "Christmas Eve"}),
}
"""Days the library calls public holidays and the clock does not, by country and English name.

One rule for all: a day that is only equated with a holiday is a working day. The library lists the Dutch 5 May only
every fifth year, and that is kept: in other years few have the day off.
"""

BRIDGE_DAYS = ("Day off (substituted", "Non-working day", "Bridge Public Holiday")
"""Beginnings of the names of days off that a government decrees for one year, mostly against a worked Saturday."""


class Place(NamedTuple):
    """The place where the answer has to be given.

    Args:
        country: ISO 3166-1 alpha-2 code; empty for a place that knows weekends only.
        subdivision: ISO 3166-2 code without the country, for example ``BY``; empty for national holidays only.
    """

    country: str
    subdivision: str = ""

    def __str__(self) -> str:
        """Return the place as in ISO 3166-2, for example ``DE-BY``."""
        return f"{self.country}-{self.subdivision}" if self.subdivision else self.country


WEEKENDS_ONLY = Place("")


@lru_cache(maxsize=4096)
def holiday_names(place: Place, year: int) -> Mapping[date, str]:
    """Return the public holidays of a place in one year with their English names (or local ones).

    Half days, bank holidays, optional and religious days are other categories of the library and are left out.

    Raises:
        BadInput: The country or its subdivision is not in the table.
    """
    if not place.country:
        return {}
    try:
        table = holidays.country_holidays(place.country, subdiv=place.subdivision, years=year, language="en_US")
    except NotImplementedError:
        raise BadInput(
            "country or subdivision is not in the holiday table; use an ISO 3166 code such as DE, and BY for its part."
        ) from None
    dropped = NOT_RELIED_ON.get(place.country, frozenset())
    return {
        day: name
        for day, name in sorted(table.items())
        if name not in dropped and not name.startswith(BRIDGE_DAYS) and not _is_moved(day, name, place)
    }


def refuse_unknown_place(place: Place) -> None:
    """Refuse a place without a table of holidays; the tables themselves are read for a subdivision only.

    Raises:
        BadInput: The country or its subdivision is not in the table.
    """
    if place.subdivision or place.country not in EntityLoader.get_country_codes():
        holiday_names(place, 2018)  # any year tells whether there is a table


def _is_moved(day: date, name: str, place: Place) -> bool:
    """Return whether a day is Greece's Labour Day moved from 1 May; a ministerial decision of that year moves it."""
    return place.country == "GR" and name.startswith("Labor Day") and (day.month, day.day) != (5, 1)


@lru_cache(maxsize=4096)
def holidays_in(place: Place, year: int) -> frozenset[date]:
    """Return the public holidays of a place in one year, for quick look-ups."""
    return frozenset(holiday_names(place, year))


def names_of_days(first_on: date, until: date, place: Place) -> list[tuple[date, str]]:
    """Yield the days from one to before another, each with its name as a holiday there, or an empty text."""
    days = [first_on + timedelta(days=offset) for offset in range((until - first_on).days)]
    return [(day, holiday_names(place, day.year).get(day) or _easter_sunday(day, place)) for day in days]


def _easter_sunday(day: date, place: Place) -> str:
    """Most laws list Easter Monday or Good Friday and leave the Sunday out, which is free anyhow."""
    names = holiday_names(place, day.year)
    easter = "Easter Monday" in names.get(day + DAY, "") or "Good Friday" in names.get(day - 2 * DAY, "")
    return "Easter Sunday" if easter else ""


def is_working_day(day: date, place: Place) -> bool:
    """Return whether the day is neither a Saturday, a Sunday nor a public holiday there."""
    return day.weekday() < _SATURDAY and day not in holidays_in(place, day.year)


def on_or_after(day: date, place: Place) -> date:
    """Return the day if it is a working day, else the next one, where Art. 3(4) of Reg. 1182/71 lets a period end."""
    while day.weekday() >= _SATURDAY or day in holidays_in(place, day.year):
        day += DAY
    return day


def on_or_before(day: date, place: Place) -> date:
    """Return the day if it is a working day, else the last one before it: the target date."""
    while day.weekday() >= _SATURDAY or day in holidays_in(place, day.year):
        day -= DAY
    return day


def add_working_days(day: date, count: int, place: Place) -> date:
    """Return the ``count``-th working day after a day, which itself does not count."""
    for _ in range(count):
        day = on_or_after(day + DAY, place)
    return day


def working_days_between(after: date, until: date, place: Place) -> int:
    """Count the working days after one day and up to another, which counts."""
    days = (after + timedelta(days=offset) for offset in range(1, (until - after).days + 1))
    return sum(is_working_day(day, place) for day in days)
