"""Runs of a case: one at a time, by the flow of its right, and started again where a run was stopped.

A run reads what it needs of its case where it writes anyway: as it begins, at a gate, with a decision, and as it
ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.course.gates.gates import GateView, arrive
from rightsflow.cases.facts.deadlines.clock import renew_forecast
from rightsflow.cases.facts.overview.case_sheet import labels_of
from rightsflow.cases.facts.overview.overview import CaseOverview, overview
from rightsflow.cases.facts.systems import refuse_other_right
from rightsflow.cases.step.leases import TakenLease, alone_on
from rightsflow.cases.work.access.package import copies_stand
from rightsflow.cases.work.purge import drop_folder, empty_copies
from rightsflow.domain.gates.decisions import Gate, Verdict
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile, Store
from rightsflow.store.coordination.waiting import pause_after

BUSY_PAUSE: Final = timedelta(seconds=15)
"""After which time a case that made room is started again at the earliest."""
_UNNOTED_FAILURES: Final = 6
"""For how many failures counts one outside all steps, which no one counts: eight minutes until the next turn."""
_BEFORE_APPROVAL: Final = frozenset({CaseState.IN_PROGRESS, CaseState.NOTHING_HELD})


class RunEnding(StrEnum):
    """The end of a case's run in Prefect, for which another run is started."""

    CANCELLED = "cancelled in Prefect"
    GONE = "gone from Prefect"


@dataclass(frozen=True, slots=True)
class Arrival:
    """A case that arrived at a gate.

    Args:
        view: Where it stands there.
        seen: The case with all its records, where it is about to be shown to a person; then its lease is given back.
    """

    view: GateView
    seen: CaseOverview | None


@dataclass(frozen=True, slots=True)
class EndedWork:
    """The state in which a run left its case.

    Args:
        ended_as: How the case ended without an answer, withdrawn or stopped; ``None`` where it did not.
        seen: The case with all its records.
    """

    ended_as: CaseState | None
    seen: CaseOverview


@dataclass(frozen=True, slots=True)
class NotedRun:
    """A case whose run is about to be started.

    Args:
        labels: The tags of the run.
        first: Where the case stands at the identity gate, the first one; with all its records where it waits there.
    """

    labels: set[str]
    first: Arrival


