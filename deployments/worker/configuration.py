"""What the worker type ``rightsflow`` knows of a run besides the run itself; Prefect asks for these three models."""

from __future__ import annotations

from typing import Any, Self
from uuid import UUID

from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import Flow as StoredFlow
from prefect.client.schemas.objects import FlowRun, WorkPool
from prefect.client.schemas.responses import DeploymentResponse
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorkerResult
from pydantic import PrivateAttr

from deployments.worker.internals.engine import Bare


class ResidentConfiguration(Bare, BaseJobConfiguration):
    """What the worker knows of a run besides the run itself."""

    # No fields: the pool's template would have to have them, and a person could set them there.
    _flow: str = PrivateAttr(default="")
    _deployment: str = PrivateAttr(default="")

    @property
    def names(self) -> tuple[str, str]:
        """The names of the run's flow and of its deployment: all that is taken of what the server says of them."""
        return self._flow, self._deployment

    @classmethod
    async def from_template_and_values(
        cls,
        base_job_template: dict[str, Any],  # noqa: ARG003 - Prefect's
        values: dict[str, Any],  # noqa: ARG003
        client: PrefectClient | None = None,  # noqa: ARG003
    ) -> Self:
        """Take nothing of a template and of job variables, nor read the blocks and variables that they refer to.

        Args:
            base_job_template: The work pool's template.
            values: The job variables of deployment and run.
            client: Talks to the server.
        """
        return cls()

    def prepare_for_flow_run(
        self,
        flow_run: FlowRun,
        deployment: DeploymentResponse | None = None,
        flow: StoredFlow | None = None,
        work_pool: WorkPool | None = None,
        worker_name: str | None = None,
        worker_id: UUID | None = None,
    ) -> None:
        """Note which flow it is.

        Args:
            flow_run: The run.
            deployment: Its deployment.
            flow: Its flow.
            work_pool: The pool that it came from.
            worker_name: This worker's name.
            worker_id: This worker's id.
        """
        super().prepare_for_flow_run(flow_run, deployment, flow, work_pool, worker_name, worker_id)
        self._flow = flow.name if flow else ""
        self._deployment = deployment.name if deployment else ""


class ResidentVariables(BaseVariables):
    """What can be set for a pool or a deployment: nothing of its own, since all runs share the worker's process."""


class ResidentResult(BaseWorkerResult):
    """How a run left the process: 0, or 1 if it was lost without the server's knowing how it ended."""
