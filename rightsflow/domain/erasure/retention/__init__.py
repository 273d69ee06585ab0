"""Retention periods: for documents by law, and for the evidence of a case.

A duty to keep is what Art. 17(3)(b) GDPR allows to be held against an erasure request; when it ends, the record goes.
Pure: time is an argument, and the rules are data with the days they are in force.
"""

from rightsflow.domain.erasure.retention.duties_by_country import RULES
from rightsflow.domain.erasure.retention.duty import CALENDAR_YEAR, FinancialYear, Retention, RetentionRule, Sector
from rightsflow.domain.erasure.retention.evidence_period import DEFAULT_MONTHS, MONTHS_BY_COUNTRY, evidence_until
from rightsflow.domain.erasure.retention.retain_until import COUNTRIES, has_rules, retain_until

__all__ = [
    "CALENDAR_YEAR",
    "COUNTRIES",
    "DEFAULT_MONTHS",
    "MONTHS_BY_COUNTRY",
    "RULES",
    "FinancialYear",
    "Retention",
    "RetentionRule",
    "Sector",
    "evidence_until",
    "has_rules",
    "retain_until",
]
