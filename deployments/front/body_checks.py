"""The checks of what people send to Prefect, runs of our own deployments among them: each passes it on or refuses."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from functools import cache
from typing import Final, TypeAlias
from uuid import UUID

from starlette.concurrency import run_in_threadpool

from deployments.desk.addresses import HOME, case_address
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import read_case_id

Check = Callable[[object], object]

_DEEPEST: Final = 8
_LONGEST: Final = 500
_MOST: Final = 1000
_LARGEST: Final = 10_000_000
_WORD: Final = re.compile("[A-Za-z][A-Za-z_]{0,60}")
_TIME: Final = re.compile(r"[0-9T:.Z+ -]{4,40}")
_OF_RUNS: Final = ("flow_run_id", "task_run_id")
_EVENT_SOURCE: Final = re.compile(r"prefect\.(flow-run|task-run|deployment)(\.[0-9a-f-]{0,36})?\.?")
_CANCELS: Final = {"CANCELLING": "Cancelling", "CANCELLED": "Cancelled"}
RETRY: Final = "AwaitingRetry"
"""The name of the state by which a run that has ended is tried again."""


class NotListed(Exception):
    """A field or a value that the table does not let through; the message quotes nothing of it."""


def checked(fields: Mapping[str, object], listed: Mapping[str, str]) -> dict[str, object]:
    """Give those of the fields that go on.

    Args:
        fields: What came.
        listed: The fields that may come, each with the name of its check.

    Raises:
        NotListed: A field is not listed, its value is not as it has to be, or one is missing that narrows what is read.
    """
    if fields.keys() - listed.keys():
        raise NotListed("The call has a field that people may not send.")
    if any(fields.get(name) is None for name, check in listed.items() if check in NARROWING):
        raise NotListed("The call reads everything; name what it is to read.")
    given = {name: CHECKS[listed[name]](value) for name, value in fields.items() if value is not None}
    return {name: value for name, value in given.items() if value is not None}


def _filter(value: object) -> object:
    _object(value)
    _limited(value, _DEEPEST)
    return value


def _limited(value: object, depth: int) -> None:
    """Refuse what is too deep, too long, or too much."""
    parts = _parts(value)
    if depth == 0 or len(parts) > _MOST:
        raise NotListed("A filter is too large.")
    if isinstance(value, str) and len(value) > _LONGEST:
        raise NotListed("A text in a filter is too long.")
    for part in parts:
        _limited(part, depth - 1)


def _parts(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _of_runs(value: object) -> object:
    given = _object(_filter(value))
    named = [_object(part).get("any_") for name, part in given.items() if name in _OF_RUNS]
    # Joined by "or", any other part of the filter would give the logs of everything.
    is_narrow = given.get("operator", "and_") == "and_"
    if not is_narrow or not any(isinstance(ids, list) and ids for ids in named):
        raise NotListed("Logs are read run by run.")
    return value


def _events(value: object) -> object:
    """Check a filter of events on runs and deployments only: other events may quote blocks and automations."""
    given = _object(_filter(value))
    kept = {name: part for name, part in given.items() if name in {"any_resource", "resource", "occurred", "event"}}
    sources = [source for name in ("any_resource", "resource") for source in _sources(given.get(name))]
    if not sources or given.keys() - kept.keys() - {"order", "related"}:
        raise NotListed("Events are read of runs and deployments only.")
    if not all(isinstance(source, str) and _EVENT_SOURCE.fullmatch(source) for source in sources):
        raise NotListed("Events are read of runs and deployments only.")
    return given


def _sources(value: object) -> list[object]:
    found: list[object] = []
    for part in value if isinstance(value, list) else [value]:
        if part is None:
            continue
        given = _object(part)
        if given.keys() - {"id", "id_prefix"}:
            raise NotListed("Events are read of runs and deployments only.")
        for names in given.values():
            found += names if isinstance(names, list) else [names]
    return found


def _number(value: object) -> object:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _LARGEST:
        raise NotListed("A number is none, or too large.")
    return value


def _flag(value: object) -> object:
    if not isinstance(value, bool):
        raise NotListed("A switch is neither on nor off.")
    return value


def _word(value: object) -> object:
    return _text(value, _WORD)


def _time(value: object) -> object:
    return _text(value, _TIME)


def _text(value: object, pattern: re.Pattern[str]) -> str:
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise NotListed("A text is not as it has to be.")
    return value


def _ids(value: object) -> object:
    if not isinstance(value, list) or len(value) > _MOST:
        raise NotListed("A list of ids is none, or too long.")
    for item in value:
        try:
            UUID(str(item))
        except ValueError:
            raise NotListed("A list of ids has something else.") from None
    return value


def _left_out(value: object) -> object:  # noqa: ARG001 - whatever it is
    return None


def _due(value: object) -> object:
    """Check the time of a new run, without a name, a message or data."""
    details = _object(_object(value).get("state_details") or {})
    at = details.get("scheduled_time")
    return {"type": "SCHEDULED", "state_details": {"scheduled_time": None if at is None else _time(at)}}


def _change(value: object) -> object:
    """Check a state that stops a run or tries it again, without words of its own."""
    state = _object(value)
    kind = str(state.get("type")).upper()
    if kind in _CANCELS:
        return {"type": kind, "name": _CANCELS[kind]}
    if kind == "SCHEDULED" and state.get("name") == RETRY:
        return {"type": kind, "name": RETRY}
    raise NotListed("A run is cancelled or retried here; nothing else.")


def _object(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise NotListed("A value is no object.")
    return value


CHECKS: Final[Mapping[str, Check]] = {
    "filter": _filter,
    "of_runs": _of_runs,
    "events": _events,
    "number": _number,
    "flag": _flag,
    "word": _word,
    "time": _time,
    "ids": _ids,
    "left_out": _left_out,
    "parameters": _object,
    "due": _due,
    "change": _change,
}
"""By the names that the table uses. Of *parameters* the catalogue is asked besides (:mod:`own_runs`)."""

NARROWING: Final = frozenset({"events", "of_runs"})
"""The checks of fields without which a call would read what concerns no run, such as new variables."""


Record: TypeAlias = Mapping[str, object]
Ask = Callable[[str], Awaitable[Record]]
"""Reads a record of Prefect's by the path of its API; empty where there is none."""

