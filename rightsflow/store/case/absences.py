"""Absences of case owners and their deputies: recorded, never deleted. It imports little, as lists of cases do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import Absence
from rightsflow.store.tables import AbsenceRow


@dataclass(frozen=True, slots=True)
class RecordedAbsence:
    """An absence in the store.

    Args:
        number: By which it is named.
        absence: Who, when, and who stands in.
        recorded_by: Who recorded it.
    """

    number: int
    absence: Absence
    recorded_by: str


def record_absence(session: Session, absence: Absence, by: str, now: datetime) -> int:
    """Store an absence and return its number.

    Args:
        session: The open transaction.
        absence: Who is absent when.
        by: Who records it.
        now: The present instant (aware).
    """
    row = AbsenceRow(
        person=absence.person,
        deputy=absence.deputy,
        first_on=absence.first_on,
        last_on=absence.last_on,
        recorded_by=by,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    return row.id


def withdraw_absence(session: Session, number: int, by: str, now: datetime) -> None:
    """Take an absence back; it stays in the store.

    Args:
        session: The open transaction.
        number: The absence.
        by: Who takes it back.
        now: The present instant (aware).

    Raises:
        BadInput: There is no such absence.
        Conflict: It was taken back already.
    """
    row = session.get(AbsenceRow, number)
    if row is None:
        raise BadInput(f"There is no absence {number}; `rightsflow people absences` lists them.")
    if row.withdrawn_at is not None:
        raise Conflict(f"The absence {number} was taken back already.")
    row.withdrawn_at, row.withdrawn_by = now, by


def absences_from(session: Session, day: date) -> list[RecordedAbsence]:
    """Return the absences that are not over on a day, in the order in which they were recorded.

    Args:
        session: The open transaction.
        day: The day, in the controller's zone.
    """
    query = (
        select(AbsenceRow).where(AbsenceRow.last_on >= day, AbsenceRow.withdrawn_at.is_(None)).order_by(AbsenceRow.id)
    )
    return [
        RecordedAbsence(
            row.id,
            Absence(person=row.person, deputy=row.deputy, first_on=row.first_on, last_on=row.last_on),
            row.recorded_by,
        )
        for row in session.scalars(query)
    ]
