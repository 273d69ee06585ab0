"""An objection to direct marketing as a run: on the list before the identity gate, and answered by L17."""

from __future__ import annotations

from flows.erasure import objection_request
from rightsflow.cases.suppression import are_suppressed
from tasks.composition import current_app, installed
from tests.e2e.flows.whole_cases import letters
from tests.support.bench import ANNA_EMAIL, ANNA_PHONE
from tests.support.flow_runs import order_run, resume, work_on
from tests.support.identity import as_form
from tests.support.marketing import subscribed


def test_it_is_followed_from_the_request_to_the_answer(bench, deployments):
    subscribed(bench)
    with installed(bench.runtime):
        case_id = bench.open("objection")
        run = order_run(deployments["objection-request"], case_id=case_id)
        assert work_on(objection_request, run.id).name == "Suspended"
        assert [one.value for one in are_suppressed(current_app(), [ANNA_EMAIL.value])] == ["yes"]
        resume(run.id, **as_form(bench.moment[0]))
        assert work_on(objection_request, run.id).name == "Suspended"
        resume(run.id, decision="approve", decided_by="Dana Decider")
        assert work_on(objection_request, run.id).name == "Answered"
        assert "We follow your objection" in letters(bench, case_id)["L17"]
        # Her number was learnt from her own profile.
        assert [one.value for one in are_suppressed(current_app(), [ANNA_PHONE.value])] == ["yes"]
