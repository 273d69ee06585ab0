"""The open tasks of many cases: what people have to do, and what the watch sees of that."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from rightsflow.domain.case.task_kinds import TaskKind
from rightsflow.domain.deadlines.alerts.facts import WatchedTask
from rightsflow.store.case.case_tasks import CaseTask, read_task
from rightsflow.store.database import Database
from rightsflow.store.tables import CaseTaskRow


def open_tasks(database: Database, *, due_by: date | None = None) -> list[CaseTask]:
    """The open tasks of all cases, closed ones too, the soonest due first.

    Args:
        database: Where the cases lie.
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
    """The open tasks of some cases as the watch sees them, by case."""
    query = select(CaseTaskRow).where(CaseTaskRow.case_id.in_(case_ids), CaseTaskRow.done_on.is_(None))
    found: defaultdict[str, list[WatchedTask]] = defaultdict(list)
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
        found[row.case_id].append(watched_task)
    return found
