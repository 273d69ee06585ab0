"""Retention period of the record that proves the handling of a case (Art. 5(2), 24(1) GDPR).

The GDPR names no period. These follow the limitation of fines and claims in each country, and are a proposal that a
controller may replace.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rightsflow.domain.deadlines.periods import add_months
from rightsflow.domain.errors import BadInput

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
    """The last day on which the evidence of a closed case is kept: always a 31 December.

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
    """The last day of evidence as it is now: a later one that was said before holds, since the person was told of it.

    Args:
        until: The day that follows now.
        said: The day that was said before, or ``None``.
    """
    return max(until, said or until)
