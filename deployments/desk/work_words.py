"""The desk's words for each kind of work that waits for a person: heading, line, and the page where it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from deployments.desk.addresses import PREFIX, case_address
from deployments.desk.rendering import letter_name
from deployments.desk.task_words import shown
from rightsflow.domain.deadlines.clock_events import ClockEventKind
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, kind_of_letter
from rightsflow.domain.work_list import ToDo, ToDoKind
from rightsflow.store.case.case_tasks import CaseTask


@dataclass(frozen=True, slots=True)
class WorkWords:
    """The words for one kind.

    Args:
        heading: Of its list.
        button: What a person does there, of one case.
        below: Where, below the case's page.
    """

    heading: str
    button: str
    below: str = ""


WORK_WORDS: Final[Mapping[ToDoKind, WorkWords]] = MappingProxyType(
    {
        ToDoKind.REFUSAL: WorkWords("Refused by a system", "Decide on the refusal", "/refusal"),
        ToDoKind.FAULT: WorkWords("Faults to look into", "Look into the fault", "/refusal"),
        ToDoKind.IDENTITY: WorkWords("Identity to check", "Check identity", "/identity"),
        ToDoKind.APPROVAL: WorkWords("Decisions to make", "Read and decide", "/approval"),
        ToDoKind.LETTER: WorkWords("Letters to send", "Send the letter", "/letters/"),
        ToDoKind.INSTRUCTION: WorkWords("Instructions to send", "Send the instruction", "/processors"),
        ToDoKind.ANSWER: WorkWords("Answers to check", "Check the answer", "/processors"),
        ToDoKind.REMINDER: WorkWords("Processors to remind", "Record the answer", "/processors"),
        ToDoKind.TASK: WorkWords("Tasks", "Do the task"),
        ToDoKind.HOLD: WorkWords("Legal holds to approve", "Approve the hold"),
        ToDoKind.BRAKE: WorkWords("Deletion paused", "Resume deletion", "/acts?act=release"),
        ToDoKind.SECOND_LOOK: WorkWords("Second looks overdue", "Find out why"),
        ToDoKind.ALERT: WorkWords("Alerts", "Acknowledge the alert", "/acts?act=acknowledge"),
        ToDoKind.REPLY: WorkWords("Replies to come", "Record the reply", "/acts?act=clarified"),
        ToDoKind.NOTE: WorkWords("Notes to read", "Read the note", "/conversation"),
    }
)
"""By the kind, each with its own."""


_REPLIES: Final = {
    ClockEventKind.IDENTITY_REQUESTED: ("Proof of identity", "Check the proof of identity"),
    ClockEventKind.CLARIFICATION_REQUESTED: ("What is meant", "Note the answer"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownWork:
    """Work as it is listed for a person.

    Args:
        work: The work.
        line: What it is.
        button: What a person does about it.
        address: Where they do it; the page of its case for people who may not.
        may: Whether they may.
    """

    work: ToDo
    line: str
    button: str
    address: str
    may: bool


def shown_work(work: ToDo, *, may: bool) -> ShownWork:
    """Return work as it is listed for a person.

    Args:
        work: The work.
        may: Whether they may do it.
    """
    button, line, address = WORK_WORDS[work.kind].button, work.says, _address(work)
    if isinstance(work.task, CaseTask):
        (task,) = shown([work.task])
        line, address = f"{task.words.title}, {work.task.system}: {work.task.what}", task.address
    elif work.kind is ToDoKind.LETTER:
        line, button = letter_name(work.key), "Send the answer" if kind_of_letter(work.key) in ANSWERS else button
    elif work.kind is ToDoKind.REPLY:
        line, button = _REPLIES[ClockEventKind(work.key)]
    if not may and work.case_id:
        address = case_address("", work.case_id)
    return ShownWork(work=work, line=line, button=button, address=address, may=may)


def _address(work: ToDo) -> str:
    case = case_address("", work.case_id)
    if work.kind is ToDoKind.HOLD:
        return f"{PREFIX}/holds"
    if work.kind is ToDoKind.LETTER:
        return f"{case}/letters/{work.key}"
    if work.kind is ToDoKind.REPLY and work.key == ClockEventKind.IDENTITY_REQUESTED:
        return f"{case}/identity"
    if work.kind is ToDoKind.BRAKE and work.key != work.case_id:
        return f"{PREFIX}/controls"
    return f"{case}{WORK_WORDS[work.kind].below}"
