"""Manual tasks of a case: their kinds, who does them, and their results. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput


class TaskKind(StrEnum):
    """The kind of a task."""

    ERASE = "erase at end of retention"
    """A person erases by hand: the system offers no other way."""
    APPROVE = "approve erasure at end of retention"
    """The follow-up erases once a person has approved that."""
    AUTOMATIC = "erase at end of retention by policy"
    """The follow-up erases, as the controller's written policy says."""
    RETURNED = "approve erasure of what came back"
    """The follow-up erases again once a person has approved that."""
    RELEASED = "approve erasure after a legal hold"
    """The follow-up erases records whose legal hold was released, once a person has approved that."""
    UNDATED = "review what is kept without a date"
    """The follow-up plans anew what is kept until something happens; a person approves what may go, or keeps it on."""
    CHECK = "check what is kept without a date"
    """A person checks and decides, since no program can erase it or it is restricted on request."""
    BLANK = "approve blanking of what no law needs"
    """The follow-up blanks fields of what is kept on once a person has approved that."""
    EARLIER = "approve an earlier end of retention"
    """By today's rules records can go before the day that the letter named; from a person's approval on that counts."""
    LATER = "decide whether records are kept longer"
    """By today's rules records stay longer than the letter named; a person keeps them longer, or corrects the rule."""
    REVIEW = "review legal hold"
    """A person decides whether a legal hold is still needed."""
    LIFT = "lift restriction"
    """The follow-up lifts the restriction of records on its day, once the person has been told (Art. 18(3) GDPR)."""
    OTHER_CASE = "find out whose another case is"
    """A person finds out whether other cases are of the same person; no letter names them."""
    UNREADABLE = "find out why what is kept cannot be read"
    """A kept record is there and cannot be read as the person's any more: a person finds out why."""
    COMPLAINT = "answer a complaint"
    """A person acknowledges a complaint to the controller, looks into it and tells the outcome (s. 164A DPA 2018)."""
    DETAILS = "decide on a change of the person's details"
    """A second person approves or declines that an identifier or an address is added or corrected."""
    MANUAL = "manual step"

    @property
    def is_by_hand(self) -> bool:
        """True if a person does the task at the system."""
        return self in _BY_HAND

    @property
    def needs_approval(self) -> bool:
        """True if the task waits for a person's approval."""
        return self in {
            TaskKind.APPROVE,
            TaskKind.RETURNED,
            TaskKind.RELEASED,
            TaskKind.UNDATED,
            TaskKind.BLANK,
            TaskKind.EARLIER,
        }

    @property
    def is_followed_up(self) -> bool:
        """True if the follow-up does the task on its day, or shows a person what it would do."""
        return not self.is_by_hand and self not in {TaskKind.EARLIER, TaskKind.LATER, TaskKind.DETAILS}

    @property
    def asks(self) -> bool:
        """True if a person reviews the task before anything is erased."""
        return self.is_by_hand or self.needs_approval or self in {TaskKind.LATER, TaskKind.DETAILS}

    @property
    def instead(self) -> str:
        """Instruction to use instead of noting a task of the follow-up as done; empty for a manual task."""
        if self.is_by_hand:
            return ""
        if self is TaskKind.LIFT:
            return "it lifts the restriction on the day, if `rightsflow letter mark-sent` notes the letter in time."
        if self is TaskKind.LATER:
            return "keep its records with `rightsflow case keep-longer`, or correct the rule in rightsflow.toml."
        if self is TaskKind.DETAILS:
            return "approve or decline the change at the desk, on the page about the person."
        if self is TaskKind.BLANK:
            return "approve it with `rightsflow case approve-task`."
        approve = "approve it with `rightsflow case approve-task`, or " if self.needs_approval else ""
        return f"{approve}keep its records with `rightsflow case keep-longer`."

    @property
    def words(self) -> str:
        """Way in which the task is done, for the alerts."""
        if self.is_by_hand:
            return "to be done by hand"
        if self in {TaskKind.LATER, TaskKind.DETAILS}:
            return "to be decided by a person"
        return "to be approved by a person" if self.needs_approval else "to be done by the follow-up"


_BY_HAND: Final = frozenset(
    {
        TaskKind.ERASE,
        TaskKind.CHECK,
        TaskKind.REVIEW,
        TaskKind.OTHER_CASE,
        TaskKind.UNREADABLE,
        TaskKind.COMPLAINT,
        TaskKind.MANUAL,
    }
)


