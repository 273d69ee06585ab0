"""Begin to work on a case: alone, by the flow of its right."""

from __future__ import annotations

from contextlib import AbstractContextManager

from rightsflow.cases.app import App
from rightsflow.cases.overview.case_sheet import labels_of
from rightsflow.cases.search.systems import refuse_other_right
from rightsflow.cases.step.leases import alone_on
from rightsflow.domain.request import Right
from rightsflow.store import CaseFile


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
