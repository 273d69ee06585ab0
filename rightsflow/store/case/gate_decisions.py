"""Decisions at a case's gates, sealed: one per gate, and final."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

from rightsflow.domain.gates.decisions import (
    Decision,
    Gate,
    IdentityCheck,
    IdentityMethod,
    Mandate,
    OnFile,
    Representative,
    Verdict,
)
from rightsflow.domain.gates.four_eyes import decider_of, refuse_second_decision
from rightsflow.store.core.context import Context
from rightsflow.store.tables import DecisionRow


class Decisions:
    """The decisions of one case; one per gate, and final.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self._rows: dict[str, DecisionRow] | None = None

    def at(self, gate: Gate) -> Decision | None:
        """Return the decision at a gate, or ``None``."""
        row = self._row(gate)
        if row is None:
            return None
        return Decision(
            gate=gate,
            verdict=Verdict(row.decision),
            by=row.by,
            reason=self._context.key.open("decision/reason", row.sealed_reason),
            method=IdentityMethod(row.method) if row.method else None,
            code=row.code,
            details={} if row.decision == Verdict.CONFIRMED else self._details(row),
            check=self._check(row),
            include_unclear=row.include_unclear,
            decided_at=row.decided_at,
        )

    def _details(self, row: DecisionRow) -> dict[str, str]:
        if row.sealed_details is None:
            return {}
        details: dict[str, str] = json.loads(self._context.key.open("decision/details", row.sealed_details))
        return details

    def _check(self, row: DecisionRow) -> IdentityCheck | None:
        """Return the identity check of a decision, or ``None`` if the row has none."""
        fields = self._details(row) if row.decision == Verdict.CONFIRMED else {}
        if not fields:
            return None
        return IdentityCheck(
            done=fields["done"],
            at=datetime.fromisoformat(fields["at"]),
            against=OnFile(fields["against"]),
            held_by=fields["held_by"],
            on_file_since=date.fromisoformat(fields["since"]),
            representative=_representative(fields),
        )

    def refuse_second(self, gate: Gate) -> None:
        """Refuse to decide a gate twice.

        Raises:
            Conflict: It was decided.
        """
        refuse_second_decision(gate, is_decided=self._row(gate) is not None)

    def record(self, decision: Decision) -> None:
        """Store a decision.

        Raises:
            BadInput: It does not say by whom, or not in printable characters.
            Conflict: The gate was decided already, or the person opened the case (four eyes).
        """
        by = decider_of(decision, opened_by=self._context.row.opened_by)
        self.refuse_second(decision.gate)
        row = DecisionRow(
            case_id=self._context.row.id,
            gate=decision.gate.value,
            decision=decision.verdict.value,
            by=str(by),
            sealed_reason=self._context.key.seal("decision/reason", decision.reason),
            method=decision.method.value if decision.method else "",
            code=decision.code,
            sealed_details=self._sealed_details(decision),
            include_unclear=decision.include_unclear,
            decided_at=self._context.now,
        )
        self._context.session.add(row)
        self._context.session.flush()
        self._context.puts_in(DecisionRow)
        if self._rows is not None:
            self._rows[row.gate] = row

    def _sealed_details(self, decision: Decision) -> bytes | None:
        fields = _identity_check_fields(decision.check) if decision.check else dict(decision.details)
        if not fields:
            return None
        return self._context.key.seal("decision/details", json.dumps(fields, ensure_ascii=False))

    def _row(self, gate: Gate) -> DecisionRow | None:
        if self._rows is None:
            self._rows = {row.gate: row for row in self._context.rows(DecisionRow)}
        return self._rows.get(gate.value)


def identity_check_details(decision: Decision, context: Context) -> dict[str, str]:
    """Return the ledger's details of an identity check, without personal data; empty for any other decision."""
    check = decision.check
    if check is None:
        return {}
    fields = {
        "done": context.text_hash("reason", check.done),
        "checked_at": check.at.isoformat(),
        "against": check.against.value,
        "held_by": check.held_by,
        "on_file_since": check.on_file_since.isoformat(),
    }
    if (representative := check.representative) is None:
        return fields
    return fields | {"mandate": representative.mandate.value, "mandate_seen_on": representative.seen_on.isoformat()}


def _identity_check_fields(check: IdentityCheck) -> dict[str, str]:
    fields = {
        "done": check.done,
        "at": check.at.isoformat(),
        "against": check.against.value,
        "held_by": check.held_by,
        "since": check.on_file_since.isoformat(),
    }
    if (representative := check.representative) is None:
        return fields
    fields |= {
        "representative": representative.name,
        "mandate": representative.mandate.value,
        "seen_on": representative.seen_on.isoformat(),
    }
    return fields | ({"representative_address": representative.address} if representative.address else {})


def _representative(fields: Mapping[str, str]) -> Representative | None:
    if "representative" not in fields:
        return None
    return Representative(
        name=fields["representative"],
        mandate=Mandate(fields["mandate"]),
        seen_on=date.fromisoformat(fields["seen_on"]),
        address=fields.get("representative_address", ""),
    )
