"""The compliance officer of the demonstration: opens requests in Prefect by a ticket's number, and decides at gates."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import UUID, uuid4

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, PREFECT_CLIENT_RETRY_EXTRA_CODES

from flows.runs import WAITING_FOR_PROCESSORS, outcome_of
from flows.suspended import resume_all
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import record_decision
from rightsflow.cases.work.access.package_review import open_letter, waits_for_release
from rightsflow.domain.errors import Transient
from rightsflow.domain.gates.decisions import Decision, Verdict
from rightsflow.domain.vocabulary.rights import Right

_POLL_SECONDS: Final = 0.3
PATIENCE_SECONDS: Final = 150.0
"""The longest wait of the officer for each step, in seconds."""

PATIENT: Final = {PREFECT_CLIENT_MAX_RETRIES: 6, PREFECT_CLIENT_RETRY_EXTRA_CODES: {500}}
"""Prefect's settings for the officer: on a busy machine, the server answers 500 or 503 while its file is locked."""

Progress = Callable[[str], None]


@dataclass(slots=True)
class Officer:
    """Opens requests and decides at gates.

    Args:
        deployments: The deployments' ids by flow name.
        progress: Told in a few words what is being waited for.
        client: Prefect's server; by default the one that the settings name.
        patience: Gives how long to wait for each thing, in seconds.
    """

    deployments: dict[str, str]
    progress: Progress
    client: SyncPrefectClient = field(default_factory=lambda: get_client(sync_client=True))
    patience: Callable[[], float] = lambda: PATIENCE_SECONDS

    def open_from_ticket(self, right: Right, ticket: str, received_on: date, system: str = "helpdesk") -> FlowRun:
        """Start the deployment that opens a request from a ticket; returns its run.

        Args:
            right: What is asked for.
            ticket: The ticket's number.
            received_on: The day on which the request arrived.
            system: The system with the ticket.
        """
        return self.client.create_flow_run_from_deployment(
            UUID(self.deployments["open-from-ticket"]),
            parameters={
                "system": system,
                "ticket": ticket,
                "right": right.value,
                "received_on": received_on.isoformat(),
            },
            # What is sent again is then one request.
            idempotency_key=str(uuid4()),
        )

    def case_of(self, opened: FlowRun) -> str:
        """Return the case that a ticket's request became.

        Raises:
            Transient: It did not become one; the run's message says why.
        """
        run = self._wait(lambda: self.client.read_flow_run(opened.id), _is_final, "the request to be opened")
        if run.state is None or not run.state.is_completed():
            raise Transient(f"The request was not opened: {run.state.message if run.state else 'no answer'}")
        return (run.state.message or "").partition(": ")[2].partition(",")[0]

    def decide(self, case_id: str, decision: Decision) -> None:
        """Wait until the case's run is suspended at a gate, decide there, and let it go on.

        Raises:
            BadInput: The decision is not usable.
            Conflict: The person may not decide on it.
            Transient: The run did not reach the gate.
        """
        gate = decision.gate.value
        run = self._wait(lambda: self._run_of(case_id), lambda found: _waits_at(found, gate), f"{case_id} at {gate}")
        if not _waits_at(run, gate):
            raise Transient(f"{case_id} did not reach the {gate} gate: {_words(run)}.")
        if decision.verdict is Verdict.APPROVED and waits_for_release(current_app(), case_id):
            open_letter(current_app(), case_id, by=decision.by)
        record_decision(current_app(), case_id, decision)
        resume_all(case_id, decision.gate)

    def end_of(self, case_id: str) -> FlowRun:
        """Return the case's run, once it has ended."""
        return self._wait(lambda: self._run_of(case_id), _is_final, f"{case_id} to be answered")

    def answer_of(self, case_id: str) -> FlowRun:
        """Return the case's run, once it has ended after it waited for processors; the keeper starts it again."""
        return self._wait(lambda: self._gone_on(case_id), _is_final, f"{case_id} to be answered")

    def _gone_on(self, case_id: str) -> FlowRun | None:
        run = self._run_of(case_id)
        waits = run is not None and run.state is not None and outcome_of(run.state) == WAITING_FOR_PROCESSORS
        return None if waits else run

    def _run_of(self, case_id: str) -> FlowRun | None:
        runs = self.client.read_flow_runs(flow_run_filter=FlowRunFilter(name=FlowRunFilterName(any_=[case_id])))
        return runs[0] if runs else None

    def _wait(self, read: Callable[[], FlowRun | None], is_there: Callable[[FlowRun], bool], what: str) -> FlowRun:
        self.progress(f"waiting for {what}")
        begun = time.monotonic()
        while time.monotonic() - begun < self.patience():
            run = read()
            if run is not None and (is_there(run) or _is_final(run)):
                return run
            time.sleep(_POLL_SECONDS)
        raise Transient(
            f"Waited {time.monotonic() - begun:.0f} seconds in vain for {what}; the worker's log says more."
        )


def _is_final(run: FlowRun) -> bool:
    return bool(run.state and run.state.is_final())


def _waits_at(run: FlowRun, gate: str) -> bool:
    key = run.state.state_details.pause_key if run.state and run.state.is_paused() else None
    return (key or "").startswith(gate)


def _words(run: FlowRun) -> str:
    return f"{run.state.name} {run.state.message or ''}".strip() if run.state else "no state"
