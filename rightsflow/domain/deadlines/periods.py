"""Periods of the law and the day on which they end: in the calendar, and by law, which may move it to a working day.

A period in months ends on the same-numbered day, and on the last day of the month where there is no such day
(Reg. (EEC, Euratom) 1182/71 Art. 3(2)(c)); a period in days does not count the day of the event (Art. 3(1)).
"""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

from rightsflow.domain.deadlines.working_days import (
    DAY,
    Place,
    add_working_days,
    on_or_after,
    working_days_between,
)
from rightsflow.domain.errors import BadInput

_ISO_PERIOD = re.compile(r"P(?:(?P<Y>\d{1,2})Y)?(?:(?P<M>\d{1,3})M)?(?:(?P<W>\d{1,3})W)?(?:(?P<D>\d{1,4})D)?")
_BUSINESS_DAYS = re.compile(r"P(\d{1,3})BD")
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as the law writes it.

    Args:
        months: Calendar months; a year is twelve.
        days: Calendar days, counted after the months.
        business_days: Days other than Saturdays, Sundays and public holidays; stands alone.
    """

    months: int = 0
    days: int = 0
    business_days: int = 0

    def after(self, start_on: date) -> date:
        """Return the last day of the period; ``start_on``, the day of the event, does not count.

        Business days need a holiday table: see :func:`rightsflow.domain.deadlines.working_days.add_working_days`.
        """
        end_on = add_months(start_on, self.months) if self.months else start_on
        return end_on + timedelta(days=self.days) if self.days else end_on

    def beyond(self, shorter: Period) -> Period:
        """Return the time that this period adds to a shorter one of the same kind: three months beyond one are two."""
        return Period(self.months - shorter.months, self.days - shorter.days)

    def __str__(self) -> str:
        """Return the period in words, for example ``one month`` or ``45 days``."""
        parts = ((self.months, "month"), (self.days, "day"), (self.business_days, "business day"))
        return " and ".join(
            f"{_NUMBERS[count] if count < len(_NUMBERS) else count} {unit}{'s' if count > 1 else ''}"
            for count, unit in parts
            if count
        )


@lru_cache(maxsize=65_536)
def add_months(day: date, months: int) -> date:
    """Return the same-numbered day ``months`` later, or the last day of that month where there is none.

    ``dateutil.relativedelta`` gives the same day at a quarter of the speed; the tests hold the two against each other.
    """
    years, month_index = divmod(day.month - 1 + months, 12)
    year, month = day.year + years, month_index + 1
    if day.day <= 28:  # every month has it, and most days are such days
        return date(year, month, day.day)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def parse_period(text: str) -> Period:
    """Read an ISO 8601 duration in years, months, weeks and days, or business days as ``P10BD``.

    Raises:
        BadInput: It is neither, or is empty of any length.
    """
    if business := _BUSINESS_DAYS.fullmatch(text):
        period = Period(business_days=int(business[1]))
    elif calendar := _ISO_PERIOD.fullmatch(text):
        years, months, weeks, days = (int(calendar[unit] or 0) for unit in "YMWD")
        period = Period(months=12 * years + months, days=7 * weeks + days)
    else:
        period = Period()
    if period == Period():
        raise BadInput("period is not a length in whole days; write it like P1M, P45D or, for business days, P10BD.")
    return period


class PeriodEnd(NamedTuple):
    """The end of one period.

    Args:
        nominal_on: The end before weekends and holidays move it.
        last_on: The last day by law.
    """

    nominal_on: date
    last_on: date


class PeriodEnds(NamedTuple):
    """The rules for the end of a period under one law at one place.

    Args:
        place: Whose holidays count.
        shifts: Whether an end on a weekend or holiday moves to the next working day.
        least_working_days: How many working days a period of two days or more must hold (Reg. 1182/71 Art. 3(5)); a
            month always has them.
    """

    place: Place
    shifts: bool
    least_working_days: int

    def of(self, start_on: date, period: Period, *, more_days: int = 0) -> PeriodEnd:
        """Return the end of a period.

        Args:
            start_on: The day of the event, which is not counted.
            period: The length.
            more_days: By how many days a suspension moves the end.
        """
        nominal_on = nominal_end(start_on, period, self.place) + timedelta(days=more_days)
        if not self.shifts:
            return PeriodEnd(nominal_on, nominal_on)
        end_on = on_or_after(nominal_on, self.place)
        if self.least_working_days and nominal_on - start_on > DAY:
            while working_days_between(start_on, end_on, self.place) < self.least_working_days:
                end_on = on_or_after(end_on + DAY, self.place)
        return PeriodEnd(nominal_on, end_on)

    def runs_out_on(self, start_on: date, base: Period, longest: Period, extended_on: date | None) -> date:
        """Return the last day of a period that nothing suspends.

        Args:
            start_on: The day of the event, which is not counted.
            base: The unextended length.
            longest: The length after a notice of extension that was in time.
            extended_on: The day of that notice, or ``None``.
        """
        end_on = self.of(start_on, base).last_on
        if extended_on is None or extended_on > end_on:
            return end_on
        return self.of(start_on, longest).last_on


def nominal_end(start_on: date, period: Period, place: Place) -> date:
    """Return the end of a period before weekends and holidays move it.

    Args:
        start_on: The day of the event, which is not counted.
        period: The length.
        place: Whose holidays are no business days.
    """
    return add_working_days(period.after(start_on), period.business_days, place)
