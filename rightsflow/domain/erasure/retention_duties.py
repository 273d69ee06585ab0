"""The duties to keep documents, by the country whose law binds the controller (not the customer's residence).

Only the longest of several duties matters, so shorter ones of the same country are left out where they can never
outlast it (the six years of the French LPF, the four of the Spanish LGT, the British Companies Act). Duties of the
Member States that are not among the first, and of the EEA, were noted as commonly stated and not compared with the
statute books, so each is marked for checking; of two periods the longer one is listed.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterator
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
        """Return the financial year that begins on a day of the calendar; it ends on the day before.

        Args:
            month: 1 to 12.
            day: In that month.
        """
        # In a leap year, so that one which begins in March ends with February however long that is.
        end_on = date(2024, month, day) - timedelta(days=1)
        return cls(end_on.month, end_on.day)

    def end_after(self, day: date) -> date:
        """Return the last day of the financial year in which a day lies."""
        end_on = self._end_in(day.year)
        return end_on if day <= end_on else self._end_in(day.year + 1)

    def _end_in(self, year: int) -> date:
        return date(year, self.month, min(self.day, monthrange(year, self.month)[1]))


CALENDAR_YEAR = FinancialYear()

Start = Callable[[date, FinancialYear], date]
"""From when a period runs: the last day that is not yet counted."""


def _on_the_day(occurred_on: date, _year: FinancialYear) -> date:
    """Return the day of the document or the event."""
    return occurred_on


def _at_calendar_year_end(occurred_on: date, _year: FinancialYear) -> date:
    """Return the end of the calendar year in which the document arose, was sent or received."""
    return date(occurred_on.year, 12, 31)


def _at_end_of_calendar_year_of_financial_year_end(occurred_on: date, year: FinancialYear) -> date:
    """Return the end of the calendar year in which the financial year ends."""
    return date(year.end_after(occurred_on).year, 12, 31)


def _at_financial_year_end(occurred_on: date, year: FinancialYear) -> date:
    """Return the end of the financial year; the last entry in the books is assumed by then."""
    return year.end_after(occurred_on)


def _at_end_of_year_tax_fell_due(occurred_on: date, year: FinancialYear) -> date:
    """Return the end of the calendar year after the financial year, in which its income tax fell due."""
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
        """Return the last day of the period; the document may be erased on the day after.

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


_VOUCHER, _BOOK, _LETTER = DocumentClass.VOUCHER, DocumentClass.BOOK, DocumentClass.TRADE_LETTER


def _at_end_of_june_after_financial_year(occurred_on: date, year: FinancialYear) -> date:
    """Return the last day of June in the year after the financial year: the period begins on the first of July."""
    return date(year.end_after(occurred_on).year + 1, 6, 30)


class _Duty(NamedTuple):
    country: str
    documents: tuple[DocumentClass, ...]
    years: int
    starts: Start
    law: str
    provision: str
    extends_while: str = ""


_BOTH = (_VOUCHER, _BOOK)
_BY_BOOKS, _BY_CALENDAR, _BY_END = (
    _at_financial_year_end,
    _at_calendar_year_end,
    _at_end_of_calendar_year_of_financial_year_end,
)
_ASSESSMENT = "the tax authority's right to assess has not expired"

