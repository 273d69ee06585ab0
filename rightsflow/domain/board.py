"""The deadline board: an open case's status, what it waits for, and the time left, in words. Pure.

Nothing here is personal data of a subject.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import counted, time_left


class Group(StrEnum):
    """The board's groups of open cases, in display order."""

    RED = "red"
    AMBER = "amber"
    STANDING = "clock suspended"
    """The person was asked something, and the clock is suspended until they answer."""
    GREEN = "green"


class WaitingFor(StrEnum):
    """The thing that an open case waits for."""

    SYSTEM = "a system that fails"
    PROOF = "the person's proof of identity"
    CLARIFICATION = "the person's answer to what they mean"
    START = "its run to start"
    IDENTITY = "a decision on identity"
    SEARCH = "the search"
    APPROVAL = "approval by another person than the opener"
    NOTHING = "nothing: being carried out"
    SENDING = "its answer to be sent"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCase:
    """An open case as the board shows it.

    Args:
        case_id: Its id.
        right: What was asked for.
        state: Where it stands.
        state_since: Since when (aware).
        received_at: When the request was received (aware).
        due_on: The last day of the law, in the controller's zone; while the clock is suspended, that day without the
            suspension.
        work_to_on: The target date.
        owner: The key of the person or role that answers for it.
        suspended_since: Since when the clock is suspended (aware), or ``None`` while it runs.
        extended: Whether the period was extended.
        at_risk: Whether the forecast passes the target date.
        expected_late_on: The day by which nine in ten such cases are answered, or ``None`` before the first forecast.
        alerts: How many alerts stand that no one has acknowledged.
        acknowledged: Whether the acknowledgement of receipt has gone out.
        failing_since: The steps that fail, such as ``"erase helpdesk"``, each with the instant of its first failure
            since it last went through.
        refused: Those of them that their system refuses.
    """

    case_id: str
    right: Right
    state: CaseState
    state_since: datetime
    received_at: datetime
    due_on: date
    work_to_on: date
    owner: str
    suspended_since: datetime | None = None
    extended: bool = False
    at_risk: bool = False
    expected_late_on: date | None = None
    alerts: int = 0
    acknowledged: bool = False
    failing_since: Mapping[str, datetime] = field(default_factory=dict)
    refused: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Section:
    """A group of the board, cut to a number of cases.

    Args:
        count: How many cases are in the group.
        cases: The first of them, soonest first.
        next_on: The target date of the first case that was cut off, or ``None`` if none was.
    """

    count: int
    cases: tuple[BoardCase, ...]
    next_on: date | None

    @property
    def more(self) -> int:
        """Number of cases that were cut off."""
        return self.count - len(self.cases)


Board = Mapping[Group, Section]
"""All groups in display order, empty ones included."""

HEADINGS = (("case", "right"), ("left", "target date", "due"), ("stage", "waits for"), ("owner", "remarks"))
"""Headings of :meth:`Wording.cells`."""


def waiting(state: CaseState, *, failing: bool, stands: bool) -> WaitingFor:
    """Return the thing that an open case waits for; a failing step comes first, since we have to repair it.

    Args:
        state: Where it stands; one of which an answer is still owed or was given.
        failing: Whether a step fails.
        stands: Whether its clock is suspended.
    """
    if failing:
        return WaitingFor.SYSTEM
    if stands and state in _ASKED:
        return _ASKED[state]
    return _WAITS[state]


