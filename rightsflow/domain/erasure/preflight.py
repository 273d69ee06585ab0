"""What depends on the records of an erasure: told before the approver decides, and in the answer. Pure.

An erasure that ends a mandate or an open ticket may not be what the person wanted (Art. 5(1)(a) GDPR: told beforehand).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Protocol

from rightsflow.domain.records import Fact

_IN_ORDER: Final = (
    Fact.ACTIVE_CONTRACT,
    Fact.OPEN_ORDER,
    Fact.OPEN_INVOICE,
    Fact.OPEN_DISPUTE,
    Fact.MANDATE,
    Fact.OPEN_TICKET,
    Fact.WARRANTY,
)
RUNS_ON: Final = {
    Fact.ACTIVE_CONTRACT: ("running contract", "running contracts"),
    Fact.OPEN_ORDER: ("open order", "open orders"),
    Fact.OPEN_INVOICE: ("open invoice", "open invoices"),
    Fact.OPEN_DISPUTE: ("disputed payment", "disputed payments"),
    Fact.MANDATE: ("mandate for collecting money", "mandates for collecting money"),
    Fact.OPEN_TICKET: ("ticket that is not solved", "tickets that are not solved"),
    Fact.WARRANTY: ("purchase under warranty", "purchases under warranty"),
}
"""What runs on, in the singular and in the plural."""
_TOLD: Final = {
    Fact.MANDATE: "Money can no longer be collected by what was erased; a later direct debit needs a new mandate.",
    Fact.OPEN_TICKET: (
        "A service ticket that was not solved yet has ended with its erasure; write to us anew if you still need help."
    ),
    Fact.WARRANTY: "For a warranty you now need your own receipt: we can no longer look the purchase up.",
}
"""What the person reads where such a record was erased; of the others the answer says why they are kept."""


class Dependent(Protocol):
    """A record with what the plan had to know of it."""

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        ...

    @property
    def facts(self) -> Collection[str]:
        """What the plan had to know."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsOn:
    """What runs on at one system.

    Args:
        fact: What it is.
        system: The system's name in the configuration.
        records: On how many records it depends.
    """

    fact: Fact
    system: str
    records: int


def preflight(records: Iterable[tuple[Dependent, int]]) -> list[RunsOn]:
    """What runs on that an erasure concerns, the weightiest first.

    Args:
        records: The person's records, each with how many are like it.
    """
    counts: Counter[tuple[Fact, str]] = Counter()
    for one, number in records:
        counts.update({(fact, one.system): number for fact in map(Fact, one.facts) if fact in RUNS_ON})
    ordered = sorted(counts.items(), key=lambda item: (_IN_ORDER.index(item[0][0]), item[0][1]))
    return [RunsOn(fact=fact, system=system, records=count) for (fact, system), count in ordered]


def consequences(erased: Iterable[Dependent]) -> tuple[str, ...]:
    """What will no longer be possible for the person, in sentences for the answer.

    Args:
        erased: The records that are gone.
    """
    found = {one.fact for one in preflight((one, 1) for one in erased)}
    return tuple(_TOLD[fact] for fact in _IN_ORDER if fact in found and fact in _TOLD)
