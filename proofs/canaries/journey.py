"""The canary's way through both kinds of request: smoothly, refused, and with every step of every system failing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import cycle, pairwise
from typing import Any, Never
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from prefect.exceptions import PrefectHTTPStatusError

from flows.access import access_request
from flows.erasure import erasure_request, rectification_request
from flows.opening import open_from_ticket_of
from flows.runs import outcome_of
from flows.starting import start_case
from flows.suspended import resume_all
from proofs.canaries.person import CORRECTIONS, FORM, QUOTE, REASON, RULINGS, errors, fill, requester
from rightsflow.app import current_app
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.letters.questions import ask_identity
from rightsflow.cases.work.erasure.plan import decide_corrections
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.request import RequestForm
from tests.support.bench import Bench
from tests.support.desk import DOUBT
from tests.support.flow_runs import inputs_of, order_run, read_run, runs_named, work_on
from tests.support.identity import confirmed
from tests.support.reading import read_then_decide
from tests.support.steps import send_answer

_REFUSED = Decision(
    gate=Gate.IDENTITY, verdict=Verdict.REFUSED, by="Ida Identity", code="R8",
    details={"What proof is needed": "a written authority"},
)  # fmt: skip
_APPROVED = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
TICKET = {"system": "helpdesk", "ticket": "4711"}
_EXAMPLES = {"open-from-ticket": TICKET | {"right": "access"}}

FLOWS = {"access": access_request, "erasure": erasure_request, "rectification": rectification_request}
STEPS = {"access": ("locate", "extract"), "erasure": ("locate", "erase", "presence")}
SYSTEMS = ("helpdesk", "payments", "calls")
RECEIVED = "2026-03-04"

Fault = tuple[str, str]
"""A step and the system in which it fails."""


class Journey:
    """Takes the person from the ticket to the answer."""

    def __init__(self, bench: Bench, deployments: Mapping[str, str]) -> None:
        self.bench = bench
        self.endings: dict[str, list[str]] = {}
        self.inputs: list[dict[str, str]] = []
        self.raised: set[str] = set()
        self.told = 0
        self.refused: list[str] = []
        self._deployments = deployments
        self._errors = cycle(errors())

    def go_smoothly(self, right: str) -> None:
        run_id = self.opened(right)
        self.work(right, right, run_id)
        self.confirm(run_id)
        self.work(right, right, run_id)
        self.approve(run_id)
        self.work(right, right, run_id)
        self.inputs.append(inputs_of(run_id))
        self.told += len(self.bench.runtime.store.work.open_instructions())
        self.send_answers()

    def get_corrected(self) -> None:
        right = "rectification"
        run_id = self.opened(right, corrections=CORRECTIONS)
        self.work(right, right, run_id)
        self.confirm(run_id)
        self.work(right, right, run_id)
        decide_corrections(current_app(), self.case_of(run_id), RULINGS.splitlines(), by="Olga Opener")
        self.approve(run_id)
        self.work(right, right, run_id)
        self.inputs.append(inputs_of(run_id))
        self.send_answers()

    def get_refused(self) -> None:
        run_id = self.opened("erasure")
        self.work("refused", "erasure", run_id)
        ask_identity(current_app(), self.case_of(run_id), doubt=DOUBT, by="Ida Identity")
        self.decide(run_id, replace(_REFUSED, reason=REASON))
        self.work("refused", "erasure", run_id)
        self.inputs.append(inputs_of(run_id))

    def go_through_trouble(self, right: str, faults: Sequence[Fault]) -> None:
        """Cause each fault for good and then once; the case's run is started again each time."""
        title = f"{right} in trouble"
        run_id = self.opened(right)
        self.work(title, right, run_id)
        self.confirm(run_id)
        for once, for_good in pairwise((None, *faults, None)):
            self._order_faults(once, for_good)
            if self.work(title, right, run_id).name == "Suspended":
                self.approve(run_id)
                self.work(title, right, run_id)
            self._check(once, for_good)
        self.inputs.append(inputs_of(run_id))

    def type_nonsense(self) -> None:
        for name, deployment_id in self._deployments.items():
            for parameter in _parameters_of(deployment_id):
                with pytest.raises(PrefectHTTPStatusError):
                    order_run(deployment_id, **(_EXAMPLES.get(name, {}) | {parameter: QUOTE}))
                self.refused.append(f"{name} {parameter}")
        unforeseen = order_run(self._deployments["open-from-ticket"], **TICKET, right="access")
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("flows.opening.open_from_ticket", _raise_panic)
            work_on(open_from_ticket_of, unforeseen.id)
        self.endings["nonsense"] = [outcome_of(read_run(unforeseen.id).state)]

    def opened(self, right: str, **more: Any) -> UUID:
        """Open the request and return the run of the case: from a ticket, or where more is needed as the desk does.

        Args:
            right: What is asked for.
            **more: What else is typed.
        """
        self.send_answers()
        fill(self.bench.systems)
        before = {case.case_id for case in self.bench.runtime.store.summaries()}
        if more:
            form = RequestForm(right=right, received=RECEIVED, opened_by="Olga Opener", **FORM, **more)
            opened = open_request_form(current_app(), form)
            start_case(opened.case_id, opened.right)
        else:
            self.bench.systems["helpdesk"].tickets = {"4711": requester(RECEIVED)}
            run = order_run(self._deployments["open-from-ticket"], **TICKET, right=right)
            work_on(open_from_ticket_of, run.id)
        (case,) = {case.case_id for case in self.bench.runtime.store.summaries()} - before
        (started,) = runs_named(case)
        return UUID(str(started.id))

    def confirm(self, run_id: UUID) -> None:
        decision = confirmed(self.bench.moment[0], by="Ida Identity", reason=REASON)
        check = decision.check
        assert check is not None
        self.decide(run_id, replace(decision, check=replace(check, done=REASON)))

    def approve(self, run_id: UUID) -> None:
        self.decide(run_id, replace(_APPROVED, reason=REASON))

    def decide(self, run_id: UUID, decision: Decision) -> None:
        case_id = self.case_of(run_id)
        read_then_decide(current_app(), case_id, decision)
        assert resume_all(case_id, decision.gate)

    def send_answers(self) -> None:
        for case in self.bench.runtime.store.summaries():
            if case.state.is_settled and case.closed_at is None:
                send_answer(self.bench, case.case_id)

    def case_of(self, run_id: UUID) -> str:
        return str(read_run(run_id).name)

    def work(self, title: str, right: str, run_id: UUID) -> Any:
        state = work_on(FLOWS[right], run_id)
        self.endings.setdefault(title, []).append(outcome_of(state))
        return state

    def _order_faults(self, once: Fault | None, for_good: Fault | None) -> None:
        for system in self.bench.systems.values():
            system.heal()
        for fault, times in ((once, 1), (for_good, None)):
            if fault:
                kind = next(self._errors)
                self.raised.add(kind)
                self.bench.systems[fault[1]].fail(fault[0], errors()[kind], times=times)

    def _check(self, once: Fault | None, for_good: Fault | None) -> None:
        if once and once != for_good:
            assert once[0] not in self.bench.systems[once[1]]._faults, f"{once[0]} at {once[1]} did not fail"


def _parameters_of(deployment_id: str) -> list[str]:
    with get_client(sync_client=True) as client:
        schema = client.read_deployment(UUID(deployment_id)).parameter_openapi_schema
    assert schema is not None
    return sorted(schema["properties"])


def _raise_panic(*_: object) -> Never:
    raise errors()["a panic"]


def each_system_alone(right: str) -> list[list[Fault]]:
    return [[(step, name) for step in STEPS[right]] for name in SYSTEMS]
