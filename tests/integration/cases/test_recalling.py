"""A person who asks again after an erasure is told of what was kept; it is found although nothing names them there."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.access.package import make_copies_again
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.search import locate_records, resolve_identifiers
from rightsflow.domain.errors import Conflict, Misconfigured, Transient
from rightsflow.domain.gates.decisions import Gate
from rightsflow.testing.fakes import FakeRecord
from tests.support import looks
from tests.support.bench import ANNA_PHONE, BORIS
from tests.support.looks import letter
from tests.support.steps import (
    SYSTEMS,
    answer_sent,
    answered,
    answered_access,
    carry_out,
    identified,
    search,
    searched,
    send_answer,
)


@pytest.fixture
def erased(bench):
    """A person whose erasure left an invoice that the law wants kept."""
    return answer_sent(bench)


def found(bench, case_id):
    return {(one.ref.system, one.ref.kind, one.ref.ref) for one in looks.findings(bench, case_id)}


@pytest.mark.apart
def test_an_erased_person_who_asks_again_gets_what_was_kept(bench, erased):
    """Before, the search by the address found nothing and the answer was "no, we do not process data about you"."""
    again = answered_access(bench)
    assert found(bench, again) >= {("payments", "invoice", "i1")}
    with bench.file(again) as file:
        assert [line.template_id for line in file.outbox.lines()] == ["L1", "L9"]


@pytest.mark.apart
def test_an_erased_person_who_wants_erasure_again_is_told_what_is_kept_and_a_third_request_finds_it_once(bench, erased):
    again = searched(bench, "erasure")
    prepare_plan(current_app(), again)
    reach_gate(current_app(), again, Gate.APPROVAL)
    bench.approve(again)
    settle_plan(current_app(), again)
    carry_out(again)
    write_answer(current_app(), again)
    body = letter(bench, again)
    assert "invoices: 1 record kept" in body
    assert "Kept until 31 December 2034" in body
    send_answer(bench, again)
    third = searched(bench, "access")
    assert ("payments", "invoice", "i1") in found(bench, third)


def test_what_is_gone_by_now_is_not_recalled(bench, erased):
    records = bench.systems["payments"]._records
    records.pop(next(ref for ref in records if ref.ref == "i1"))
    again = identified(bench, "access")
    locate_records(current_app(), again, "payments")
    assert ("payments", "invoice", "i1") not in found(bench, again)


def test_what_cannot_be_looked_at_again_or_is_of_no_configured_kind_or_system_is_not_taken_for_gone(bench, erased):
    again = identified(bench, "access")
    bench.systems["payments"].fail("presence", times=None)
    with pytest.raises(Transient):
        locate_records(current_app(), again, "payments")
    bench.systems["payments"].heal()
    payments = bench.systems["payments"]
    kinds = payments.kinds
    payments.kinds = tuple(one for one in kinds if one.name != "invoice")
    sentence = f"The earlier case {erased} holds records of the kind invoice in the system payments"
    with pytest.raises(Misconfigured, match=sentence):
        locate_records(current_app(), again, "payments")
    payments.kinds = kinds
    del bench.systems["payments"]
    for system in bench.systems:
        locate_records(current_app(), again, system)
    with pytest.raises(Misconfigured, match=r"kind invoice in the system payments.*restore \[systems.payments\]"):
        resolve_identifiers(current_app(), again)


def test_a_kind_that_goes_while_a_case_is_worked_on_stops_the_plan(bench):
    case_id = searched(bench, "erasure")
    calls = bench.systems["calls"]
    calls.kinds = tuple(one for one in calls.kinds if one.name != "recording")
    with pytest.raises(Misconfigured, match=f"{case_id} holds records of the kind recording in the system calls"):
        prepare_plan(current_app(), case_id)


def test_a_system_that_goes_while_a_case_is_worked_on_stops_the_package(bench):
    """Its records were left out of the package without a word."""
    case_id = searched(bench, "access")
    assert make_copies_again(current_app(), case_id) == list(SYSTEMS)
    del bench.systems["payments"]
    with pytest.raises(Misconfigured, match=rf"{case_id} holds records .*restore \[systems.payments\]"):
        make_copies_again(current_app(), case_id)


def test_another_person_with_the_same_number_recalls_nothing(bench, erased):
    """A telephone number is several people's: it does not open another person's case."""
    other = identified(bench, "access", email="carla.third@example.net", phone="+49 30 23125 001")
    for system in SYSTEMS:
        locate_records(current_app(), other, system)
    assert ("payments", "invoice", "i1") not in found(bench, other)


@pytest.mark.apart
def test_records_that_an_earlier_case_could_not_attribute_forbid_the_clear_no(bench):
    bench.systems["calls"].add(
        FakeRecord(kind="recording", key="r8", texts=((BORIS | {ANNA_PHONE}, "his"),), audio=b"RIFF")
    )
    first = answered(bench)
    bench.systems["payments"]._records.clear()
    bench.systems["payments"].add(FakeRecord(kind="profile", key="c2", texts=((BORIS, "payer"),)))
    again = identified(bench, "access")
    with pytest.raises(Conflict, match=f"An earlier case of this person, {first}, left records that could not"):
        search(again)
