"""The sections about policies: written rules of the controller that stand for a person's decision."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from rightsflow.config.sections.section import Strict
from rightsflow.domain.gates.decisions import IdentityMethod
from rightsflow.domain.gates.policies import Policy
from rightsflow.domain.request import Right


def _named(method: IdentityMethod) -> IdentityMethod:
    if method is IdentityMethod.OTHER:
        raise ValueError("a policy names the ways of checking identity; give those that it accepts")
    return method


class PolicySettings(Strict):
    """A policy, each in a section ``[[policies]]`` of its own; without one a person decides on every case.

    Args:
        name: What you call it, in small letters, digits and hyphens; ledger and evidence say ``policy NAME version N``.
        version: Which version it is; raise it whenever the written policy changes.
        right: For which requests it counts.
        when: What it decides: the answer "we hold no data about you", where the search found nothing, every system was
            searched, and each proved that its mappings find people. A request by a representative always goes to a
            person.
        identity: How the person's identity must have been checked, such as ``["logged in to the account"]``.
        every_nth_to_a_person: One of so many of its cases is decided by a person all the same; 0 for none. Which one
            follows from the case's id, so that anyone can compute it again and no one can choose it.
    """

    name: Annotated[str, Field(pattern="^[a-z][a-z0-9-]{0,39}$")]
    version: Annotated[int, Field(ge=1, strict=True)]
    right: Literal["access", "erasure"]
    when: Literal["nothing held"] = "nothing held"
    identity: Annotated[tuple[Annotated[IdentityMethod, AfterValidator(_named)], ...], Field(min_length=1)]
    every_nth_to_a_person: Annotated[int, Field(ge=0, le=1000, strict=True)] = 20

    @property
    def policy(self) -> Policy:
        """The policy as the rule takes it."""
        return Policy(
            name=self.name,
            version=self.version,
            right=Right(self.right),
            identity=frozenset(self.identity),
            every=self.every_nth_to_a_person,
        )
