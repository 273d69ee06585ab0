"""Begin to work on a case: alone, by the flow of its right; and begin again where its run was taken away."""

from __future__ import annotations

from contextlib import AbstractContextManager
from enum import StrEnum

from rightsflow.cases.app import App
from rightsflow.cases.overview.case_sheet import labels_of
from rightsflow.cases.search.systems import refuse_other_right
from rightsflow.cases.step.leases import alone_on
from rightsflow.domain.events import CaseEvent
from rightsflow.domain.request import Right
from rightsflow.store import CaseFile, Store


class RunEnding(StrEnum):
    """What became of a case's run in Prefect, so that another one is started."""

    CANCELLED = "cancelled in Prefect"
    GONE = "gone from Prefect"


def working_on(app: App, case_id: str, right: Right, *, has_run: bool) -> AbstractContextManager[set[str]]:
    """Hold the case's lease; gives what its run is tagged with.

    Args:
        app: What it works with.
        case_id: The case.
        right: What the flow is for.
        has_run: Whether it is for a run that Prefect keeps; that is noted, so that a lost one is started again.

    Raises:
        BadInput: There is no such case, or it is about something else.
        Conflict: Another run works on the case.
    """

    def begin(file: CaseFile) -> set[str]:
        refuse_other_right(file, right)
        return labels_of(file, app)

    return alone_on(app, case_id, has_run=has_run, read=begin)


def note_started_again(store: Store, case_id: str, because: RunEnding) -> None:
    """Note that a case's run was started again, so that its sheet and its page say so.

    Args:
        store: The case store.
        case_id: The case.
        because: What became of the one before.

    Raises:
        BadInput: There is no such case.
        Transient: The case store does not answer.
    """
    with store.case_file(case_id) as file:
        file.ledger.append(CaseEvent.RUN_STARTED_AGAIN, because=because.value)
