"""A run ends while a system erases by a job of its own, and goes on when the job has ended."""

from __future__ import annotations

from datetime import timedelta

import pytest

from flows.runs import WAITING_FOR_JOBS, outcome_of
from tests.e2e.flows.whole_cases import go, letters
from tests.support.flow_runs import artifact
from tests.support.system_jobs import by_jobs_of


@pytest.mark.apart
def test_no_run_sleeps_while_a_system_erases_for_days(bench):
    """Each run ends at once; the answer is written after the last one."""
    helpdesk = by_jobs_of(bench, "helpdesk", days=9)
    case_id = bench.open("erasure")
    go("erasure", case_id)
    bench.confirm_identity(case_id)
    go("erasure", case_id)
    bench.approve(case_id)
    for _ in range(3):
        state = go("erasure", case_id)
        assert (outcome_of(state), state.is_completed()) == (WAITING_FOR_JOBS, True)
    assert helpdesk.looks == 1
    assert "by a job of its own; it is looked at again" in artifact(case_id)
    assert "L11" not in letters(bench, case_id)
    bench.pass_time(timedelta(days=9))
    assert outcome_of(go("erasure", case_id)) == "Answered"
    assert list(helpdesk.begun) == ["job-0"]
