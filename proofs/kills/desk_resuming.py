"""``python -m proofs.kills.desk_resuming``: kill the desk between a decision and the resumption of the case's run.

A case's run on a real Prefect server is suspended at a gate. A child serves the desk, takes the form of the decision,
and kills itself where it would let the run go on: just before it asks Prefect, or just after Prefect has done so and
before the person hears of it. Then the form is sent again, as a person does who saw no answer, and the keeper sweeps
twice. The ledger has to hold one decision, Prefect one resumption of one run, and the case goes on from there. Exit
status 1 if not.
"""

from __future__ import annotations

import os
import re
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import UUID

from prefect.client.orchestration import get_client

from deployments.applying import apply_deployments
from deployments.runs.reconcile import Reconciler
from flows.access import access_request
from flows.erasure import erasure_request
from flows.runs import outcome_of
from flows.starting import start_case
from flows.suspended import resume_all
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.rights import Right
from tests.support.bench import Bench, running_bench
from tests.support.desk_client import DeskRig, hidden_of
from tests.support.flow_runs import read_run, runs_named, work_on
from tests.support.servers import running_server
from tests.support.signing_in import Team

FLOWS: Final = {Right.ACCESS: access_request, Right.ERASURE: erasure_request}
LONGEST: Final = 120
"""Seconds that the child may live."""
_RESUMED: Final = "Resuming"
"""What Prefect calls the state into which a suspended run is brought."""


@dataclass(frozen=True, slots=True)
class Form:
    """The form by which a gate is decided."""

    right: Right
    gate: Gate
    key: str
    page: str
    below: str
    typed: Mapping[str, str]
    after: str


_CHECKED: Final = {
    "method": "call back to the known number", "done": "They were called back and confirmed the request.",
    "at": "2026-03-05T09:30", "against": "phone number", "held_by": "helpdesk", "since": "2024-05-03",
}  # fmt: skip
FORMS: Final[Mapping[str, Form]] = {
    "identity is confirmed": Form(
        Right.ACCESS, Gate.IDENTITY, "olga", "/identity", "/identity/confirm", _CHECKED, "Suspended"
    ),
    "a package is released": Form(
        Right.ACCESS, Gate.APPROVAL, "dana", "/approval", "/approval/approve", {}, "Answered"
    ),
    "an erasure is approved": Form(Right.ERASURE, Gate.APPROVAL, "dana", "/plan", "/plan/approve", {}, "Answered"),
}
"""By what is decided."""
MOMENTS: Final = ("before the run is resumed", "after it, before the answer")


@dataclass(frozen=True, slots=True)
class KilledResume:
    """What came of one kill."""

    decision: str
    moment: str
    decided: int
    resumed: int
    runs: int
    ended: tuple[str, str]

    @property
    def is_once(self) -> bool:
        return (self.decided, self.resumed, self.runs) == (1, 1, 1) and self.ended[0] == self.ended[1]


def kill(decision: str, moment: str, folder: Path, sweep: Callable[[Bench], object] | None = None) -> KilledResume:
    """Kill the desk at one moment of one decision; this process talks to a Prefect server with the deployments."""
    form = FORMS[decision]
    with running_bench(folder, is_known_outside=True) as bench:
        case, run_id = _at_gate(bench, form)
        before = _resumptions(run_id)
        team = Team(bench)
        _send_and_die(bench, team, form, case, moment)
        _send(DeskRig(bench, team, resume=resume_all), form, case)
        for _ in range(2):
            (sweep or _swept)(bench)
        with bench.file(case) as file:
            entries = [one.details.get("gate") for one in file.ledger.entries() if one.event == "DecisionRecorded"]
        resumed = _resumptions(run_id) - before
        if resumed:
            work_on(FLOWS[form.right], run_id)
        decided = entries.count(form.gate.value)
        return KilledResume(
            decision, moment, decided, resumed, len(runs_named(case)), (outcome_of(read_run(run_id).state), form.after)
        )


def _at_gate(bench: Bench, form: Form) -> tuple[str, UUID]:
    case = str(bench.open(form.right.value))
    run_id = UUID(str(start_case(case, form.right).id))
    work_on(FLOWS[form.right], run_id)
    if form.gate is Gate.APPROVAL:
        bench.confirm_identity(case)
        resume_all(case)
        work_on(FLOWS[form.right], run_id)
    return case, run_id


def _send_and_die(bench: Bench, team: Team, form: Form, case: str, moment: str) -> None:
    """Let a child take the form, and kill it at the moment."""
    bench.runtime.store.database.close()
    pid = os.fork()
    if pid == 0:
        signal.alarm(LONGEST)
        try:
            _send(DeskRig(bench, team, resume=lambda *which: _die(moment, *which)), form, case)
        except BaseException:  # noqa: BLE001 - the child has nowhere to raise it
            traceback.print_exc()
        os._exit(1)
    _, status = os.waitpid(pid, 0)
    if not os.WIFSIGNALED(status) or os.WTERMSIG(status) != signal.SIGKILL:
        raise AssertionError(f"The desk was not killed {moment} ({status}).")


def _die(moment: str, case: str, gate: Gate | None) -> bool:
    if moment == MOMENTS[1]:
        resume_all(case, gate)
    os.kill(os.getpid(), signal.SIGKILL)
    return False


def _send(rig: DeskRig, form: Form, case: str) -> None:
    browser, action = rig.browser(form.key), f"/desk/cases/{case}{form.below}"
    page = browser.get(f"/cases/{case}{form.page}").text
    shown = re.search(rf'action="({action}[^"]*)"', page)
    hidden = hidden_of(page, shown[1]) if shown else {"token": browser.token(f"/cases/{case}")}
    browser.client.post(action, data={**hidden, **form.typed})


def _swept(bench: Bench) -> None:
    Reconciler(bench.runtime.store).sweep()


def _resumptions(run_id: UUID) -> int:
    with get_client(sync_client=True) as client:
        return sum(one.name == _RESUMED for one in client.read_flow_run_states(run_id))


def main(make: Callable[[str, str, Path], KilledResume] = kill) -> int:
    """Kill at each moment of each decision, and print a table; returns the exit status."""
    rows = list[KilledResume]()
    with tempfile.TemporaryDirectory(prefix="resuming-") as place:
        (server := Path(place, "prefect")).mkdir()
        with running_server(server):
            apply_deployments()
            for number, (decision, moment) in enumerate((one, other) for one in FORMS for other in MOMENTS):
                (folder := Path(place, str(number))).mkdir()
                rows.append(make(decision, moment, folder))
    sys.stdout.write("| decision | killed | decided | resumed | went on |\n|---|---|---:|---:|---|\n")
    for one in rows:
        ended = "yes" if one.ended[0] == one.ended[1] else f"no: {one.ended[0]}"
        sys.stdout.write(f"| {one.decision} | {one.moment} | {one.decided} | {one.resumed} | {ended} |\n")
    return int(not all(one.is_once for one in rows))


if __name__ == "__main__":
    sys.exit(main())
