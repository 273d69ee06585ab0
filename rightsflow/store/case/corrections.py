"""Corrections that the person requests, and the decisions on them, sealed."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Final

from rightsflow.domain.rectification.changes import in_words
from rightsflow.domain.rectification.corrections import Correction, RuledItem, Ruling, RulingKind
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.core.case_ledger import Ledger
from rightsflow.store.core.context import Context

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
        """Return the items in their order, each with the last decision on it."""
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
        rows = [
            [item.item.number, item.item.field, item.item.old, item.item.new, _ruling_fields(item.ruling)]
            for item in self.all()
        ]
        return self._context.text_hash("corrections", json.dumps(rows, ensure_ascii=False)) if rows else ""


def _ruling_fields(ruling: Ruling | None) -> list[str]:
    return [ruling.kind.value, ruling.text] if ruling else []
