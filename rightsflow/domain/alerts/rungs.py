"""The rungs of one case: the rungs due by now, and the time of the next one.

A rung is known by its kind and key, so that it is raised once whatever happens; the key names what it counts to, so
that the rungs of a new date are new rungs. Time is an argument.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from rightsflow.domain.alerts.ladder import Audience, Calendar, Ladder, RungKind, WatchedCase, WatchedInstruction
from rightsflow.domain.deadlines.explain import words
from rightsflow.domain.deadlines.working_days import DAY, add_working_days
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.letter_ids import AFTER_THE_ANSWER, ANSWERS, kind_of_letter
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import time_left

DEADLINE_LINE = frozenset({RungKind.DUE_SOON, RungKind.TARGET_MISSED, RungKind.OVERDUE})
"""The kinds that follow on one another, so that a later rung takes the place of an earlier one."""

_OF_THE_FIRST_MONTH = frozenset({RungKind.EXTENSION_NOTICE_DUE, RungKind.REFUSAL_DUE})
_GATES = {
    CaseState.RECEIVED: "its run has not reached the identity check",
    CaseState.IDENTITY_PENDING: "the person's identity is not decided",
    CaseState.AWAITING_APPROVAL: "the approval gate is not decided",
}
_BEFORE_APPROVAL = frozenset({CaseState.RECEIVED, CaseState.IDENTITY_PENDING, CaseState.IN_PROGRESS})
_ANSWER_OVERDUE_DAYS = 30
"""Days to wait for a person's answer. Before that a reminder (L14) is due, with an alert where it is not sent."""


@dataclass(frozen=True, slots=True)
class Rung:
    """An alert that is due to its recipients.

    Args:
        at: From when on (aware).
        kind: What it is about.
        key: What tells it from the others of its kind.
        about_on: The date it is about.
        tell: Who is told.
        text: What they are told: one sentence without personal data of the subject.
        person: The key of a person or role who is told besides; empty for none.
    """

    at: datetime
    kind: RungKind
    key: str
    about_on: date
    tell: tuple[Audience, ...]
    text: str
    person: str = ""

    @property
    def told(self) -> set[str]:
        """Recipients of the alert: roles, and the keys of persons."""
        return {role.value for role in self.tell} | ({self.person} if self.person else set())


@dataclass(frozen=True, slots=True)
class WatchLook:
    """The result of a look at a case.

    Args:
        due: All rungs that are due by now, in order.
        next_at: When the next one is (aware), or ``None`` if none is foreseen.
    """

    due: tuple[Rung, ...]
    next_at: datetime | None

    @property
    def standing(self) -> tuple[Rung, ...]:
        """Alerts that still apply: of the deadline's, and of each task's, the last only."""
        line = [rung for rung in self.due if rung.kind in DEADLINE_LINE]
        overdue = {rung.key for rung in self.due if rung.kind is RungKind.TASK_OVERDUE}
        return tuple(
            rung
            for rung in self.due
            if (rung.kind not in DEADLINE_LINE or rung is line[-1])
            and not (rung.kind is RungKind.TASK_DUE and rung.key in overdue)
        )


def look(case: WatchedCase, now: datetime, ladder: Ladder, calendar: Calendar) -> WatchLook:
    """Determine the due alerts of a case, and when to check it next.

    Args:
        case: The case; of one whose answer has gone out nothing is due but its tasks by hand.
        now: The present instant (aware).
        ladder: The rungs.
        calendar: The controller's days.
    """
    view = _View(case, now, ladder, calendar)
    sources = _ONCE_SETTLED if case.state.is_settled else _SOURCES
    if case.closed:
        sources = _ONCE_CLOSED
    rungs = sorted((rung for source in sources for rung in source(view)), key=lambda rung: rung.at)
    instants = [rung.at for rung in rungs]
    if any(rung.kind in _OF_THE_FIRST_MONTH for rung in rungs):
        # When the first month is over, with or without the suspension, what was said of its last day says nothing more.
        instants += [view.begin(day + DAY) for day in (case.no_pause_due_on, case.notice_due_on) if day]
    later = [instant for instant in instants if instant > now]
    return WatchLook(tuple(rung for rung in rungs if rung.at <= now), min(later, default=None))


