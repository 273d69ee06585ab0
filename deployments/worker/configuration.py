"""What the worker type ``rightsflow`` knows of a run besides the run itself; Prefect asks for these three models."""

from __future__ import annotations

from uuid import UUID

from prefect.client.schemas.objects import Flow as StoredFlow
from prefect.client.schemas.objects import FlowRun, WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorkerResult
from pydantic import PrivateAttr

from deployments.worker.internals.engine import Bare


class ResidentConfiguration(Bare, BaseJobConfiguration):
    """What the worker knows of a run besides the run itself."""

    # Not a field: the pool's template would have to have it, and a person could set it there.
    _entrypoint: str = PrivateAttr(default="")

    @property
    def entrypoint(self) -> str:
        """Where the flow is found, as its deployment says."""
        return self._entrypoint

    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: DeploymentResponse | None = None,
        flow: StoredFlow | None = None,
        work_pool: WorkPool | None = None,
        worker_name: str | None = None,
        worker_id: UUID | None = None,
    ) -> None:
        """Note where the flow is found.

        Args:
            flow_run: The run.
            deployment: Its deployment.
            flow: Its flow.
            work_pool: The pool that it came from.
            worker_name: This worker's name.
            worker_id: This worker's id.
        """
        super().prepare_for_flow_run(flow_run, deployment, flow, work_pool, worker_name, worker_id)
        self._entrypoint = (deployment.entrypoint if deployment else None) or ""


class ResidentVariables(BaseVariables):
    """What can be set for a pool or a deployment: nothing of its own, since all runs share the worker's process."""


class ResidentResult(BaseWorkerResult):
    """How a run left the process: 0, or 1 if it was lost without the server's knowing how it ended."""
