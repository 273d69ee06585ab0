"""Policies: written rules of the controller that stand for a person's decision, and the draw that checks them. Pure.

A policy never decides what needs judgement: that nothing is held, where every system proved that its search finds
people, or that a package of plain records is released (:mod:`rightsflow.domain.gates.plain_packages`); and that only
where the person's identity was checked in a way that the policy names. Every so many of its cases a person decides all
the same. Which ones follows from the case's id alone, by a hash that anyone can compute again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from rightsflow.domain.actors import Actor, Proof
from rightsflow.domain.gates.decisions import IdentityMethod
from rightsflow.domain.gates.plain_packages import PackageSeen, PlainRecords, is_plain
from rightsflow.domain.vocabulary.rights import Right

AUTOMATIC: Final = "automatic"
"""Stands for the role of who decided, in ledger and evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A rule by which cases are answered without a person's decision.

    Args:
        name: What the controller calls it.
        version: Which version of it; a changed rule is another version.
        right: For which requests it counts.
        identity: How the person's identity must have been checked.
        every: Of so many of its cases one is decided by a person; 0 for none.
        plain: What it releases; ``None`` where it decides that nothing is held.
        digest: The SHA-256 of the rule as it is written.
    """

    name: str
    version: int
    right: Right
    identity: frozenset[IdentityMethod]
    every: int
    plain: PlainRecords | None = None
    digest: str = ""

    @property
    def actor(self) -> Actor:
        """The policy as an actor, for ledger and evidence."""
        return Actor(f"policy {self.name} version {self.version}", role=AUTOMATIC, proof=Proof.POLICY)

    def draw(self, case_id: str) -> int:
        """The number that a case draws, from 0 to below ``every``; with 0 a person decides. One without a draw draws 1.

        Args:
            case_id: The case; its id is random, so that no one can choose what it draws.
        """
        if not self.every:
            return 1
        digest = hashlib.sha256(f"rightsflow policy {self.name} {self.version} {case_id}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % self.every

    def sends_to_a_person(self, case_id: str) -> bool:
        """Return whether a person decides on this case despite the policy.

        Args:
            case_id: The case.
        """
        return self.draw(case_id) == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchOutcome:
    """The search results that a policy considers.

    Args:
        right: What was asked for.
        found_nothing: Whether the search ended and found nothing.
        is_proven: Whether every system was searched and proved that its search finds people.
        identity: How identity was checked; ``None`` where it was not.
        is_represented: Whether another person asks in the person's place.
    """

    right: Right
    found_nothing: bool
    is_proven: bool
    identity: IdentityMethod | None
    is_represented: bool = False


def policy_for(policies: Iterable[Policy], searched: SearchOutcome) -> Policy | None:
    """The first policy that decides that nothing is held; ``None`` where a person does.

    Args:
        policies: The controller's policies, in their order.
        searched: The case.
    """
    if not (searched.found_nothing and searched.is_proven):
        return None
    return next((policy for policy in _fitting(policies, searched) if policy.plain is None), None)


def policy_releasing(policies: Iterable[Policy], searched: SearchOutcome, package: PackageSeen) -> Policy | None:
    """The first policy that releases a package; ``None`` where a person does.

    Args:
        policies: The controller's policies, in their order.
        searched: The case.
        package: What is known of its package.
    """
    if searched.found_nothing:
        return None
    return next(
        (policy for policy in _fitting(policies, searched) if policy.plain and is_plain(package, policy.plain)), None
    )


def _fitting(policies: Iterable[Policy], searched: SearchOutcome) -> Iterator[Policy]:
    """Yield the policies that apply to such a request, from a person whose identity was checked by their methods."""
    if not searched.is_represented:
        yield from (
            policy for policy in policies if policy.right is searched.right and searched.identity in policy.identity
        )
