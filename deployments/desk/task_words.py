"""The desk's words for each kind of task: its title, its instructions, and its page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from deployments.desk.addresses import PREFIX, case_address
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.store.case.case_tasks import CaseTask

DONE, APPROVE, KEEP = "acts?act=task-done", "acts?act=approve-task", "acts?act=keep-longer"


@dataclass(frozen=True, slots=True)
class TaskWords:
    """The desk's words for a kind of task.

    Args:
        title: What it is called.
        says: What a person does about it, in a sentence or two.
        below: Where, below the address of its case; empty for its page itself, a leading slash for a page of the desk.
    """

    title: str
    says: str
    below: str = ""


TASK_WORDS: Final[Mapping[TaskKind, TaskWords]] = MappingProxyType(
    {
        TaskKind.ERASE: TaskWords("Erase by hand", "Erase it at the system, then note it as done.", DONE),
        TaskKind.APPROVE: TaskWords(
            "Approve an erasure",
            "On its day the follow-up looks at the records afresh. Once you approve it then, it erases them within the "
            "hour, for good. If something keeps them longer, keep them.",
            APPROVE,
        ),
        TaskKind.AUTOMATIC: TaskWords(
            "Erased by policy",
            "The follow-up erases it on its day, as the written policy says. If something keeps the records longer, "
            "keep them before.",
            KEEP,
        ),
        TaskKind.RETURNED: TaskWords(
            "Erased records are back",
            "Find out why, such as a restored back-up. Once you approve it the follow-up erases them again.",
            APPROVE,
        ),
        TaskKind.RELEASED: TaskWords(
            "Approve an erasure after a legal hold",
            "The hold was released. Once you approve it the follow-up erases, for good, what nothing else keeps.",
            APPROVE,
        ),
        TaskKind.UNDATED: TaskWords(
            "Review what is kept without a date",
            "Nothing keeps these records any more by today's rules. Approve that they are erased, or keep them on "
            "until a day.",
            APPROVE,
        ),
        TaskKind.CHECK: TaskWords(
            "Check what is kept without a date",
            "Look at it. Note it as still needed, with the reason, or as done once nothing of it is there any more.",
            DONE,
        ),
        TaskKind.BLANK: TaskWords(
            "Blank what no law needs",
            "The records stay. Once you approve it the follow-up blanks the fields that the task names, for good; or "
            "keep the records whole, on a ground.",
            APPROVE,
        ),
        TaskKind.EARLIER: TaskWords(
            "Approve an earlier end",
            "By today's rules the records can go before the day that the letter named. Once you approve that, the "
            "earlier day counts; nothing is erased before it, and that is approved on its own.",
            APPROVE,
        ),
        TaskKind.LATER: TaskWords(
            "Decide whether records are kept longer",
            "Today's rules keep them longer than the letter said. Keep them longer, of which the person is told, or "
            "have the rule corrected.",
            KEEP,
        ),
        TaskKind.REVIEW: TaskWords(
            "Review a legal hold",
            "Keep the hold until its next review, or release it. The task ends with that.",
            "/holds",
        ),
        TaskKind.LIFT: TaskWords(
            "A restriction ends",
            "The follow-up lifts it on its day, if the letter to the person (L15) went out in time. Note that as sent.",
        ),
        TaskKind.OTHER_CASE: TaskWords(
            "Find out whose another case is",
            "Say of each case that it names whether it is of the same person. The task ends with that.",
            "other-cases",
        ),
        TaskKind.UNREADABLE: TaskWords(
            "Kept records cannot be read",
            "Find out why: correct the configuration, or do by hand what is due. Note it as done only once nothing of "
            "the person is there.",
            DONE,
        ),
        TaskKind.COMPLAINT: TaskWords(
            "Answer a complaint",
            "Send its acknowledgement, look into it, and note it as done once the person was told the outcome.",
            DONE,
        ),
        TaskKind.DETAILS: TaskWords(
            "Approve a change of the person's details",
            "Read the change and its reason, then approve or decline it. The task ends with that.",
            "person",
        ),
        TaskKind.MANUAL: TaskWords("By hand", "Do what it says, then note it as done, or why it was not.", DONE),
    }
)
"""By the kind; each has its own."""


@dataclass(frozen=True, slots=True)
class ShownTask:
    """An open task as it is listed.

    Args:
        task: The task.
        words: What it is called, and what is done about it.
        address: Where that is done; the page of its case while nothing is to be done.
        is_to_do: Whether a person can do it now: what waits for an approval is looked at by the follow-up before.
    """

    task: CaseTask
    words: TaskWords
    address: str
    is_to_do: bool


def shown(tasks: Iterable[CaseTask]) -> list[ShownTask]:
    """Tasks as they are listed."""
    return [_shown(task) for task in tasks]


def can_be_approved(task: CaseTask) -> bool:
    """Return whether a task now waits for an approval."""
    return task.kind.needs_approval and task.is_shown and not task.approved_by


def _shown(task: CaseTask) -> ShownTask:
    words = TASK_WORDS[task.kind]
    is_to_do = bool(words.below) and (words.below != APPROVE or can_be_approved(task))
    return ShownTask(task, words, _address(task, words.below if is_to_do else ""), is_to_do)


def _address(task: CaseTask, below: str) -> str:
    case = case_address("", task.case_id)
    if below.startswith("/"):
        return f"{PREFIX}{below}"
    return f"{case}/{below}" if below else case


def words_of(tasks: Iterable[CaseTask]) -> list[TaskWords]:
    """The words of the kinds that some tasks are of, each once, in the order of the kinds."""
    kinds = {task.kind for task in tasks}
    return [words for kind, words in TASK_WORDS.items() if kind in kinds]
