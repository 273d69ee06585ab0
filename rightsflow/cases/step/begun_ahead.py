"""Steps that several systems do side by side begin in one transaction, and are taken up in their threads.

Each would else open one of its own to read the same rows. Where that fails, or a step is tried again, it begins by
itself, and its failure is its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from rightsflow.cases.app import App
from rightsflow.cases.step.attempt import Attempt, begin
from rightsflow.cases.step.limits import give_back, most_at_once
from rightsflow.cases.step.starting_points import StartingPoint, leave, put
from rightsflow.domain.errors import RightsflowError


@contextmanager
def begun_together(app: App, case_id: str, points: Sequence[StartingPoint[Any]]) -> Iterator[None]:
    """Begin the same step at several systems, to be done inside of the block.

    Args:
        app: What it works with.
        case_id: The case.
        points: What each begins with.
    """
    trials: list[Attempt[Any]] = []
    if len(points) > 1:
        with suppress(RightsflowError):
            trials = _begin(app, case_id, points)
    for one in trials:
        put(one)
    try:
        yield
    finally:
        for one in trials:
            # No one took it up: the run was stopped in between.
            if leave(one) and one.place is not None:
                give_back(app, one.place)


def _begin(app: App, case_id: str, points: Sequence[StartingPoint[Any]]) -> list[Attempt[Any]]:
    trials = [Attempt[Any](app, case_id, step=one.step, system=one.system) for one in points]
    with app.store.starting_file(case_id) as file:
        for trial, point in zip(trials, points, strict=True):
            begin(trial, file, point.scope)
            if not trial.already_done:
                trial.read, trial.start_undone = point.read(file), None
        # In the order of their names, as every other case does: else two could wait for one another.
        for trial in sorted(trials, key=lambda one: one.system):
            if not trial.already_done:
                trial.place = file.steps.places.join(trial.system, most_at_once(app, trial.system))
    return trials
