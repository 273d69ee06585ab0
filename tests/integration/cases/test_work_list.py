"""The list over all cases and the page of each case say the same work, whatever stage a case is at."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.deadlines.alerts import look_at_cases
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.cases.work.erasure.brakes import set_brake
from rightsflow.cases.work.erasure.steps import erase_records
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.domain.errors import ConnectorError, Refused, Transient
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.work_list import ToDoKind, work_of
from tests.support.processors import with_processors
from tests.support.steps import answer_sent, answered, approved, at_approval


def waiting(bench):
    reach_gate(current_app(), case := bench.open("access"), Gate.IDENTITY)
    return case


def asked(bench):
    case = bench.open("access")
    ask_identity(current_app(), case, doubt="The name is another one.", by="Olga")
    record_sent(current_app(), case, "L2", by="Olga")
    return case


def instructed(bench):
    case = approved(bench)
    instruct_processor(current_app(), case, "callhouse")
    return case


def failing(bench, error):
    case = approved(bench)
    bench.systems["helpdesk"].fail("erase", error)
    with pytest.raises(ConnectorError):
        erase_records(current_app(), case, "helpdesk")
    return case


def braked(bench):
    case = approved(bench)
    set_brake(current_app(), case, by="Olga", reason="Something is odd.")
    return case


def late(bench):
    case = bench.open("access")
    bench.pass_time(timedelta(days=28))
    look_at_cases(current_app())
    return case


STAGES = {
    "opened": (lambda bench: bench.open("access"), ToDoKind.LETTER),
    "at the identity gate": (waiting, ToDoKind.IDENTITY),
    "asked": (asked, ToDoKind.REPLY),
    "at approval": (at_approval, ToDoKind.APPROVAL),
    "with an instruction": (instructed, ToDoKind.INSTRUCTION),
    "refused by a system": (lambda bench: failing(bench, Refused("It says no.", system="helpdesk")), ToDoKind.REFUSAL),
    "without an answer of a system": (lambda bench: failing(bench, Transient("Away.", system="helpdesk")), None),
    "stopped": (braked, ToDoKind.BRAKE),
    "answered": (answered, ToDoKind.LETTER),
    "closed": (answer_sent, None),
    "late": (late, ToDoKind.ALERT),
}


@pytest.mark.parametrize("stage", STAGES)
def test_list_and_case_agree(bench, stage):
    make, kind = STAGES[stage]
    bench.runtime = replace(bench.runtime, settings=with_processors(bench.runtime.settings))
    with installed(bench.runtime):
        case, app = make(bench), current_app()
        listed = [
            work
            for facts, _ in app.store.work.facts(app.today)
            if facts.case_id == case
            for work in work_of(facts, app.present)
        ]
        seen = read_overview(app, case)
    assert [(work.kind, work.key, work.says) for work in listed] == [
        (work.kind, work.key, work.says) for work in seen.work
    ]
    assert kind is None or kind in {work.kind for work in seen.work}
    if kind is None:
        assert not {ToDoKind.REFUSAL, ToDoKind.FAULT} & {work.kind for work in seen.work}
