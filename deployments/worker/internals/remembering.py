"""The worker's client, which asks the server less than Prefect's worker would and gives runs out with care."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Any, Final, cast
from uuid import UUID

from httpx import HTTPStatusError
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.objects import Flow as StoredFlow
from prefect.client.schemas.objects import FlowRun
from prefect.client.schemas.responses import DeploymentResponse, WorkerFlowRunResponse
from prefect.exceptions import ObjectNotFound

from tasks.prefect_io.kinds import AnyState

_REMEMBERED_SECONDS: Final = 30.0
_FEWEST: Final = 2
"""How many runs are asked for at least, twice over: others may take the first ones meanwhile."""
_WAITING: Final = "/work_pools/{name}/get_scheduled_flow_runs"


async def _always() -> bool:
    return True


class Remembering:
    """A client that remembers deployments and flows for a while: before each run they are asked for three times.

    Args:
        real: The client that asks the server.
        worker: The worker's name.
        room: Gives how many more runs could be begun.
        choose: Tells which of the runs that wait are taken now.
        may_take: Tells whether any may be taken now; asked beside the server.
        clock: Gives seconds that only grow.
    """

    def __init__(
        self,
        real: PrefectClient,
        worker: str = "a worker",
        room: Callable[[], int] = lambda: 1,
        choose: Callable[[Sequence[FlowRun]], Sequence[FlowRun]] = lambda waiting: waiting,
        may_take: Callable[[], Awaitable[bool]] = _always,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.real = real
        self._worker = worker
        self._choose = choose
        self._may_take = may_take
        self._clock = clock
        self._room = room
        self.has_left_some = False
        """Whether, when runs were last asked for, more waited than there was room for."""
        self._answers: dict[tuple[str, UUID], tuple[float, object]] = {}

    def __getattr__(self, name: str) -> Any:
        """Everything else is the real client's."""
        return getattr(self.real, name)

    async def read_deployment(self, deployment_id: UUID) -> DeploymentResponse:
        """A deployment, as it was less than half a minute ago.

        Args:
            deployment_id: Its id.
        """
        return cast("DeploymentResponse", await self._remembered("read_deployment", deployment_id))

    async def read_flow(self, flow_id: UUID) -> StoredFlow:
        """A flow, as it was less than half a minute ago.

        Args:
            flow_id: Its id.
        """
        return cast("StoredFlow", await self._remembered("read_flow", flow_id))

    async def update_flow_run(self, flow_run_id: UUID, *given: Any, **changes: Any) -> Any:
        """Change a run; not for its process's id alone: it is the worker's own, and no one ends a run by it.

        Args:
            flow_run_id: Its id.
            *given: What is changed.
            **changes: What is changed, by name.
        """
        if given or changes.keys() != {"infrastructure_pid"}:
            return await self.real.update_flow_run(flow_run_id, *given, **changes)
        return None

    async def set_flow_run_state(self, flow_run_id: UUID, state: AnyState, force: bool = False) -> Any:
        """Give a run a state; with *Pending*, which says that it was taken, by whom.

        Args:
            flow_run_id: Its id.
            state: The state.
            force: Whether no rule of the server's is asked.
        """
        if state.is_pending() and not state.message:
            state = state.model_copy(update={"message": f"Taken by {self._worker}."})
        return await self.real.set_flow_run_state(flow_run_id, state, force=force)

    async def get_scheduled_flow_runs_for_work_pool(
        self,
        work_pool_name: str,
        work_queue_names: list[str] | None = None,
        scheduled_before: datetime | None = None,
    ) -> list[WorkerFlowRunResponse]:
        """The runs that wait, the most urgent first; not all of them, which may be many, at each look.

        Args:
            work_pool_name: The work pool.
            work_queue_names: Its queues; all by default.
            scheduled_before: Until when they were to begin.

        Raises:
            ObjectNotFound: There is no such pool.
        """
        room = self._room()
        asked: dict[str, object] = {"limit": 2 * max(_FEWEST, room), "work_queue_names": work_queue_names}
        if scheduled_before:
            asked["scheduled_before"] = str(scheduled_before)
        try:
            may_take, answer = await asyncio.gather(
                self._may_take(),
                self.real.request("POST", _WAITING, path_params={"name": work_pool_name}, json=asked),
            )
        except HTTPStatusError as error:
            if error.response.status_code == HTTPStatus.NOT_FOUND:
                raise ObjectNotFound(http_exc=error) from error
            raise
        if not may_take:
            return []
        found = WorkerFlowRunResponse.model_validate_list(answer.json())
        self.has_left_some = len(found) > room
        chosen = {run.id for run in self._choose([one.flow_run for one in found])}
        return [one for one in found if one.flow_run.id in chosen]

    async def _remembered(self, question: str, identity: UUID) -> object:
        asked_at, answer = self._answers.get((question, identity), (-_REMEMBERED_SECONDS, None))
        if self._clock() - asked_at < _REMEMBERED_SECONDS:
            return answer
        answer = await getattr(self.real, question)(identity)
        self._answers[question, identity] = self._clock(), answer
        return answer