_DUTIES = (
    _Duty("BE", _BOTH, 10, _BY_BOOKS, "Code TVA, CIR 1992", "Art. 60 Code TVA, Art. 315 CIR 92"),
    _Duty("BG", _BOTH, 10, _BY_BOOKS, "Accountancy Act", "Art. 12 Zakon za schetovodstvoto", _ASSESSMENT),
    _Duty("CY", _BOTH, 6, _BY_BOOKS, "Companies Law, Cap. 113", "s. 141 Companies Law, Cap. 113"),
    _Duty("CZ", _BOTH, 10, _BY_CALENDAR, "Zákon o DPH, zákon o účetnictví", "§ 35 zákona č. 235/2004 Sb."),
    _Duty("DK", _BOTH, 5, _BY_BOOKS, "Bogføringsloven", "§ 12 bogføringsloven"),
    _Duty("EE", _BOTH, 7, _BY_BOOKS, "Raamatupidamise seadus", "§ 12 raamatupidamise seadus"),
    _Duty("FI", (_VOUCHER,), 6, _BY_END, "Kirjanpitolaki", "Ch. 2 § 10(2) kirjanpitolaki"),
    _Duty("FI", (_BOOK,), 10, _BY_BOOKS, "Kirjanpitolaki", "Ch. 2 § 10(1) kirjanpitolaki"),
    _Duty("GR", _BOTH, 5, _BY_BOOKS, "Law 4308/2014", "Art. 7 Law 4308/2014", _ASSESSMENT),
    _Duty("HR", _BOTH, 11, _BY_BOOKS, "Zakon o računovodstvu", "Art. 14 Zakona o računovodstvu"),
    _Duty("HU", _BOTH, 8, _BY_BOOKS, "Számviteli törvény", "§ 169 Act C of 2000"),
    _Duty("LT", _BOTH, 10, _BY_BOOKS, "Finansinės apskaitos įstatymas", "Art. 19 Law IX-574"),
    _Duty("LU", _BOTH, 10, _BY_BOOKS, "Code de commerce", "Art. 16 Code de commerce"),
    _Duty("LV", (_VOUCHER,), 5, _BY_BOOKS, "Grāmatvedības likums", "Sec. 28 Grāmatvedības likums"),
    _Duty("LV", (_BOOK,), 10, _BY_BOOKS, "Grāmatvedības likums", "Sec. 28 Grāmatvedības likums"),
    _Duty("MT", _BOTH, 10, _BY_BOOKS, "Companies Act", "Art. 163 Companies Act, Cap. 386"),
    _Duty("PT", _BOTH, 10, _BY_BOOKS, "Código do IRC, Código do IVA", "Art. 123 CIRC, Art. 52 CIVA"),
    _Duty("RO", _BOTH, 5, _at_end_of_june_after_financial_year, "Legea contabilităţii", "Art. 25 Legea 82/1991"),
    _Duty("SE", _BOTH, 7, _BY_END, "Bokföringslagen", "Ch. 7 § 2 bokföringslagen"),
    _Duty("SI", _BOTH, 10, _BY_CALENDAR, "Zakon o davku na dodano vrednost", "Art. 86 ZDDV-1"),
    _Duty("SK", _BOTH, 10, _BY_CALENDAR, "Zákon o účtovníctve", "§ 35 zákona č. 431/2002 Z. z."),
    _Duty("IS", _BOTH, 7, _BY_BOOKS, "Lög um bókhald", "Art. 20 Act 145/1994"),
    _Duty("LI", _BOTH, 10, _BY_BOOKS, "Personen- und Gesellschaftsrecht", "Art. 1059 PGR"),
    _Duty("NO", _BOTH, 5, _BY_BOOKS, "Bokføringsloven", "§ 13 bokføringsloven"),
)


def _further_rules() -> Iterator[RetentionRule]:
    """Yield the duties as rules, each marked to be looked up."""
    for duty in _DUTIES:
        for document in duty.documents:
            yield RetentionRule(
                country=duty.country,
                document=document,
                years=duty.years,
                starts=duty.starts,
                law=duty.law,
                provision=duty.provision,
                extends_while=duty.extends_while,
                to_check=True,
            )


FURTHER = frozenset(duty.country for duty in _DUTIES)
"""The countries whose duties stand here."""


EU = tuple(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 - a list of codes
)
"""The Member States."""

_GERMAN_LAW = "Abgabenordnung, Handelsgesetzbuch"
_TAX_OPEN = "the tax assessment period has not run out (§ 147(3) AO)"


def _keep(
    country: str,
    documents: tuple[DocumentClass, ...],
    *,
    years: int,
    starts: Start,
    law: str,
    provision: str,
    extends_while: str = "",
    to_check: bool = False,
) -> Iterator[RetentionRule]:
    """Return one duty for several kinds of documents."""
    for document in documents:
        yield RetentionRule(
            country=country,
            document=document,
            years=years,
            starts=starts,
            law=law,
            provision=provision,
            extends_while=extends_while,
            to_check=to_check,
        )


def _german_vouchers() -> Iterator[RetentionRule]:
    vouchers = "§ 147(1) no. 4, (3) AO, § 257(1) no. 4, (4) HGB, § 14b UStG"
    # Ten years until the fourth act on reducing bureaucracy (BEG IV); the shorter period also ends those that ran
    # when it came into force. At institutions that BaFin supervises it stays at ten (Bundestag, 13 November 2025).
    for in_force_from, years, sector in (
        (date.min, 10, Sector.GENERAL),
        (date(2025, 1, 1), 8, Sector.GENERAL),
        (date.min, 10, Sector.SUPERVISED_FINANCE),
    ):
        yield RetentionRule(
            country="DE",
            document=_VOUCHER,
            years=years,
            starts=_at_calendar_year_end,
            law=_GERMAN_LAW,
            provision=vouchers,
            in_force_from=in_force_from,
            sector=sector,
            extends_while=_TAX_OPEN,
        )


def _across_borders() -> Iterator[RetentionRule]:
    for country in EU:
        yield from _keep(
            country,
            (DocumentClass.OSS_RECORD,),
            years=10,
            starts=_at_calendar_year_end,
            law="Implementing Regulation (EU) 282/2011",
            provision="Art. 63c Reg. (EU) 282/2011",
            to_check=True,
        )
    for country in (*EU, "GB"):
        yield RetentionRule(
            country=country,
            document=DocumentClass.RECORDING,
            years=5,
            starts=_on_the_day,
            law="FCA Handbook" if country == "GB" else "MiFID II",
            provision=(
                "SYSC 10A FCA Handbook"
                if country == "GB"
                else "Art. 16(7) Dir. 2014/65/EU, Art. 76 Del. Reg. (EU) 2017/565"
            ),
            sector=Sector.INVESTMENT_FIRM,
            extends_while="the authority has asked for seven years",
        )


