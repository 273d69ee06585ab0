"""Addresses in Prefect's UI of the work on cases: a run of the case's own, or its task run in a batch."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from datetime import datetime
from typing import Final, TypeVar

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterName, TaskRunFilter, TaskRunFilterName
from prefect.client.schemas.objects import FlowRun, TaskRun
from prefect.client.schemas.sorting import FlowRunSort, TaskRunSort

R = TypeVar("R", FlowRun, TaskRun)

PAGE: Final = 200
"""The largest that the server gives."""


def run_paths(client: SyncPrefectClient, case_ids: Collection[str], *, page: int = PAGE) -> dict[str, str]:
    """Return the path of each case's newest run in Prefect's UI; a case that was never worked on has none.

    Args:
        client: Talks to the server.
        case_ids: The cases.
        page: How many runs come at a time.
    """
    names = list(case_ids)
    newest: dict[str, tuple[datetime, str]] = {}
    for kind, runs in (("flow-run", _flow_runs(client, names, page)), ("task-run", _task_runs(client, names, page))):
        for run in runs:
            found = (run.expected_start_time or run.created, f"/runs/{kind}/{run.id}")
            if found[0] is not None and (run.name not in newest or found[0] > newest[run.name][0]):
                newest[run.name] = found[0], found[1]
    return {name: path for name, (_, path) in newest.items()}


def _flow_runs(client: SyncPrefectClient, names: list[str], page: int) -> Iterator[FlowRun]:
    wanted, sort = FlowRunFilter(name=FlowRunFilterName(any_=names)), FlowRunSort.EXPECTED_START_TIME_DESC
    return _pages(
        lambda offset: client.read_flow_runs(flow_run_filter=wanted, sort=sort, limit=page, offset=offset), page
    )


def _task_runs(client: SyncPrefectClient, names: list[str], page: int) -> Iterator[TaskRun]:
    wanted, sort = TaskRunFilter(name=TaskRunFilterName(any_=names)), TaskRunSort.EXPECTED_START_TIME_DESC
    return _pages(
        lambda offset: client.read_task_runs(task_run_filter=wanted, sort=sort, limit=page, offset=offset), page
    )


def _pages(read: Callable[[int], list[R]], page: int) -> Iterator[R]:
    offset = 0
    while found := read(offset):
        yield from found
        if len(found) < page:
            return
        offset += page