@dataclass(frozen=True, slots=True)
class _View:
    case: WatchedCase
    now: datetime
    ladder: Ladder
    calendar: Calendar

    @property
    def today(self) -> date:
        """The present day in the controller's zone."""
        return self.now.astimezone(self.calendar.zone).date()

    def begin(self, day: date) -> datetime:
        """Return the instant at which a day begins there."""
        return datetime.combine(day, time.min, self.calendar.zone).astimezone(UTC)

    def day(self, instant: datetime) -> date:
        """Return the day of an instant there."""
        return instant.astimezone(self.calendar.zone).date()

    def after_working_days(self, instant: datetime, count: int) -> date:
        """Return the day after so many whole working days."""
        return add_working_days(self.day(instant), count, self.calendar.place) + DAY

    @property
    def last_day(self) -> str:
        """The law's last day in words."""
        word = "without the suspension the law's last day is" if self.case.suspended_since else "the law's last day is"
        return f"{word} {words(self.case.due_on)}"


def _due_soon(view: _View) -> Iterator[Rung]:
    case = view.case
    for step in view.ladder.due_soon:
        # With the day that it counts from: the text is read on later days too, when the pages count fewer.
        since = case.work_to_on - timedelta(days=step.days)
        left = f"{time_left(case.work_to_on, on=since)} on {words(since)}"
        text = f"To be answered by {words(case.work_to_on)} ({left}); {view.last_day}."
        at = view.begin(since)
        key = f"{step.days}/{case.work_to_on}"
        yield Rung(at, RungKind.DUE_SOON, key, case.work_to_on, step.tell, text)


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"


def _missed(view: _View) -> Iterator[Rung]:
    """Yield the daily alerts after the target date. A suspended clock misses nothing."""
    case = view.case
    if case.suspended_since:
        return
    for day in dict.fromkeys((max(view.today, case.work_to_on + DAY), max(view.today, case.work_to_on) + DAY)):
        if day > case.due_on:
            count = (day - case.due_on).days
            text = f"The law's last day, {words(case.due_on)}, passed {_days(count)} ago."
            yield Rung(view.begin(day), RungKind.OVERDUE, str(day), case.due_on, view.ladder.missed, text)
        else:
            text = f"The target date, {words(case.work_to_on)}, has passed; {view.last_day}."
            yield Rung(view.begin(day), RungKind.TARGET_MISSED, str(day), case.work_to_on, view.ladder.missed, text)


def _at_risk(view: _View) -> Iterator[Rung]:
    case = view.case
    if case.at_risk:
        text = f"By the forecast it may not be answered by the target date, {words(case.work_to_on)}."
        yield Rung(case.opened_at, RungKind.AT_RISK, str(case.work_to_on), case.work_to_on, view.ladder.at_risk, text)


def _extension_notice(view: _View) -> Iterator[Rung]:
    """Art. 12(3) GDPR: the notice has to go out inside the first month, or nothing is extended.

    It is counted to the month without the suspension, which may be held unjustified.
    """
    case, days = view.case, timedelta(days=view.ladder.extension_notice_days)
    if case.extended or case.notice_due_on is None or view.today > case.notice_due_on:
        return
    if case.at_risk or case.state in _BEFORE_APPROVAL:
        safe_on = min(case.work_to_on, case.no_pause_due_on or case.work_to_on)
        latest = f", at the latest by {words(case.notice_due_on)}" if case.notice_due_on > safe_on else ""
        text = f"If it takes longer, the notice of extension has to go out by {words(safe_on)}{latest}."
        key, tell = str(case.notice_due_on), view.ladder.extension_notice
        yield Rung(view.begin(safe_on - days), RungKind.EXTENSION_NOTICE_DUE, key, case.notice_due_on, tell, text)


