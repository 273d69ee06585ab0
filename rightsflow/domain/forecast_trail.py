"""The way a case has gone, read from its ledger and its steps: how long each part took, and what is still ahead.

The parts of a closed case follow on one another without a gap, so that together they last as long as the case did. A
step counts from where its stage began to where it was done at last: a step that failed and went through days later
took those days.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from types import MappingProxyType

from rightsflow.domain.forecast import Ahead, Course, Duration, Part
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import STATE_AFTER, CaseState

_STATES: Mapping[str, CaseState] = {CaseEvent.CASE_OPENED: CaseState.RECEIVED, **STATE_AFTER}
_AT_IDENTITY = frozenset({CaseState.RECEIVED, CaseState.IDENTITY_PENDING})
_AT_WORK = frozenset({CaseState.IN_PROGRESS})
_AT_APPROVAL = frozenset({CaseState.AWAITING_APPROVAL})
_CARRYING_OUT = frozenset({CaseState.EXECUTING})

# The steps at one system that a part consists of, the last one last; a right without a line does nothing there.
_STEPS: dict[tuple[Right, Part], tuple[str, ...]] = {
    (Right.ACCESS, Part.SEARCH): (StepName.LOCATE,),
    (Right.ACCESS, Part.PREPARATION): (StepName.EXTRACT, StepName.REDACT),
    **{(right, Part.SEARCH): (StepName.LOCATE,) for right in Right if right.has_plan},
    **{(right, Part.EXECUTION): (StepName.ERASE, StepName.VERIFY) for right in Right if right.has_plan},
}


@dataclass(frozen=True, slots=True)
class StepTrail:
    """The record of a step at a system.

    Args:
        step: Its name, for example ``"locate"``.
        system: The system; empty for what is done once per case.
        done_at: When it was done (aware), or ``None`` while it is not.
        holds: Whether the system turned out to hold something; only the search says so.
    """

    step: str
    system: str
    done_at: datetime | None
    holds: bool = False


@dataclass(frozen=True, slots=True)
class Trail:
    """The way a case has gone.

    Args:
        right: What was asked for.
        moves: The states it entered, and when (aware), oldest first.
        steps: Its steps.
    """

    right: Right
    moves: tuple[tuple[CaseState, datetime], ...]
    steps: tuple[StepTrail, ...]

    @classmethod
    def of(cls, right: Right, events: Iterable[tuple[str, datetime]], steps: Iterable[StepTrail]) -> Trail:
        """Return the trail that a case's ledger shows.

        Args:
            right: What was asked for.
            events: The ledger's events with their instants, oldest first; those that move no state do not matter.
            steps: The case's steps.
        """
        moves = tuple((_STATES[event], at) for event, at in events if event in _STATES)
        return cls(right, moves, tuple(steps))

    @property
    def state(self) -> CaseState:
        """Present state of the case."""
        return self.moves[-1][0]

    def spent(self, states: frozenset[CaseState], until: datetime) -> timedelta:
        """Return the time that the case spent in these states up to an instant, over all its stays."""
        total = timedelta(0)
        ends = [at for _, at in self.moves[1:]] + [until]
        for (state, at), end in zip(self.moves, ends, strict=True):
            if state in states:
                total += max(min(end, until) - at, timedelta(0))
        return total

    def is_past(self, states: frozenset[CaseState]) -> bool:
        """Return whether the work of these states was finished; a case withdrawn or stopped there left it unfinished.

        A refusal is the decision that a gate waits for, and finishes nothing else.
        """
        if self.state in states or not any(state in states for state, _ in self.moves):
            return False
        if self.state is not CaseState.REFUSED and not self.state.ends_unanswered:
            return True
        refused_at_gate = self.state is CaseState.REFUSED and states in (_AT_IDENTITY, _AT_APPROVAL)
        return refused_at_gate or self.moves[-2][0] not in states

    def done_at(self, part: Part, system: str) -> datetime | None:
        """Return when a part was done at a system, or ``None`` while a step of it is not."""
        ends = {item.step: item.done_at for item in self.steps if item.system == system}
        done = [ends.get(step) for step in _STEPS[self.right, part]]
        return max((at for at in done if at), default=None) if all(done) else None

    def systems(self, part: Part) -> list[str]:
        """Return the systems at which a part was begun."""
        names = _STEPS.get((self.right, part), ())
        return sorted({step.system for step in self.steps if step.step in names})

    def holding(self) -> list[str]:
        """Return the systems in which the search found records."""
        return sorted({step.system for step in self.steps if step.holds})


def measure(trail: Trail, closed_at: datetime) -> Iterator[Duration]:
    """Measure the duration of each part that a closed case went through.

    Args:
        trail: The case's way to its end.
        closed_at: When its answer went out, or the request was withdrawn (aware).
    """
    sending = closed_at - trail.moves[-1][1]
    for duration in _measure_course(trail):
        yield (
            replace(duration, seconds=duration.seconds + sending.total_seconds())
            if duration.part is Part.ANSWER
            else duration
        )
    if trail.state is CaseState.REFUSED:
        yield _duration(Part.ANSWER, sending)


def _measure_course(trail: Trail) -> Iterator[Duration]:
    """Measure the duration of each part until the case was settled."""
    end = trail.moves[-1][1]
    if trail.is_past(_AT_IDENTITY):
        yield _duration(Part.IDENTITY, trail.spent(_AT_IDENTITY, end))
    if trail.is_past(_AT_WORK):
        yield from _measure_work(trail, end)
    if trail.is_past(_AT_APPROVAL):
        yield _duration(Part.APPROVAL, trail.spent(_AT_APPROVAL, end))
    if trail.is_past(_CARRYING_OUT):
        yield from _measure_stage(trail, Part.EXECUTION, Part.ANSWER, _Stage(_CARRYING_OUT, timedelta(0), end))


def _measure_work(trail: Trail, end: datetime) -> Iterator[Duration]:
    """Measure the search and the next part: the preparation, or the answer that nothing is held without a decision."""
    searched = _lasts(trail, Part.SEARCH, _AT_WORK)
    for system, lasted in searched.items():
        yield _duration(Part.SEARCH, lasted, system)
    begun = max(searched.values(), default=timedelta(0))
    if trail.state is CaseState.NOTHING_HELD and not trail.is_past(_AT_APPROVAL):
        yield _duration(Part.ANSWER, trail.spent(_AT_WORK, end) - begun)
    else:
        yield from _measure_stage(trail, Part.PREPARATION, Part.PREPARATION, _Stage(_AT_WORK, begun, end))


@dataclass(frozen=True, slots=True)
class _Stage:
    """A stretch of a state: from so far into it to its end."""

    states: frozenset[CaseState]
    begun: timedelta
    end: datetime


def _measure_stage(trail: Trail, beside: Part, after: Part, stage: _Stage) -> Iterator[Duration]:
    """Measure the work done at each system in parallel, and the work done once after the slowest of them."""
    lasts = _lasts(trail, beside, stage.states)
    for system, lasted in lasts.items():
        yield _duration(beside, lasted - stage.begun, system)
    slowest = max(lasts.values(), default=stage.begun)
    yield _duration(after, trail.spent(stage.states, stage.end) - slowest)


def _lasts(trail: Trail, part: Part, states: frozenset[CaseState]) -> dict[str, timedelta]:
    """Return the time spent in these states until the part was done, by system."""
    ends = {system: trail.done_at(part, system) for system in trail.systems(part)}
    return {system: trail.spent(states, at) for system, at in ends.items() if at}


def _duration(part: Part, lasted: timedelta, system: str = "") -> Duration:
    # Two processes' clocks may differ by a moment.
    return Duration(part, system, max(lasted.total_seconds(), 0.0))


def parts_ahead(
    trail: Trail, now: datetime, systems: Sequence[str], processors: Mapping[str, timedelta] = MappingProxyType({})
) -> Course:
    """Return the remaining course of an open case, the present part first.

    Which systems hold something shows only when the search is done; until then all are reckoned with.

    Args:
        trail: The way it has gone so far.
        now: The present instant (aware).
        systems: The systems that are searched.
        processors: Those whose answer is outstanding and waited for, each with how long it has been.
    """
    waiting = tuple(Ahead(Part.PROCESSOR, text, lasted) for text, lasted in processors.items())
    view = _View(trail, now, tuple(systems), waiting)
    if trail.state in _AT_IDENTITY:
        return ((Ahead(Part.IDENTITY, lasted=trail.spent(_AT_IDENTITY, now)),), *view.from_search())
    if trail.state in _AT_WORK:
        return view.at_work()
    if trail.state in _AT_APPROVAL:
        return view.from_approval(trail.holding(), trail.spent(_AT_APPROVAL, now))
    return view.sending() if trail.state.is_settled else view.carrying_out()


@dataclass(frozen=True, slots=True)
class _View:
    """An open case at an instant."""

    trail: Trail
    now: datetime
    every_system: tuple[str, ...]
    waiting: tuple[Ahead, ...]

    def from_search(self) -> Course:
        """Yield the search and everything after it."""
        return (
            tuple(Ahead(Part.SEARCH, system) for system in self.every_system),
            *self.from_preparation(self.every_system),
        )

    def from_preparation(self, systems: Sequence[str]) -> Course:
        """Yield the preparation and everything after it."""
        copying = self._copying(systems, timedelta(0))
        return (*filter(None, (copying,)), (Ahead(Part.PREPARATION),), *self.from_approval(systems, timedelta(0)))

    def from_approval(self, systems: Sequence[str], lasted: timedelta) -> Course:
        """Yield the approval gate, with the time that the case has been there, and everything after it."""
        carried_out = self._execution(systems, timedelta(0))
        return ((Ahead(Part.APPROVAL, lasted=lasted),), *filter(None, (carried_out,)), (Ahead(Part.ANSWER),))

    def at_work(self) -> Course:
        """Return the remaining course while the systems are searched or the answer is prepared."""
        trail = self.trail
        worked = trail.spent(_AT_WORK, self.now)
        searching = [text for text in self.every_system if trail.done_at(Part.SEARCH, text) is None]
        if searching:
            search = tuple(Ahead(Part.SEARCH, system, worked) for system in searching)
            return (search, *self.from_preparation(self.every_system))
        searched = max(_lasts(trail, Part.SEARCH, _AT_WORK).values(), default=timedelta(0))
        if not trail.holding():
            return (*filter(None, (self._copying((), timedelta(0)),)), *self.from_approval((), timedelta(0)))
        return self._preparing(worked, searched)

    def _preparing(self, worked: timedelta, searched: timedelta) -> Course:
        trail = self.trail
        systems = trail.systems(Part.PREPARATION) or trail.holding()
        waiting = [system for system in systems if self._is_open(Part.PREPARATION, system)]
        copying = self._copying(waiting, _at_least_nothing(worked - searched))
        if copying:
            return (copying, (Ahead(Part.PREPARATION),), *self.from_approval(trail.holding(), timedelta(0)))
        begun = max(_lasts(trail, Part.PREPARATION, _AT_WORK).values(), default=searched)
        last = Ahead(Part.PREPARATION, lasted=_at_least_nothing(worked - begun))
        return ((last,), *self.from_approval(trail.holding(), timedelta(0)))

    def carrying_out(self) -> Course:
        """Return the remaining course after the approval."""
        trail = self.trail
        spent = trail.spent(_CARRYING_OUT, self.now)
        systems = trail.systems(Part.EXECUTION) or trail.holding()
        stage = self._execution([system for system in systems if self._is_open(Part.EXECUTION, system)], spent)
        if stage:
            return (stage, (Ahead(Part.ANSWER),))
        begun = max(_lasts(trail, Part.EXECUTION, _CARRYING_OUT).values(), default=timedelta(0))
        return ((Ahead(Part.ANSWER, lasted=_at_least_nothing(spent - begun)),),)

    def sending(self) -> Course:
        """Return the remaining course once the case is settled: writing and sending the answer."""
        written = sum(duration.seconds for duration in _measure_course(self.trail) if duration.part is Part.ANSWER)
        since = self.now - self.trail.moves[-1][1]
        return ((Ahead(Part.ANSWER, lasted=_at_least_nothing(since + timedelta(seconds=written))),),)

    def _copying(self, systems: Sequence[str], lasted: timedelta) -> tuple[Ahead, ...]:
        """Return the copying, in parallel with the wait for processors that hand over data."""
        waiting = self.waiting if self.trail.right is Right.ACCESS else ()
        return self._beside(Part.PREPARATION, systems, lasted) + waiting

    def _execution(self, systems: Sequence[str], lasted: timedelta) -> tuple[Ahead, ...]:
        """Return the erasure, in parallel with the wait for proof by processors."""
        waiting = self.waiting if self.trail.right.has_plan else ()
        return self._beside(Part.EXECUTION, systems, lasted) + waiting

    def _beside(self, part: Part, systems: Sequence[str], lasted: timedelta) -> tuple[Ahead, ...]:
        if (self.trail.right, part) not in _STEPS:
            return ()
        return tuple(Ahead(part, system, lasted) for system in systems)

    def _is_open(self, part: Part, system: str) -> bool:
        return (self.trail.right, part) in _STEPS and self.trail.done_at(part, system) is None


def _at_least_nothing(lasted: timedelta) -> timedelta:
    return max(lasted, timedelta(0))
