"""The tasks of a case: what is left to do at a system once it is answered, by which day, and who did or approved it.

A letter promises only what a task stands behind. Tasks hold no personal data of the subject: numbers, names of systems,
categories, and the connectors' words for manual steps.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rightsflow.domain.alerts.ladder import WatchedTask
from rightsflow.domain.case.acts import refuse_approval, refuse_by_hand, refuse_done, refuse_task
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.database import Database
from rightsflow.store.tables import CaseTaskRow

NOTED, DONE, HANDED_OVER = CaseEvent.TASK_NOTED, CaseEvent.TASK_DONE, CaseEvent.TASK_HANDED_OVER
APPROVED = CaseEvent.TASK_APPROVED
SOON_DAYS = 7
"""From how many days before its day a task is due soon."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTask:
    """A task before it has a number.

    Args:
        kind: What sort of work it is.
        system: The system's name in the configuration.
        what: What to do, in words without personal data.
        records: How many records it concerns.
        due_on: The day on which it is to be done, in the controller's zone.
        kept_until: The last day on which the records are kept; ``None`` for a manual step.
        check_first: Whether something besides the day may keep the records longer, so that a person checks that first.
        numbers: The numbers of its records within the case, where it names each of them.
    """

    kind: TaskKind
    system: str
    what: str
    records: int
    due_on: date
    kept_until: date | None = None
    check_first: bool = False
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseTask(NewTask):
    """A task of a case.

    Args:
        case_id: The case.
        number: Its number within the case.
        owner: The key of the person or role responsible for it.
        is_shown: Whether the follow-up has looked at the records afresh, so that the task can be approved.
        approved_by: Who approved that the follow-up does it; empty where no one did.
        done_on: The day on which it was done, or ``None`` while it is open.
        done_by: Who did it.
    """

    case_id: str
    number: int
    owner: str
    is_shown: bool = False
    approved_by: str = ""
    done_on: date | None = None
    done_by: str = ""

    @property
    def is_open(self) -> bool:
        """True if the task is still to be done."""
        return self.done_on is None

    @property
    def can_be_prolonged(self) -> bool:
        """True if a person can extend the retention of the task's records instead."""
        return self.is_open and (self.kept_until is not None or self.kind in _PROLONGED_BY_NUMBERS)

    def stands(self, today: date) -> str:
        """Return the task's status on a day: done, overdue, due soon or open.

        Args:
            today: The present day in the controller's zone.
        """
        if not self.is_open:
            return "done"
        if today > self.due_on:
            return "overdue"
        return "due soon" if (self.due_on - today).days <= SOON_DAYS else "open"


_PROLONGED_BY_NUMBERS = frozenset({TaskKind.UNDATED, TaskKind.BLANK, TaskKind.LATER})
_DECIDED_ELSEWHERE = frozenset({TaskKind.LATER, TaskKind.DETAILS})
_REASONS = "task/reason/"


