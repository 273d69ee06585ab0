"""Records to keep under a legal hold at processors, colleagues and recipients. Pure.

A hold stops an erasure wherever the records are (Art. 17(3)(e) GDPR). Those who work for the controller are told to
keep them and to use them for nothing else, and no one is told of an erasure that did not happen (Art. 19 GDPR).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from rightsflow.domain.erasure.legal_hold import RELEASED, HoldScope
from rightsflow.domain.law import Law
from rightsflow.domain.processors.instructing import Exclusion
from rightsflow.domain.processors.terms import Action
from rightsflow.domain.vocabulary.records import OutcomeKind

EVERYTHING: Final = "every record that you find under these"
"""Records to keep under a hold that names no category, in the words of an instruction."""
_REMOVES: Final = frozenset({Action.ERASE, Action.STOP_MARKETING, Action.END_CONSENT})
GONE: Final = frozenset(
    {OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.RESIDUE, OutcomeKind.PSEUDONYMISED, OutcomeKind.DELEGATED}
)
"""Outcomes of which recipients are told as an erasure, wholly or in part."""


def action_under_hold(
    action: Action, scopes: Sequence[HoldScope], systems: Collection[str], categories: Collection[str]
) -> Action:
    """Return the action for a recipient: a restriction instead of an erasure if holds cover all its data.

    Args:
        action: What the request asks of them.
        scopes: The scopes of the holds in force that cover the case.
        systems: The systems in which they work; none for a colleague, who looks in a system of their own.
        categories: Which data they have, in the words of the record of processing.
    """
    is_whole = bool(scopes) and _covers_all(scopes, systems, categories)
    return Action.RESTRICT if action is Action.ERASE and is_whole else action


def kept_under_hold(
    action: Action, scopes: Sequence[HoldScope], systems: Collection[str], law: Law
) -> tuple[Exclusion, ...]:
    """Return the exclusions for a recipient under the holds, without repetition.

    Args:
        action: What they are asked to do.
        scopes: The scopes of the holds in force that cover the case.
        systems: The systems in which they work.
        law: The law that the case comes under.
    """
    if action not in _REMOVES:
        return ()
    provision = f"Art. 17(3)(e) {law.name}"
    named = dict.fromkeys(_words(scopes, systems))
    return tuple(Exclusion(category=word, provision=provision, ends_when=RELEASED) for word in named)


def _covers_all(scopes: Sequence[HoldScope], systems: Collection[str], categories: Collection[str]) -> bool:
    """Return whether the holds cover everything that the processor has."""
    whole = [scope for scope in scopes if not scope.system or set(systems) == {scope.system}]
    named = {scope.category.casefold() for scope in whole}
    return "" in named or {category.casefold() for category in categories} <= named


def _words(scopes: Sequence[HoldScope], systems: Collection[str]) -> Iterator[str]:
    for scope in scopes:
        if scope.system and scope.system not in systems:
            continue
        where = f" in {scope.system}" if scope.system and len(systems) > 1 else ""
        yield f"{scope.category or EVERYTHING}{where}"
