"""The compliance officer of the demonstration: fills in forms through the same API that Prefect's UI calls."""

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

from flows.runs import WAITING_FOR_PROCESSORS
from rightsflow.domain.errors import Transient
from rightsflow.domain.vocabulary.rights import Right
from tasks.prefect_io.kinds import Values

_POLL_SECONDS: Final = 0.3
PATIENCE_SECONDS: Final = 150.0
"""The longest wait of the officer for each step, in seconds."""
_FORM_ATTEMPTS: Final = 40

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

    def fill_in(self, right: Right, email: str, name: str, received_on: date) -> FlowRun:
        """Submit the open-request form; returns the run that it starts.

        Args:
            right: What is asked for.
            email: The person's e-mail address.
            name: The person's name.
            received_on: The day on which the request arrived.
        """
        return self.client.create_flow_run_from_deployment(
            UUID(self.deployments["open-request"]),
            parameters={
                "right": right.value,
                "email": email,
                "name": name,
                "received_on": received_on.isoformat(),
            },
            # A form that is sent again is then one request.
            idempotency_key=str(uuid4()),
        )

    def case_of(self, opened: FlowRun) -> str:
        """The case that a submitted form became.

        Raises:
            Transient: It did not become one; the run's message says why.
        """
        run = self._wait(lambda: self.client.read_flow_run(opened.id), _is_final, "the request to be opened")
        if run.state is None or run.state.name != "Opened":
            raise Transient(f"The request was not opened: {run.state.message if run.state else 'no answer'}")
        return (run.state.message or "").partition(",")[0]

    def answer_gate(self, case_id: str, gate: str, answer: Values) -> None:
        """Wait until the case's run is suspended at a gate, and fill in its form.

        Args:
            case_id: The case.
            gate: ``identity`` or ``approval``.
            answer: The form's fields.

        Raises:
            Transient: The run did not reach the gate, or the form was not accepted.
        """
        run = self._wait(lambda: self._run_of(case_id), lambda one: _waits_at(one, gate), f"{case_id} at {gate}")
        if not _waits_at(run, gate):
            raise Transient(f"{case_id} did not reach the {gate} gate: {_words(run)}.")
        # The run is shown as suspended a moment before its form is there.
        for _ in range(_FORM_ATTEMPTS):
            if self.client.resume_flow_run(run.id, run_input=answer).status.value == "ACCEPT":
                return
            time.sleep(_POLL_SECONDS)
        raise Transient(f"The form at the {gate} gate of {case_id} was not accepted; the server's log says why.")

    def end_of(self, case_id: str) -> FlowRun:
        """The case's run, once it has ended."""
        return self._wait(lambda: self._run_of(case_id), _is_final, f"{case_id} to be answered")

    def answer_of(self, case_id: str) -> FlowRun:
        """The case's run, once it has ended after it waited for processors; the keeper starts it again."""
        return self._wait(lambda: self._gone_on(case_id), _is_final, f"{case_id} to be answered")

    def _gone_on(self, case_id: str) -> FlowRun | None:
        run = self._run_of(case_id)
        waits = run is not None and run.state is not None and run.state.name == WAITING_FOR_PROCESSORS
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
