"""An erasure that was answered with an invoice kept, and the days after it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from rightsflow.cases.erasure.erasing import prepare_plan, settle_plan
from rightsflow.cases.gates.gate_views import reach_gate
from rightsflow.cases.letters.answering import write_answer
from rightsflow.domain.gates.decisions import Gate
from tasks.composition import current_app
from tests.support.steps import (
    carry_out,
    searched,
    send_answer,
)

LAST_DAY = date(2034, 12, 31)
"""Of Anna's invoice of January 2026."""


def answered(bench, *, meanwhile=lambda: None):
    """An erasure that is answered and sent, with an invoice that is kept; something may happen before the letter."""
    case_id = searched(bench, "erasure")
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    meanwhile()
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    return case_id


def go_to(bench, day, hour=12):
    bench.moment[0] = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