def _refusal(view: _View) -> Iterator[Rung]:
    """Art. 12(4) GDPR: a refusal, also of a part, has to go out inside the first month, extended or not."""
    case, days = view.case, timedelta(days=view.ladder.extension_notice_days)
    if not case.extended or case.notice_due_on is None or view.today > case.notice_due_on:
        return
    # The month without the suspension may be over by now: then the one with it is what can still be kept.
    plain_on = case.no_pause_due_on
    last_on = min(case.notice_due_on, plain_on) if plain_on and plain_on >= view.today else case.notice_due_on
    text = f"The period is extended, but a refusal, also of a part, has to go out by {words(last_on)}."
    at, tell = view.begin(last_on - days), view.ladder.extension_notice
    yield Rung(at, RungKind.REFUSAL_DUE, str(last_on), last_on, tell, text)


def _gate(view: _View) -> Iterator[Rung]:
    case = view.case
    if case.state not in _GATES or (case.suspended_since and case.state is not CaseState.AWAITING_APPROVAL):
        return
    since = view.day(case.state_since)
    at = view.begin(view.after_working_days(case.state_since, view.ladder.gate_working_days))
    text = f"It waits since {words(since)}: {_GATES[case.state]}."
    key = f"{case.state.value}/{case.state_since.isoformat(timespec='seconds')}"
    yield Rung(at, RungKind.GATE_WAITING, key, since, view.ladder.gate, text)


def _answer(view: _View) -> Iterator[Rung]:
    """Yield the alert for a question that the person has not answered."""
    since = view.case.suspended_since
    if since is None:
        return
    asked_on, days = view.day(since), _ANSWER_OVERDUE_DAYS
    asked = f"The person was asked on {words(asked_on)} and has not answered"
    text, at = f"{asked}; decide whether to close the case or to go on.", view.begin(asked_on + days * DAY)
    yield Rung(at, RungKind.GATE_WAITING, f"answer/{asked_on}/{days}", asked_on, view.ladder.gate, text)


def _acknowledgement(view: _View) -> Iterator[Rung]:
    case = view.case
    if not case.acknowledged:
        opened_on = view.day(case.opened_at)
        at = view.begin(view.after_working_days(case.opened_at, view.ladder.acknowledgement_working_days))
        text = f"It was opened on {words(opened_on)}, and its acknowledgement has not gone out."
        yield Rung(at, RungKind.ACKNOWLEDGEMENT_MISSING, str(opened_on), opened_on, view.ladder.acknowledgement, text)


def _letters(view: _View) -> Iterator[Rung]:
    for letter, written_at in view.case.unsent_since.items():
        case, kind = view.case, kind_of_letter(letter)
        of_use = AFTER_THE_ANSWER if case.closed else ANSWERS | AFTER_THE_ANSWER
        if (case.closed or case.state.is_settled) and kind not in of_use:
            continue  # A question or a notice is of no use any more.
        written_on = view.day(written_at)
        text = f"The letter {letter} was written on {words(written_on)} and is not noted as sent."
        at = view.begin(view.after_working_days(written_at, view.ladder.letter_working_days))
        yield Rung(at, RungKind.LETTER_UNSENT, f"{letter}/{written_on}", written_on, view.ladder.letter, text)


def _steps(view: _View) -> Iterator[Rung]:
    for step, since in view.case.failing_since.items():
        since_on, at = view.day(since), since + timedelta(hours=view.ladder.step_hours)
        text = f"The step {step} has been failing since {words(since_on)}."
        if step in view.case.refused:
            # It is not tried again by itself, so that nothing is waited for.
            text, at = f"The step {step} was refused by its system on {words(since_on)}; decide what follows.", since
        key = f"{step}/{since.isoformat(timespec='seconds')}"
        yield Rung(at, RungKind.STEP_FAILING, key, since_on, view.ladder.step, text)


def _tasks(view: _View) -> Iterator[Rung]:
    """Yield a task's alerts: to its owner on the due day if a person has to act, then to further roles as well."""
    for task in view.case.tasks:
        named = f"Task {task.number} at {task.system}, {task.words}"
        key = f"{task.number}/{task.due_on}/{task.owner}"
        due = f"{named}, is due on {words(task.due_on)}."
        if task.waits_for_person:
            yield Rung(view.begin(task.due_on), RungKind.TASK_DUE, key, task.due_on, (), due, task.owner)
        over = f"{named}, was due on {words(task.due_on)} and is not noted as done."
        at, tell = view.begin(task.due_on + DAY), view.ladder.task
        yield Rung(at, RungKind.TASK_OVERDUE, key, task.due_on, tell, over, task.owner)


