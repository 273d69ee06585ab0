"""Binding of an erasure to the approved plan by the plan's digest, and the data that an outcome leaves. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.records import OutcomeKind

_LEFT = frozenset(
    {
        OutcomeKind.RESIDUE,
        OutcomeKind.RETAINED,
        OutcomeKind.NOT_CONCERNED,
        OutcomeKind.RECTIFIED,
        OutcomeKind.UNRECTIFIED,
        OutcomeKind.RESTRICTED,
        OutcomeKind.PSEUDONYMISED,
        OutcomeKind.FAILED,
    }
)
"""Outcomes after which data of the person are still there."""


class PlannedLine(NamedTuple):
    """The plan for one record, as an approval is bound to it.

    Args:
        record: The record's keyed hash.
        method: How it is erased; empty where nothing is done at the system.
        outcome: The outcome that is planned; empty if none is.
        until: The last day it is kept.
        has_question: Whether something is left to a person.
    """

    record: str
    method: str
    outcome: str
    until: date | None
    has_question: bool = False


def plan_digest(lines: Iterable[PlannedLine]) -> str:
    """Return a digest of the plan for each record, to which an approval is bound; empty without a plan."""
    texts = [f"{line.record} {line.method} {line.outcome} {line.until}" for line in lines if line.outcome]
    return hashlib.sha256("\n".join(sorted(texts)).encode()).hexdigest() if texts else ""


def refuse_unbound(lines: Iterable[PlannedLine]) -> None:
    """Refuse to carry out a plan that no one can have approved as a whole.

    Args:
        lines: What is planned for each record of the case.

    Raises:
        Conflict: A record has no plan, or a question about one is open.
    """
    planned = list(lines)
    if any(not line.outcome for line in planned):
        raise Conflict("The case holds records that were not in the approved plan; it cannot be carried out.")
    if any(line.has_question for line in planned):
        raise Conflict("The plan leaves a question about records open; decide on them at the approval gate.")


def leaves_data(outcome: OutcomeKind | None, *, refused: bool) -> bool:
    """Return whether data of the person are still there after an outcome.

    Args:
        outcome: What became of the record; ``None`` while nothing did.
        refused: Whether its system refused to do what was asked.
    """
    return outcome is not None and (outcome in _LEFT or refused)
