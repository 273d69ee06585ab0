"""The duties to keep books and vouchers in the Member States that are not among the first, and in the EEA.

They were noted as commonly stated and not compared with the statute books, so each is marked to be looked up; where
income tax and value added tax name different periods, the longer one stands here.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from rightsflow.domain.erasure.retention.duty import (
    FinancialYear,
    RetentionRule,
    Start,
    at_calendar_year_end,
    at_end_of_calendar_year_of_financial_year_end,
    at_financial_year_end,
)
from rightsflow.domain.vocabulary.records import DocumentClass

_VOUCHER, _BOOK = DocumentClass.VOUCHER, DocumentClass.BOOK


def at_end_of_june_after_financial_year(occurred_on: date, year: FinancialYear) -> date:
    """The last day of June in the year after the financial year: the period begins on the first of July."""
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
    at_financial_year_end,
    at_calendar_year_end,
    at_end_of_calendar_year_of_financial_year_end,
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
    _Duty("RO", _BOTH, 5, at_end_of_june_after_financial_year, "Legea contabilităţii", "Art. 25 Legea 82/1991"),
    _Duty("SE", _BOTH, 7, _BY_END, "Bokföringslagen", "Ch. 7 § 2 bokföringslagen"),
    _Duty("SI", _BOTH, 10, _BY_CALENDAR, "Zakon o davku na dodano vrednost", "Art. 86 ZDDV-1"),
    _Duty("SK", _BOTH, 10, _BY_CALENDAR, "Zákon o účtovníctve", "§ 35 zákona č. 431/2002 Z. z."),
    _Duty("IS", _BOTH, 7, _BY_BOOKS, "Lög um bókhald", "Art. 20 Act 145/1994"),
    _Duty("LI", _BOTH, 10, _BY_BOOKS, "Personen- und Gesellschaftsrecht", "Art. 1059 PGR"),
    _Duty("NO", _BOTH, 5, _BY_BOOKS, "Bokføringsloven", "§ 13 bokføringsloven"),
)


def further_rules() -> Iterator[RetentionRule]:
    """The duties as rules, each marked to be looked up."""
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
