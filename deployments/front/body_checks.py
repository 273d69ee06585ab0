"""The checks of what people send to Prefect: each gives what goes on, or refuses. Pure; the table names them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final
from uuid import UUID

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
    """A filter of events that concerns runs and deployments only: other events may quote blocks and automations."""
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
    """The time of a new run, without a name, a message or data."""
    details = _object(_object(value).get("state_details") or {})
    at = details.get("scheduled_time")
    return {"type": "SCHEDULED", "state_details": {"scheduled_time": None if at is None else _time(at)}}


def _change(value: object) -> object:
    """A state that stops a run or tries it again, without a word of one's own."""
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
