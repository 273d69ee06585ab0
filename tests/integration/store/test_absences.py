"""Absences: recorded, listed while they last, taken back and never deleted."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import Absence
from rightsflow.store.tables import AbsenceRow

FIRST, LAST = date(2026, 12, 1), date(2026, 12, 10)
DAY = timedelta(days=1)


def absent(person: str = "anna", deputy: str = "ben") -> Absence:
    return Absence(person=person, deputy=deputy, first_on=FIRST, last_on=LAST)


@pytest.mark.apart
def test_they_come_back_in_the_order_in_which_they_were_recorded(store):
    numbers = [store.record_absence(one, "Olga Opener") for one in (absent(), absent(deputy="cleo"))]
    listed = store.absences_from(FIRST)
    assert [one.number for one in listed] == numbers == sorted(numbers)
    assert [(one.absence, one.recorded_by) for one in listed] == [
        (absent(), "Olga Opener"),
        (absent(deputy="cleo"), "Olga Opener"),
    ]


def test_one_is_listed_up_to_its_last_day(store):
    store.record_absence(absent(), "Olga Opener")
    assert store.absences_from(FIRST - 30 * DAY)
    assert store.absences_from(LAST)
    assert not store.absences_from(LAST + DAY)


def test_one_taken_back_is_kept_and_not_listed(store):
    first, second = (store.record_absence(absent(), "Olga Opener") for _ in range(2))
    store.withdraw_absence(first, "Ida")
    assert [one.number for one in store.absences_from(FIRST)] == [second]
    with store.database.transaction() as session:
        assert session.scalar(select(func.count()).select_from(AbsenceRow)) == 2
        row = session.get(AbsenceRow, first)
        assert row is not None
        assert row.withdrawn_at == store.now()


def test_what_cannot_be_taken_back(store):
    number = store.record_absence(absent(), "Olga Opener")
    with pytest.raises(BadInput, match=f"There is no absence {number + 1}"):
        store.withdraw_absence(number + 1, "Ida")
    store.withdraw_absence(number, "Ida")
    with pytest.raises(Conflict, match="was taken back already"):
        store.withdraw_absence(number, "Ida")
