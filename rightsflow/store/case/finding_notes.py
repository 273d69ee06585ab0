"""Ledger entries about single records: their outcomes, and the results of fresh reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import Outcome, Presence
from rightsflow.store.case.case_ledger import Ledger
from rightsflow.store.tables import FindingRow


@dataclass(slots=True)
class SettledLine:
    """The columns of a settled record that its ledger entry needs; many are read at a time."""

    id: int
    record_hash: str
    system: str
    kind: str
    category: str
    attribution: str
    method: str
    outcome: str
    reason: str
    legal_basis: str
    until: date | None
    ends_when: str
    refused: bool
    request_id: str


def note_outcome(ledger: Ledger, row: FindingRow | SettledLine) -> None:
    """Note a record's outcome in the ledger, from its row.

    Args:
        ledger: The case's ledger.
        row: The record's row.
    """
    ledger.append(CaseEvent.OUTCOME_RECORDED, record=row.record_hash, **_said(row))


def note_outcomes(ledger: Ledger, settled: Iterable[tuple[SettledLine, Outcome]]) -> None:
    """Note the outcomes of many records in the ledger, in order.

    Args:
        ledger: The case's ledger.
        settled: The rows with what was done; each is read before the next one is asked for.
    """
    for (said, sha256), group in groupby(settled, key=lambda item: (_said(item[0]), item[1].sha256)):
        rows = [row for row, _ in group]
        for some in [[item] for item in rows] if sha256 else [rows]:
            ledger.append_for_each(CaseEvent.OUTCOME_RECORDED, [item.record_hash for item in some], **said)
            if sha256:
                # The hash of the recording stored in the record's place, if seconds of it were silenced.
                ledger.append(
                    CaseEvent.RECORDING_MUTED, record=some[0].record_hash, system=some[0].system, sha256=sha256
                )


def _said(row: FindingRow | SettledLine) -> dict[str, Any]:
    return {
        "system": row.system,
        "kind": row.kind,
        "category": row.category,
        "outcome": row.outcome,
        "reason": row.reason,
        "legal_basis": row.legal_basis,
        "until": row.until.isoformat() if row.until else "",
        "ends_when": row.ends_when,
        "refused": row.refused,
        "unclear": row.attribution == Attribution.UNCLEAR and not row.method,
        "request_ref": row.request_id,
    }


def note_looks(ledger: Ledger, seen: Iterable[tuple[str, Presence]]) -> None:
    """Note the results of fresh reads of many records, in order.

    Args:
        ledger: The case's ledger.
        seen: The records' keyed hashes, with what was seen of each.
    """
    for said, group in groupby(seen, key=lambda item: _seen(item[1])):
        ledger.append_for_each(CaseEvent.PRESENCE_CHECKED, [record for record, _ in group], **said)


def _seen(look: Presence) -> dict[str, str]:
    return {"system": look.record.system, "state": look.state.value, "fields": ", ".join(look.fields)}
