"""The hold on a case's evidence: placed, replaced, lifted, over; and no purge passes one that is in force."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.case.holds import EvidenceHold
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.store.purging import Ended, Hold, Purging
from tests.integration.store.purge_cases import AFTER, END, withdrawn
from tests.support.casework import EMAIL, opened

LATER = AFTER + timedelta(days=200)
REASON = "complaint of Anna Quillfeather to the authority"


def entries(store, case_id):
    with store.case_file(case_id) as file:
        return [one for one in file.ledger.entries() if one.event in {"EvidenceHeld", "EvidenceReleased"}]


def place(store, case_id, until=None):
    with store.case_file(case_id) as file:
        file.holding.place(until, by="Ida", reason=REASON)


@given(
    st.none() | st.dates(date(2025, 1, 1), date(2035, 1, 1)),
    st.dates(date(2025, 1, 1), date(2035, 1, 1)),
)
def test_the_last_day_counts_and_without_one_it_has_no_end(until, today):
    assert EvidenceHold(until).is_in_force(today) is (until is None or today <= until)


def test_it_is_recorded_with_its_reason_sealed(store, clock):
    for until in (None, LATER):
        case_id = opened(store)
        with store.case_file(case_id) as file:
            assert file.holding.present is None
            before = list(file.ledger.entries())
        place(store, case_id, until)
        with store.case_file(case_id) as file:
            assert file.holding.present == EvidenceHold(until)
            assert file.holding.reasons() == [REASON]
            (held,) = list(file.ledger.entries())[len(before) :]
        assert (held.event, held.actor) == ("EvidenceHeld", "Ida")
        assert held.details["until"] == (until.isoformat() if until else "")
        assert len(held.details["reason"]) == 64
        clock.pass_time(timedelta(days=3))
        with store.case_file(case_id) as file:
            file.holding.lift(by="Dana", reason="settled")
            assert file.holding.present is None
            assert file.holding.reasons() == [REASON, "settled"]
        _, released = entries(store, case_id)
        assert (released.event, released.actor) == ("EvidenceReleased", "Dana")
        assert released.details["reason"] != held.details["reason"]
        assert EMAIL.value not in repr(entries(store, case_id))
        assert "Quillfeather" not in repr(entries(store, case_id))


def test_without_a_reason_nothing_is_held_or_lifted(store, clock):
    case_id = opened(store)
    with pytest.raises(Conflict, match="not held"), store.case_file(case_id) as file:
        file.holding.lift(by="Ida", reason="settled")
    assert entries(store, case_id) == []

    for reason in ("", " \n"):
        case_id = opened(store)
        with pytest.raises(BadInput, match="reason is missing"), store.case_file(case_id) as file:
            file.holding.place(None, by="Ida", reason=reason)
        place(store, case_id)
        with pytest.raises(BadInput, match="reason is missing"), store.case_file(case_id) as file:
            file.holding.lift(by="Ida", reason=reason)
        assert [one.event for one in entries(store, case_id)] == ["EvidenceHeld"]

    case_id = opened(store)
    place(store, case_id)
    clock.pass_time(timedelta(days=1))
    place(store, case_id, LATER)
    with store.case_file(case_id) as file:
        assert file.holding.present == EvidenceHold(LATER)
    assert [one.details["until"] for one in entries(store, case_id)] == ["", LATER.isoformat()]


class TestPurge:
    @pytest.mark.parametrize(
        ("until", "today", "goes"),
        [
            (None, LATER, False),
            (LATER, LATER, False),
            (LATER, LATER + timedelta(days=1), True),
            (END, AFTER, True),
        ],
    )
    def test_it_goes_when_the_hold_is_over(self, store, clock, until, today, goes):
        case_id, purging = withdrawn(store), Purging(store.database, clock)
        place(store, case_id, until)
        assert purging.evidence_over(today) == [Ended(case_id, END, Hold.NONE if goes else Hold.CLAIM)]
        assert purging.purge(case_id, today, by="Ida") is goes

    def test_one_that_was_placed_after_the_case_was_found_holds_until_it_is_lifted(self, store, clock):
        case_id, purging = withdrawn(store), Purging(store.database, clock)
        assert purging.evidence_over(AFTER) == [Ended(case_id, END, Hold.NONE)]
        place(store, case_id)
        assert not purging.purge(case_id, AFTER, by="Ida")

        with store.case_file(case_id) as file:
            file.holding.lift(by="Dana", reason="settled")
        assert purging.purge(case_id, AFTER, by="Ida")

    def test_a_hold_keeps_nothing_before_its_period_is_over_from_being_dated(self, store, clock):
        """It adds to the period and never shortens it."""
        case_id, purging = withdrawn(store), Purging(store.database, clock)
        place(store, case_id, END - timedelta(days=900))
        assert not purging.purge(case_id, END, by="Ida")
        with store.case_file(case_id) as file:
            assert file.keeping.evidence_until == END
