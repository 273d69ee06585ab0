"""The steps of a run's case that are begun and not taken up, or ended and not stored.

A step on its own takes two transactions, which lock and read the same rows as those of its neighbours. While a run
works on a case, the results of its steps are stored in the case's next transaction, which also begins the next steps.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Final, Protocol

from rightsflow.cases.app import App
from rightsflow.cases.step.faults import stopping, without_content
from rightsflow.cases.step.limits import give_back, is_waited_for
from rightsflow.domain.errors import RightsflowError, Transient
from rightsflow.domain.events import StepName
from rightsflow.domain.request import Right
from rightsflow.store import CaseFile, Store
from rightsflow.store.coordination.slots import Slot

logger = logging.getLogger(__name__)

HELD_SECONDS: Final = 0.2
"""For how long the end of a step waits for what follows while a step beside it goes on."""


class Begun(Protocol):
    """An attempt at a step, whose start is noted or is noted with its end."""

    step: StepName
    system: str
    place: Slot | None


class HeldStep(Protocol):
    """A step that has done its work."""

    @property
    def place(self) -> Slot | None:
        """Its place before the system."""

    def store(self, file: CaseFile) -> None:
        """Store what it did, and that it is done."""

    def store_alone(self) -> None:
        """The same in a transaction of its own; where that fails, it is the step that failed."""

    def note_stored(self) -> None:
        """Say that it is stored for good."""


class StepsAtHand:
    """The steps of a case on which this process works. Thread-safe.

    Args:
        app: What they work with.
        case_id: The case.
    """

    def __init__(self, app: App, case_id: str) -> None:
        self._app = app
        self._case_id = case_id
        self._lock = threading.Lock()
        self._begun: dict[tuple[StepName, str], Begun] = {}
        self._ended: list[HeldStep] = []
        self.right: Right | None = None
        """The right that the run, and so the case, is about; ``None`` where no run of a right works on it."""

    def put(self, begun: Iterable[Begun]) -> None:
        """Let steps that were begun be taken up.

        Args:
            begun: Their attempts.
        """
        with self._lock:
            self._begun.update({(item.step, item.system): item for item in begun})

    def has(self, step: StepName, system: str) -> bool:
        """Return True if a step was begun and not taken up yet.

        Args:
            step: The step's name.
            system: The system.
        """
        with self._lock:
            return (step, system) in self._begun

    def begun_at(self, step: StepName) -> list[str]:
        """The systems at which a step was begun and not taken up yet, in the order in which they were begun.

        Args:
            step: The step's name.
        """
        with self._lock:
            return [system for name, system in self._begun if name == step]

    def take_up(self, step: StepName, system: str) -> Begun | None:
        """Take up a step that was begun; ``None`` where it was not, or was taken up before.

        Args:
            step: The step's name.
            system: The system.
        """
        with self._lock:
            return self._begun.pop((step, system), None)

    def leave(self, steps: Iterable[tuple[StepName, str]]) -> None:
        """Let steps that were begun not be taken up any more.

        Args:
            steps: Their names, each with its system.
        """
        for step, system in steps:
            left = self.take_up(step, system)
            if left is not None and left.place is not None:
                give_back(self._app, left.place)

    def hold(self, ended: HeldStep) -> bool:
        """Hold what a step did until what follows is stored; returns whether it may wait: not if others wait for it.

        Args:
            ended: The step.
        """
        if ended.place is not None and is_waited_for(ended.place.system):
            return False
        with self._lock:
            self._ended.append(ended)
        return True

    @contextmanager
    def opened(self, file: AbstractContextManager[CaseFile]) -> Iterator[CaseFile]:
        """Open the case file, and store there what has ended.

        Args:
            file: The case file, to be opened.
        """
        ended, is_stored = self._taken(), False
        fault: BaseException | None = None
        try:
            with file as opened:
                try:
                    with opened.ledger.together(), opened.steps.together(), opened.findings.together():
                        for item in ended:
                            item.store(opened)
                except BaseException as error:
                    fault = None if isinstance(error, (Transient, *stopping())) else error
                    raise
                yield opened
            is_stored = True
        except BaseException:
            if fault is None:
                raise
            # One of them cannot be stored, which is that step's failure alone.
            is_stored = True
            _store_each(ended, fault)
        finally:
            if not is_stored:
                self._put_back(ended)
        for entry in ended:
            entry.note_stored()

    def end(self) -> None:
        """Store what has ended, and leave what was not taken up: the work on the case ends."""
        with self._lock:
            left = list(self._begun)
        self.leave(left)
        try:
            self.store()
        except RightsflowError as error:
            # It is done again.
            logger.warning("what steps did could not be stored: %s", error)

    def store(self) -> None:
        """Store what has ended."""
        with self._lock:
            has_ended = bool(self._ended)
        if has_ended:
            with self.opened(self._app.store.case_file(self._case_id)):
                """Nothing else is done there."""

    def _taken(self) -> list[HeldStep]:
        with self._lock:
            taken, self._ended = self._ended, []
        return taken

    def _put_back(self, ended: list[HeldStep]) -> None:
        with self._lock:
            self._ended = ended + self._ended


def _store_each(ended: Iterable[HeldStep], fault: BaseException) -> None:
    """Store each by itself; raises the failure of the first that cannot be stored, or else that of all together."""
    failures: list[RightsflowError] = [without_content(fault, "storing what steps did")]
    for held_step in ended:
        try:
            held_step.store_alone()
        except RightsflowError as error:
            failures.append(error)
    raise failures[1 if len(failures) > 1 else 0] from None


_lock: Final = threading.Lock()
_hands: Final[dict[tuple[Store, str], StepsAtHand]] = {}


def at_hand(app: App, case_id: str) -> StepsAtHand | None:
    """The steps of a case on which this process works; ``None`` where it does not.

    Args:
        app: What it works with.
        case_id: The case.
    """
    with _lock:
        return _hands.get((app.store, case_id))


@contextmanager
def keeping_at_hand(app: App, case_id: str) -> Iterator[StepsAtHand]:
    """Keep the steps of a case at hand inside of the block.

    Args:
        app: What it works with.
        case_id: The case.
    """
    key = app.store, case_id
    with _lock:
        outer, hand = _hands.get(key), StepsAtHand(app, case_id)
        if outer is None:
            _hands[key] = hand
    if outer is not None:
        yield outer
        return
    try:
        yield hand
    finally:
        # First: what ends from now on is stored by itself.
        with _lock:
            del _hands[key]
        hand.end()


def case_file_in_run(app: App, case_id: str, *, starts: bool = False) -> AbstractContextManager[CaseFile]:
    """Open the case file inside a run; what its steps did before is stored in the same transaction.

    Whatever reads a case while a run works on it reads it so: what a step found may not be stored yet.

    Args:
        app: What it works with.
        case_id: The case.
        starts: Whether a step starts there, which need not outlive a power cut.

    Raises:
        BadInput: There is no such case.
        Transient: The database does not answer.
        RightsflowError: What a step did cannot be stored.
    """
    file = app.store.starting_file(case_id) if starts else app.store.case_file(case_id)
    hand = at_hand(app, case_id)
    return file if hand is None else hand.opened(file)


def store_what_ended(app: App, case_id: str) -> None:
    """Store what the steps of a run did, since what follows is not to come soon.

    Args:
        app: What it works with.
        case_id: The case.
    """
    if hand := at_hand(app, case_id):
        hand.store()
