"""What a case keeps is never "no longer there" while its row is, and no one is told "no" of it; on a real database."""

from __future__ import annotations

from datetime import date

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_nothing_held, write_refusal
from rightsflow.cases.facts.persons import other_cases
from rightsflow.cases.work.rectification.other_cases import find_other_person
from rightsflow.cases.work.search import locate_records
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import Conflict, Refused
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.states import CaseState
from tests.integration.cases.shop_database import ANNA, erased, letters, with_shop, work_on
from tests.support import looks
from tests.support.steps import identified, search

LAST, AFTER = date(2032, 12, 31), date(2033, 1, 1)


@pytest.fixture
def shop(bench, tmp_path, monkeypatch):
    found = with_shop(bench, tmp_path, monkeypatch)
    with installed(bench.runtime):
        yield found


def order_of(bench, case_id):
    with bench.file(case_id) as file:
        (order,) = [one for one in file.findings.all("payments") if one.ref.kind == "orders"]
        tasks = [one for one in file.tasks.all() if one.kind is TaskKind.UNREADABLE]
    return order, tasks


@pytest.mark.apart
def test_a_kept_order_of_a_blanked_account_is_found_by_the_next_request_and_erased_after_its_period(bench, shop):
    """It was "no", and the evidence said later that the order was gone."""
    first = erased(bench)
    assert shop.run("SELECT no FROM customers WHERE id = 1") == [("erased-1",)]
    assert shop.orders() == [10, 20]
    assert "31 December 2032" in letters(bench, first)["L11"]
    second = identified(bench, "access", **ANNA)
    try:
        search(second)
        with bench.file(second) as file:
            assert not file.found_nothing
    except Refused as told:
        assert first in str(told), "that it is there and cannot be read is no absence either"
    assert "L8" not in letters(bench, second)
    work_on(bench, first, AFTER)
    order, tasks = order_of(bench, first)
    assert (shop.orders() == [20]) == (order.outcome is OutcomeKind.ERASED)
    assert order.outcome is OutcomeKind.ERASED or [one.is_open for one in tasks] == [True]


@pytest.mark.apart
def test_what_is_there_and_reads_as_anothers_is_open_until_a_person_has_looked(bench, shop):
    """Accounts were merged: the kept order hangs on another customer's account by now."""
    first = erased(bench)
    shop.run("UPDATE orders SET customer = 2 WHERE id = 10")
    second = identified(bench, "access", **ANNA)
    with pytest.raises(Refused, match=f"1 record that {first} keeps cannot be read as the person's any more"):
        search(second)
    with pytest.raises(Refused):
        locate_records(current_app(), second, "payments")
    order, (task,) = order_of(bench, first)
    assert (order.outcome, task.is_open, task.due_on, task.records) == (
        OutcomeKind.RETAINED,
        True,
        current_app().today,
        1,
    )
    work_on(bench, first, AFTER)
    order, (task,) = order_of(bench, first)
    assert (order.outcome, task.is_open, shop.orders()) == (OutcomeKind.RETAINED, True, [10, 20])

    shop.run("UPDATE orders SET customer = 1 WHERE id = 10")
    shop.run("UPDATE customers SET no = '' WHERE id = 1")
    work_on(bench, first, date(2033, 1, 2))
    order, (task,) = order_of(bench, first)
    assert (order.outcome, task.is_open, shop.orders()) == (OutcomeKind.ERASED, False, [20])


@pytest.mark.apart
def test_a_person_who_looked_and_found_nothing_ends_it(bench, shop):
    first = erased(bench)
    shop.run("UPDATE orders SET customer = 2 WHERE id = 10")
    work_on(bench, first, AFTER)
    _, (task,) = order_of(bench, first)
    mark_task_done(current_app(), first, task.number, on=None, by="Ben")
    order, _ = order_of(bench, first)
    assert (order.outcome, order.reason) == (
        OutcomeKind.NOT_HELD,
        "A person looked, and nothing of yours is there any more.",
    )
    work_on(bench, first, date(2033, 1, 2))
    assert not [one for one in looks.tasks(bench, first) if one.is_open and one.kind.is_followed_up]


@pytest.mark.apart
def test_what_was_removed_elsewhere_is_no_longer_there(bench, shop):
    first = erased(bench)
    shop.run("DELETE FROM orders WHERE id = 10")
    work_on(bench, first, AFTER)
    order, tasks = order_of(bench, first)
    assert (order.outcome, order.reason, tasks) == (
        OutcomeKind.NOT_HELD,
        "It was no longer there when its retention ended.",
        [],
    )


class TestByANumberAlone:
    """A telephone number that another request gave, whose order is kept, proves neither that it is theirs nor a no."""

    @pytest.fixture
    def asked(self, bench, shop):
        first = erased(bench)
        second = identified(bench, "access", email="", phone=ANNA["phone"])
        search(second)
        reach_gate(current_app(), second, Gate.APPROVAL)
        with bench.file(second) as file:
            assert (other_cases(file).perhaps, file.found_nothing) == ((first,), True)
        return first, second

    @pytest.mark.apart
    def test_no_one_approves_a_no(self, bench, asked):
        first, second = asked
        with pytest.raises(Conflict, match=f"{first} may be of the same person and holds something"):
            bench.approve(second)
        assert "L8" not in letters(bench, second)

    def test_the_person_is_asked_for_what_would_show_it(self, bench, asked):
        _, second = asked
        refusal = Decision(
            gate=Gate.APPROVAL,
            verdict=Verdict.REFUSED,
            by="Dana Decider",
            code="R10",
            reason="You gave us a telephone number and nothing else.",
        )
        record_decision(current_app(), second, refusal)
        write_refusal(current_app(), second)
        letter = letters(bench, second)["L7"]
        assert "we cannot tell which data, if any, are about you (Art. 11(2) GDPR)" in letter
        assert "What would show it: your e-mail address or your customer number" in letter
        assert "supervisory authority" in letter
        assert looks.state(bench, second) is CaseState.REFUSED

    def test_once_a_person_found_out_that_it_is_another_one_a_no_is_true(self, bench, asked):
        first, second = asked
        find_other_person(current_app(), second, first, reason="Called back.", by="Dana Decider")
        bench.approve(second)
        write_nothing_held(current_app(), second)
        assert "Our answer is: no" in letters(bench, second)["L8"]

    def test_a_doubt_that_came_after_the_approval_stops_the_letter(self, bench, shop):
        second = identified(bench, "access", email="", phone=ANNA["phone"].replace("100", "177"))
        search(second)
        reach_gate(current_app(), second, Gate.APPROVAL)
        bench.approve(second)
        bench.open("access", email="other@shop.example", phone=ANNA["phone"].replace("100", "177"))
        with pytest.raises(Conflict, match="no one can say that nothing is held"):
            write_nothing_held(current_app(), second)
