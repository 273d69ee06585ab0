"""A record as it was found, below another one or not, for the rules of what hangs together."""

from __future__ import annotations

from datetime import date

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.vocabulary.records import RecordRef


def record(kind, key, *facts, via="", decided=None, attribution=Attribution.SUBJECT) -> Finding:
    return Finding(
        number=1,
        ref=RecordRef("helpdesk", kind, key),
        category=kind,
        attribution=attribution,
        doubt=None,
        facts=frozenset(facts),
        occurred_on=date(2026, 1, 10),
        locked_until=None,
        method=None,
        planned=None,
        outcome=None,
        reason="",
        legal_basis="",
        until=None,
        ends_when="",
        refused=False,
        request_id="",
        acted_at=None,
        verified=None,
        verified_at=None,
        decided=decided,
        key=key,
        via=via,
    )