_NATIONAL = (
    *_keep(
        "DE",
        (_BOOK,),
        years=10,
        starts=_at_calendar_year_end,
        law=_GERMAN_LAW,
        provision="§ 147(1) no. 1, (3) AO, § 257(1) no. 1, (4) HGB",
        extends_while=_TAX_OPEN,
    ),
    *_keep(
        "DE",
        (_LETTER,),
        years=6,
        starts=_at_calendar_year_end,
        law=_GERMAN_LAW,
        provision="§ 147(1) no. 2, 3, (3) AO, § 257(1) no. 2, 3, (4) HGB",
        extends_while=_TAX_OPEN,
    ),
    *_keep(
        "AT",
        (_VOUCHER, _BOOK, _LETTER),
        years=7,
        starts=_at_end_of_calendar_year_of_financial_year_end,
        law="Bundesabgabenordnung, Unternehmensgesetzbuch",
        provision="§ 132 BAO, § 212 UGB",
        extends_while="a proceeding is pending for which they matter (§ 132(1) BAO)",
    ),
    *_keep(
        "CH",
        (_VOUCHER, _BOOK),
        years=10,
        starts=_at_financial_year_end,
        law="Obligationenrecht",
        provision="Art. 958f OR",
    ),
    *_keep(
        "NL",
        (_VOUCHER, _BOOK),
        years=7,
        starts=_at_financial_year_end,
        law="Algemene wet inzake rijksbelastingen, Burgerlijk Wetboek",
        provision="Art. 52(4) AWR, Art. 2:10 BW",
        to_check=True,
    ),
    *_keep(
        "PL",
        (_VOUCHER,),
        years=5,
        starts=_at_financial_year_end,
        law="Ustawa o rachunkowości",
        provision="Art. 74(2) ustawy o rachunkowości",
    ),
    *_keep(
        "PL",
        (_VOUCHER, _BOOK),
        years=5,
        starts=_at_end_of_year_tax_fell_due,
        law="Ordynacja podatkowa",
        provision="Art. 70, 86 Ordynacji podatkowej",
    ),
    *_keep(
        "PL",
        (DocumentClass.COMPLAINT_FILE,),
        years=1,
        starts=_on_the_day,
        law="Ustawa o rachunkowości",
        provision="Art. 74(2) ustawy o rachunkowości",
    ),
    *_keep(
        "FR",
        (_VOUCHER, _BOOK),
        years=10,
        starts=_at_financial_year_end,
        law="Code de commerce",
        provision="Art. L123-22 C. com.",
    ),
    *_keep(
        "FR",
        (DocumentClass.CONSUMER_CONTRACT,),
        years=10,
        starts=_on_the_day,
        law="Code de la consommation",
        provision="Art. L213-1, D213-1, D213-2 C. conso.",
        to_check=True,
    ),
    *_keep(
        "ES",
        (_VOUCHER, _BOOK, _LETTER),
        years=6,
        starts=_at_financial_year_end,
        law="Código de Comercio",
        provision="Art. 30 CCom",
        extends_while=(
            "tax bases or deductions that were carried forward can still be checked, at most ten years (66 bis LGT)"
        ),
    ),
    *_keep(
        "IT",
        (_VOUCHER, _BOOK, _LETTER),
        years=10,
        starts=_at_financial_year_end,
        law="Codice civile",
        provision="Art. 2220 c.c.",
    ),
    *_keep(
        "IE",
        (_VOUCHER, _BOOK),
        years=6,
        starts=_at_financial_year_end,
        law="Taxes Consolidation Act 1997, Value-Added Tax Consolidation Act 2010",
        provision="s. 886 TCA 1997, s. 84 VATCA 2010",
        extends_while="an inquiry or appeal is open",
        to_check=True,
    ),
    *_keep(
        "GB",
        (_VOUCHER, _BOOK),
        years=6,
        starts=_at_financial_year_end,
        law="Value Added Tax Act 1994, Finance Act 1998",
        provision="Sch. 11 VATA 1994, Sch. 18 FA 1998",
        to_check=True,
    ),
)

RULES: tuple[RetentionRule, ...] = (*_german_vouchers(), *_NATIONAL, *_further_rules(), *_across_borders())
"""All duties in all versions."""

COUNTRIES = frozenset({"DE", *(rule.country for rule in _NATIONAL)}) | FURTHER
"""The countries whose own laws are in the table: the Member States, the EEA, Switzerland and the United Kingdom."""
