"""Dependencies of the records of an erasure, shown before the approver decides and stated in the answer. Pure.

An erasure that ends a mandate or an open ticket may not be what the person wanted (Art. 5(1)(a) GDPR: told beforehand).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Protocol

from rightsflow.domain.vocabulary.records import Fact, KindAt, OutcomeKind

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
"""Names of the dependencies, in the singular and in the plural."""
_TOLD: Final = {
    Fact.MANDATE: "Money can no longer be collected by what was erased; a later direct debit needs a new mandate.",
    Fact.OPEN_TICKET: (
        "A service ticket that was not solved yet has ended with its erasure; write to us anew if you still need help."
    ),
    Fact.WARRANTY: "For a warranty you now need your own receipt: we can no longer look the purchase up.",
}
"""Sentences for the person about an erased record; the answer gives reasons for the retained ones."""
_ACCOUNT_GONE: Final = (
    "An account or customer record of yours was erased. You can no longer sign in with it, and we no longer know "
    "you as a customer."
)
_ENDS: Final = {
    Fact.MANDATE: "Money can no longer be collected by a mandate that is erased; a later direct debit needs a new one.",
    Fact.OPEN_TICKET: "A service ticket that is not solved ends without an answer.",
    Fact.WARRANTY: (
        "A warranty of yours may still run. We can then no longer look the purchase up: keep your own receipt."
    ),
}
"""Effects of erasing such a record, as the person reads them beforehand."""
_STAYS: Final = {
    Fact.ACTIVE_CONTRACT: "A contract is running: the records that it needs stay until it ends.",
    Fact.OPEN_ORDER: (
        "An order is not fulfilled yet: the records that it needs stay until it is fulfilled or cancelled."
    ),
    Fact.OPEN_INVOICE: "An invoice is open: its records stay until it is settled, or longer where the law orders that.",
    Fact.OPEN_DISPUTE: "A payment is disputed: its records stay until the dispute is settled.",
}
"""Reasons for keeping such a record for now, as the person reads them beforehand."""
_ACCOUNT_GOES: Final = (
    "An account or customer record of yours is erased. You can then no longer sign in with it, and we no longer know "
    "you as a customer."
)
_REMOVED: Final = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED})


class Dependent(Protocol):
    """A record with what the plan had to know of it."""

    @property
    def system(self) -> str:
        """The system's name in the configuration."""
        ...

    @property
    def kind(self) -> str:
        """The connector's word for it."""
        ...

    @property
    def facts(self) -> Collection[str]:
        """Facts that the plan had to know."""
        ...

    @property
    def planned(self) -> OutcomeKind | None:
        """Planned outcome, if there is one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsOn:
    """A kind of dependency at one system.

    Args:
        fact: What it is.
        system: The system's name in the configuration.
        records: On how many records it depends.
    """

    fact: Fact
    system: str
    records: int


def preflight(records: Iterable[tuple[Dependent, int]]) -> list[RunsOn]:
    """Return the dependencies that an erasure affects, the most important first.

    Args:
        records: The person's records, each with how many are like it.
    """
    counts: Counter[tuple[Fact, str]] = Counter()
    for record, number in records:
        counts.update({(fact, record.system): number for fact in map(Fact, record.facts) if fact in RUNS_ON})
    ordered = sorted(counts.items(), key=lambda item: (_IN_ORDER.index(item[0][0]), item[0][1]))
    return [RunsOn(fact=fact, system=system, records=count) for (fact, system), count in ordered]


def foretold(records: Iterable[Dependent], profiles: Collection[KindAt]) -> tuple[str, ...]:
    """Return what an erasure will mean for the person, in sentences for them before it begins and for who approves it.

    Args:
        records: The person's records, with what is planned of each.
        profiles: The kinds of records that are a person's profile.
    """
    found = list(records)
    goes = [record for record in found if record.planned in _REMOVED]
    stays = [record for record in found if record.planned in {OutcomeKind.RETAINED, OutcomeKind.RESTRICTED}]
    return (
        *((_ACCOUNT_GOES,) if _has_profile(goes, profiles) else ()),
        *_said(goes, _ENDS),
        *_said(stays, _STAYS),
    )


def consequences(erased: Iterable[Dependent], profiles: Collection[KindAt]) -> tuple[str, ...]:
    """Return what is no longer possible for the person, in sentences for the answer.

    Args:
        erased: The records that are gone.
        profiles: The kinds of records that are a person's profile.
    """
    gone = list(erased)
    return (*((_ACCOUNT_GONE,) if _has_profile(gone, profiles) else ()), *_said(gone, _TOLD))


def _has_profile(records: Iterable[Dependent], profiles: Collection[KindAt]) -> bool:
    return any(KindAt(record.system, record.kind) in profiles for record in records)


def _said(records: Iterable[Dependent], sentences: Mapping[Fact, str]) -> Iterator[str]:
    facts = {fact for record in records for fact in record.facts}
    yield from (sentences[fact] for fact in _IN_ORDER if fact in facts and fact in sentences)
