"""In what shapes Prefect's server keeps what flows and tasks use, where its documents do not say so.

Where a run remembers its suspensions, how it hears that it is to stop, how a task run is tagged, and the addresses at
which the server takes and tells events.
``tests/e2e/deployments/worker/test_internals.py`` holds each of them to the installed Prefect. Private names there are
none; those that the worker calls are in :mod:`deployments.internals`, which nothing here may know.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NotRequired, TypedDict, cast
from urllib.parse import parse_qs, urlsplit

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import ArtifactCreate
from prefect.client.schemas.objects import FlowRun
from prefect.context import FlowRunContext, TaskRunContext

EXECUTED: Final = "prefect.automation.action.executed"
FAILED: Final = "prefect.automation.action.failed"
EVENT_ADDRESSES: Final = (("POST", "/events"), ("POST", "/events/filter"), ("GET", "/events/filter/next"))
"""The server's addresses for sending and reading events; Prefect's client has no synchronous calls for these."""

RESOURCE_ID: Final = "prefect.resource.id"
RESOURCE_NAME: Final = "prefect.resource.name"


class StoredEvent(TypedDict):
    """An event as the server returns it, as far as it is read here."""

    event: str
    resource: dict[str, str]
    related: list[dict[str, str]]


class _Page(TypedDict):
    events: list[StoredEvent]
    next_page: NotRequired[str | None]


def raise_if_stopped() -> None:
    """Stop here, between two steps, where the run was asked to.

    Raises:
        Pause: It was.
    """
    request = getattr(FlowRunContext.get(), "flow_run_suspension_request", None)
    if request is not None:
        request.raise_if_requested()


def tag_task_run(tags: Collection[str]) -> None:
    """Tag the task run in which this is called; the server hears of it with the run's next state.

    Args:
        tags: Its tags from now on.
    """
    context = TaskRunContext.get()
    if context is not None:
        context.task_run.tags = sorted(tags)


def suspension_of(run: FlowRun) -> str:
    """Return the key of the suspension that a run is in; empty if it is in none."""
    return (run.state.state_details.pause_key if run.state else None) or ""


def suspensions_of(run: FlowRun) -> set[str]:
    """Return the keys of the suspensions of a run since it was last started from its beginning."""
    return set(run.empirical_policy.pause_keys or ())


def post_events(client: SyncPrefectClient, events: Sequence[Mapping[str, object]]) -> None:
    """Hand events to the server, so that it is known whether it took them.

    Args:
        client: Talks to the server.
        events: As the server's API has them.

    Raises:
        HTTPStatusError: It did not.
    """
    client.request("POST", "/events", json=list(events)).raise_for_status()


def put_artifact(client: SyncPrefectClient, made: ArtifactCreate) -> None:
    """Store an artifact without Prefect's event about it: with a case's tags it has a dozen rows for each sheet.

    Args:
        client: Talks to the server.
        made: The artifact.

    Raises:
        PrefectHTTPStatusError: The server does not keep it.
    """
    client.request("POST", "/artifacts/", json=made.model_dump(mode="json", exclude_unset=True)).raise_for_status()


def events_after(client: SyncPrefectClient, triggering: Collection[str], names: Iterable[str]) -> Iterator[StoredEvent]:
    """Yield the events that the server noted about actions triggered by some events.

    Args:
        client: Talks to the server.
        triggering: Those events as resources, like ``prefect.event.ID``.
        names: The names of the events that are looked for.

    Raises:
        HTTPStatusError: The server does not tell.
    """
    wanted = {
        "event": {"name": list(names)},
        "related": {"resources_in_roles": [[resource, "triggering-event"] for resource in triggering]},
    }
    answer = client.request("POST", "/events/filter", json={"filter": wanted})
    while True:
        page = cast("_Page", answer.raise_for_status().json())
        yield from page["events"]
        following = page.get("next_page")
        if not following:
            return
        # Its token only: behind a proxy the address that the server knows itself by is not the one we know it by.
        token = parse_qs(urlsplit(following).query)["page-token"][0]
        answer = client.request("GET", "/events/filter/next", params={"page-token": token})
