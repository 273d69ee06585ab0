"""The last day of a document's retention, and of the evidence of a case (Art. 5(2), 24(1) GDPR). Pure.

A duty to keep is what Art. 17(3)(b) GDPR allows to be held against an erasure request; when it ends, the record goes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from rightsflow.domain.deadlines.periods import add_months
from rightsflow.domain.erasure.retention_duties import (
    CALENDAR_YEAR,
    COUNTRIES,
    FURTHER,
    RULES,
    FinancialYear,
    Retention,
    RetentionRule,
    Sector,
)
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.records import DocumentClass

_ALIASES = {"UK": "GB"}
_SECTORS: Mapping[Sector, tuple[Sector, ...]] = {
    Sector.GENERAL: (Sector.GENERAL,),
    Sector.SUPERVISED_FINANCE: (Sector.SUPERVISED_FINANCE, Sector.GENERAL),
    Sector.INVESTMENT_FIRM: (Sector.INVESTMENT_FIRM, Sector.SUPERVISED_FINANCE, Sector.GENERAL),
}
"""Sectors to search for a duty; the first sector with a duty of its own decides."""


def _by_key(rules: Iterable[RetentionRule]) -> dict[tuple[str, DocumentClass, Sector], dict[str, list[RetentionRule]]]:
    """Duties by country, document and sector, each law with its versions in order."""
    by_key: defaultdict[tuple[str, DocumentClass, Sector], dict[str, list[RetentionRule]]] = defaultdict(dict)
    for rule in sorted(rules, key=lambda rule: rule.in_force_from):
        by_key[rule.country, rule.document, rule.sector].setdefault(rule.law, []).append(rule)
    return dict(by_key)


_DUTIES = _by_key(RULES)


def retain_until(
    country: str,
    document: DocumentClass,
    occurred_on: date,
    *,
    sector: Sector = Sector.GENERAL,
    financial_year: FinancialYear = CALENDAR_YEAR,
) -> Retention | None:
    """Return the duty of a controller to keep a document, or ``None`` where the law knows none.

    Of several duties the longest counts. A new version of a law also governs documents whose old period still ran
    when it came into force, and never ends a period before that day.

    Args:
        country: The country whose law binds the controller: its seat or tax registration, ISO 3166-1 alpha-2.
        document: What kind of document it is.
        occurred_on: Its date, or the day of receipt or dispatch of a letter.
        sector: Whether rules for a sector apply.
        financial_year: When the controller's financial year ends.

    Raises:
        BadInput: The table has no duties for the country, so that no one can say there are none.
    """
    country = _ALIASES.get(country, country)
    for looked_at in _SECTORS[sector]:
        laws = _DUTIES.get((country, document, looked_at))
        if laws:
            ends = [_through_versions(versions, occurred_on, financial_year) for versions in laws.values()]
            until, rule = max(ends, key=lambda end: end[0])
            return Retention(until, rule.law, rule.provision, rule.extends_while, rule.to_check)
    if country not in COUNTRIES or (country in FURTHER and document is not DocumentClass.NONE):
        # Of the further countries only the duties for books and vouchers were noted: no rule there is no "none".
        raise BadInput(
            "country has no rules of retention yet for that, so nothing can be said to be free of them; "
            f"known are {', '.join(sorted(COUNTRIES))}, and others go into the module "
            "``erasure/retention_duties.py``."
        )
    return None


def _through_versions(
    versions: list[RetentionRule], occurred_on: date, year: FinancialYear
) -> tuple[date, RetentionRule]:
    """Return the last day of a duty whose length changed, and the version that decides."""
    rule = versions[0]
    until = rule.last_day(occurred_on, year)
    for newer in versions[1:]:
        if until >= newer.in_force_from:
            until = max(newer.last_day(occurred_on, year), newer.in_force_from - timedelta(days=1))
            rule = newer
    return until, rule


DEFAULT_MONTHS = 36

MONTHS_BY_COUNTRY: Mapping[str, int] = {
    "DE": 36,  # § 31(2) no. 1, (3) OWiG; civil claims end with that year (§ 199 BGB)
    "AT": 36,  # § 24(4) DSG
    "ES": 36,  # Art. 72-74 LOPDGDD
    "FR": 60,  # Art. 2224 C. civ.
    "IT": 60,  # Art. 28 L. 689/1981
    "NL": 60,  # Art. 5:45 Awb
    "PL": 60,  # Art. 189g KPA
    "CH": 60,  # Art. 66 FADP
    "IE": 72,  # claims in tort
    "GB": 72,  # claims in tort
    "UK": 72,
    "BR": 60,  # Art. 27 CDC
}
"""Months after closing; elsewhere :data:`DEFAULT_MONTHS`, which is more than the 24 of 11 CCR 7101."""


def evidence_until(country: str, closed_on: date, *, months: int | None = None) -> date:
    """Return the last day on which the evidence of a closed case is retained: always a 31 December.

    Args:
        country: The country of the controller.
        closed_on: The day of the answer.
        months: A period of the controller's own, instead of the country's.

    Raises:
        BadInput: The controller's own period is not positive.
    """
    if months is not None and months < 1:
        raise BadInput("evidence period is not positive; give it in whole months, for example 36.")
    period = MONTHS_BY_COUNTRY.get(country, DEFAULT_MONTHS) if months is None else months
    return date(add_months(closed_on, period).year, 12, 31)


def last_day_of_evidence(until: date, said: date | None) -> date:
    """Return the last day of evidence; a later one that the person was told before still holds.

    Args:
        until: The day that follows now.
        said: The day that was said before, or ``None``.
    """
    return max(until, said or until)
