"""Results of a manual task, and the reasons for not completing it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput

_LONGEST_REASON: Final = 2_000


class TaskEnd(StrEnum):
    """The result of a manual task."""

    DONE = "done"
    """The task was completed; for a check: nothing of its subject is there any more."""
    KEPT = "still needed"
    """For a check: the subject was reviewed, and stays for a reason (Art. 5(2) GDPR)."""
    LEFT = "not done"
    """It was not done, or not all of it, for a reason that the person is told (Art. 12(4) GDPR)."""


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
    word, said = " ".join(end.split()).casefold(), " ".join(reason.split())
    found = next((item for item in TaskEnd if item == word), None)
    if word and found is None:
        raise BadInput("What became of the task is not clear; say done, still needed or not done.")
    if len(said) > _LONGEST_REASON:
        raise BadInput(f"The reason has more than {_LONGEST_REASON:,} characters; say it in fewer.")
    fields = (" ".join(part.split()).casefold() for part in corrected.split(","))
    return StatedEnd(end=found, reason=said, corrected=tuple(dict.fromkeys(filter(None, fields))))


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
