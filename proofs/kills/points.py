"""Where a worker can be killed, and the notes by which the harness knows what happened until then."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""The one instant at which everything happens, so that two runs differ by nothing but what went otherwise."""
SECRET = "rk_test_kills"


@dataclass(frozen=True)
class Call:
    """One call of a system.

    Args:
        system: The system.
        number: Which of the run's calls of that system.
        method: The HTTP method, or the verb of a statement.
        path: The path with its query, or the table.
        key: The idempotency key, if any.
    """

    system: str
    number: int
    method: str
    path: str
    key: str = ""

    @property
    def is_write(self) -> bool:
        """Whether it changes something."""
        return self.method not in {"GET", "HEAD", "SELECT"} and self.path != "/oauth/tokens"

    @property
    def is_repeatable(self) -> bool:
        """Whether a second one does nothing more: deletions, and what says how a thing is to be afterwards."""
        return self.method != "POST" or (self.system == "archive" and self.path.endswith("?delete"))

    @property
    def paths(self) -> tuple[str, ...]:
        """The path for each record that the call is about: a batch that was broken off goes on as a smaller one."""
        batch = re.search(r"[?&]ids=([^&]*)", self.path)
        if batch is None:
            return (self.path,)
        return tuple(self.path.replace(batch[1], one) for one in re.split("%2C|,", batch[1]))

    @property
    def family(self) -> str:
        """The call without what is a record's own in it."""
        path, _, query = self.path.partition("?")
        names = "&".join(one.partition("=")[0] for one in query.split("&"))
        parts = ["#" if re.search(r"\d|^[a-z]+_", one) and one not in {"v1", "v2"} else one for one in path.split("/")]
        return f"{self.system} {self.method} {'/'.join(parts)}{'?' if query else ''}{names}"


Note = Mapping[str, Any]
"""A line of the notes, as JSON gives it."""


class Notes:
    """A file that several processes add lines to; what was added is there even if its process is killed next."""

    def __init__(self, path: Path | str):
        self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def add(self, **what: object) -> None:
        """Write a line."""
        line = {
            name: asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
            for name, value in what.items()
        }
        os.write(self._descriptor, json.dumps(line).encode() + b"\n")


def read_notes(path: Path | str) -> list[Note]:
    """Every line of such a file."""
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


@dataclass(frozen=True)
class Point:
    """One place at which a run can be killed.

    Args:
        kind: The row of the table.
        family: What is much the same as this one: the other commits of a step, the other calls of an endpoint.
        label: What is said of it where it shows a fault.
        place: What the worker or the peers compare with where they are.
        is_write: Whether something is changed there.
    """

    kind: str
    family: str
    label: str
    place: Mapping[str, object]
    is_write: bool = True

    @property
    def is_held(self) -> bool:
        """Whether a peer holds the call, and the harness kills; elsewhere the worker kills itself."""
        return self.place.get("system") in HTTP_PEERS


HTTP_PEERS = frozenset({"helpdesk", "payments", "archive"})
SIDES = ("before", "after")
_HELD = {"before": "call held, peer has not acted", "after": "call held, peer has acted"}


def points_of(notes: Sequence[Note]) -> list[Point]:
    """Every point of an undisturbed run.

    Args:
        notes: Its notes.
    """
    found = []
    for note in notes:
        for side in SIDES:
            if "commit" in note:
                found.append(_commit(note["commit"], note["number"], side))
            elif note["stage"] == "acted":
                found.append(_call(Call(**note["call"]), side))
    return found


def _commit(step: str, number: int, side: str) -> Point:
    place = {"commit": step, "number": number, "side": side}
    return Point(f"{side} a commit of the case store", f"commit {step}", f"{step} {number}", place)


def _call(call: Call, side: str) -> Point:
    place = {"system": call.system, "number": call.number, "side": side}
    kind = _HELD[side] if call.system in HTTP_PEERS else _own_kind(call, side)
    return Point(kind, call.family, f"{call.family} ({call.number})", place, call.is_write)


def _own_kind(call: Call, side: str) -> str:
    return f"{side} a file's removal" if call.method == "REMOVE" else f"{side} a statement in a system's database"


def thinned(points: Sequence[Point]) -> list[Point]:
    """A selection in which nothing is missing but what is much like another.

    Of each step's commits the first and the last, on both sides; of the calls all that change something, on both sides;
    of each endpoint that is only read one call, on one side and then the other.
    """
    families: dict[str, list[Point]] = {}
    for point in points:
        families.setdefault(point.family, []).append(point)
    chosen = []
    for number, family in enumerate(families.values()):
        if "commit" in family[0].place:
            chosen += family[:2] + family[2:][-2:]
        elif family[0].is_write:
            chosen += family
        else:
            # A pair of sides for each call: one of them, from the middle.
            chosen.append(family[len(family) // 4 * 2 + number % 2])
    return chosen
