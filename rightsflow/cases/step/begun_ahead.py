"""Steps that several systems do side by side begin in one transaction, and are taken up in their threads.

Each would else open one of its own to read the same rows. Where that fails, or a step is tried again, it begins by
itself, and its failure is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from rightsflow.cases.app import App
from rightsflow.cases.step.limits import most_at_once
from rightsflow.cases.step.one_attempt import Attempt, look
from rightsflow.cases.step.starting_points import StartingPoint
from rightsflow.cases.step.steps_at_hand import case_file_in_run, keeping_at_hand
from rightsflow.domain.errors import RightsflowError
from rightsflow.store import CaseFile


@contextmanager
def begun_together(app: App, case_id: str, points: Sequence[StartingPoint[Any]]) -> Iterator[None]:
    """Begin the same step at several systems, to be done inside of the block; but for what was begun before.

    Args:
        app: What it works with.
        case_id: The case.
        points: What each begins with.
    """
    with keeping_at_hand(app, case_id) as hand:
        missing = [point for point in points if not hand.has(point.step, point.system)]
        if len(missing) > 1:
            with suppress(RightsflowError):
                hand.put(_begun(app, case_id, missing))
        try:
            yield
        finally:
            # No one took them up: the run was stopped in between.
            hand.leave((point.step, point.system) for point in points)


def _begun(app: App, case_id: str, points: Sequence[StartingPoint[Any]]) -> list[Attempt[Any]]:
    with case_file_in_run(app, case_id, starts=True) as file:
        return begin_ahead(file, app, points)


def begin_ahead(file: CaseFile, app: App, points: Sequence[StartingPoint[Any]]) -> list[Attempt[Any]]:
    """Begin steps in a transaction that ends something else; they are put at hand once that is stored.

    Args:
        file: The case file, open.
        app: What it works with.
        points: What each begins with.
    """
    trials = [Attempt[Any](app, file.case_id, step=item.step, system=item.system) for item in points]
    calling: list[Attempt[Any]] = []
    for trial, point in zip(trials, points, strict=True):
        look(trial, file, point.scope)
        if trial.already_done:
            continue
        trial.read = point.read(file)
        if point.calls:
            trial.note_start(file)
            trial.start_undone = None
            calling.append(trial)
    if calling:
        places = file.steps.places.join({attempt.system: most_at_once(app, attempt.system) for attempt in calling})
        for trial in calling:
            trial.place = places[trial.system]
    return trials
