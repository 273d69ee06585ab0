"""Where a worker can be killed, the notes of what happened until then, what a run left behind, and how two differ."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyzipper
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from rightsflow.audit.ledger import Entry
from rightsflow.cases.app import App
from rightsflow.domain.case.findings import COPYING_STEPS, Finding
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.keeping import PASSPHRASE

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
"""The one instant at which everything happens, so that two runs differ by nothing but what went otherwise."""
SECRET = "rk_test_kills"


@dataclass(frozen=True)
class Call:
    """One call of a system."""

    system: str
    number: int
    method: str
    path: str
    key: str = ""

    @property
    def is_write(self) -> bool:
        return self.method not in {"GET", "HEAD", "SELECT"} and self.path != "/oauth/tokens"

    @property
    def is_repeatable(self) -> bool:
        return self.method != "POST" or (self.system == "archive" and self.path.endswith("?delete"))

    @property
    def paths(self) -> tuple[str, ...]:
        batch = re.search(r"[?&]ids=([^&]*)", self.path)
        if batch is None:
            return (self.path,)
        return tuple(self.path.replace(batch[1], one) for one in re.split("%2C|,", batch[1]))

    @property
    def family(self) -> str:
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
        line = {
            name: asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
            for name, value in what.items()
        }
        os.write(self._descriptor, json.dumps(line).encode() + b"\n")


def read_notes(path: Path | str) -> list[Note]:
    return [json.loads(line) for line in Path(path).read_text().splitlines()]


@dataclass(frozen=True)
class Point:
    """One place at which a run can be killed."""

    kind: str
    family: str
    label: str
    place: Mapping[str, object]
    is_write: bool = True

    @property
    def is_held(self) -> bool:
        return self.place.get("system") in HTTP_PEERS


HTTP_PEERS = frozenset({"helpdesk", "payments", "archive"})
SIDES = ("before", "after")
_HELD = {"before": "call held, peer has not acted", "after": "call held, peer has acted"}


def points_of(notes: Sequence[Note]) -> list[Point]:
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
    """Return a selection without those that are much like another one.

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


@dataclass(frozen=True)
class End:
    """The state after a run; each part is compared by itself."""

    state: str
    steps: dict[str, tuple[str, str, Mapping[str, Any]]]
    findings: list[str]
    instructions: list[tuple[str, str, tuple[str, ...], str]]
    letters: Counter[str]
    wording: dict[str, str]
    entries: Counter[str]
    package: dict[str, str]
    copies: list[str]
    held: dict[str, object]
    calls: Counter[str] = field(default_factory=Counter)
    known: list[str] = field(default_factory=list)


def read_end(runtime: App, case_id: str, folder: Path, held: dict[str, object], notes: Sequence[Note]) -> End:
    """Read everything that a run left behind."""
    with runtime.store.case_file(case_id) as file:
        package = file.outbox.secret("package")
        passphrase = file.outbox.secret(PASSPHRASE)
        return End(
            state=file.state.value,
            steps={
                f"{one.step} {one.system}".strip(): (one.state.value, one.scope, one.counts) for one in file.steps.all()
            },
            findings=sorted(map(_finding, file.findings.all())),
            # Without their numbers, which say who was first of those that are asked side by side.
            instructions=sorted(
                (one.processor, one.standing.value, one.kinds, _digest(file.instructions.text(one.number)))
                for one in file.instructions.all()
            ),
            letters=Counter(one.template_id for one in file.outbox.letters()),
            wording={one.template_id: _digest(one.subject_line + one.body) for one in file.outbox.letters()},
            entries=Counter(told_entries(file.ledger.entries())),
            package=_package(package, passphrase) if package else {},
            copies=sorted(str(path.relative_to(folder)) for path in (folder / ".rightsflow" / "work").rglob("*")),
            held=held | _telephone_system(folder),
            calls=acted_on(notes),
            known=sorted(f"{one.kind.value} {_digest(one.value)}" for one in file.identifiers.known()),
        )


