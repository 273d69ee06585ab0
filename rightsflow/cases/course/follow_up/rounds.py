"""One round of the follow-up over all answered erasures whose day has come."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.changed_rules import open_changed
from rightsflow.cases.course.follow_up.lifting import lift_restriction
from rightsflow.cases.course.follow_up.retained import end_retention
from rightsflow.cases.course.follow_up.verifying import systems_to_read, verify_again
from rightsflow.cases.course.letters.cooling_off import start_cooled
from rightsflow.cases.step.faults import in_plain_words, stopping, without_content
from rightsflow.cases.step.leases import alone_on
from rightsflow.cases.work.erasure.legal_hold import note_reviews, open_decisions
from rightsflow.cases.work.erasure.schedule import note_next_look
from rightsflow.cases.work.rectification.beside_erasure import start_after_erasures
from rightsflow.domain.case.tasks import TaskKind
from rightsflow.domain.errors import RightsflowError, Transient
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
        """The same in words."""
        counts = {
            "cases looked at": self.cases,
            "retentions ended": self.ended,
            "waiting for an approval": self.asked,
            "records back": self.back,
            "restrictions marked again": self.marked,
            "lifted marks taken away again": self.lifted,
            "left to the next round": self.failed,
        }
        said = ", ".join(f"{what}: {count}" for what, count in counts.items() if count) or "nothing was due"
        return f"{said[0].upper()}{said[1:]}."


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
