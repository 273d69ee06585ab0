"""Notices of new work: which item concerns whom, and when a person is told. Pure; no personal data of subjects."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from rightsflow.domain.accounts import Permission
from rightsflow.domain.people import same_person

DIGEST_AT: Final = time(8)
"""From when on a day's digest goes out, in the controller's zone."""
MOST_LINES: Final = 50
"""The largest number of items that one mail lists."""


class WorkKind(StrEnum):
    """The reason that an item of work is new."""

    REQUEST = "New request"
    HANDOVER = "Handed over"
    APPROVAL = "Waiting for approval"
    ANSWER = "Answer arrived"
    TO_DO = "To do"
    """Any other work that waits for a person (:mod:`rightsflow.domain.work_list`)."""


class NoticeChoice(StrEnum):
    """A person's choice of notices by mail."""

    NONE = "none"
    AT_ONCE = "at once"
    DIGEST = "daily digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkItem:
    """An item of work.

    Args:
        key: Stands for it, the same each time that it is read; a case that waits once more has another.
        kind: Why it is new.
        case_id: The case.
        right: What was asked for.
        work_to_on: The target date of the case.
        owner: The key of the person or role that answers for the case, or that it was handed to.
        by: Who opened the case, or caused the item; they are not told of it.
        needs: The permission that it needs, of other work.
        says: What to do, of other work.
    """

    key: str
    kind: WorkKind
    case_id: str
    right: str
    work_to_on: date
    owner: str
    by: str
    needs: Permission | None = None
    says: str = ""

    @property
    def line(self) -> str:
        """The item in a line."""
        if self.kind is WorkKind.TO_DO:
            return f"{self.case_id or self.kind.value}: {self.says}"
        return f"{self.kind.value}: {self.case_id} ({self.right}), target date {self.work_to_on:%a %d %b %Y}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Colleague:
    """A person who may be told.

    Args:
        key: Their key in the configuration.
        name: Their name, by which they act.
        permissions: What they may do.
        answers_for: The keys of people for whom they answer today, their own included.
    """

    key: str
    name: str
    permissions: Collection[Permission]
    answers_for: Collection[str]


_NEEDS: Final = {
    WorkKind.REQUEST: Permission.CHECK_IDENTITY,
    WorkKind.HANDOVER: Permission.READ_CASES,
    WorkKind.APPROVAL: Permission.APPROVE,
    WorkKind.ANSWER: Permission.HANDLE_CASES,
    WorkKind.TO_DO: Permission.HANDLE_CASES,
}


def concerns(item: WorkItem, colleague: Colleague, roles: Collection[str]) -> bool:
    """Return whether an item is a person's work: they may do it, did not cause it, and answer for it.

    Work on a case that a role owns, and every approval, is the work of all who may do it.

    Args:
        item: The item.
        colleague: The person.
        roles: The keys of owners that are roles, not people.
    """
    if (item.needs or _NEEDS[item.kind]) not in colleague.permissions or same_person(item.by, colleague.name):
        return False
    is_everyones = item.kind is WorkKind.APPROVAL or (item.owner in roles and item.kind is not WorkKind.HANDOVER)
    return is_everyones or item.owner in colleague.answers_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The work that a person was told of.

    Args:
        choice: How they want to be told.
        keys: The items that they were told of, or that were there when they chose; ``None`` before the first look.
        digest_on: The day of their last digest; ``None`` before the first.
    """

    choice: NoticeChoice
    keys: frozenset[str] | None = None
    digest_on: date | None = None


def is_due(told: Told, now: datetime, zone: ZoneInfo) -> bool:
    """Return whether it is time to tell a person.

    Args:
        told: What they chose, and were told.
        now: The present instant (aware).
        zone: The controller's zone.
    """
    if told.choice is not NoticeChoice.DIGEST:
        return told.choice is NoticeChoice.AT_ONCE
    local = now.astimezone(zone)
    return local.time() >= DIGEST_AT and (told.digest_on is None or told.digest_on < local.date())


def news(items: Iterable[WorkItem], told: Told) -> list[WorkItem]:
    """Return the items that a person was not told of yet; none at the first look, which only remembers.

    Args:
        items: Their present work.
        told: What they were told.
    """
    return [] if told.keys is None else [item for item in items if item.key not in told.keys]


def notice_of(items: Sequence[WorkItem], link: str) -> tuple[str, str]:
    """Return subject and text of a notice.

    Args:
        items: The new items; at least one.
        link: The address of the desk; empty where it is not known.
    """
    count = len(items)
    subject = f"[Rightsflow] {items[0].line}" if count == 1 else f"[Rightsflow] {count} new items of work"
    lines = [item.line for item in items[:MOST_LINES]]
    if count > MOST_LINES:
        lines.append(f"… and {count - MOST_LINES} more.")
    if link:
        lines += ["", f"To do: {link}"]
    return subject, "\n".join(lines) + "\n"
