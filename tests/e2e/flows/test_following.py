"""The follow-up as Prefect runs it: by its deployment, with its sentence as the run's end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from prefect.states import StateType

from flows.following import follow_up
from rightsflow.app import current_app, installed
from rightsflow.cases.course.letters.answers import write_answer
from tests.support.flow_runs import order_run, work_on
from tests.support.instead import Instead
from tests.support.steps import (
    carried_out,
    send_answer,
)

TYPED = "Wanda Förmlich, +49 30 23125 777"


@pytest.mark.apart
def test_the_follow_up_says_what_it_did(bench, deployments):
    case_id = carried_out(bench)
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    bench.pass_time(timedelta(days=1))
    run = order_run(deployments["follow-up"])
    state = work_on(follow_up, run.id)
    assert state.message == "Cases looked at: 1."


def test_a_follow_up_that_fails_says_so(bench, deployments):
    def broken(*_args):
        raise ValueError(TYPED)

    store = bench.runtime.store
    with installed(replace(bench.runtime, store=Instead(store, work=Instead(store.work, to_follow_up=broken)))):
        state = follow_up(return_state=True)
    assert state.type is StateType.FAILED
    assert "ValueError in broken" in state.message
    assert TYPED not in state.message
