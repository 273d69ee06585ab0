"""How both requests can end besides their own answer, and the search that both begin with."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from prefect.client.schemas.objects import State

from flows.steps import all_done, ended, locate_everything, start
from rightsflow.case import CaseState
from tasks.answering import write_nothing_held, write_refusal
from tasks.systems import configured_systems, state_of


class Search(StrEnum):
    """What the search came to."""

    FOUND = "found"
    """Something was found in this run."""
    BEFORE = "before"
    """An earlier run searched, and people have been shown the result: it is not searched again behind their backs."""
    NOTHING = "nothing"
    """No system holds anything."""


def search(case_id: str) -> Search:
    """Search all systems, unless the case is past that.

    Args:
        case_id: The case.
    """
    state = state_of(case_id)
    if state is CaseState.NOTHING_HELD:
        return Search.NOTHING
    if state is not CaseState.IN_PROGRESS:
        return Search.BEFORE
    found = locate_everything(case_id, configured_systems())
    return Search.FOUND if found.subject or found.unclear else Search.NOTHING


def nothing_held(case_id: str) -> State[Any]:
    """Write the clear no and end the run."""
    all_done(case_id, [start(write_nothing_held, case_id)])
    return ended("Nothing held", case_id, "No system holds data on the person; the answer is in the outbox.")


def refuse(case_id: str) -> State[Any]:
    """Write the refusal and end the run."""
    all_done(case_id, [start(write_refusal, case_id)])
    return ended("Refused", case_id, "The refusal with its reasons and remedies is in the outbox.")
