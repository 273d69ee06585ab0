"""Policies: written rules of the controller that stand for a person's decision, and the draw that checks them. Pure.

A policy never decides what needs judgement. It decides that nothing is held, where every system proved that its search
finds people, or that a package of plain records is released; and only where the person's identity was checked in a way
that the policy names. A package is plain where no record's owner is in doubt and it has no other person, no file, no
free text beyond the fields that the policy names, no act of a colleague and no unproved search. Every so many of its
cases a person decides all the same; which ones follows from the case's id, by a hash that anyone can compute again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from rightsflow.domain.gates.decisions import IdentityMethod
from rightsflow.domain.people import Actor, Proof
from rightsflow.domain.vocabulary.rights import Right

LONGEST_VALUE: Final = 200
"""Longest plain value, in characters; a longer value, or one with several lines, is text that a person reads."""
TEXT: Final = "a text"
"""Name for a field with such a text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRecords:
    """The packages that a policy releases.

    Args:
        fields: The fields that may hold something, by record kind as ``system/kind``; inner ones are ``outer.inner``.
        most: How many records a package has at most.
    """

    fields: Mapping[str, frozenset[str]]
    most: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PackageSeen:
    """Figures of a package, without its content.

    Args:
        filled: The fields that hold something, by record kind as ``system/kind``.
        records: How many records were found, given or not.
        files: How many files are in it.
        masked: How often another person stood in it.
        in_doubt: How many records there are of which it is not certain whose they are, or that are not the person's
            alone, and how many identifiers are another person's too.
        by_people: How many decisions of people there are on its records and masks, and how often it was sent back.
        asked: How many processors and colleagues were asked for something.
        unproven: How many systems could not be searched, or found nothing and did not prove that their search finds.
        is_imported: Whether the case is one of many that were imported.
        is_order: Whether it is answered to another controller.
    """

    filled: Mapping[str, frozenset[str]] = field(default_factory=dict)
    records: int
    files: int
    masked: int
    in_doubt: int
    by_people: int
    asked: int
    unproven: int
    is_imported: bool
    is_order: bool


def is_plain(package: PackageSeen, rule: PlainRecords) -> bool:
    """Return whether a policy releases a package.

    Args:
        package: The package.
        rule: The policy's.
    """
    if not package.is_imported or package.is_order or not 0 < package.records <= rule.most:
        return False
    if any((package.files, package.masked, package.in_doubt, package.by_people, package.asked, package.unproven)):
        return False
    return bool(package.filled) and all(
        fields <= rule.fields.get(kind, frozenset()) for kind, fields in package.filled.items()
    )


def filled_fields(content: Mapping[str, Any]) -> frozenset[str]:
    """Return the filled fields of a record; a field with a text counts as :data:`TEXT`, which no policy names.

    Args:
        content: The record's content.
    """
    return frozenset(_filled(content, ""))


def _filled(value: object, path: str) -> Iterator[str]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _filled(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list | tuple):
        yield from _all(value, path)
    elif value not in (None, ""):
        yield path
        if isinstance(value, str) and (len(value) > LONGEST_VALUE or "\n" in value or "\r" in value):
            yield TEXT


def _all(values: Iterable[object], path: str) -> Iterator[str]:
    for value in values:
        yield from _filled(value, path)


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
        """Return the number that a case draws, from 0 to below ``every``; at 0 a person decides; without a draw 1.

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
    """Return the first policy that decides that nothing is held; ``None`` where a person does.

    Args:
        policies: The controller's policies, in their order.
        searched: The case.
    """
    if not (searched.found_nothing and searched.is_proven):
        return None
    return next((policy for policy in _fitting(policies, searched) if policy.plain is None), None)


def policy_releasing(policies: Iterable[Policy], searched: SearchOutcome, package: PackageSeen) -> Policy | None:
    """Return the first policy that releases a package; ``None`` where a person does.

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