def told_entries(entries: Iterable[Entry]) -> Iterator[str]:
    """Return each entry as a line, without what is new in each run.

    That is the systems' numbers of their answers, and the digest of the package, which is encrypted under a new
    passphrase and compared by what is in it; wherever the last package's digest stands there is a word in its place.
    Copies that were in memory alone when the process died are made again: of their steps the last time is told.
    """
    entries = list(_without_lost(entries))
    digest = next((one.details["package"] for one in reversed(entries) if one.details.get("package")), None)
    for one in entries:
        # Two that are asked side by side are numbered by who was first, and the keyed hash of a text is of its number.
        new = {"request_ref", "number", "text"} if one.event.startswith("Processor") else {"request_ref"}
        details = {name: value for name, value in one.details.items() if name not in new}
        details |= {name: "the package's" for name, value in details.items() if value == digest}
        yield f"{one.event} by {one.actor}: {json.dumps(details, sort_keys=True)}"


def _without_lost(entries: Iterable[Entry]) -> list[Entry]:
    told: list[Entry] = []
    for one in entries:
        if one.event == CaseEvent.WORKING_COPIES_LOST:
            told = [
                each
                for each in told
                if not (each.event == CaseEvent.STEP_DONE and each.details["step"] in COPYING_STEPS)
            ]
        else:
            told.append(one)
    return told


def _finding(one: Finding) -> str:
    plain = {item.name: getattr(one, item.name) for item in fields(one)}
    plain["ref"] = [one.ref.system, one.ref.kind, one.ref.ref]
    plain.pop("request_id")
    plain["facts"] = sorted(one.facts)
    return json.dumps(plain, sort_keys=True, default=str)


def _digest(text: str | bytes) -> str:
    return hashlib.sha256(text if isinstance(text, bytes) else text.encode()).hexdigest()[:16]


def _package(path: Path | str, passphrase: str | None) -> dict[str, str]:
    assert passphrase is not None
    with pyzipper.AESZipFile(path) as archive:
        archive.setpassword(passphrase.encode())
        return {name: _digest(archive.read(name)) for name in archive.namelist()}


def _telephone_system(folder: Path) -> dict[str, object]:
    with closing(sqlite3.connect(folder / "cdr.sqlite")) as database:
        rows = [list(row) for row in database.execute("SELECT * FROM cdr ORDER BY uniqueid, sequence")]
    recordings = {path.name: _digest(path.read_bytes()) for path in sorted((folder / "monitor").rglob("*.wav"))}
    return {"cdr": rows, "recordings": recordings}


def acted_on(notes: Sequence[Note]) -> Counter[str]:
    acted: Counter[str] = Counter()
    for note in notes:
        if note.get("stage") == "acted":
            call = Call(**note["call"])
            for path in call.paths if call.is_write else ():
                line = f"{call.system} {call.method} {path} {call.key}".strip()
                # A repeat under the same key is answered by the peer without doing anything, as is a repeated deletion.
                acted[line] = 1 if call.key or call.is_repeatable else acted[line] + 1
    return acted


def differences(expected: End, found: End) -> dict[str, object]:
    found_in = {}
    for part in fields(End):
        one, other = getattr(expected, part.name), getattr(found, part.name)
        if one != other:
            found_in[part.name] = _first(one, other)
    return found_in


def doubled(expected: End, found: End) -> tuple[int, ...]:
    return tuple(
        sum((getattr(found, part) - getattr(expected, part)).values()) for part in ("calls", "letters", "entries")
    )


def _first(one: Any, other: Any) -> object:
    if isinstance(one, Counter):
        return {"missing": dict(one - other), "more": dict(other - one)}
    if isinstance(one, dict):
        return {key: (one.get(key), other.get(key)) for key in {*one, *other} if one.get(key) != other.get(key)}
    if isinstance(one, list):
        return {"missing": [x for x in one if x not in other], "more": [x for x in other if x not in one]}
    return one, other


CHANGES = ("INSERT", "UPDATE", "DELETE")


class Wire:
    """Counts the commits that change something, and kills the process at one."""

    def __init__(self, point: tuple[int, str] | None) -> None:
        self.commits, self._point, self._here = 0, point, threading.local()
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._before)
        event.listen(Session, "after_commit", self._after)

    def _statement(self, _connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.split(None, 1)[0].upper() in CHANGES:
            self._here.dirty = True

    def _before(self, _connection: Connection) -> None:
        if getattr(self._here, "dirty", False):
            self.commits += 1
            self._here.dirty, self._here.ends = False, True
            self._trip("before")

    def _after(self, _session: Session) -> None:
        # A savepoint that is released comes here too; nothing is kept by that.
        if getattr(self._here, "ends", False):
            self._here.ends = False
            self._trip("after")

    def _trip(self, side: str) -> None:
        if (self.commits, side) == self._point:
            os.kill(os.getpid(), signal.SIGKILL)
