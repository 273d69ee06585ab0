"""The duties to keep documents, by the country whose law binds the controller (not the customer's residence).

Only the longest of several duties matters, so shorter ones of the same country are left out where they can never
outlast it (the six years of the French LPF, the four of the Spanish LGT, the British Companies Act).
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rightsflow.domain.erasure.retention.duties_of_further_countries import FURTHER, further_rules
from rightsflow.domain.erasure.retention.duty import (
    RetentionRule,
    Sector,
    Start,
    at_calendar_year_end,
    at_end_of_calendar_year_of_financial_year_end,
    at_end_of_year_tax_fell_due,
    at_financial_year_end,
    on_the_day,
)
from rightsflow.domain.vocabulary.records import DocumentClass

EU = tuple(
    "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split()  # noqa: SIM905 - a list of codes
)
"""The Member States."""

_GERMAN_LAW = "Abgabenordnung, Handelsgesetzbuch"
_TAX_OPEN = "the tax assessment period has not run out (§ 147(3) AO)"
_VOUCHER, _BOOK, _LETTER = DocumentClass.VOUCHER, DocumentClass.BOOK, DocumentClass.TRADE_LETTER


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
    """The same duty for several kinds of documents."""
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
            starts=at_calendar_year_end,
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
            starts=at_calendar_year_end,
            law="Implementing Regulation (EU) 282/2011",
            provision="Art. 63c Reg. (EU) 282/2011",
            to_check=True,
        )
    for country in (*EU, "GB"):
        yield RetentionRule(
            country=country,
            document=DocumentClass.RECORDING,
            years=5,
            starts=on_the_day,
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
        starts=at_calendar_year_end,
        law=_GERMAN_LAW,
        provision="§ 147(1) no. 1, (3) AO, § 257(1) no. 1, (4) HGB",
        extends_while=_TAX_OPEN,
    ),
    *_keep(
        "DE",
        (_LETTER,),
        years=6,
        starts=at_calendar_year_end,
        law=_GERMAN_LAW,
        provision="§ 147(1) no. 2, 3, (3) AO, § 257(1) no. 2, 3, (4) HGB",
        extends_while=_TAX_OPEN,
    ),
    *_keep(
        "AT",
        (_VOUCHER, _BOOK, _LETTER),
        years=7,
        starts=at_end_of_calendar_year_of_financial_year_end,
        law="Bundesabgabenordnung, Unternehmensgesetzbuch",
        provision="§ 132 BAO, § 212 UGB",
        extends_while="a proceeding is pending for which they matter (§ 132(1) BAO)",
    ),
    *_keep(
        "CH",
        (_VOUCHER, _BOOK),
        years=10,
        starts=at_financial_year_end,
        law="Obligationenrecht",
        provision="Art. 958f OR",
    ),
    *_keep(
        "NL",
        (_VOUCHER, _BOOK),
        years=7,
        starts=at_financial_year_end,
        law="Algemene wet inzake rijksbelastingen, Burgerlijk Wetboek",
        provision="Art. 52(4) AWR, Art. 2:10 BW",
        to_check=True,
    ),
    *_keep(
        "PL",
        (_VOUCHER,),
        years=5,
        starts=at_financial_year_end,
        law="Ustawa o rachunkowości",
        provision="Art. 74(2) ustawy o rachunkowości",
    ),
    *_keep(
        "PL",
        (_VOUCHER, _BOOK),
        years=5,
        starts=at_end_of_year_tax_fell_due,
        law="Ordynacja podatkowa",
        provision="Art. 70, 86 Ordynacji podatkowej",
    ),
    *_keep(
        "PL",
        (DocumentClass.COMPLAINT_FILE,),
        years=1,
        starts=on_the_day,
        law="Ustawa o rachunkowości",
        provision="Art. 74(2) ustawy o rachunkowości",
    ),
    *_keep(
        "FR",
        (_VOUCHER, _BOOK),
        years=10,
        starts=at_financial_year_end,
        law="Code de commerce",
        provision="Art. L123-22 C. com.",
    ),
    *_keep(
        "FR",
        (DocumentClass.CONSUMER_CONTRACT,),
        years=10,
        starts=on_the_day,
        law="Code de la consommation",
        provision="Art. L213-1, D213-1, D213-2 C. conso.",
        to_check=True,
    ),
    *_keep(
        "ES",
        (_VOUCHER, _BOOK, _LETTER),
        years=6,
        starts=at_financial_year_end,
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
        starts=at_financial_year_end,
        law="Codice civile",
        provision="Art. 2220 c.c.",
    ),
    *_keep(
        "IE",
        (_VOUCHER, _BOOK),
        years=6,
        starts=at_financial_year_end,
        law="Taxes Consolidation Act 1997, Value-Added Tax Consolidation Act 2010",
        provision="s. 886 TCA 1997, s. 84 VATCA 2010",
        extends_while="an inquiry or appeal is open",
        to_check=True,
    ),
    *_keep(
        "GB",
        (_VOUCHER, _BOOK),
        years=6,
        starts=at_financial_year_end,
        law="Value Added Tax Act 1994, Finance Act 1998",
        provision="Sch. 11 VATA 1994, Sch. 18 FA 1998",
        to_check=True,
    ),
)

RULES: tuple[RetentionRule, ...] = (*_german_vouchers(), *_NATIONAL, *further_rules(), *_across_borders())
"""All duties in all versions."""

NATIONAL = frozenset({"DE", *(rule.country for rule in _NATIONAL)}) | FURTHER
"""The countries whose own laws are in the table: the Member States, the EEA, Switzerland and the United Kingdom."""
