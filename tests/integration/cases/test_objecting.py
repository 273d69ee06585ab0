"""An objection to direct marketing: on the list at once, what is kept for marketing goes, and nothing else."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app, installed
from rightsflow.audit.evidence.verification import check_bundle
from rightsflow.cases.course.evidence.bundle import export_evidence
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.erasure.suppression import are_suppressed
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.store.proofs.seals import seal
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, BORIS_EMAIL, running_bench
from tests.support.kept_cases import staged
from tests.support.looks import letter
from tests.support.marketing import subscribed
from tests.support.steps import carry_out, nothing_held, others_digest, outcomes, searched

SUBSCRIPTION, TICKET, INVOICE = (
    ("helpdesk", "subscription", "s1"),
    ("helpdesk", "ticket", "t1"),
    ("payments", "invoice", "i1"),
)


@pytest.fixture
def shop(tmp_path):
    """A bench with newsletter subscriptions, of which the configuration says what they are for."""
    with running_bench(tmp_path) as made:
        subscribed(made)
        with installed(made.runtime):
            yield made


@staged
def at_the_gate(bench, right="objection"):
    case_id = searched(bench, right)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    return case_id


def answered(bench, case_id, *lines):
    bench.approve(case_id, *lines)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)


def listed(*texts):
    return [one.value for one in are_suppressed(current_app(), texts)]


def test_the_person_is_on_the_list_as_soon_as_the_case_is_open_until_they_ask(shop):
    """Nothing is weighed (Art. 21(3)), and no one has to be identified for it."""
    case_id = shop.open("objection")
    assert listed(ANNA_EMAIL.value, BORIS_EMAIL.value) == ["yes", "no"]
    assert "for direct marketing, if there are any here (Art. 21(2) GDPR)" in letter(shop, case_id, "L1")
    with shop.file(case_id) as file:
        noted = [one for one in file.ledger.entries() if one.event == "KeptFromAdvertising"]
        assert (len(noted), noted[0].details["addresses"]) == (1, 1)
        assert file.due_on.isoformat() == "2026-04-07"
        assert file.suppressions.held(current_app().today)[0].until is None
    assert "unsuppress" in withdraw(current_app(), case_id, by="Olga Opener")
    assert listed(ANNA_EMAIL.value) == ["yes"]


@pytest.mark.apart
def test_what_is_kept_for_marketing_goes_and_the_rest_is_left_as_it_is(shop):
    others, case_id = others_digest(shop), at_the_gate(shop)
    answered(shop, case_id)
    became = outcomes(shop, case_id)
    assert became[SUBSCRIPTION] is OutcomeKind.ERASED
    assert {one for key, one in became.items() if key != SUBSCRIPTION} == {OutcomeKind.NOT_CONCERNED}
    left = {(one.kind, one.key) for one in shop.systems["helpdesk"].records()}
    assert ("subscription", "s1") not in left
    assert {("ticket", "t1"), ("subscription", "s2")} <= left
    assert others_digest(shop) == others
    text = letter(shop, case_id, "L17")
    assert "We follow your objection and have not weighed it against anything (Art. 21(2) and (3) GDPR)." in text
    assert "- newsletter subscriptions: 1 record erased." in text or ": 1 record erased." in text
    assert "other records of yours are not kept for direct marketing alone." in text
    assert "because you objected to direct marketing (Art. 21(3) GDPR), without an end." in text
    assert "Art. 17(3)" not in text
    seal(shop.runtime.store.database, shop.runtime.store.master, shop.runtime.now())
    assert check_bundle(export_evidence(current_app(), case_id, by="Ida").content).faults == ()


def test_where_nothing_is_kept_for_marketing_the_answer_says_so_and_the_list_stands(shop):
    case_id = nothing_held(shop, "objection")
    text = letter(shop, case_id, "L17")
    assert "We looked for them as described below and found none." in text
    assert "keyed codes of your e-mail address" in text


@pytest.mark.apart
def test_where_the_configuration_is_silent_the_approver_is_told_to_look_and_can_decide(tmp_path):
    with running_bench(tmp_path) as bench:
        subscribed(bench, stated=False)
        with installed(bench.runtime):
            case_id = at_the_gate(bench)
            findings = looks.findings(bench, case_id)
            assert all("does not say which records of this system" in one.note for one in findings)
            number = next(one.number for one in findings if one.ref.kind == "subscription")
            answered(bench, case_id, f"{number}: erase")
            became = outcomes(bench, case_id)
            assert (became[SUBSCRIPTION], became[TICKET]) == (OutcomeKind.ERASED, OutcomeKind.NOT_CONCERNED)
            assert became[INVOICE] is OutcomeKind.NOT_CONCERNED


def test_an_objection_is_not_refused_for_want_of_a_ground(shop):
    case_id = at_the_gate(shop)
    refused = Decision(
        gate=Gate.APPROVAL,
        verdict=Verdict.REFUSED,
        by="Dana Decider",
        reason="we would like to go on",
        code="R3",
        details={"Purpose that goes on": "advertising", "Legal basis": "Art. 6(1)(f) GDPR"},
    )
    with pytest.raises(BadInput, match="does not fit a refused objection request"):
        record_decision(current_app(), case_id, refused)


@pytest.mark.apart
def test_a_withdrawn_consent_ends_what_rests_on_it_alone(tmp_path):
    with running_bench(tmp_path) as bench:
        subscribed(bench, setting="consent")
        with installed(bench.runtime):
            case_id = at_the_gate(bench, "consent-withdrawal")
            planned = next(one for one in looks.findings(bench, case_id) if one.ref.kind == "subscription")
            assert planned.legal_basis == "Art. 17(1)(b) GDPR"
            answered(bench, case_id)
            assert listed(ANNA_EMAIL.value) == ["yes"]
            became = outcomes(bench, case_id)
            assert (became[SUBSCRIPTION], became[TICKET]) == (OutcomeKind.ERASED, OutcomeKind.NOT_CONCERNED)
            text = letter(bench, case_id, "L23")
            assert "you withdrew your consent" in text
            assert "do not rest on your consent alone. They stay as they are." in text
            assert "because you withdrew your consent (Art. 7(3) GDPR)" in text
