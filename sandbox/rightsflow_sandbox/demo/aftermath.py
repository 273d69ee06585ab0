"""Looks straight into the sandbox's systems after the demonstration: what is left, and was anybody else touched?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from rightsflow.cases.facts.overview.overview import CaseOverview
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow_sandbox.center import SandboxCenter
from rightsflow_sandbox.world.model import Customer

_KINDS = {
    "profile": "user",
    "deleted profile": "user",
    "identity": "user",
    "deleted ticket": "ticket",
    "ticket in copy": "ticket",
    "comment": "ticket",
    "mention": "ticket",
}
"""The connectors' words for the sandbox's kinds of things."""

_KEPT = frozenset({OutcomeKind.RETAINED, OutcomeKind.NOT_HELD, OutcomeKind.REDACTED, OutcomeKind.RESIDUE})


@dataclass(frozen=True, slots=True)
class Aftermath:
    """The state of the systems after the erasure.

    Args:
        left: What is still there, by system and kind.
        answered: How much of it the answer names as retained, redacted or not attributable.
        untouched: How many records of other people are byte for byte what they were.
        changed: How many are not.
    """

    left: dict[str, int]
    answered: dict[str, int]
    untouched: int
    changed: int

    @property
    def is_as_answered(self) -> bool:
        """True if no data are left beyond those that the answer names, and no one else's data changed."""
        return not self.changed and all(count <= self.answered.get(what, 0) for what, count in self.left.items())


def look_after(center: SandboxCenter, erased: Customer, before: dict[str, str], case: CaseOverview) -> Aftermath:
    """Compare the systems with the answer.

    Args:
        center: The sandbox.
        erased: The person who was to be forgotten.
        before: The snapshot of everybody else's records from before.
        case: The erasure case.
    """
    left = Counter(f"{one.system} {_word(one.kind)}" for one in center.holdings(erased))
    answered = Counter(f"{line.system} {line.kind}" for line in case.records if line.outcome in _KEPT)
    after = center.snapshot(excluding=erased)
    same = sum(after.get(key) == digest for key, digest in before.items())
    changed = len(before) - same + len(after.keys() - before.keys())
    return Aftermath(dict(left), dict(answered), same, changed)


def _word(kind: str) -> str:
    return _KINDS.get(kind, kind).replace("_", "-")
