"""Refusals held to what the controller states of its systems, on a real database (Art. 12(4), 17(1) GDPR)."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.work.erasure.steps import prepare_plan
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from tests.support.own_databases import rows, searched, with_databases

TABLES = """
CREATE TABLE subscriber (id INTEGER PRIMARY KEY, mail TEXT);
INSERT INTO subscriber VALUES (1, '{mail}');
CREATE TABLE orders (id INTEGER PRIMARY KEY, mail TEXT);
INSERT INTO orders VALUES (1, 'anna.quill@example.com');
"""
BY_MAIL = {"key": ["id"], "document_class": "none", "identities": [{"column": "mail", "kind": "email"}]}
SHOP = {"tables": [{"name": "subscriber", **BY_MAIL}, {"name": "orders", **BY_MAIL}]}
R3 = Decision(
    gate=Gate.APPROVAL,
    verdict=Verdict.REFUSED,
    by="Dana Decider",
    reason="the contract runs on",
    code="R3",
    details={"Purpose that goes on": "the contract", "Legal basis": "Art. 6(1)(b) GDPR"},
)


def refuse(bench, folder, monkeypatch, mail, **stated):
    files = with_databases(bench, folder, monkeypatch, {"shop": (TABLES.format(mail=mail), SHOP | stated)})
    with installed(bench.runtime):
        case_id = searched(bench, "erasure")
        prepare_plan(current_app(), case_id)
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        try:
            record_decision(current_app(), case_id, R3)
        finally:
            assert rows(files["shop"], "SELECT mail FROM subscriber") == [(mail,)]


@pytest.mark.parametrize(("use", "ground"), [("consent", "17(1)(b)"), ("marketing", "17(1)(c)")])
def test_no_ground_is_no_reason_where_the_controller_states_one(bench, tmp_path, monkeypatch, use, ground):
    with pytest.raises(Conflict) as raised:
        refuse(bench, tmp_path, monkeypatch, "anna.quill@example.com", **{use: ["subscriber"]})
    assert ground in str(raised.value)
    assert "shop" in str(raised.value)


def test_what_is_another_persons_does_not_count(bench, tmp_path, monkeypatch):
    refuse(bench, tmp_path, monkeypatch, "boris.other@example.org", consent=["subscriber"])
