"""One case with all its records, without personal data of the subject: for the case sheet, ``show`` and the gates."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date

from rightsflow.cases.facts.overview.account import RecordLine, record_line
from rightsflow.cases.facts.overview.glance import NO_SYSTEMS, CaseGlance, glance
from rightsflow.domain.case.holds import HoldScope
from rightsflow.domain.connector import Capabilities
from rightsflow.store.case.case_file import CaseFile


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOverview(CaseGlance):
    """One case at a glance, with every record."""

    records: tuple[RecordLine, ...]
    holds: tuple[HoldScope, ...] = ()


def overview(file: CaseFile, today: date, systems: Mapping[str, Capabilities] = NO_SYSTEMS) -> CaseOverview:
    """Read the overview of an open case file.

    Args:
        file: The case file.
        today: The present day in the controller's time zone.
        systems: What each configured system's connector declares.
    """
    seen = glance(file, today, systems)
    records = tuple(record_line(finding, file.right) for finding in file.findings.all())
    return CaseOverview(
        **{field.name: getattr(seen, field.name) for field in fields(seen)},
        records=records,
        holds=file.legal_holds.scopes(),
    )
