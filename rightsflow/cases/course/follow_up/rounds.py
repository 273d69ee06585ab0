"""One round of the follow-up over all due cases, and the replay of erasures at a restored system (Art. 17(1) GDPR)."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.changed_rules import open_changed
from rightsflow.cases.course.follow_up.lifting import lift_restriction
from rightsflow.cases.course.follow_up.retention import end_retention
from rightsflow.cases.course.follow_up.verification import read_everything, systems_to_read, verify_again
from rightsflow.cases.course.letters.ending_letters import start_cooled
from rightsflow.cases.facts.people import said
from rightsflow.cases.step.faults import in_plain_words, stopping, without_content
from rightsflow.cases.step.leases import alone_on
from rightsflow.cases.work.erasure.legal_hold import note_reviews, open_decisions
from rightsflow.cases.work.erasure.remaining_tasks import note_next_look
from rightsflow.cases.work.erasure.system_jobs import start_after_jobs
from rightsflow.cases.work.rectification.other_cases import start_after_erasures
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput, RightsflowError, Transient
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import CaseTask

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Followed:
    """The result of a round.

    Args:
        cases: How many cases were looked at.
        ended: How many ends of retention were carried out, or found to be later.
        asked: How many wait for a person's approval.
        back: How many records are back that were erased.
        marked: How many restricted records had lost their mark, and bear it again.
        lifted: How many records bore a mark that had been lifted, and bear it no more.
        failed: At how many cases something failed; the next round takes them up.
    """

    cases: int = 0
    ended: int = 0
    asked: int = 0
    back: int = 0
    marked: int = 0
    lifted: int = 0
    failed: int = 0

    @property
    def sentence(self) -> str:
        """The result in words."""
        counts = {
            "cases looked at": self.cases,
            "retentions ended": self.ended,
            "waiting for an approval": self.asked,
            "records back": self.back,
            "restrictions marked again": self.marked,
            "lifted marks taken away again": self.lifted,
            "left to the next round": self.failed,
        }
        summary = ", ".join(f"{what}: {count}" for what, count in counts.items() if count) or "nothing was due"
        return f"{summary[0].upper()}{summary[1:]}."


def follow_up(app: App) -> Followed:
    """Look at every case whose day has come. Cut short at any point, the next round goes on.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    done, after = Followed(), ""
    with in_plain_words("The follow-up"):
        open_decisions(app)
        note_reviews(app)
        open_changed(app)
        app.store.waiting.start_without_processors(app.today)
        start_cooled(app)
        start_after_erasures(app)
        start_after_jobs(app)
        while batch := app.store.work.to_follow_up(app.today, after):
            for case_id in batch:
                _try(app, case_id, done)
            after = batch[-1]
    return done


def _try(app: App, case_id: str, done: Followed) -> None:
    """Follow up one case, unless another run works on it; its fault does not keep the round from others."""
    if app.store.is_worked_on(case_id):
        return
    done.cases += 1
    due = _Due(app)
    try:
        with alone_on(app, case_id, read=due.read) as hold:
            _follow(case_id, due, done)
            with app.store.case_file(case_id) as file:
                note_next_look(file, app)
                hold.give_back(file)
            hold.is_over = True
    except stopping():
        raise
    except BaseException as error:
        if isinstance(error, Transient) and not error.system:
            raise  # The case store does not answer; so it will for no other case.
        done.failed += 1
        logger.warning("%s is left to the next round: %s", case_id, without_content(error, "the follow-up"))


@dataclass(slots=True)
class _Due:
    """The work that is due at a case.

    Args:
        app: What it works with.
        tasks: The tasks whose day has come.
        systems: The systems at which records have to be read again.
    """

    app: App
    tasks: list[CaseTask] = field(default_factory=list)
    systems: list[str] = field(default_factory=list)

    def read(self, file: CaseFile, _hold: object = None) -> None:
        """Read it of the case file."""
        today = self.app.today
        self.tasks = [
            task for task in file.tasks.all() if task.is_open and task.kind.is_followed_up and task.due_on <= today
        ]
        self.systems = systems_to_read(file, self.app)


def _follow(case_id: str, due: _Due, done: Followed) -> None:
    """Do what is due for a case; what fails at one system does not keep the others waiting.

    Raises:
        RightsflowError: Something failed; the rest was done.
    """
    app, failed = due.app, None
    tasks = due.tasks
    for task in tasks:
        try:
            end = lift_restriction if task.kind is TaskKind.LIFT else end_retention
            is_over = end(app, case_id, task)
            done.ended += is_over
            done.asked += not is_over
        except RightsflowError as error:
            failed = error
    if tasks:
        # What ended has other days by now.
        with app.store.case_file(case_id) as file:
            due.read(file)
    for system in due.systems:
        try:
            seen = verify_again(app, case_id, system)
            done.back += seen.back
            done.marked += seen.marked
            done.lifted += seen.lifted
        except RightsflowError as error:
            failed = error
    if failed is not None:
        raise failed


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
            _try_replay(app, case_id, system, who, done)
        after = batch[-1]
    return done


def _try_replay(app: App, case_id: str, system: str, by: str, done: SystemReplay) -> None:
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
        tasks = [task for task in file.tasks.all() if task.is_open and task.kind is TaskKind.RETURNED]
    return next((task for task in tasks if task.system == system), None)
