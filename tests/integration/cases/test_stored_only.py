"""What a law or a claim keeps of an erasure is marked as stored only, and the letter says so."""

from __future__ import annotations

from datetime import timedelta

from rightsflow.cases.find import Sought
from rightsflow.cases.legal_hold import place_hold
from tasks.composition import current_app
from tests.support.real_shop import a_shop

MARKS = "SELECT frozen, restricted_by FROM {} WHERE id = 1"


def test_a_kept_invoice_is_marked_and_the_letter_says_it(tmp_path):
    with a_shop(tmp_path) as shop:
        case_id, letter = shop.answered()
        assert shop.rows(MARKS.format("invoices")) == [(1, case_id)]
        assert shop.rows("SELECT frozen FROM invoices WHERE id = 2") == [(0,)]
        assert "invoices (Shop), 1 record, restricted to being stored (Art. 18(2) GDPR): The law obliges us" in letter
        assert "invoices: 1 record kept and blocked for any other use (why: below)" in letter


def test_blanked_fields_and_the_mark_go_together(tmp_path):
    invoices = {"invoices": {"fields": {"email": "email"}}}
    with a_shop(tmp_path, tables=invoices) as shop:
        case_id, letter = shop.answered()
        assert shop.rows("SELECT email FROM invoices WHERE id = 1") == [(None,)]
        assert shop.rows(MARKS.format("invoices")) == [(1, case_id)]
        assert "restricted to being stored" in letter


def test_under_a_hold_the_newsletter_is_stopped_and_the_gate_asks_for_each_category(tmp_path):
    with a_shop(tmp_path) as shop:
        review_on = current_app().today + timedelta(days=90)
        anna = Sought(email="anna@example.com")
        place_hold(current_app(), "Quill ./. Example", review_on, by="Lena Law", owner="dpo", person=anna)
        case_id = shop.planned()
        gate = shop.gate(case_id)
        assert "does the claim need newsletter? If not, narrow the hold. It is kept for consent alone" in gate
        assert "does the claim need customer accounts? If not, narrow the hold." in gate
        shop.approve(case_id)
        shop.carry_out(case_id)
        letter = shop.answer(case_id)
        for table in ("newsletter", "customers", "invoices"):
            assert shop.rows(MARKS.format(table)) == [(1, case_id)]
        assert "Kept until the legal matter is over" in letter
        assert "newsletter (Shop), 1 record, restricted to being stored" in letter


def test_an_open_order_and_its_account_stay_in_use(tmp_path):
    with a_shop(tmp_path) as shop:
        shop.run("INSERT INTO orders VALUES (1, 1, 'kettle', 'open', '2026-03-01', 0, NULL)")
        shop.answered()
        assert shop.rows(MARKS.format("customers")) == [(0, None)]
        assert shop.rows(MARKS.format("orders")) == [(0, None)]
