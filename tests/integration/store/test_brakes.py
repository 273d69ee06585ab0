"""Brakes in the case store: in force for every process at once, set once, and kept after their release."""

from __future__ import annotations

from datetime import date

import pytest

from rightsflow.domain.erasure.safeguards import ALL, BrakeRule
from rightsflow.domain.errors import Conflict
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import Store
from rightsflow.vault import MasterKey
from tests.support.casework import EMAIL, OTHER_EMAIL, SECRET, opened

TODAY = date(2026, 3, 5)
RULE = BrakeRule(case_floor=10)


def test_another_process_sees_it_at_once(store, database, clock):
    elsewhere = Store(database, MasterKey(SECRET), clock)
    assert elsewhere.brakes.holding("helpdesk") is None
    store.brakes.set("helpdesk", by="Petra", reason="x")
    assert elsewhere.brakes.holding("helpdesk") is not None
    assert elsewhere.brakes.holding("calls") is None
    store.brakes.set(ALL, by="Petra", reason="x")
    assert elsewhere.brakes.holding("calls") is not None
    assert [one.system for one in elsewhere.brakes.present()] == [ALL, "helpdesk"]
    elsewhere.brakes.release(ALL, by="Rita", reason="y", today=TODAY)
    assert store.brakes.holding("calls") is None
    with pytest.raises(Conflict):
        store.brakes.set("helpdesk", by="Quentin", reason="z")


def test_the_second_of_two_cases_with_too_much_sets_none(store):
    first, second = opened(store, EMAIL, right=Right.ERASURE), opened(store, OTHER_EMAIL, right=Right.ERASURE)
    brakes = []
    for case_id in (first, second):
        with store.case_file(case_id) as file:
            brakes.append(file.brakes.admit("helpdesk", 11, RULE, TODAY))
    assert [one.case_id if one else "" for one in brakes] == [first, first]
    with store.case_file(second) as file:
        assert "BrakeSet" not in [one.event for one in file.ledger.entries()]
    with store.case_file(first) as file:
        file.brakes.release("helpdesk", by="Rita", reason="y", today=TODAY)
    with store.case_file(first) as file:
        assert file.brakes.admit("helpdesk", 11, RULE, TODAY) is None
    with store.case_file(second) as file:
        again = file.brakes.admit("helpdesk", 11, RULE, TODAY)
    assert again is not None
    assert again.case_id == second, "it is judged for itself"
