"""Further checks of ``rightsflow doctor`` if ``PREFECT_API_URL`` names a server that several machines share.

Each check says what was seen, or what is wrong and how to fix it; none takes longer than its timeout.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
import prefect
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import StateType, WorkerStatus
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import PrefectException
from prefect.settings import PREFECT_CLIENT_MAX_RETRIES, temporary_settings

from deployments.catalogue import planned
from deployments.internals import form_of
from deployments.server_access import Access
from flows.watching import watch_deadlines
from rightsflow.cases.app import App
from rightsflow.domain.connector import Health
from rightsflow.files.workspace import is_shared, round_trip

_TIMEOUT: Final = 5.0
_COPIES_TIMEOUT: Final = 15.0
_SKEW: Final = timedelta(seconds=5)
_LATEST_SWEEP: Final = timedelta(minutes=30)

_Check = Callable[[SyncPrefectClient, App], Health]


def cluster_checks(access: Access, current: App) -> dict[str, Health]:
    """Check a shared server and the other shared resources.

    Args:
        access: Its address, at which it answers, and its secret.
        current: The runtime.
    """
    seen = {"shared case store": _case_store(current), "working copies": _copies(current.work_location)}
    with (
        temporary_settings(access.settings | {PREFECT_CLIENT_MAX_RETRIES: 0}),
        get_client(sync_client=True, httpx_settings={"timeout": _TIMEOUT}) as client,
    ):
        seen["server"] = _plainly(_server, client, current)
        if seen["server"].ok:
            seen |= {name: _plainly(check, client, current) for name, check in _CHECKS.items()}
    return seen


def _plainly(check: _Check, client: SyncPrefectClient, current: App) -> Health:
    try:
        return check(client, current)
    except httpx.HTTPStatusError as error:
        return Health(ok=False, detail=f"The server refuses ({error.response.status_code}); its log says why.")
    except (httpx.HTTPError, PrefectException) as error:
        detail = f"The server does not answer in {_TIMEOUT:.0f} s ({type(error).__name__}); look at its log and load."
        return Health(ok=False, detail=detail)


def _server(client: SyncPrefectClient, _: App) -> Health:
    """Check that the server lets us in, and that its version fits."""
    try:
        version = client.api_version()
    except httpx.HTTPStatusError as error:
        if error.response.status_code not in {401, 403}:
            raise
        return Health(ok=False, detail="The server does not let us in; set PREFECT_API_AUTH_STRING as its own is set.")
    if _minor(version) != _minor(prefect.__version__):
        detail = f"The server has Prefect {version} and we have {prefect.__version__}; bring both to one version."
        return Health(ok=False, detail=detail)
    return Health(ok=True, detail=f"It lets us in and has Prefect {version}.")


def _minor(version: str) -> list[str]:
    return version.split(".")[:2]


def _clock(client: SyncPrefectClient, current: App) -> Health:
    """Check the server's clock by the time in its answers, in whole seconds."""
    theirs = client.hello().headers.get("date")
    if theirs is None:
        return Health(ok=True, detail="The server does not say what time it has.", is_doubtful=True)
    skew = abs(parsedate_to_datetime(theirs) - current.now())
    if skew > _SKEW:
        return Health(
            ok=False, detail=f"The server's clock is {skew.total_seconds():.0f} s off ours; let both follow NTP."
        )
    return Health(ok=True, detail=f"The server's is no more than {_SKEW.seconds} s off ours.")


def _deployments(client: SyncPrefectClient, current: App) -> Health:
    there = {our.name: our for our in _ours(client)}
    wanted = {
        item.name: item for item in planned(current.settings.controller.timezone, systems=current.settings.systems)
    }
    missing = sorted(wanted.keys() - there.keys())
    other = sorted(
        name
        for name in wanted.keys() & there.keys()
        if there[name].entrypoint != wanted[name].entrypoint
        or there[name].description != wanted[name].description
        or there[name].parameter_openapi_schema != form_of(wanted[name])
    )
    for names, what in ((missing, "missing"), (other, "of another version")):
        if names:
            return Health(
                ok=False, detail=f"Deployments are {what}: {', '.join(names)}; run `rightsflow service deploy`."
            )
    return Health(ok=True, detail=f"All {len(wanted)} are there and of this version.")


def _ours(client: SyncPrefectClient) -> list[DeploymentResponse]:
    names = [item.name for item in planned() if item.name]
    return client.read_deployments(deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=names)))


def _workers(client: SyncPrefectClient, _: App) -> Health:
    pools = sorted({our.work_pool_name for our in _ours(client) if our.work_pool_name})
    if not pools:
        return Health(ok=False, detail="No deployment has a work pool; run `rightsflow service deploy`.")
    online = {
        pool: sum(item.status is WorkerStatus.ONLINE for item in client.read_workers_for_work_pool(pool))
        for pool in pools
    }
    idle = [pool for pool, count in online.items() if not count]
    if idle:
        return Health(ok=False, detail=f"No worker is online in {', '.join(idle)}; start one, or look at its log.")
    return Health(ok=True, detail="Online: " + ", ".join(f"{count} in {pool}" for pool, count in online.items()) + ".")


def _watch(client: SyncPrefectClient, current: App) -> Health:
    """Check that the deadlines are watched: the sweep runs every 15 minutes."""
    done = client.read_flow_runs(
        deployment_filter=DeploymentFilter(name=DeploymentFilterName(any_=[watch_deadlines.name])),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.COMPLETED]))
        ),
        sort=FlowRunSort.END_TIME_DESC,
        limit=1,
    )
    at = done[0].end_time if done else None
    if at is None or current.now() - at > _LATEST_SWEEP:
        when = f"{at.astimezone(UTC):%d %b %H:%M} UTC" if at else "never"
        runs = watch_deadlines.name
        detail = f"The last whole sweep was {when}; look at the runs of {runs}, or `rightsflow service watch`."
        return Health(ok=False, detail=detail)
    return Health(ok=True, detail=f"The last sweep ended at {at.astimezone(UTC):%H:%M} UTC.")


_CHECKS: Final[dict[str, _Check]] = {
    "clock": _clock,
    "deployments": _deployments,
    "workers": _workers,
    "deadline watch": _watch,
}
"""The checks of a server that lets us in."""


def _case_store(current: App) -> Health:
    if current.store.is_shared:
        return Health(ok=True, detail="PostgreSQL.")
    detail = "The case store is SQLite, which one machine alone can use; for several set RIGHTSFLOW_DATABASE_URL."
    return Health(ok=True, detail=detail, is_doubtful=True)


def _copies(location: str) -> Health:
    """Check that a file can be written, read and removed; in a thread, since not every file system knows timeouts."""
    faults: list[str] = []

    def go() -> None:
        try:
            round_trip(location)
        except Exception as error:  # noqa: BLE001 - each file system has its own
            faults.append(type(error).__name__)

    thread = threading.Thread(target=go, daemon=True)
    thread.start()
    thread.join(_COPIES_TIMEOUT)
    if thread.is_alive():
        faults.append("no answer")
    if faults:
        detail = f"Nothing can be kept there ({faults[0]}); check RIGHTSFLOW_WORK_URL, its credentials and rights."
        return Health(ok=False, detail=detail)
    if is_shared(location):
        return Health(ok=True, detail="A file was written, read and removed there.")
    detail = "They lie on this machine, where other workers do not see them; for several set RIGHTSFLOW_WORK_URL."
    return Health(ok=True, detail=detail, is_doubtful=True)
