"""The alerts of one case: what was raised, and that a person has taken note of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, update

from rightsflow.domain.alerts.ladder import OUTLIVES_THE_ANSWER, RungKind
from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import AlertStage
from rightsflow.store.core.case_ledger import CasePart
from rightsflow.store.tables import AlertRow


@dataclass(frozen=True, slots=True, kw_only=True)
class RaisedAlert:
    """An alert that was raised.

    Args:
        kind: What it is about.
        about_on: The date it is about.
        text: What people were told.
        tell: Who is told: roles, and the keys of persons.
        raised_at: When it was raised.
        posted_at: When it was last sent, or ``None`` if it has not been.
        stage: How far it has come on its way.
        reminders: How often it was sent once more since no one acknowledged it.
        acknowledged_by: Who has taken note of it; empty if no one has.
        acknowledged_at: When.
        ended_at: When it stopped being true, because a later rung took its place, its cause went, or the case closed.
    """

    kind: RungKind
    about_on: date
    text: str
    tell: tuple[str, ...]
    raised_at: datetime
    posted_at: datetime | None
    stage: AlertStage
    reminders: int
    acknowledged_by: str
    acknowledged_at: datetime | None
    ended_at: datetime | None


class Alerts(CasePart):
    """The alerts of one case."""

    def all(self) -> list[RaisedAlert]:
        """Return every alert, in the order in which they were raised."""
        if not self._context.may_hold(AlertRow):
            return []
        query = select(AlertRow).where(AlertRow.case_id == self._context.row.id).order_by(AlertRow.id)
        return [_raised(row) for row in self._context.session.scalars(query)]

    def acknowledge(self, by: str) -> int:
        """Acknowledge all active alerts that were not acknowledged; return their number.

        It ends their reminders. The next rung is raised and sent all the same.

        Args:
            by: Who takes note.

        Raises:
            Conflict: There is nothing to acknowledge.
        """
        query = select(AlertRow).where(
            AlertRow.case_id == self._context.row.id, AlertRow.ended_at.is_(None), AlertRow.acknowledged_at.is_(None)
        )
        rows = list(self._context.session.scalars(query))
        if not rows:
            raise Conflict(f"{self._context.row.id} has no alert that waits to be acknowledged; `rightsflow show` it.")
        for row in rows:
            row.acknowledged_at, row.acknowledged_by = self._context.now, by
            if row.reminders or row.stage == AlertStage.TOLD:
                # Everybody has been told: a reminder on its way has no use any more.
                row.stage, row.next_at = AlertStage.TOLD.value, None
            self._ledger.append(
                CaseEvent.ALERT_ACKNOWLEDGED, actor=by, alert=row.kind, about_on=row.about_on.isoformat()
            )
        self._context.session.flush()
        return len(rows)

    def end_all(self) -> None:
        """End the alerts of a closed case, except those that outlive the answer, which the watch continues.

        Ended here, that would be taken up again by the next look, and sent twice.
        """
        if not self._context.may_hold(AlertRow):
            return
        standing = (
            AlertRow.case_id == self._context.row.id,
            AlertRow.ended_at.is_(None),
            AlertRow.kind.not_in([item.value for item in OUTLIVES_THE_ANSWER]),
        )
        # In one order: the rounds of the watch lock several alerts at once too.
        self._context.session.execute(select(AlertRow.id).where(*standing).order_by(AlertRow.id).with_for_update())
        self._context.session.execute(
            update(AlertRow)
            .where(*standing)
            .values(ended_at=self._context.now, stage=AlertStage.ENDED.value, next_at=None)
            .execution_options(synchronize_session=False)
        )


def _raised(row: AlertRow) -> RaisedAlert:
    return RaisedAlert(
        kind=RungKind(row.kind),
        about_on=row.about_on,
        text=row.text,
        tell=tuple(row.tell),
        raised_at=row.raised_at,
        posted_at=row.posted_at,
        stage=AlertStage(row.stage),
        reminders=row.reminders,
        acknowledged_by=row.acknowledged_by,
        acknowledged_at=row.acknowledged_at,
        ended_at=row.ended_at,
    )
