"""The rights beside access and erasure as runs: objection (L17), restriction on request (L22), consent (L23)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flows.erasure import consent_withdrawal_request, objection_request, restriction_request
from flows.runs import outcome_of
from rightsflow.app import current_app, installed
from rightsflow.cases.work.erasure.suppression import are_suppressed
from rightsflow.domain.vocabulary.records import Method
from tests.e2e.flows.whole_cases import letters
from tests.support.bench import ANNA_EMAIL, ANNA_PHONE
from tests.support.flow_runs import approve_and_resume, confirm_and_resume, order_run, work_on
from tests.support.marketing import subscribed


@pytest.mark.apart
def test_it_is_followed_from_the_request_to_the_answer(bench, deployments):
    subscribed(bench)
    with installed(bench.runtime):
        case_id = bench.open("objection")
        run = order_run(deployments["objection-request"], case_id=case_id)
        assert work_on(objection_request, run.id).name == "Suspended"
        assert [one.value for one in are_suppressed(current_app(), [ANNA_EMAIL.value])] == ["yes"]
        confirm_and_resume(bench, case_id)
        assert work_on(objection_request, run.id).name == "Suspended"
        approve_and_resume(bench, case_id)
        assert outcome_of(work_on(objection_request, run.id)) == "Answered"
        assert "We follow your objection" in letters(bench, case_id)["L17"]
        # Her number was learnt from her own profile.
        assert [one.value for one in are_suppressed(current_app(), [ANNA_PHONE.value])] == ["yes"]


def _answered(bench, deployments, case_id, flow, deployment):
    """Work a case's run from its identity gate to its answer, as officers decide."""
    run = order_run(deployments[deployment], case_id=case_id)
    assert work_on(flow, run.id).name == "Suspended"
    confirm_and_resume(bench, case_id)
    assert work_on(flow, run.id).name == "Suspended"
    approve_and_resume(bench, case_id)
    assert outcome_of(work_on(flow, run.id)) == "Answered"
    return letters(bench, case_id)


@pytest.mark.apart
def test_what_the_person_wants_to_have_stored_only_is_marked(bench, deployments):
    helpdesk = bench.systems["helpdesk"]
    helpdesk.kinds = tuple(replace(one, methods=one.methods | {Method.RESTRICT}) for one in helpdesk.kinds)
    before = {one.key: one.texts for one in helpdesk.records()}
    case_id = bench.open("restriction", ground="accuracy")
    written = _answered(bench, deployments, case_id, restriction_request, "restriction-request")
    assert "since you contest that they are accurate" in written["L22"]
    assert {one.key for one in helpdesk.records() if one.restricted} == {"t1", "u1"}
    assert {one.key: one.texts for one in helpdesk.records()} == before, "nothing is erased"


@pytest.mark.apart
def test_what_rests_on_consent_alone_goes_with_it(bench, deployments):
    subscribed(bench, setting="consent")
    with installed(bench.runtime):
        case_id = bench.open("consent-withdrawal")
        written = _answered(bench, deployments, case_id, consent_withdrawal_request, "consent-withdrawal-request")
        assert "you withdrew your consent" in written["L23"]
        assert [one.value for one in are_suppressed(current_app(), [ANNA_EMAIL.value])] == ["yes"]
        kept = {one.key for one in bench.systems["helpdesk"].records()}
        assert {"s2", "t1", "u1"} <= kept
        assert "s1" not in kept