_LONGEST_REASON: Final = 2_000


class TaskEnd(StrEnum):
    """The result of a manual task."""

    DONE = "done"
    """The task was completed; for a check: nothing of its subject is there any more."""
    KEPT = "still needed"
    """For a check: the subject was reviewed, and stays for a reason (Art. 5(2) GDPR)."""
    LEFT = "not done"
    """It was not done, or not all of it, for a reason that the person is told (Art. 12(4) GDPR)."""


def ends_of(kinds: Iterable[TaskKind]) -> list[TaskEnd]:
    """Return the results that tasks can have.

    Args:
        kinds: The kinds of the tasks.
    """
    there = set(kinds)
    impossible = {
        TaskEnd.KEPT: TaskKind.CHECK not in there,
        TaskEnd.LEFT: there == {TaskKind.CHECK},
    }
    return [end for end in TaskEnd if not impossible.get(end)]


_WANTS_A_REASON: Final = {TaskEnd.KEPT: "Art. 5(2) GDPR", TaskEnd.LEFT: "Art. 12(4) GDPR"}
"""Results that need a reason, with the provision."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedEnd:
    """A person's statement on a task.

    Args:
        end: What became of it; ``None`` where they do not say, which is enough only where nothing else can be meant.
        reason: Why it is still needed, or was not done; it may name the person, so that it is encrypted.
        corrected: Of a task to correct by hand that was done in part: the fields that were put right, in words.
    """

    end: TaskEnd | None = None
    reason: str = field(default="", repr=False)
    corrected: tuple[str, ...] = ()


def read_end(end: str, reason: str = "", corrected: str = "") -> StatedEnd:
    """Read a person's statement on a task.

    Args:
        end: ``done``, ``still needed`` or ``not done``; empty where nothing is said.
        reason: Why.
        corrected: The fields that were put right, with commas between them.

    Raises:
        BadInput: The first is none of these, or the reason is too long.
    """
    word, text = " ".join(end.split()).casefold(), " ".join(reason.split())
    task_end = next((item for item in TaskEnd if item == word), None)
    if word and task_end is None:
        raise BadInput("What became of the task is not clear; say done, still needed or not done.")
    if len(text) > _LONGEST_REASON:
        raise BadInput(f"The reason has more than {_LONGEST_REASON:,} characters; say it in fewer.")
    fields = (" ".join(part.split()).casefold() for part in corrected.split(","))
    return StatedEnd(end=task_end, reason=text, corrected=tuple(dict.fromkeys(filter(None, fields))))


def checked_end(stated: StatedEnd, *, is_check: bool, may_be_left: bool, fields: Sequence[str]) -> TaskEnd:
    """Return the result of a task, if the statement is valid for that task.

    Args:
        stated: What a person states of it.
        is_check: Whether it asks to look whether something is still needed.
        may_be_left: Whether it may be left undone by a reason alone.
        fields: The fields that it asks to correct, in words; none of another task.

    Raises:
        BadInput: It cannot be so, or its reason is missing.
    """
    end = stated.end
    if is_check and end not in {TaskEnd.DONE, TaskEnd.KEPT}:
        raise BadInput(
            "Say what the check found: still needed, with the reason, or done, once nothing of it is there any more."
        )
    if end is TaskEnd.KEPT and not is_check:
        raise BadInput("Only what a check is about can be still needed; say done or not done.")
    if end is TaskEnd.LEFT and not may_be_left:
        raise BadInput("This task cannot be left undone for a reason alone; do it, or have its records kept longer.")
    if end in _WANTS_A_REASON and not stated.reason:
        raise BadInput(f"The reason is missing; say why it is {end.value} ({_WANTS_A_REASON[end]}).")
    _refuse_fields(stated.corrected, fields, end)
    return end or TaskEnd.DONE


def _refuse_fields(corrected: Collection[str], fields: Sequence[str], end: TaskEnd | None) -> None:
    if not corrected:
        return
    if not set(corrected) <= set(fields):
        named = f"; it names {', '.join(fields)}" if fields else ", since it names none"
        raise BadInput(f"What was put right is no field of this task{named}.")
    if end is not TaskEnd.LEFT or set(corrected) == set(fields):
        raise BadInput("Name the fields that were put right only where others were not: then the task is not done.")
