"""A request for a part is answered for that part: what lies outside is neither given nor erased, and that is said."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.letters.questions import ask_clarification, record_clarified
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.overview.account import account_of
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.cases.work.access.package import assemble_package, extract_records, redact_third_parties
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.cases.work.narrowing import TypedNarrowing, narrow
from rightsflow.domain.case.findings import Fate
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.events import CaseEvent
from tests.support.real_shop import CALLHOUSE, a_shop

SPRING = TypedNarrowing(categories="orders", since="2025-03-01", until="2025-05-31")
TWO_ORDERS = (
    "INSERT INTO orders (id, customer_id, goods, state, placed) VALUES (7, 1, 'a kettle', 'done', '2025-04-02'), "
    "(8, 1, 'a stove', 'done', '2025-08-02'), (9, 1, 'a pan', 'done', NULL)"
)


@pytest.fixture
def shop(tmp_path):
    with a_shop(tmp_path, processors={"callhouse": CALLHOUSE}) as shop:
        shop.run(TWO_ORDERS)
        yield shop


@pytest.mark.apart
def test_an_erasure_of_the_orders_of_spring_erases_these_alone(shop):
    case_id = shop.searched("erasure")
    assert "orders from 1 March 2025 until 31 May 2025" in narrow(current_app(), case_id, SPRING, by="Olga Opener")
    case_id = planned(shop, case_id)
    assert "The request is about orders from 1 March 2025 until 31 May 2025 alone." in shop.gate(case_id)
    shop.approve(case_id)
    shop.carry_out(case_id)
    letter = shop.answer(case_id)
    assert shop.rows("SELECT id FROM orders WHERE customer_id = 1 ORDER BY id") == [(8,), (9,)]
    assert shop.rows("SELECT email FROM customers WHERE id = 1") == [("anna@example.com",)]
    assert "you asked us to erase orders from 1 March 2025 until 31 May 2025. We have carried this out" in letter
    assert "Your request is not about these records, so we left them as they are:" in letter
    assert "- orders (Shop), 2 records" in letter
    assert (
        "orders from 1 March 2025 until 31 May 2025 alone; leave everything else as it is."
        in (shop.texts(case_id)["callhouse"])
    )


def test_where_nothing_lies_within_the_answer_says_so(shop):
    case_id = shop.searched("erasure")
    narrow(current_app(), case_id, TypedNarrowing(since="2019-01-01", until="2019-12-31"), by="Olga Opener")
    shop.approve(planned(shop, case_id))
    shop.carry_out(case_id)
    letter = shop.answer(case_id)
    assert "We found none of these data." in letter
    assert shop.rows("SELECT count(*) FROM orders WHERE customer_id = 1") == [(3,)]


@pytest.mark.apart
def test_a_plan_that_waits_is_made_anew(shop):
    case_id = shop.planned()
    narrow(current_app(), case_id, SPRING, by="Olga Opener")
    shop.approve(case_id)
    shop.carry_out(case_id)
    assert shop.rows("SELECT id FROM orders WHERE customer_id = 1 ORDER BY id") == [(8,), (9,)]


@pytest.mark.apart
def test_what_cannot_be_read_changes_nothing_and_a_copy_gives_what_was_asked_for_and_what_bears_no_date(shop):
    case_id = shop.searched("access")
    for typed, error, why in [
        (TypedNarrowing(categories="zebras"), BadInput, "A category is not known; use one of customer accounts, "),
        (TypedNarrowing(since="2025-05-01", until="2025-04-01"), BadInput, "ends before it begins"),
        (TypedNarrowing(since="May"), BadInput, "The first day of the period is not a date"),
        (TypedNarrowing(), Conflict, "Nothing is named that would narrow the request"),
    ]:
        with pytest.raises(error, match=why):
            narrow(current_app(), case_id, typed, by="Olga Opener")
    narrow(current_app(), case_id, SPRING, by="Olga Opener")
    with pytest.raises(Conflict, match="narrowed already"):
        narrow(current_app(), case_id, SPRING, by="Olga Opener")
    given = copied(shop, case_id)
    assert given == ["orders", "orders"]


@pytest.mark.apart
def test_what_the_person_wrote_is_kept_encrypted_and_narrows_the_request(shop):
    case_id = shop.searched("access")
    ask_clarification(current_app(), case_id, areas=["orders", "invoices"], by="Ida")
    record_sent(current_app(), case_id, "L3", by="Ida")
    said = record_clarified(current_app(), case_id, answer="Only my kettle, please.", about=SPRING, by="Ida")
    assert said.endswith("and is about orders from 1 March 2025 until 31 May 2025.")
    with shop.runtime.store.case_file(case_id) as file:
        narrowed = next(one for one in file.ledger.told() if one.event == CaseEvent.REQUEST_NARROWED)
        assert narrowed.details["categories"] == ["orders"]
        assert "kettle" not in str([one.details for one in file.ledger.told()])
    assert reveal(current_app(), case_id, by="Ida", reason="release").clarified == "Only my kettle, please."
    assert copied(shop, case_id) == ["orders", "orders"]


def planned(shop, case_id):

    prepare_plan(current_app(), case_id)
    return case_id


def copied(shop, case_id):
    for step in (extract_records, redact_third_parties):
        step(current_app(), case_id, "shop")
    assemble_package(current_app(), case_id)
    with shop.runtime.store.case_file(case_id) as file:
        records = account_of(file, current_app().capabilities).records
    return sorted(one.category for one in records if one.fate is Fate.COPIED)
