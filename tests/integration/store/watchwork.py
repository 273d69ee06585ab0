"""What the tests of the watch share: a ladder, a calendar, and short words for looking and sending."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import select, text, update

from rightsflow.domain.alerts.ladder import Calendar, Ladder
from rightsflow.domain.alerts.rungs import look
from rightsflow.domain.deadlines.working_days import Place
from rightsflow.store import Store
from rightsflow.store.case.alerts import RaisedAlert
from rightsflow.store.coordination.dispatch import Dispatch, Outgoing
from rightsflow.store.queries.watching import LOOKED_AT_ONCE, Looked, look_at_due
from rightsflow.store.tables import AlertRow, CaseRow
from tests.support.casework import BERLIN, DATES, Clock

LADDER = Ladder()
CALENDAR = Calendar(BERLIN, Place("DE"))
DAY = timedelta(days=1)
WORK_TO = DATES.work_to_on
DUE = DATES.due_on
REMIND = timedelta(hours=24)


def midnight(day: date, hour: int = 0) -> datetime:
    return datetime.combine(day, time(hour), BERLIN).astimezone(UTC)


def watch(store: Store, ladder: Ladder = LADDER, *, most: int = LOOKED_AT_ONCE) -> Looked:
    """Look once, at one batch."""
    return look_at_due(store.database, store.now(), lambda case, at: look(case, at, ladder, CALENDAR), most=most)


def alerts_of(store: Store, case_id: str) -> list[RaisedAlert]:
    with store.case_file(case_id) as file:
        return file.alerts.all()


def keys_of(store: Store, case_id: str, kind: str = "due-soon") -> list[tuple[str, str]]:
    """The keys of a case's alerts of a kind with how far each has come, as they were raised."""
    query = (
        select(AlertRow.key, AlertRow.stage)
        .where(AlertRow.case_id == case_id, AlertRow.kind == kind)
        .order_by(AlertRow.id)
    )
    with store.database.transaction() as session:
        return [(key.partition("/")[0], stage) for key, stage in session.execute(query)]


def change(store: Store, case_id: str, **columns: Any) -> None:
    """Something happened to the case that these tests do not care how."""
    with store.database.transaction() as session:
        session.execute(update(CaseRow).where(CaseRow.id == case_id).values(watch_at=store.now(), **columns))


def acknowledge_letter(store: Store) -> None:
    """All acknowledgements have gone out, so that they make no rungs."""
    with store.database.transaction() as session:
        session.execute(
            text(
                "INSERT INTO letters (case_id, template_id, template_version, language, sealed_subject, sealed_body,"
                " variables_hash, written_at, sent_at, sent_by)"
                " SELECT id, 'L1', '1', 'en', :empty, :empty, '', opened_at, opened_at, 'x' FROM cases"
            ),
            {"empty": b""},
        )


def dispatch_of(store: Store, clock: Clock, remind: timedelta | None = REMIND) -> Dispatch:
    return Dispatch(store.database, clock, remind)


def persons(owner: str, roles: Sequence[str]) -> list[str]:
    """Everybody is there and can be reached."""
    return [f"person.{owner if role == 'owner' else role}" for role in roles]


def settle_all(dispatch: Dispatch, reached: Callable[[Outgoing], set[str]], sent: Sequence[Outgoing]) -> int:
    """Hear of all that is awaited; ``reached`` says whom an attempt reached."""
    waited = dispatch.awaited()
    told = {one.alert_id: reached(one) for one in sent}
    return dispatch.settle(waited, told, set())


def send_all(dispatch: Dispatch) -> list[Outgoing]:
    """One round of sending that goes well; gives what was sent."""
    sent: list[Outgoing] = []
    while outgoing := dispatch.ready(persons):
        dispatch.posted(outgoing)
        sent += outgoing
    settle_all(dispatch, lambda one: set(one.recipients), sent)
    return sent
