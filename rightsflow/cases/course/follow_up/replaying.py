"""After a system was restored from its back-up: what had been erased there since is erased again (Art. 17(1) GDPR)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.approving import approve_task
from rightsflow.cases.course.follow_up.retained import end_retention
from rightsflow.cases.course.follow_up.verifying import read_everything
from rightsflow.cases.facts.people import said
from rightsflow.cases.step.faults import stopping, without_content
from rightsflow.cases.step.leases import alone_on
from rightsflow.domain.case.tasks import TaskKind
from rightsflow.domain.errors import BadInput, Transient
from rightsflow.store.case.case_tasks import CaseTask

logger = logging.getLogger(__name__)

_MOST_ROUNDS: Final = 10


@dataclass(slots=True)
class SystemReplay:
    """The result of a replay.

    Args:
        cases: How many cases had records erased at the system.
        back: How many records were back.
        erased: In how many cases they are erased again.
        marked: How many restricted records had lost their mark, which was put back.
        lifted: How many records bore a mark again that had been lifted, which was taken away.
        corrected: How many corrected records had got the wrong value back, and were corrected again.
        asked: How many records may be back or be new ones, or may have lost or got back a mark, so that a person has
            the task of looking at them.
        failed: The cases that have to be replayed once more.
    """

    cases: int = 0
    back: int = 0
    erased: int = 0
    marked: int = 0
    lifted: int = 0
    corrected: int = 0
    asked: int = 0
    failed: list[str] = field(default_factory=list)


def replay_system(app: App, system: str, *, by: str) -> SystemReplay:
    """Read every record that was erased or restricted at a system, erase again what is back, and put marks right.

    A mark that is gone is put back, one that is back though it was lifted is taken away, and what was corrected is
    corrected again where it holds the wrong value. It may be done again at any time.

    A record that a rule keeps by now, or that is another person's by now, stays and is noted, as at the end of a
    retention.

    Args:
        app: What it works with.
        system: The system that was restored.
        by: Who approves that what is back is erased again; of the cases that this person opened a task waits for
            another one (four eyes).

    Raises:
        BadInput: There is no such system.
        Transient: The case store does not answer.
    """
    who, done, after = said(by), SystemReplay(), ""
    if system not in app.connectors:
        raise BadInput(f"There is no such system; use one of {', '.join(sorted(app.connectors))}.")
    while batch := app.store.work.to_replay(system, after):
        for case_id in batch:
            done.cases += 1
            _try(app, case_id, system, who, done)
        after = batch[-1]
    return done


def _try(app: App, case_id: str, system: str, by: str, done: SystemReplay) -> None:
    try:
        with alone_on(app, case_id):
            _replay(app, case_id, system, by, done)
    except stopping():
        raise
    except BaseException as error:
        if isinstance(error, Transient) and not error.system:
            raise  # The case store does not answer; so it will for no other case.
        done.failed.append(case_id)
        logger.warning("%s has to be replayed again: %s", case_id, without_content(error, "the replay"))


def _replay(app: App, case_id: str, system: str, by: str, done: SystemReplay) -> None:
    is_erased = False
    # What was restored more than once lies there more than once, and is seen one after the other.
    for _ in range(_MOST_ROUNDS):
        seen = read_everything(app, case_id, system)
        done.back += seen.back
        done.marked += seen.marked
        done.lifted += seen.lifted
        done.corrected += seen.corrected
        if not _erase_returned(app, case_id, system, by):
            break
        is_erased = True
    done.asked += seen.asked
    done.erased += is_erased


def _erase_returned(app: App, case_id: str, system: str, by: str) -> bool:
    """Erase what is back, if anything is; returns whether it did."""
    task = _returned(app, case_id, system)
    if task is None:
        return False
    if not task.approved_by:
        approve_task(app, case_id, task.number, by=by)
    task = _returned(app, case_id, system)
    return task is not None and end_retention(app, case_id, task)


def _returned(app: App, case_id: str, system: str) -> CaseTask | None:
    with app.store.case_file(case_id) as file:
        found = [task for task in file.tasks.all() if task.is_open and task.kind is TaskKind.RETURNED]
    return next((task for task in found if task.system == system), None)