_WAITS = {
    CaseState.RECEIVED: WaitingFor.START,
    CaseState.IDENTITY_PENDING: WaitingFor.IDENTITY,
    CaseState.IN_PROGRESS: WaitingFor.SEARCH,
    CaseState.AWAITING_APPROVAL: WaitingFor.APPROVAL,
    CaseState.EXECUTING: WaitingFor.NOTHING,
    CaseState.ANSWERED: WaitingFor.SENDING,
    CaseState.NOTHING_HELD: WaitingFor.SENDING,
    CaseState.REFUSED: WaitingFor.SENDING,
}
_ASKED = {
    CaseState.RECEIVED: WaitingFor.PROOF,
    CaseState.IDENTITY_PENDING: WaitingFor.PROOF,
    CaseState.IN_PROGRESS: WaitingFor.CLARIFICATION,
}
_UNDATED = frozenset({WaitingFor.SEARCH, WaitingFor.NOTHING})


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one day's board.

    Args:
        today: The present day in the controller's zone.
        zone: That zone.
        owner_name: How the owner of a key is shown today.
    """

    today: date
    zone: ZoneInfo
    owner_name: Callable[[str], str]

    def day(self, day: date) -> str:
        """Return a day in short form, with the year only if it is not the present one."""
        return f"{day:%a %d %b}" if day.year == self.today.year else f"{day:%a %d %b %Y}"

    def stage(self, case: BoardCase) -> str:
        """Return the stage of a case."""
        return f"{case.state.value}, extended" if case.extended else case.state.value

    def waits_for(self, case: BoardCase) -> str:
        """Return the thing that a case waits for, and since when."""
        waits = waiting(case.state, failing=bool(case.failing_since), stands=case.suspended_since is not None)
        if waits is WaitingFor.SYSTEM:
            return self._failing(case)
        if waits in _ASKED.values() and case.suspended_since is not None:
            return f"{waits.value}, asked {self._since(case.suspended_since)} (clock suspended)"
        if waits in _UNDATED:
            return waits.value
        return f"{waits.value}, since {self._since(case.state_since)}"

    def time_left(self, case: BoardCase) -> str:
        """Return the time left to the target date, or the delay, or for how long the clock has been suspended."""
        if case.suspended_since is not None:
            days = (self.today - case.suspended_since.astimezone(self.zone).date()).days
            return f"suspended for {counted(days, 'day')}" if days else "suspended since today"
        if self.today > case.due_on:
            return f"overdue by {counted((self.today - case.due_on).days, 'day')}"
        if self.today == case.due_on:
            return "due today"
        return time_left(case.work_to_on, on=self.today)

    def remarks(self, case: BoardCase) -> Iterator[str]:
        """Yield further remarks on a case."""
        if case.alerts:
            yield counted(case.alerts, "alert")
        if case.at_risk:
            until = f": may take until {self.day(case.expected_late_on)}" if case.expected_late_on else ""
            yield f"at risk{until}"
        if not case.acknowledged:
            yield "acknowledgement not sent"

    def cells(self, case: BoardCase) -> tuple[tuple[str, ...], ...]:
        """Return a case as a row; texts that may be stacked where space is short are in one cell."""
        return (
            (case.case_id, case.right.value),
            (self.time_left(case), self.day(case.work_to_on), self.day(case.due_on)),
            (self.stage(case), self.waits_for(case)),
            (self.owner_name(case.owner), "; ".join(self.remarks(case))),
        )

    def more(self, section: Section) -> str:
        """Return the note on the cases cut off a group; empty if there are none."""
        if not section.more:
            return ""
        following = f", next target date {self.day(section.next_on)}" if section.next_on else ""
        return f"… and {section.more:,} more{following}"

    def _failing(self, case: BoardCase) -> str:
        """Name the step that waits longest, a refused one before those that are tried again."""
        first = sorted(case.failing_since.items(), key=lambda item: (item[0] not in case.refused, item[1], item[0]))
        (step, since), others = first[0], len(first) - 1
        word = "refused" if step in case.refused else "failing"
        return f"{step}, {word} since {self._since(since)}" + (f", and {others} more" if others else "")

    def _since(self, instant: datetime) -> str:
        return self.day(instant.astimezone(self.zone).date())


SOON_DAYS = 7
"""From how many days before the target date a case is amber."""


class Light(StrEnum):
    """The urgency of a case."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    CLOSED = "closed"


def light(work_to_on: date, due_on: date, today: date, *, closed: bool, refused: bool = False) -> Light:
    """Return the urgency of a case.

    Args:
        work_to_on: The target date.
        due_on: The last day of the law.
        today: The present day in the controller's time zone.
        closed: Whether it is closed: its answer was sent, or the request was withdrawn.
        refused: Whether a system refuses a step of it, which a person has to decide on: it is never green then.
    """
    if closed:
        return Light.CLOSED
    if today > work_to_on or today >= due_on:
        return Light.RED
    return Light.AMBER if refused or (work_to_on - today).days <= SOON_DAYS else Light.GREEN


STATUS_LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        Light.RED: "Urgent",
        Light.AMBER: "Due soon",
        Group.STANDING: "Clock suspended",
        Light.GREEN: "In time",
        Light.CLOSED: "Closed",
    }
)
"""The labels of a case's status, by its light or its group on the board; the one set for every page and sheet."""
OVERDUE: Final = "Overdue"


def status_label(shown: Light, due_on: date, today: date) -> str:
    """Return the label of a case's status; *Overdue* once the last day of the law has passed.

    Args:
        shown: The case's light.
        due_on: The last day of the law.
        today: The present day in the controller's zone.
    """
    return OVERDUE if shown is Light.RED and today > due_on else STATUS_LABELS[shown]
