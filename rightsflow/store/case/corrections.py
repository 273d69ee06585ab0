"""Decisions on a case, sealed: at its gates, and on the corrections that the person requests."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date, datetime
from typing import Final

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
from rightsflow.domain.rectification.changes import in_words
from rightsflow.domain.rectification.corrections import Correction, RuledItem, Ruling, RulingKind
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.core.case_ledger import Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.tables import DecisionRow

_ITEMS: Final = "correction/item/"
_RULINGS: Final = "correction/ruling/"


class Corrections:
    """The items of one case that asks for a rectification.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        outbox: Keeps what is encrypted.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox) -> None:
        self._context = context
        self._ledger = ledger
        self._outbox = outbox

    def put(self, items: Sequence[Correction]) -> None:
        """Store the items of a request that was opened.

        Args:
            items: The items, checked.
        """
        for item in items:
            self._outbox.keep_secret(f"{_ITEMS}{item.number:06d}", json.dumps(asdict(item), ensure_ascii=False))

    def all(self) -> list[RuledItem]:
        """The items in their order, each with the last decision on it."""
        last: dict[int, Ruling] = {}
        for item in map(json.loads, self._outbox.secrets_below(_RULINGS)):
            ruling = Ruling(kind=RulingKind(item["kind"]), text=item["text"], by=item["by"])
            last |= dict.fromkeys(item["items"], ruling)
        items = [Correction(**json.loads(entry)) for entry in self._outbox.secrets_below(_ITEMS)]
        return [RuledItem(entry, last.get(entry.number)) for entry in items]

    def decide(self, rulings: Mapping[int, Ruling], *, by: str) -> None:
        """Store decisions; the ledger gets the numbers, and reasons and statements as keyed hashes.

        Args:
            rulings: What is decided, by the items' numbers.
            by: Who decides.
        """
        alike: defaultdict[Ruling, list[int]] = defaultdict(list)
        for number, ruling in sorted(rulings.items()):
            alike[replace(ruling, by=str(by))].append(number)
        first = len(self._outbox.secrets_below(_RULINGS)) + 1
        fields = {item.item.number: item.item.field for item in self.all()}
        for at, (ruling, numbers) in enumerate(alike.items(), start=first):
            kept = {"items": numbers, "kind": ruling.kind.value, "text": ruling.text, "by": ruling.by}
            self._outbox.keep_secret(f"{_RULINGS}{at:06d}", json.dumps(kept, ensure_ascii=False))
            self._ledger.append(
                CaseEvent.CORRECTIONS_DECIDED,
                actor=by,
                act=ruling.kind.value,
                items=[str(item) for item in numbers],
                fields=sorted({in_words(fields[item]) for item in numbers}),
                reason=self._context.text_hash("reason", ruling.text) if ruling.text else "",
            )

    def digest(self) -> str:
        """Return a keyed hash of the items and their decisions, which binds an approval; empty if there are none."""
        said = [
            [item.item.number, item.item.field, item.item.old, item.item.new, _told(item.ruling)] for item in self.all()
        ]
        return self._context.text_hash("corrections", json.dumps(said, ensure_ascii=False)) if said else ""


def _told(ruling: Ruling | None) -> list[str]:
    return [ruling.kind.value, ruling.text] if ruling else []


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
        said = self._details(row) if row.decision == Verdict.CONFIRMED else {}
        if not said:
            return None
        return IdentityCheck(
            done=said["done"],
            at=datetime.fromisoformat(said["at"]),
            against=OnFile(said["against"]),
            held_by=said["held_by"],
            on_file_since=date.fromisoformat(said["since"]),
            representative=_representative(said),
        )

    def record(self, decision: Decision) -> None:
        """Store a decision.

        Raises:
            BadInput: It does not say by whom, or not in printable characters.
            Conflict: The gate was decided already, or the person opened the case (four eyes).
        """
        by = decider_of(decision, opened_by=self._context.row.opened_by)
        refuse_second_decision(decision.gate, is_decided=self._row(decision.gate) is not None)
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
        said = _as_said(decision.check) if decision.check else dict(decision.details)
        if not said:
            return None
        return self._context.key.seal("decision/details", json.dumps(said, ensure_ascii=False))

    def _row(self, gate: Gate) -> DecisionRow | None:
        if self._rows is None:
            self._rows = {row.gate: row for row in self._context.rows(DecisionRow)}
        return self._rows.get(gate.value)


def what_was_checked(decision: Decision, context: Context) -> dict[str, str]:
    """Return the ledger's details of an identity check, without personal data; empty for any other decision."""
    check = decision.check
    if check is None:
        return {}
    said = {
        "done": context.text_hash("reason", check.done),
        "checked_at": check.at.isoformat(),
        "against": check.against.value,
        "held_by": check.held_by,
        "on_file_since": check.on_file_since.isoformat(),
    }
    if (found := check.representative) is None:
        return said
    return said | {"mandate": found.mandate.value, "mandate_seen_on": found.seen_on.isoformat()}


def _as_said(check: IdentityCheck) -> dict[str, str]:
    said = {
        "done": check.done,
        "at": check.at.isoformat(),
        "against": check.against.value,
        "held_by": check.held_by,
        "since": check.on_file_since.isoformat(),
    }
    if (found := check.representative) is None:
        return said
    said |= {"representative": found.name, "mandate": found.mandate.value, "seen_on": found.seen_on.isoformat()}
    return said | ({"representative_address": found.address} if found.address else {})


def _representative(said: Mapping[str, str]) -> Representative | None:
    if "representative" not in said:
        return None
    return Representative(
        name=said["representative"],
        mandate=Mandate(said["mandate"]),
        seen_on=date.fromisoformat(said["seen_on"]),
        address=said.get("representative_address", ""),
    )
