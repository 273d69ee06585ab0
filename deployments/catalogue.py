"""The deployments: what people start by reference, with the parameters that Prefect shows, and what runs by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from copy import deepcopy
from datetime import timedelta
from importlib.metadata import version
from typing import Any, Final

from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType

from deployments.internals import form_of, set_form
from deployments.pool_types import DEFAULT_POOL_TYPE, PoolType
from flows.access import access_request
from flows.batches import access_batch, erasure_batch
from flows.coverage import check_coverage
from flows.erasure import (
    consent_withdrawal_request,
    erasure_request,
    objection_request,
    rectification_request,
    restriction_request,
)
from flows.finding import find_requests
from flows.following import follow_up
from flows.importing import import_requests_of
from flows.ledger import seal_ledger
from flows.opening import open_from_ticket_of
from flows.purging import purge_expired
from flows.references import REFERENCES, TITLES
from flows.watching import watch_deadlines
from tasks.prefect_io.kinds import AnyFlow

_BOUND: Final = ("pattern", "enum")
"""What bounds a text, one of them at least; Prefect's server checks no ``format``."""
_NUMBERS: Final = frozenset({"integer", "number"})


def shaped(form: Mapping[str, Any], systems: Collection[str]) -> dict[str, Any]:
    """Return the parameters as people see them: with titles, calendars, and the configured systems to choose from.

    Args:
        form: The parameters as Prefect reads them from the flow's signature.
        systems: The configured systems.
    """
    made = deepcopy(dict(form))
    for name, item in made.get("properties", {}).items():
        item["title"] = TITLES.get(name, name)
        _without_nothing(item)
        if item.get("reference") == "system" and systems:
            item["enum"] = sorted(systems)
    return made | {"additionalProperties": False}


def no_references(form: Mapping[str, Any]) -> list[str]:
    """Return the parameters that are neither a reference of a bounded form nor a number.

    Args:
        form: The parameters as the server gets them.
    """
    return sorted(_offending(form))


def _offending(form: Mapping[str, Any]) -> Iterator[str]:
    for name, item in form.get("properties", {}).items():
        is_reference = item.get("reference") in REFERENCES and any(item.get(bound) for bound in _BOUND)
        if item.get("type") not in _NUMBERS and not (item.get("type") == "string" and is_reference):
            yield name


def _without_nothing(value: dict[str, Any]) -> None:
    """Show an optional day as a calendar that may stay empty, instead of a choice between a day and nothing."""
    kinds = [kind for kind in value.get("anyOf", ()) if kind.get("type") != "null"]
    if len(kinds) == 1 and value.get("default") is None:
        del value["anyOf"]
        value.pop("default", None)
        value.update(kinds[0])


_VERSION: Final = version("rightsflow")

WATCH_TAG: Final = "watch"
"""The tag of runs that come by themselves, and do nothing that the next one does not do as well."""
WATCH_EVERY: Final = timedelta(minutes=15)
"""How often the deadlines are watched."""
FOLLOW_UP_EVERY: Final = timedelta(hours=1)
"""How often erasures are followed up."""
FIND_EVERY: Final = timedelta(hours=1)
"""How often new texts are read for requests."""
PURGE_EVERY: Final = timedelta(days=1)
"""How often what is over is purged."""

CATALOGUE: Final[tuple[tuple[AnyFlow, str], ...]] = (
    (open_from_ticket_of, "A request has arrived as a ticket: open the case of the ticket's requester."),
    (import_requests_of, "Many requests have arrived: open a case for each row of a file in the import folder."),
    (access_batch, "Answers imported access requests, many in one run. Starts by itself."),
    (access_request, "Answers one access request (Art. 15 GDPR). Starts by itself."),
    (check_coverage, "Every week, automatically: reports places of systems that the configuration lacks."),
    (
        consent_withdrawal_request,
        "Answers one withdrawal of consent (Art. 7(3) GDPR). Starts by itself.",
    ),
    (
        erasure_batch,
        "Answers imported requests for erasure and the like, many in one run. Starts by itself.",
    ),
    (erasure_request, "Answers one erasure request (Art. 17 GDPR). Starts by itself."),
    (find_requests, "Every hour, by itself: finds requests that stand in tickets and messages and are no case yet."),
    (follow_up, "Every hour, by itself: follows up erasures, ends of retention and second looks."),
    (
        objection_request,
        "Answers one objection to direct marketing (Art. 21(2) GDPR). Starts by itself.",
    ),
    (purge_expired, "Every day, by itself: purges what has expired of working copies and evidence."),
    (
        rectification_request,
        "Answers one request for rectification (Art. 16 GDPR). Starts by itself.",
    ),
    (restriction_request, "Answers one request for restriction (Art. 18 GDPR). Starts by itself."),
    (seal_ledger, "Every night, by itself: seals the ledger, and publishes the seals."),
    (watch_deadlines, "Every 15 minutes, by itself: watches all deadlines, raises alerts, makes the deadline board."),
)
"""The flows and what each is for: first what people start, then the others by name."""

_EVERY: Final[dict[str, timedelta]] = {
    watch_deadlines.name: WATCH_EVERY,
    follow_up.name: FOLLOW_UP_EVERY,
    find_requests.name: FIND_EVERY,
    purge_expired.name: PURGE_EVERY,
}
"""What runs by itself, and how often."""


_AT: Final[dict[str, str]] = {seal_ledger.name: "30 1 * * *", check_coverage.name: "0 5 * * 1"}
"""What runs by itself at a time of the day, or of the week, in the controller's zone."""


def planned(
    timezone: str = "UTC", pool_type: PoolType = DEFAULT_POOL_TYPE, systems: Collection[str] = ()
) -> Iterator[RunnerDeployment]:
    """Return the planned deployments, in the catalogue's order, without asking a server.

    Args:
        timezone: The controller's zone.
        pool_type: Who executes the runs.
        systems: The configured systems, of which one can be chosen.
    """
    for flow, description in CATALOGUE:
        made = _made(flow, description, _AT.get(flow.name), timezone, pool_type)
        set_form(made, shaped(form_of(made), systems))
        yield made


def _made(flow: AnyFlow, description: str, at: str | None, timezone: str, pool_type: PoolType) -> RunnerDeployment:
    # By module path, never by file path: a file path would put its folder first on sys.path and load it twice.
    return RunnerDeployment.from_flow(
        flow,
        name=flow.name,
        description=description,
        version=_VERSION,
        # Not held to one at a time: a sweep that was cut short would keep its place and stop all later ones.
        interval=_EVERY.get(flow.name),
        schedule=Cron(at, timezone=timezone) if at else None,
        tags=["rightsflow", WATCH_TAG] if flow.name in {*_EVERY, *_AT} else ["rightsflow"],
        work_pool_name=pool_type.pool,
        # With its output in the worker's hands a run would die of a broken pipe when the worker is killed; its logs are
        # on the server all the same.
        job_variables={"stream_output": False} if pool_type is PoolType.PROCESS else {},
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
