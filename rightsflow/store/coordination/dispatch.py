"""Alerts on their way to people: what has to be sent, what was sent, whom it reached, what is sent once more."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, tuple_, update
from sqlalchemy.sql import Select

from rightsflow.domain.alerts.ladder import RungKind
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import AlertStage
from rightsflow.store.database import Database
from rightsflow.store.tables import AlertRow, CaseRow

SENT_AT_ONCE = 200
"""The number of alerts prepared and sent before waiting for them: Prefect's queues drop excess events."""

NO_WORD = timedelta(minutes=10)
"""After how long an attempt that nothing was heard of counts as failed."""

_ATTEMPT = tuple_(AlertRow.id, AlertRow.attempt)

MOST_FAILURES = 8
"""After how many failed attempts in a row it is let be until the next reminder."""

BACKING_OFF = timedelta(minutes=15)
"""The first failed attempt is made again at once, then it is waited so long, and each time about twice as long."""

Recipients = Callable[[str, Sequence[str]], Sequence[str]]
"""The recipients of an alert, from the case's owner and the roles to be notified."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """An attempt to notify people of an alert.

    Args:
        alert_id: The alert's id.
        attempt: Which attempt.
        case_id: The case.
        right: What the case is about.
        kind: What the alert is about.
        about_on: The date it is about.
        text: What people are told.
        reminder: How often it was sent before without being acknowledged.
        recipients: Who is told.
    """

    alert_id: int
    attempt: int
    case_id: str
    right: Right
    kind: RungKind
    about_on: date
    text: str
    reminder: int
    recipients: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaited:
    """An attempt whose success is not known yet.

    Args:
        alert_id: The alert's id.
        attempt: The attempt.
        case_id: The case.
        recipients: Who has not been told for certain.
        posted_at: When it was sent (aware).
    """

    alert_id: int
    attempt: int
    case_id: str
    recipients: tuple[str, ...]
    posted_at: datetime


class Dispatch:
    """The alerts of all cases on their way.

    Args:
        database: The database of the cases.
        now: Gives the present instant (aware).
        remind_after: After how long an alert that no one acknowledged is sent once more; ``None`` for never.
        at_once: How many alerts one batch has at most.
    """

    def __init__(
        self,
        database: Database,
        now: Callable[[], datetime],
        remind_after: timedelta | None,
        *,
        at_once: int = SENT_AT_ONCE,
    ) -> None:
        self.at_once = at_once
        self._database = database
        self._now = now
        self._remind_after = remind_after

    def ready(self, recipients: Recipients) -> list[Outgoing]:
        """Note the next attempts of a batch of alerts and return them; attempts noted before come first.

        An attempt that was noted and not made, because the process died, is handed out again as the same attempt, or
        as a new one where others have to be told by now.

        Args:
            recipients: Says who is told.
        """
        with self._database.transaction() as session:
            rows: list[AlertRow] = []
            for stage in (AlertStage.PREPARED, AlertStage.RAISED):
                query = self._due(stage).order_by(AlertRow.next_at, AlertRow.id).limit(self.at_once)
                rows = rows or list(session.scalars(query.with_for_update(skip_locked=True)))
            cases = session.execute(
                select(CaseRow.id, CaseRow.owner, CaseRow.right).where(CaseRow.id.in_({row.case_id for row in rows}))
            )
            by_id = {case.id: case for case in cases}
            for row in rows:
                everybody = recipients(by_id[row.case_id].owner, row.tell)
                untold = [recipient for recipient in everybody if recipient not in row.told]
                if row.stage == AlertStage.RAISED or row.recipients != untold:
                    row.stage, row.attempt, row.recipients = AlertStage.PREPARED.value, row.attempt + 1, untold
            return [_outgoing(row, Right(by_id[row.case_id].right)) for row in rows]

    def posted(self, sent: Sequence[Outgoing]) -> None:
        """Note that attempts were made.

        Args:
            sent: The attempts.
        """
        now = self._now()
        unheard = [(outgoing.alert_id, outgoing.attempt) for outgoing in sent if outgoing.recipients]
        alone = [(outgoing.alert_id, outgoing.attempt) for outgoing in sent if not outgoing.recipients]
        with self._database.transaction() as session:
            # In one order: two rounds that made the same attempts would otherwise lock each other out.
            everything = select(AlertRow.id).where(_ATTEMPT.in_(unheard + alone)).order_by(AlertRow.id)
            session.execute(everything.with_for_update())
            for attempts, changed in (
                (unheard, {"stage": AlertStage.POSTED.value, "next_at": now}),
                # The failures are reset, as after a delivery: earlier failures say nothing about the reminder.
                (alone, {"stage": AlertStage.TOLD.value, "next_at": self._reminder_at(now), "failures": 0}),
            ):
                session.execute(
                    update(AlertRow)
                    .where(_ATTEMPT.in_(attempts), AlertRow.stage == AlertStage.PREPARED.value)
                    .values(posted_at=now, **changed)
                    .execution_options(synchronize_session=False)
                )

    def awaited(self, after: int = 0) -> list[Awaited]:
        """Return a batch of attempts that were made and whose success is not known.

        Args:
            after: The id of the last alert of the batch before.
        """
        query = self._due(AlertStage.POSTED).where(AlertRow.id > after).order_by(AlertRow.id).limit(self.at_once)
        with self._database.transaction() as session:
            return [
                Awaited(
                    alert_id=row.id,
                    attempt=row.attempt,
                    case_id=row.case_id,
                    recipients=tuple(recipient for recipient in row.recipients if recipient not in row.told),
                    posted_at=row.posted_at or row.raised_at,
                )
                for row in session.scalars(query)
            ]

    def settle(self, waited: Sequence[Awaited], told: Mapping[int, set[str]], failed: set[int]) -> int:
        """Note the recipients that attempts reached; the others are notified again. Return the number of such attempts.

        Args:
            waited: The attempts that were asked about.
            told: The alerts' ids, each with whom it reached for certain.
            failed: The alerts' ids of which it is known that a person was not reached.
        """
        now = self._now()
        given_up = {awaited.alert_id for awaited in waited if now - awaited.posted_at >= NO_WORD} | failed
        attempts = [(awaited.alert_id, awaited.attempt) for awaited in waited]
        again = 0
        with self._database.transaction() as session:
            query = select(AlertRow).where(_ATTEMPT.in_(attempts), AlertRow.stage == AlertStage.POSTED.value)
            for row in session.scalars(query.order_by(AlertRow.id).with_for_update()):
                row.told = sorted({*row.told, *told.get(row.id, ())})
                if set(row.recipients) <= set(row.told):
                    self._settle_told(row, now)
                elif row.id in given_up:
                    again += 1
                    row.failures += 1
                    if row.failures < MOST_FAILURES:
                        row.stage = AlertStage.RAISED.value
                        row.next_at = now + BACKING_OFF * (2 ** (row.failures - 1) - 1)
                    else:
                        # A person who cannot be reached must not keep the others from being reminded.
                        self._settle_told(row, now)
        return again

    def _settle_told(self, row: AlertRow, now: datetime) -> None:
        row.stage, row.failures = AlertStage.TOLD.value, 0
        row.next_at = None if row.acknowledged_at else self._reminder_at(row.posted_at or now)

    def remind(self) -> None:
        """Schedule a reminder of alerts that no one acknowledged."""
        # Anyone who acknowledges may do so while it is being sent, when the time of its reminder is not set yet.
        due = self._due(AlertStage.TOLD).where(AlertRow.acknowledged_at.is_(None))
        with self._database.transaction() as session:
            session.execute(
                update(AlertRow)
                .where(AlertRow.id.in_(due.with_only_columns(AlertRow.id).with_for_update(skip_locked=True)))
                .values(stage=AlertStage.RAISED.value, told=[], reminders=AlertRow.reminders + 1)
                .execution_options(synchronize_session=False)
            )

    def _due(self, stage: AlertStage) -> Select[AlertRow]:
        return select(AlertRow).where(AlertRow.stage == stage.value, AlertRow.next_at <= self._now())

    def _reminder_at(self, since: datetime) -> datetime | None:
        return since + self._remind_after if self._remind_after else None


def _outgoing(row: AlertRow, right: Right) -> Outgoing:
    return Outgoing(
        alert_id=row.id,
        attempt=row.attempt,
        case_id=row.case_id,
        right=right,
        kind=RungKind(row.kind),
        about_on=row.about_on,
        text=row.text,
        reminder=row.reminders,
        recipients=tuple(row.recipients),
    )
