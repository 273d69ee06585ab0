"""What a law or a claim keeps of an erasure is marked as stored only, and the letter says so."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.facts.systems import system_checks
from rightsflow.cases.work.access.package import extract_records, redact_third_parties
from rightsflow.cases.work.access.package_info import package_info
from rightsflow.cases.work.erasure.legal_hold import place_hold
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.errors import BadInput, Misconfigured
from tests.support.real_shop import a_shop

MARKS = "SELECT frozen, restricted_by FROM {} WHERE id = 1"


@pytest.mark.apart
def test_blanked_fields_and_the_mark_of_a_kept_invoice_go_together_and_the_letter_says_it(tmp_path):
    invoices = {"invoices": {"fields": {"email": "email"}}}
    with a_shop(tmp_path, tables=invoices) as shop:
        case_id, letter = shop.answered()
        assert shop.rows("SELECT email FROM invoices WHERE id = 1") == [(None,)]
        assert shop.rows(MARKS.format("invoices")) == [(1, case_id)]
        assert shop.rows("SELECT frozen FROM invoices WHERE id = 2") == [(0,)]
        assert "invoices (Shop), 1 record, restricted to being stored (Art. 18(2) GDPR): The law obliges us" in letter
        assert "invoices: 1 record kept and blocked for any other use (why: below)" in letter


@pytest.mark.apart
def test_under_a_hold_the_officer_says_of_each_category_whether_the_claim_needs_it(tmp_path):
    with a_shop(tmp_path) as shop:
        held(shop)
        case_id = shop.planned()
        gate = shop.gate(case_id)
        assert "Say of each below whether its claim needs it: `shop customers: needed`" in gate
        assert "It is kept for consent alone: if the claim needs it, make sure that this use has stopped." in gate
        answers = ["shop customers: needed", "shop invoices: needed"]
        with pytest.raises(
            BadInput, match="say whether its claim needs shop newsletter: such as shop newsletter: need"
        ):
            shop.approve(case_id, read_record_decisions(answers))
        shop.approve(case_id, read_record_decisions([*answers, "shop newsletter: not needed"]))
        shop.carry_out(case_id)
        letter = shop.answer(case_id)
        for table in ("customers", "invoices"):
            assert shop.rows(MARKS.format(table)) == [(1, case_id)]
        assert shop.rows("SELECT count(*) FROM newsletter WHERE email = 'anna@example.com'") == [(0,)]
        assert "Kept until the legal matter is over" in letter
        assert "newsletter: 1 record erased." in letter


def test_what_a_hold_names_is_asked_of_no_one_and_set_free_by_no_answer(tmp_path):
    with a_shop(tmp_path) as shop:
        held(shop, category="invoices")
        case_id = shop.planned()
        assert "whether its claim needs it" not in shop.gate(case_id)
        with pytest.raises(BadInput, match="A legal hold names the category of record"):
            shop.approve(case_id, read_record_decisions(["shop invoices: not needed"]))


def held(shop, **scope):
    review_on = current_app().today + timedelta(days=90)
    anna = Sought(email="anna@example.com")
    place_hold(current_app(), "Quill ./. Example", review_on, by="Lena Law", owner="dpo", person=anna, **scope)


@pytest.mark.apart
def test_an_open_order_and_its_account_stay_in_use(tmp_path):
    with a_shop(tmp_path) as shop:
        shop.run("INSERT INTO orders VALUES (1, 1, 'kettle', 'open', '2026-03-01', 0, NULL)")
        shop.answered()
        assert shop.rows(MARKS.format("customers")) == [(0, None)]
        assert shop.rows(MARKS.format("orders")) == [(0, None)]


KINDS = {
    "invoices": {
        "purposes": ["bookkeeping"],
        "recipients": ["Tax adviser Klug"],
        "kept_for": "the audits of the tax office",
        "seen_by": "two people in accounting",
    }
}


@pytest.mark.apart
def test_answers_say_what_is_more_exact_of_a_kind_for_what_it_is_kept_and_who_sees_it(tmp_path):
    with a_shop(tmp_path, section={"recipients": ["Tax adviser Klug"], "kinds": KINDS}) as shop:
        case_id = shop.searched("access")
        extract_records(current_app(), case_id, "shop")
        redact_third_parties(current_app(), case_id, "shop")
        with shop.runtime.store.case_file(case_id) as file:
            (system,) = package_info(file, current_app()).systems
        assert system.kinds == ("invoices: purposes: bookkeeping; recipients: Tax adviser Klug",)
        _, letter = shop.answered()
        assert "Purpose: the audits of the tax office. Kept until 31 December 2033" in letter
        assert "Who can see them: two people in accounting." in letter


def test_a_recipient_of_a_kind_is_one_of_the_system(tmp_path):
    with (
        pytest.raises(Misconfigured, match="a recipient of kinds is none of the system"),
        a_shop(tmp_path, section={"kinds": KINDS}),
    ):
        pass


def test_doctor_names_what_letters_cannot_say_of_kept_records(tmp_path):
    with a_shop(tmp_path) as shop:
        assert "Letters cannot say for what invoices are kept by law and who sees them then" in doctor(shop)
    (tmp_path / "stated").mkdir()
    stated = {"recipients": ["Tax adviser Klug"], "kinds": {**KINDS, "zebras": {"seen_by": "no one"}}}
    with a_shop(tmp_path / "stated", section=stated) as shop:
        assert "Letters cannot say" not in doctor(shop)
        assert "kinds names zebras, which is no kind of its records" in doctor(shop)


def doctor(shop):
    return system_checks(shop.runtime)["shop"].detail


@pytest.mark.apart
def test_our_own_mark_is_in_no_copy(tmp_path):
    with a_shop(tmp_path) as shop:
        shop.answered("restriction", ground="claim")
        case_id = shop.searched("access")
        with shop.runtime.store.case_file(case_id) as file:
            known, refs = file.identifiers.to_act_by(), [one.ref for one in file.findings.all()]
        parts = list(shop.runtime.connectors["shop"].extract(refs, known))
        assert parts
        assert not {"frozen", "restricted_by"} & {name for one in parts for name in one.content}
