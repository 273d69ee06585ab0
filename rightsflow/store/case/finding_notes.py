"""What the ledger says of single records: their outcomes, and what fresh reads showed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.events import CaseEvent
from rightsflow.domain.records import Presence
from rightsflow.store.case.case_ledger import Ledger
from rightsflow.store.tables import FindingRow


@dataclass(slots=True)
class SettledLine:
    """What the ledger says of a record that is settled: columns of its row, which many are read by at once."""

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


def note_outcome(ledger: Ledger, row: FindingRow | SettledLine, *, sha256: str = "") -> None:
    """Note in the ledger what became of a record, as its row says.

    Args:
        ledger: The case's ledger.
        row: The record's row.
        sha256: Of what is stored in the record's place, where seconds of it were silenced.
    """
    ledger.append(
        CaseEvent.OUTCOME_RECORDED,
        record=row.record_hash,
        system=row.system,
        kind=row.kind,
        category=row.category,
        outcome=row.outcome,
        reason=row.reason,
        legal_basis=row.legal_basis,
        until=row.until.isoformat() if row.until else "",
        ends_when=row.ends_when,
        refused=row.refused,
        unclear=row.attribution == Attribution.UNCLEAR and not row.method,
        request_ref=row.request_id,
    )
    if sha256:
        ledger.append(CaseEvent.RECORDING_MUTED, record=row.record_hash, system=row.system, sha256=sha256)


def note_look(ledger: Ledger, row: SettledLine, presence: Presence) -> None:
    """Note in the ledger what a fresh read showed of a record.

    Args:
        ledger: The case's ledger.
        row: The record's row.
        presence: What was seen.
    """
    what = {"record": row.record_hash, "system": row.system, "state": presence.state.value}
    ledger.append(CaseEvent.PRESENCE_CHECKED, **what, fields=", ".join(presence.fields))
