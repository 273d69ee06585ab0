"""Locating: to a fixpoint of identifiers, over all systems, and never on half a search."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.work.search import Resolved, locate_records, resolve_identifiers
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.errors import Transient
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.states import StepState
from rightsflow.testing.fakes import FakeRecord
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, ANNA_ID, ANNA_NAME, ANNA_PHONE, BORIS
from tests.support.steps import carried_out, identified, others_digest, outcomes, search, searched

ANNAS = {
    ("helpdesk", "profile", "u1"),
    ("helpdesk", "ticket", "t1"),
    ("helpdesk", "ticket", "t2"),
    ("payments", "profile", "c1"),
    ("payments", "invoice", "i1"),
    ("calls", "recording", "r1"),
}


def known(bench, case_id):
    with bench.file(case_id) as file:
        return file.identifiers.known()


def found(bench, case_id):
    return {(one.ref.system, one.ref.kind, one.ref.ref): one.attribution for one in looks.findings(bench, case_id)}


def locate_all(case_id):
    return {system: locate_records(current_app(), case_id, system) for system in ("helpdesk", "payments", "calls")}


@pytest.mark.apart
def test_each_round_searches_for_what_the_one_before_learnt_and_a_search_that_is_done_is_not_repeated(bench):
    case_id = identified(bench, "access")
    assert known(bench, case_id) == {ANNA_EMAIL}
    assert locate_all(case_id) == {"helpdesk": 3, "payments": 0, "calls": 0}
    assert resolve_identifiers(current_app(), case_id) == Resolved(learnt=True, subject=3, unclear=0)
    assert known(bench, case_id) == {ANNA_EMAIL, ANNA_PHONE, ANNA_ID, ANNA_NAME}
    assert locate_all(case_id) == {"helpdesk": 3, "payments": 2, "calls": 1}
    assert resolve_identifiers(current_app(), case_id) == Resolved(learnt=False, subject=6, unclear=0)
    assert found(bench, case_id) == dict.fromkeys(ANNAS, Attribution.SUBJECT)
    calls = {name: system.calls["locate"] for name, system in bench.systems.items()}
    assert search(case_id) == Resolved(learnt=False, subject=6, unclear=0)
    assert {name: system.calls["locate"] for name, system in bench.systems.items()} == calls


@pytest.mark.parametrize(
    "given", [{"email": "", "customer_id": "C-10001"}, {"email": "", "phone": "030 23125 001"}], ids=["id", "phone"]
)
def test_whatever_the_search_begins_with_the_same_records_are_found(bench, given):
    case_id = searched(bench, "access", **given)
    assert set(found(bench, case_id)) == ANNAS


def test_a_search_that_breaks_off_stores_nothing_of_it(bench):
    case_id = identified(bench, "access")
    bench.systems["helpdesk"].fail("locate", after=2)
    with pytest.raises(Transient):
        locate_records(current_app(), case_id, "helpdesk")
    assert found(bench, case_id) == {}
    with bench.file(case_id) as file:
        (step,) = file.steps.all()
    assert (step.step, step.system, step.state, step.attempts) == ("locate", "helpdesk", StepState.FAILED, 1)
    assert locate_records(current_app(), case_id, "helpdesk") == 3


@pytest.mark.apart
def test_an_account_of_one_system_claims_no_account_of_another(bench):
    """Helpdesk account 5 is Anna, shop account 5 is Boris: his records became hers."""
    ids = {system: identifier(IdentifierKind.ACCOUNT_ID, "5", issuer=system) for system in ("helpdesk", "payments")}
    bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key="a5", texts=((frozenset({ANNA_EMAIL, ids["helpdesk"]}), "Anna"),))
    )
    bench.systems["payments"].add(
        FakeRecord(kind="profile", key="b5", texts=((BORIS | {ids["payments"]}, "Boris"),)),
        FakeRecord(kind="invoice", key="b6", profile="b5", texts=((BORIS, "his invoice"),)),
    )
    case_id = searched(bench, "access")
    assert ids["helpdesk"] in known(bench, case_id)
    assert set(found(bench, case_id)) == ANNAS | {("helpdesk", "profile", "a5")}


class TestContestedNumber:
    """Anna and Boris used one phone number in turn."""

    @pytest.fixture
    def case_id(self, bench):
        shared = FakeRecord(kind="profile", key="u9", texts=((BORIS | {ANNA_PHONE}, "Boris, later"),))
        bench.systems["helpdesk"].add(shared)
        return bench

    @pytest.mark.apart
    def test_what_carries_only_that_number_is_unclear_and_the_other_person_is_forgotten(self, bench, case_id):
        case_id = identified(bench, "access")
        assert search(case_id) == Resolved(learnt=False, subject=5, unclear=1)
        attributions = found(bench, case_id)
        assert attributions.pop(("calls", "recording", "r1")) is Attribution.UNCLEAR
        assert set(attributions.values()) == {Attribution.SUBJECT}
        assert ("helpdesk", "profile", "u9") not in found(bench, case_id)
        assert not known(bench, case_id) & BORIS
        assert search(case_id).unclear == 1, "once they are forgotten, the number must not look like Anna's alone"

    @pytest.mark.apart
    @pytest.mark.parametrize(
        ("include_unclear", "outcome"), [(False, OutcomeKind.RETAINED), (True, OutcomeKind.ERASED)]
    )
    def test_a_person_decides_what_becomes_of_it(self, bench, case_id, include_unclear, outcome):
        before = others_digest(bench)
        case_id = carried_out(bench, include_unclear=include_unclear)
        assert outcomes(bench, case_id)["calls", "recording", "r1"] is outcome
        kept = {record.key for record in bench.systems["calls"].records()}
        assert kept == ({"r2"} if include_unclear else {"r1", "r2"})
        assert "u9" in {record.key for record in bench.systems["helpdesk"].records()}
        assert others_digest(bench) == before


def test_a_number_that_two_others_share_is_nobodys(bench):
    number = "+49 30 23125 555"
    for key in ("x1", "x2"):
        person = {identifier(IdentifierKind.PHONE, number), identifier(IdentifierKind.CUSTOMER_ID, f"C-{key}")}
        bench.systems["helpdesk"].add(FakeRecord(kind="profile", key=key, texts=((frozenset(person), key),)))
    case_id = identified(bench, "access", email="", phone=number)
    assert search(case_id) == Resolved(learnt=False, subject=0, unclear=2)


def test_a_number_that_leads_to_somebody_else_only_is_for_a_person_to_judge(bench):
    """The request's address is unknown, and its number stands with another address: it may be the person's old one."""
    case_id = identified(bench, "access", email="new.address@example.net", phone="+49 30 23125 001")
    resolved = search(case_id)
    assert (resolved.learnt, resolved.subject) == (False, 0)
    assert found(bench, case_id)["helpdesk", "profile", "u1"] is Attribution.UNCLEAR
    assert ANNA_EMAIL not in known(bench, case_id)


def test_nobody_is_found_by_name(bench):
    case_id = identified(bench, "access", email="somebody@example.net", name="Anna Quillfeather")
    assert search(case_id) == Resolved(learnt=False, subject=0, unclear=0)


def test_a_record_that_is_gone_at_the_second_look_is_no_finding(bench):
    case_id = identified(bench, "access")
    locate_all(case_id)
    resolve_identifiers(current_app(), case_id)
    ticket = next(ref for ref in bench.systems["helpdesk"]._records if ref.ref == "t1")
    del bench.systems["helpdesk"]._records[ticket]
    locate_all(case_id)
    resolve_identifiers(current_app(), case_id)
    assert set(found(bench, case_id)) == ANNAS - {("helpdesk", "ticket", "t1")}
