"""Duties to keep documents."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import NamedTuple

from rightsflow.domain.deadlines.periods import add_months
from rightsflow.domain.vocabulary.records import DocumentClass


class Sector(StrEnum):
    """Controllers to whom stricter or later rules apply."""

    GENERAL = "general"
    SUPERVISED_FINANCE = "supervised_finance"
    """Under the supervision of the financial authority (in Germany BaFin)."""
    INVESTMENT_FIRM = "investment_firm"
    """Takes client orders under MiFID II, and is supervised as well."""


class FinancialYear(NamedTuple):
    """The day on which the controller's financial year ends.

    Args:
        month: 1 to 12.
        day: In that month; a day the month does not have means its last.
    """

    month: int = 12
    day: int = 31

    @classmethod
    def from_start(cls, month: int, day: int) -> FinancialYear:
        """The financial year that begins on a day of the calendar; it ends on the day before.

        Args:
            month: 1 to 12.
            day: In that month.
        """
        # In a leap year, so that one which begins in March ends with February however long that is.
        end_on = date(2024, month, day) - timedelta(days=1)
        return cls(end_on.month, end_on.day)

    def end_after(self, day: date) -> date:
        """The last day of the financial year in which a day lies."""
        end_on = self._end_in(day.year)
        return end_on if day <= end_on else self._end_in(day.year + 1)

    def _end_in(self, year: int) -> date:
        return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))


CALENDAR_YEAR = FinancialYear()

Start = Callable[[date, FinancialYear], date]
"""From when a period runs: the last day that is not yet counted."""


def on_the_day(occurred_on: date, _year: FinancialYear) -> date:
    """The day of the document or the event."""
    return occurred_on


def at_calendar_year_end(occurred_on: date, _year: FinancialYear) -> date:
    """The end of the calendar year in which the document arose, was sent or received."""
    return date(occurred_on.year, 12, 31)


def at_end_of_calendar_year_of_financial_year_end(occurred_on: date, year: FinancialYear) -> date:
    """The end of the calendar year in which the financial year ends."""
    return date(year.end_after(occurred_on).year, 12, 31)


def at_financial_year_end(occurred_on: date, year: FinancialYear) -> date:
    """The end of the financial year; the last entry in the books is taken to be made by then."""
    return year.end_after(occurred_on)


def at_end_of_year_tax_fell_due(occurred_on: date, year: FinancialYear) -> date:
    """The end of the calendar year after the financial year, in which its income tax fell due."""
    return date(year.end_after(occurred_on).year + 1, 12, 31)


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionRule:
    """A version of a duty.

    Args:
        country: The country of the controller, ISO 3166-1 alpha-2.
        document: What has to be kept.
        years: For how long.
        starts: From when.
        law: The name of the law.
        provision: Where it stands, ready for a letter.
        in_force_from: The first day of this version.
        sector: To whom it applies.
        extends_while: What keeps the period from ending, in words; empty for nothing.
        to_check: Whether the provision or its start should be looked up before it is quoted in a letter.
    """

    country: str
    document: DocumentClass
    years: int
    starts: Start
    law: str
    provision: str
    in_force_from: date = date.min
    sector: Sector = Sector.GENERAL
    extends_while: str = ""
    to_check: bool = False

    def last_day(self, occurred_on: date, year: FinancialYear) -> date:
        """The last day of the period; the document may be erased on the day after.

        Args:
            occurred_on: The date of the document.
            year: The controller's financial year.
        """
        return add_months(self.starts(occurred_on, year), 12 * self.years)


@dataclass(frozen=True, slots=True)
class Retention:
    """A duty to keep one document.

    Args:
        until: The last day of the duty; the document may be erased on the day after.
        law: The name of the law.
        provision: Where it stands, ready for a letter.
        extends_while: What keeps the period from ending, in words; empty for nothing.
        to_check: Whether the provision should be looked up before it is quoted in a letter.
    """

    until: date
    law: str
    provision: str
    extends_while: str = ""
    to_check: bool = False