class CaseTasks(CasePart):
    """The tasks of one case.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        outbox: Keeps what is encrypted.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox) -> None:
        super().__init__(context, ledger)
        self._outbox = outbox

    def all(self) -> list[CaseTask]:
        """Return every task, in the order of the numbers."""
        return [read_task(row) for row in self._rows()]

    def note(self, tasks: Iterable[NewTask], *, owner: str) -> None:
        """Note tasks.

        Args:
            tasks: What has to be done.
            owner: The key of the person or role responsible for it.
        """
        for number, task in enumerate(tasks, start=len(self._rows()) + 1):
            row = CaseTaskRow(case_id=self._context.row.id, number=number, owner=owner, **_columns(task))
            self._context.session.add(row)
            self._context.puts_in(CaseTaskRow)
            self._ledger.append(
                NOTED,
                number=number,
                task=task.kind.value,
                system=task.system,
                records=task.records,
                due_on=task.due_on.isoformat(),
                owner=owner,
            )
        self._context.session.flush()

    def mark_done(self, number: int, on: date, *, by: str) -> CaseTask:
        """Note that a task was done.

        Args:
            number: Its number within the case.
            on: The day on which it was done, in the controller's zone; not in the future.
            by: Who did it.

        Raises:
            BadInput: There is no such task.
            Conflict: It was done already, or its records had to be kept on that day.
        """
        return self._end(number, on, by=by)

    def _end(self, number: int, on: date, *, by: str, **said: object) -> CaseTask:
        row = self._known(number)
        refuse_task(row.case_id, number, done_on=row.done_on, kept_until=row.kept_until, on=on)
        row.done_on, row.done_by = on, by
        self._ledger.append(DONE, actor=by, number=number, task=row.kind, system=row.system, on=on.isoformat(), **said)
        return read_task(row)

    def end_by_hand(
        self, number: int, on: date, *, by: str, end: str, reason: str, corrected: Sequence[str], left: Sequence[str]
    ) -> CaseTask:
        """Note a person's work on a task; the ledger gets the keyed hash of the reason.

        Args:
            number: Its number within the case.
            on: The day on which it was done, in the controller's zone; not in the future.
            by: Who did it.
            end: What became of it.
            reason: Why, where that was said; sealed.
            corrected: Of a correction, the fields that were put right.
            left: The fields that were not.

        Raises:
            BadInput: There is no such task.
            Conflict: It was done already, its records had to be kept on that day, or the follow-up does it.
        """
        row = self._known(number)
        refuse_done(row.case_id, number, done_on=row.done_on)
        refuse_by_hand(number, instead=TaskKind(row.kind).instead)
        details: dict[str, object] = {"end": end}
        if reason:
            self._outbox.keep_secret(f"{_REASONS}{number:06d}", reason)
            details["reason"] = self._context.text_hash("reason", reason)
        details |= {"corrected": list(corrected), "left": list(left)} if corrected or left else {}
        return self._end(number, on, by=by, **details)

    def reasons(self) -> dict[int, str]:
        """Return the reasons why tasks are needed or were not done, by task number; reading them is a reveal."""
        secrets = {row.number: self._outbox.secret(f"{_REASONS}{row.number:06d}") for row in self._rows()}
        return {number: text for number, text in secrets.items() if text}

    def supersede(self, number: int, on: date, *, by: str) -> None:
        """Close a task whose records are retained longer; later entries and tasks have the end.

        Args:
            number: The task's number within the case.
            on: The day, in the controller's zone.
            by: Who decided that.
        """
        row = self._known(number)
        row.done_on, row.done_by = on, by

    def approve(self, number: int, *, by: str, plan: str) -> CaseTask:
        """Note that a person approved the planned action of the follow-up.

        Args:
            number: The task's number within the case.
            by: Who approved it.
            plan: The digest of the plan that was approved.

        Raises:
            BadInput: There is no such task.
            Conflict: It was done or approved already, or needs no approval.
        """
        row = self._known(number)
        refuse_done(row.case_id, number, done_on=row.done_on)
        refuse_approval(
            number,
            is_by_hand=TaskKind(row.kind).is_by_hand,
            instead=TaskKind(row.kind).instead if TaskKind(row.kind) in _DECIDED_ELSEWHERE else "",
            is_approved=bool(row.approved_by),
            shown_from=None if row.shown_at else row.due_on,
        )
        row.approved_by, row.approved_at = by, self._context.now
        details = {"number": number, "task": row.kind, "system": row.system, "plan": plan, **self._ledger.opener_note}
        self._ledger.append(APPROVED, actor=by, **details)
        return read_task(row)

    def show(self, number: int, *, ask: bool) -> None:
        """Note that the follow-up has looked at a task's records afresh.

        Args:
            number: The task's number within the case.
            ask: Whether a person has to approve it, whatever was planned before.
        """
        row = self._known(number)
        row.shown_at = self._context.now
        if ask and not TaskKind(row.kind).needs_approval:
            row.kind = TaskKind.APPROVE.value

    def _known(self, number: int) -> CaseTaskRow:
        row = next((item for item in self._rows() if item.number == number), None)
        if row is None:
            raise BadInput(f"{self._context.row.id} has no task {number}; `rightsflow case tasks` lists the open ones.")
        return row

    @property
    def has_open(self) -> bool:
        """True if a task is still to be done."""
        return any(row.done_on is None for row in self._rows())

    def follow(self, before: str, now: str, *, by: str) -> list[int]:
        """Let the open tasks of a case's owner go to the new one; a task of another person stays theirs.

        Args:
            before: The key of the owner before.
            now: The key of the owner after.
            by: Who hands them over.

        Returns:
            The numbers of the tasks that changed hands.
        """
        rows = [row for row in self._rows() if row.done_on is None and row.owner == before]
        for row in rows:
            row.owner = now
            self._ledger.append(HANDED_OVER, actor=by, number=row.number, before=before, now=now)
        self._context.session.flush()
        return [row.number for row in rows]

    def _rows(self) -> list[CaseTaskRow]:
        return sorted(self._context.rows(CaseTaskRow), key=lambda row: row.number)


def _columns(new_task: NewTask) -> dict[str, object]:
    return asdict(new_task) | {"kind": new_task.kind.value, "numbers": ",".join(map(str, new_task.numbers))}


def read_task(row: CaseTaskRow) -> CaseTask:
    """Return a task from its row."""
    return CaseTask(
        case_id=row.case_id,
        number=row.number,
        kind=TaskKind(row.kind),
        system=row.system,
        what=row.what,
        records=row.records,
        due_on=row.due_on,
        kept_until=row.kept_until,
        check_first=row.check_first,
        numbers=tuple(map(int, filter(None, row.numbers.split(",")))),
        owner=row.owner,
        is_shown=row.shown_at is not None,
        approved_by=row.approved_by,
        done_on=row.done_on,
        done_by=row.done_by,
    )


def open_tasks(database: Database, *, due_by: date | None = None) -> list[CaseTask]:
    """Return the open tasks of all cases, closed ones too, the soonest due first.

    Args:
        database: The database of the cases.
        due_by: The last day of those that are wanted; all by default.

    Raises:
        Transient: The database does not answer.
    """
    query = select(CaseTaskRow).where(CaseTaskRow.done_on.is_(None))
    if due_by is not None:
        query = query.where(CaseTaskRow.due_on <= due_by)
    query = query.order_by(CaseTaskRow.due_on, CaseTaskRow.case_id, CaseTaskRow.number)
    with database.reading() as session:
        return [read_task(row) for row in session.scalars(query)]


def watched_tasks(session: Session, case_ids: Sequence[str]) -> defaultdict[str, list[WatchedTask]]:
    """Return the open tasks of some cases as the watch sees them, by case."""
    query = select(CaseTaskRow).where(CaseTaskRow.case_id.in_(case_ids), CaseTaskRow.done_on.is_(None))
    by_case: defaultdict[str, list[WatchedTask]] = defaultdict(list)
    for row in session.scalars(query.order_by(CaseTaskRow.case_id, CaseTaskRow.number)):
        kind = TaskKind(row.kind)
        watched_task = WatchedTask(
            number=row.number,
            system=row.system,
            due_on=row.due_on,
            owner=row.owner,
            words=kind.words,
            # Tasks that the software does itself on their day are reported only if it failed to.
            waits_for_person=kind.asks and not (kind.needs_approval and row.approved_by),
        )
        by_case[row.case_id].append(watched_task)
    return by_case