def _instructions(view: _View) -> Iterator[Rung]:
    """Yield the alerts for proof that is still owed, and for late answers."""
    for instruction in view.case.instructions:
        if instruction.late_at and view.now < instruction.late_at + _NEWS:
            text = f"{instruction.called}: it has answered after its day; see what follows from that."
            kind, about_on = RungKind.PROCESSOR_ANSWERED_LATE, view.day(instruction.late_at)
            yield Rung(
                instruction.late_at,
                kind,
                _instant_key(instruction, instruction.late_at),
                about_on,
                view.ladder.processor,
                text,
            )
        if instruction.is_open:
            yield from _open_instruction(view, instruction)


def _open_instruction(view: _View, instruction: WatchedInstruction) -> Iterator[Rung]:
    ladder = view.ladder
    named, due = instruction.called, words(instruction.due_on)
    asked_on, key = view.day(instruction.asked_at), f"{instruction.number}/{instruction.due_on}"
    if not instruction.is_sent:
        at = view.begin(view.after_working_days(instruction.asked_at, ladder.letter_working_days))
        text = f"{named} was written on {words(asked_on)} and is not noted as sent."
        yield Rung(at, RungKind.INSTRUCTION_UNSENT, key, asked_on, ladder.processor, text)
    if instruction.is_notice:
        return
    if instruction.questioned_at:
        text = f"{named}: its answer has to be checked; it proves nothing until then."
        about_on, kind = view.day(instruction.questioned_at), RungKind.PROCESSOR_ANSWER_DOUBTFUL
        yield Rung(
            instruction.questioned_at,
            kind,
            _instant_key(instruction, instruction.questioned_at),
            about_on,
            ladder.processor,
            text,
        )
    elif view.today <= instruction.due_on:
        at = view.begin(instruction.due_on - ladder.processor_days * DAY)
        text = f"{named} has to be proved by {due}; remind it."
        yield Rung(at, RungKind.PROCESSOR_DUE, key, instruction.due_on, ladder.processor, text)
    for week in _weeks_after(instruction.due_on, view.today):
        text = f"{named} had to be proved by {due} and is not; {_REMIND if not week else _ESCALATE}."
        at, kind = view.begin(instruction.due_on + (1 + 7 * week) * DAY), RungKind.PROCESSOR_OVERDUE
        yield Rung(at, kind, f"{key}/{week}", instruction.due_on, ladder.processor_overdue, text)


def _instant_key(instruction: WatchedInstruction, at: datetime) -> str:
    return f"{instruction.number}/{at.isoformat(timespec='seconds')}"


_NEWS = timedelta(days=14)
"""Time during which a late answer is reported."""
_REMIND = "remind it"
_ESCALATE = "write to its management (`rightsflow processors list` names the contact)"


def _weeks_after(due_on: date, today: date) -> tuple[int, int]:
    """Yield the whole weeks since a day had passed, this one and the next."""
    week = max(0, (today - due_on).days - 1) // 7
    return (week, week + 1)


def _follow_up_steps(view: _View) -> Iterator[Rung]:
    """Yield the alerts for failed steps of the follow-up; a closed case has no other steps."""
    for rung in _steps(view):
        if any(rung.key.startswith(step) for step in StepName if step.is_follow_up):
            yield rung


_SOURCES: tuple[Callable[[_View], Iterator[Rung]], ...] = (
    _at_risk,
    _due_soon,
    _missed,
    _extension_notice,
    _refusal,
    _gate,
    _answer,
    _acknowledgement,
    _letters,
    _steps,
    _tasks,
    _instructions,
)
_ONCE_SETTLED = (_at_risk, _due_soon, _missed, _refusal, _letters, _steps, _tasks, _instructions)
"""Alerts that apply until the answer is marked as sent."""
_ONCE_CLOSED = (_tasks, _instructions, _letters, _follow_up_steps)
"""Alerts that apply after the answer: the letter promised the work."""
