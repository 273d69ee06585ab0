"""Kinds of tasks in a case, and who does them. Pure."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


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
    """The same for records whose legal hold was released."""
    UNDATED = "review what is kept without a date"
    """The follow-up plans anew what is kept until something happens; a person approves what may go, or keeps it on."""
    CHECK = "check what is kept without a date"
    """The same where no program can erase it, or where it is restricted on request: a person checks and decides."""
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
        return not self.is_by_hand and self not in {TaskKind.EARLIER, TaskKind.LATER}

    @property
    def asks(self) -> bool:
        """True if a person reviews the task before anything is erased."""
        return self.is_by_hand or self.needs_approval or self is TaskKind.LATER

    @property
    def instead(self) -> str:
        """Instruction to use instead of noting a task of the follow-up as done; empty for a manual task."""
        if self.is_by_hand:
            return ""
        if self is TaskKind.LIFT:
            return "it lifts the restriction on the day, if `rightsflow letter mark-sent` notes the letter in time."
        if self is TaskKind.LATER:
            return "keep its records with `rightsflow case keep-longer`, or correct the rule in rightsflow.toml."
        if self is TaskKind.BLANK:
            return "approve it with `rightsflow case approve-task`."
        approve = "approve it with `rightsflow case approve-task`, or " if self.needs_approval else ""
        return f"{approve}keep its records with `rightsflow case keep-longer`."

    @property
    def words(self) -> str:
        """Way in which the task is done, for the alerts."""
        if self.is_by_hand:
            return "to be done by hand"
        if self is TaskKind.LATER:
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
