"""The running parts of an installation and the settings that each works with. Pure.

The desk and the worker read changed settings anew by themselves. Other parts go on with theirs until they are started
again, and no process sees a variable of the environment that was set after its start.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from types import MappingProxyType
from typing import Final

DESK: Final = "desk"
WORKER: Final = "worker"
KEEPER: Final = "keeper"
LISTENER: Final = "listener"
_RESTART: Final[Mapping[str, str]] = MappingProxyType(
    {
        DESK: "`rightsflow up`, or the server with the desk",
        WORKER: "`rightsflow up`, or the worker",
        KEEPER: "`rightsflow service keep`",
        LISTENER: "`rightsflow up`, or `rightsflow service listen`",
    }
)
_READ_ANEW: Final = frozenset({DESK, WORKER})
_VARIABLE: Final = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*")


@dataclass(frozen=True, slots=True, kw_only=True)
class RunningPart:
    """A process and the settings that it works with.

    Args:
        name: What it is, such as ``desk``.
        settings: The digest of its settings, from :func:`settings_digest`.
        missing: The secrets, by their references, for which it has no value.
        read_at: Since when it works with them (aware).
    """

    name: str
    settings: str
    missing: tuple[str, ...]
    read_at: datetime


def settings_digest(raw: Mapping[str, object]) -> str:
    """Return the SHA-256 of a configuration; comments and the order of its keys do not count.

    Args:
        raw: The configuration as it was read from TOML.
    """
    return hashlib.sha256(json.dumps(raw, sort_keys=True, default=str).encode()).hexdigest()


def variables_in(raw: object) -> Iterator[str]:
    """Yield the references to secrets in variables of the environment, such as ``env:NAME``.

    Args:
        raw: The configuration, or a part of it, as it was read from TOML.
    """
    if isinstance(raw, str) and _VARIABLE.fullmatch(raw):
        yield raw
    elif isinstance(raw, Mapping):
        for item in raw.values():
            yield from variables_in(item)
    elif isinstance(raw, list | tuple):
        for item in raw:
            yield from variables_in(item)


def differences(
    parts: Iterable[RunningPart], *, settings: str, missing: Collection[str], zone: tzinfo
) -> Iterator[str]:
    """Yield what running parts lack of the present settings, each in a sentence that says how to mend it.

    Args:
        parts: The parts that run.
        settings: The digest of the present settings.
        missing: The secrets for which the process that asks has no value.
        zone: The controller's.
    """
    for part in parts:
        restart = f"restart it: {_RESTART.get(part.name, '`rightsflow up`')}"
        if part.settings != settings and part.name not in _READ_ANEW:
            since = part.read_at.astimezone(zone)
            yield f"The {part.name} runs with the settings of {since:%a %d %b %Y, %H:%M}; {restart}."
        for reference in part.missing:
            set_here = "" if reference in missing else ", which is set here"
            yield f"The {part.name} has no value for {reference}{set_here}; set it for that process and {restart}."
