"""The canary's way through both kinds of request: smoothly, refused, and with every step of every system failing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import cycle, pairwise
from typing import Any, Never
from uuid import UUID

import pytest

from flows.access import access_request
from flows.desk import decide_on_corrections
from flows.erasure import erasure_request, rectification_request
from flows.intake import open_request
from proofs.canaries.errors import errors
from proofs.canaries.person import CORRECTIONS, FORM, REASON, RULINGS, fill
from tests.support.bench import Bench
from tests.support.flow_runs import inputs_of, order_run, read_run, resume, runs_named, work_on
from tests.support.identity import as_form
from tests.support.steps import send_answer

REFUSED = {
    "result": "refuse the request",
    "refusal_code": "R8 the representative has no authority",
    "refusal_details": "What proof is needed: a written authority",
}

FLOWS = {"access": access_request, "erasure": erasure_request, "rectification": rectification_request}
STEPS = {"access": ("locate", "extract"), "erasure": ("locate", "erase", "presence")}
SYSTEMS = ("helpdesk", "payments", "calls")
RECEIVED = "2026-03-04"

Fault = tuple[str, str]
"""A step and the system in which it fails."""


class Journey:
    """Takes the person from the form to the answer.

    Args:
        bench: The fake systems and the case store.
        deployments: The deployments' ids by flow name.
    """

    def __init__(self, bench: Bench, deployments: Mapping[str, str]) -> None:
        self.bench = bench
        self.endings: dict[str, list[str]] = {}
        self.inputs: list[dict[str, str]] = []
        self.raised: set[str] = set()
        self.told = 0
        self._deployments = deployments
        self._errors = cycle(errors())

    def go_smoothly(self, right: str) -> None:
        """Through both gates."""
        run_id = self.opened(right)
        self.work(right, right, run_id)
        resume(run_id, **as_form(self.bench.moment[0], note=REASON, what_was_done=REASON))
        self.work(right, right, run_id)
        resume(run_id, decision="approve", reason=REASON, decided_by="Dana Decider")
        self.work(right, right, run_id)
        self.inputs.append(inputs_of(run_id))
        self.told += len(self.bench.runtime.store.work.open_instructions())
        self.send_answers()

    def get_corrected(self) -> None:
        """Items with values in the form, decided on by a form; what no program corrects is a person's."""
        right = "rectification"
        run_id = self.opened(right, corrections=CORRECTIONS)
        self.work(right, right, run_id)
        resume(run_id, **as_form(self.bench.moment[0], note=REASON, what_was_done=REASON))
        self.work(right, right, run_id)
        form = {"case_id": self.case_of(run_id), "decisions": RULINGS, "your_name": "Olga Opener"}
        decided = order_run(self._deployments["decide-corrections"], **form)
        self.endings["corrections"] = [work_on(decide_on_corrections, decided.id).name]
        resume(run_id, decision="approve", reason=REASON, decided_by="Dana Decider")
        self.work(right, right, run_id)
        self.inputs.append(inputs_of(run_id))
        self.send_answers()

    def get_refused(self) -> None:
        """Ask for proof of identity, and refuse."""
        run_id = self.opened("erasure")
        self.work("refused", "erasure", run_id)
        resume(run_id, result="ask the person for proof", note=REASON, decided_by="Ida Identity")
        self.work("refused", "erasure", run_id)
        resume(run_id, **REFUSED, note=REASON, decided_by="Ida Identity")
        self.work("refused", "erasure", run_id)
        self.inputs.append(inputs_of(run_id))

    def go_through_trouble(self, right: str, faults: Sequence[Fault]) -> None:
        """Each fault occurs first for good and then once; the case's run is started again each time."""
        title = f"{right} in trouble"
        run_id = self.opened(right)
        self.work(title, right, run_id)
        resume(run_id, **as_form(self.bench.moment[0], note=REASON, what_was_done=REASON))
        for once, for_good in pairwise((None, *faults, None)):
            self._order_faults(once, for_good)
            if self.work(title, right, run_id).name == "Suspended":
                # The opener first, who is not to decide.
                for decider in ("Olga Opener", "Dana Decider"):
                    resume(run_id, decision="approve", reason=REASON, decided_by=decider)
                    self.work(title, right, run_id)
            self._check(once, for_good)
        self.inputs.append(inputs_of(run_id))

    def type_nonsense(self) -> None:
        """Forms whose fields hold what they are not made for, and an intake that fails in an unforeseen way."""
        run = order_run(self._deployments["open-request"], right="access", received_on=REASON, **FORM)
        work_on(open_request, run.id)
        other = order_run(self._deployments["access-request"], case_id=REASON)
        work_on(access_request, other.id)
        form = {"right": "access", "received_on": RECEIVED} | FORM
        unsealed = order_run(self._deployments["open-request"], **form)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("flows.intake.seal_form", _raise_panic)
            work_on(open_request, unsealed.id)
        self.endings["nonsense"] = [read_run(one.id).state.name for one in (run, other, unsealed)]

    def opened(self, right: str, **more: str) -> UUID:
        """Fill in the form on the server and return the run of the case.

        Args:
            right: What is asked for.
            **more: What else is typed.
        """
        self.send_answers()
        fill(self.bench.systems)
        before = {case.case_id for case in self.bench.runtime.store.summaries()}
        form = {"right": right, "received_on": RECEIVED} | FORM | more
        run = order_run(self._deployments["open-request"], **form)
        work_on(open_request, run.id)
        (case,) = {case.case_id for case in self.bench.runtime.store.summaries()} - before
        (started,) = runs_named(case)
        return UUID(str(started.id))

    def send_answers(self) -> None:
        """Each case that is settled is closed, so that the next request is no duplicate of it."""
        for case in self.bench.runtime.store.summaries():
            if case.state.is_settled and case.closed_at is None:
                send_answer(self.bench, case.case_id)

    def case_of(self, run_id: UUID) -> str:
        """The case of a run.

        Args:
            run_id: The run.
        """
        return str(read_run(run_id).name)

    def work(self, title: str, right: str, run_id: UUID) -> Any:
        """Work on a case's run until it ends or is suspended; gives the state.

        Args:
            title: By what its endings are told.
            right: What is asked for.
            run_id: The run.
        """
        state = work_on(FLOWS[right], run_id)
        self.endings.setdefault(title, []).append(state.name)
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
        """A fault that is still ordered did not occur."""
        if once and once != for_good:
            assert once[0] not in self.bench.systems[once[1]]._faults, f"{once[0]} at {once[1]} did not fail"


def _raise_panic(*_: object) -> Never:
    raise errors()["a panic"]


def each_system_alone(right: str) -> list[list[Fault]]:
    """The faults of a case for each system: each step fails there, and all other systems do theirs."""
    return [[(step, name) for step in STEPS[right]] for name in SYSTEMS]