_NOT_OURS: Final = "This is no deployment of Rightsflow, so that its runs are not started or stopped here."
_UNKNOWN: Final = "The parameters are not the references of this deployment, such as a case's number; use its form."
_NO_STATE: Final = "The call names no state; cancel or retry the run."
_UNDER_WAY: Final = "The run has not ended, so that it cannot be retried."
_ENDED: Final = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})


async def why_not_started(ask: Ask, deployment_id: str, parameters: Record) -> str:
    """Say in a sentence why a run is not started; empty if it may be.

    Args:
        ask: Reads from Prefect.
        deployment_id: The deployment.
        parameters: Those of the new run.
    """
    deployment = await ask(f"/api/deployments/{deployment_id}")
    flow = await ask(f"/api/flows/{deployment.get('flow_id', '')}")
    # In a thread: what the catalogue needs is imported at the first call.
    return await run_in_threadpool(_why_not, str(flow.get("name")), str(deployment.get("name")), parameters)


async def why_not_changed(ask: Ask, run_id: str, state: Record) -> str:
    """Say in a sentence why a run is not cancelled or retried; empty if it may be.

    Args:
        ask: Reads from Prefect.
        run_id: The run.
        state: The state that it is to get.
    """
    if not state:
        return _NO_STATE
    run = await ask(f"/api/flow_runs/{run_id}")
    deployment = await ask(f"/api/deployments/{run.get('deployment_id') or ''}")
    flow = await ask(f"/api/flows/{run.get('flow_id', '')}")
    if not await run_in_threadpool(_is_ours, str(flow.get("name")), str(deployment.get("name"))):
        return _NOT_OURS
    has_ended = run.get("state_type") in _ENDED
    return _UNDER_WAY if state.get("name") == RETRY and not has_ended else ""


async def decided_elsewhere(ask: Ask, run_id: str, *, has_desk: bool) -> str:
    """Say where a run's gate is decided: never in Prefect.

    Args:
        ask: Reads from Prefect.
        run_id: The run.
        has_desk: Whether there is a desk.
    """
    if not has_desk:
        return "Gates are decided by the command line: `rightsflow identity` and `rightsflow decide`."
    name = str((await ask(f"/api/flow_runs/{run_id}")).get("name", ""))
    try:
        page = case_address("", read_case_id(name))
    except BadInput:
        page = HOME
    return f"Gates are decided at the desk: {page}"


def _why_not(flow: str, deployment: str, parameters: Record) -> str:
    # Late: Prefect's schema tools take a second to import.
    from prefect.utilities.schema_tools import validate  # noqa: PLC0415

    if not _is_ours(flow, deployment):
        return _NOT_OURS
    form = dict(_forms()[flow, deployment]) | {"additionalProperties": False}
    return _UNKNOWN if validate(dict(parameters), form) else ""


def _is_ours(flow: str, deployment: str) -> bool:
    return (flow, deployment) in _forms()


@cache
def _forms() -> Mapping[tuple[str, str], Record]:
    """Return the forms of our catalogue, by the names of flow and deployment."""
    # Late: with a desk the flows are there already; a server without one needs them at the first start of a run.
    from deployments.catalogue import planned  # noqa: PLC0415
    from deployments.internals import form_of  # noqa: PLC0415

    return {(item.flow_name or "", item.name): form_of(item) for item in planned()}
