"""What an erasure means is said before it begins: of a real shop's account, its warranty and its open order."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gate_texts import describe_gate
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.ending_letters import cool_off
from rightsflow.cases.work.erasure.plan_view import read_plan
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.domain.gates.decisions import Gate
from tests.integration.cases.shop_database import ANNA, CUSTOMERS, ORDERS, letters, with_shop
from tests.support.bench import running_bench
from tests.support.steps import identified, search

ACCOUNT = (
    "An account or customer record of yours is erased. You can then no longer sign in with it, and we no longer know "
    "you as a customer."
)
WARRANTY = "A warranty of yours may still run. We can then no longer look the purchase up: keep your own receipt."
ORDER = "An order is not fulfilled yet: the records that it needs stay until it is fulfilled or cancelled."
SOLD = {**ORDERS, "document_class": "none", "preflight": {"warranty_months": 36}}
OPEN = {**ORDERS, "document_class": "none", "preflight": {"open_when": {"item": "kettle"}}}


@pytest.fixture
def cooling(tmp_path):
    with running_bench(tmp_path) as made:
        controller = made.runtime.settings.controller.model_copy(update={"cooling_off_days": 5})
        made.runtime = replace(
            made.runtime, settings=made.runtime.settings.model_copy(update={"controller": controller})
        )
        with installed(made.runtime):
            yield made


@pytest.mark.parametrize(("orders", "told"), [(SOLD, {ACCOUNT, WARRANTY}), (OPEN, {ORDER})])
def test_who_approves_and_the_person_read_what_the_erasure_means_before_it_begins(
    cooling, tmp_path, monkeypatch, orders, told
):
    shop = with_shop(cooling, tmp_path, monkeypatch, {**CUSTOMERS, "profile": True}, orders)
    with installed(cooling.runtime):
        case_id = identified(cooling, "erasure", **ANNA)
        assert "you may no longer be able to sign in to it" in letters(cooling, case_id)["L1"]
        search(case_id)
        prepare_plan(current_app(), case_id)
        gate = describe_gate(current_app(), reach_gate(current_app(), case_id, Gate.APPROVAL))
        shown = set(read_plan(current_app(), case_id).consequences)
        cooling.approve(case_id)
        assert cool_off(current_app(), case_id)
        letter = letters(cooling, case_id)["L21"]
    assert shown == told
    for one in (ACCOUNT, WARRANTY, ORDER):
        assert (f"- {one}" in letter) is (f"- {one}" in gate) is (one in told)
    assert shop.run("SELECT name FROM customers WHERE id = 1") == [("Anna Quill",)]