def note_run(app: App, case_id: str) -> NotedRun:
    """Note that a case has a run, before that is started: where Prefect loses it, the keeper starts another one.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        file.bulk.note_run()
        view, seen = arrive(file, app, Gate.IDENTITY), None
        if view.is_open:
            file.bulk.rest(file.bulk.turn)
            seen = overview(file, app.present, app.capabilities)
        return NotedRun(labels_of(file, app), Arrival(view, seen))


class CaseAtWork:
    """A case that one run works on; it holds at which gate it is, and where it stands there.

    Args:
        app: What it works with.
        case_id: The case.
        is_shown: Whether a person is about to be shown the case at a gate, so that nothing is done on it until then.
        in_batch: Whether it is worked on as one of a batch, and has no run of its own.
    """

    def __init__(self, app: App, case_id: str, is_shown: Callable[[GateView], bool], *, in_batch: bool = False) -> None:
        self.app = app
        self.case_id = case_id
        self._in_batch = in_batch
        self._turn: datetime | None = None
        self.labels: set[str] = set()
        """The tags of the case's run."""
        self.copies_stand = False
        """True if the released package of an access request was complete as the run began."""
        self._is_shown = is_shown
        self._hold: TakenLease | None = None
        self._arrived: dict[Gate, Arrival] = {}
        self._last: Arrival | None = None

    @property
    def view(self) -> GateView:
        """The case's status when it was read last."""
        if self._last is None:
            raise LookupError(f"{self.case_id} is not worked on")
        return self._last.view

    @property
    def seen(self) -> CaseOverview | None:
        """The case with all its records, where it is about to be shown to a person."""
        return self._last.seen if self._last else None

    def begin(self, file: CaseFile, hold: TakenLease, right: Right) -> None:
        """Read where the case stands, in the transaction in which its lease is taken.

        Args:
            file: The case file, open.
            hold: Its lease.
            right: What the run is for.

        Raises:
            BadInput: The case is about something else.
        """
        refuse_other_right(file, right)
        self._hold, self._turn = hold, file.bulk.turn
        if self._in_batch:
            file.bulk.note_batch()
        self.labels = labels_of(file, self.app)
        if right is Right.ACCESS and file.state is CaseState.EXECUTING:
            self.copies_stand = copies_stand(file, self.app)
        first = self._arrive(file, Gate.IDENTITY)
        self._arrived = {Gate.IDENTITY: first}
        if first.view.verdict is Verdict.CONFIRMED and first.view.state not in _BEFORE_APPROVAL:
            self._arrived[Gate.APPROVAL] = self._arrive(file, Gate.APPROVAL)

    @property
    def is_over(self) -> bool:
        """True if the work has ended already: the case was shown at a gate, and its lease was released with that."""
        return self._hold is not None and self._hold.is_over

    def note_begun(self) -> None:
        """Note that what was read as it began is stored."""
        for arrival in self._arrived.values():
            self._settle(arrival)

    def arrive(self, gate: Gate) -> None:
        """Arrive at a gate; the case is there until it arrives at another one.

        Args:
            gate: The gate.
        """
        # Read as the run began, and nothing was done since that would change it.
        arrival = self._arrived.pop(gate, None)
        if arrival is None:
            with self.app.store.case_file(self.case_id) as file:
                arrival = self._arrive(file, gate)
        self._settle(arrival)

    def end(self, *, has_failed: bool) -> EndedWork:
        """End the work in one transaction: clear up, forecast, and give the lease back.

        Args:
            has_failed: Whether the run failed. Where it made room for others, the keeper starts it again; one of a
                batch gets another turn anyhow, later each time.
        """
        with self.app.store.case_file(self.case_id) as file:
            ended_as = file.state if file.state.ends_unanswered else None
            removed = ended_as is not None and empty_copies(file, self.app)
            if ended_as or not has_failed:
                file.bulk.rest(self._turn)
            elif not file.bulk.wait_again(BUSY_PAUSE) and self._in_batch:
                file.bulk.try_again(pause_after(_failures_in_a_row(file)))
            renew_forecast(file, self.app)
            seen = overview(file, self.app.present, self.app.capabilities)
            self._give_back(file)
        self._note_given_back()
        if removed:
            drop_folder(self.case_id, self.app)
        return EndedWork(ended_as, seen)

    def _arrive(self, file: CaseFile, gate: Gate) -> Arrival:
        view, seen = arrive(file, self.app, gate), None
        if self._is_shown(view):
            seen = overview(file, self.app.present, self.app.capabilities)
            file.bulk.rest(self._turn)
            self._give_back(file)
        return Arrival(view, seen)

    def _settle(self, arrival: Arrival) -> None:
        """Note that the arrival, already read, is stored as well."""
        self._last = arrival
        if arrival.seen is not None:
            self._note_given_back()

    def _give_back(self, file: CaseFile) -> None:
        if self._hold is not None:
            self._hold.give_back(file)

    def _note_given_back(self) -> None:
        if self._hold is not None:
            self._hold.is_over = True


@contextmanager
def working_on(
    app: App,
    case_id: str,
    right: Right,
    *,
    has_run: bool,
    is_shown: Callable[[GateView], bool],
    in_batch: bool = False,
) -> Iterator[CaseAtWork]:
    """Hold the case's lease, until the case is shown at a gate or its run ends.

    Args:
        app: What it works with.
        case_id: The case.
        right: What the flow is for.
        has_run: Whether it is for a run that Prefect keeps; that is noted, so that a lost one is started again.
        is_shown: Whether a person is about to be shown the case at a gate.
        in_batch: Whether it is worked on as one of a batch.

    Raises:
        BadInput: There is no such case, or it is about something else.
        Conflict: Another run works on the case.
    """
    case = CaseAtWork(app, case_id, is_shown, in_batch=in_batch)
    with alone_on(app, case_id, has_run=has_run, read=lambda file, hold: case.begin(file, hold, right)):
        case.note_begun()
        yield case


def _failures_in_a_row(file: CaseFile) -> int:
    """Return the failures in a row of the step that failed most often."""
    failures: Counter[tuple[object, object]] = Counter()
    for entry in file.ledger.told():
        if entry.event in {CaseEvent.STEP_DONE, CaseEvent.STEP_FAILED}:
            step = entry.details["step"], entry.details["system"]
            failures[step] = failures[step] + 1 if entry.event == CaseEvent.STEP_FAILED else 0
    return max(failures.values(), default=0) or _UNNOTED_FAILURES


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
