"""What letters say of what stays: the mark of our own case, back-ups, copies, and a blanked row."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.facts.systems import system_checks
from tests.support.real_shop import ARCHIVE, a_shop


@pytest.mark.apart
def test_the_number_of_the_persons_own_case_goes_with_the_row(tmp_path):
    """The row kept `restricted_by = DSR-…`, and the letter said that what is left of it is not about the person."""
    with a_shop(tmp_path) as shop:
        shop.run("DELETE FROM invoices WHERE customer_id = 1")
        first, _ = shop.answered("restriction", ground="claim")
        assert shop.rows("SELECT frozen, restricted_by FROM customers WHERE id = 1") == [(1, first)]
        _, letter = shop.answered("erasure")
        assert "what is left of the record is not about you" in letter
        assert shop.rows("SELECT email, name, frozen, restricted_by FROM customers WHERE id = 1") == [("", "", 0, None)]


@pytest.mark.apart
def test_a_mark_of_someone_else_stays(tmp_path):
    with a_shop(tmp_path) as shop:
        shop.run("UPDATE customers SET frozen = 1, restricted_by = 'audit' WHERE id = 1")
        shop.answered("erasure")
        assert shop.rows("SELECT frozen, restricted_by FROM customers WHERE id = 1") == [(1, "audit")]


@pytest.mark.apart
def test_unstated_back_ups_are_said_to_be_unknown_and_doctor_asks(tmp_path):
    with a_shop(tmp_path, section={"backup_days": None}) as shop:
        _, letter = shop.answered("erasure")
        said = "If there are back-ups of it, they may still hold what was erased. Until when is not known to us."
        assert f"- Shop: {said}" in letter
        health = system_checks(current_app())["shop"]
        assert "backup_days is not stated" in health.detail
        assert health.is_doubtful


@pytest.mark.apart
def test_the_last_day_of_back_ups_counts_from_the_erasure(tmp_path):
    with a_shop(tmp_path, section={"backup_days": 30}) as shop:
        case_id = shop.planned()
        shop.approve(case_id)
        shop.carry_out(case_id)
        shop.pass_days(7)
        assert "Back-ups of it still hold what was erased, until 4 April 2026 at the latest." in shop.answer(case_id)


def test_a_colleague_who_gives_a_copy_is_asked_for_nothing_that_cannot_be_erased(tmp_path):
    with a_shop(tmp_path, by_hand={"paper": ARCHIVE}) as shop:
        text = shop.task_of(shop.searched("access"), "paper")
        assert "and give us a copy of them" in text
        assert "erase" not in text
