"""``python -m proofs.kills.desk_acts``: kill the process at every commit of the desk's acts, and send the form again.

Each act is prepared once; every kill gets a copy of that store. A child does the act and kills itself just before or
just after one of its commits, as the power would. Then the form is sent again, as a person does who saw no answer, and
what is there has to be what one undisturbed act leaves: decided once, noted once. Exit status 1 if it is not.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from proofs.kills.desk_cases import PREPARED, Ready
from rightsflow.app import current_app
from rightsflow.cases.access.package_choices import noted
from rightsflow.cases.app import App
from rightsflow.cases.erasure.plan_notes import notes_on
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.store import CaseFile, Database, Store
from rightsflow.vault import MasterKey
from tests.support.bench import Bench, running_bench
from tests.support.stores import without_waiting_for_the_disk

SIDES = ("before", "after")
_CHANGES = frozenset({"INSERT", "UPDATE", "DELETE"})
_STORE = "cases.db"
_MEMORY = Path("/dev/shm")

End = Mapping[str, object]
"""What is there of a case, by its id."""


@dataclass(frozen=True, slots=True)
class KilledAct:
    """What came of the kills of one act.

    Args:
        name: The act.
        kills: How many there were.
        faults: What was otherwise than after an undisturbed act, a line each.
    """

    name: str
    kills: int
    faults: tuple[str, ...]


def kill(name: str, folder: Path, prepare: Callable[[Bench], Ready] | None = None) -> KilledAct:
    """Kill an act at each of its commits, on both sides.

    Args:
        name: What it is called.
        folder: An empty folder.
        prepare: Prepares it; as :data:`PREPARED` does by default.
    """
    prepared = folder / "prepared"
    prepared.mkdir()
    with running_bench(prepared) as bench:
        ready, app = (prepare or PREPARED[name])(bench), current_app()
    commits, expected = _undisturbed(app, ready, _copied(prepared, folder / "undisturbed"))
    faults = list[str]()
    points = [(number, side) for number in range(1, commits + 1) for side in SIDES]
    for number, side in points:
        place = _copied(prepared, folder / f"{number}-{side}")
        if not _killed(app, ready, place, (number, side)):
            faults.append(f"{name}: it was not killed {side} commit {number}")
        with suppress(BadInput, Conflict):  # That it was done is an answer too.
            ready.does(_at(app, place))
        found = _end(_at(app, place), ready)
        faults += [f"{name}, {side} commit {number}: {one}" for one in _otherwise(expected, found)]
        shutil.rmtree(place)
    return KilledAct(name, len(points), tuple(faults))


def _copied(prepared: Path, place: Path) -> Path:
    shutil.copytree(prepared, place)
    return place


def _at(app: App, place: Path) -> App:
    """The application on a copy of its store and its working copies, with connections of its own."""
    database = without_waiting_for_the_disk(Database(f"sqlite:///{place / _STORE}"))
    store = Store(database, MasterKey(b"k" * 32), app.store.now)
    return replace(app, store=store, work_location=str(place / "work"))


def _undisturbed(app: App, ready: Ready, place: Path) -> tuple[int, End]:
    """How many commits the act has, and what it leaves."""
    pid = os.fork()
    if pid == 0:
        _act(app, ready, place, None)
    _, status = os.waitpid(pid, 0)
    if not os.WIFEXITED(status) or not os.WEXITSTATUS(status):
        raise AssertionError(f"the act failed undisturbed, or it changes nothing ({status})")
    return os.WEXITSTATUS(status), _end(_at(app, place), ready)


def _killed(app: App, ready: Ready, place: Path, point: tuple[int, str]) -> bool:
    pid = os.fork()
    if pid == 0:
        _act(app, ready, place, point)
    _, status = os.waitpid(pid, 0)
    return os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL


def _act(app: App, ready: Ready, place: Path, point: tuple[int, str] | None) -> None:
    """In the child: do the act, and end with the number of its commits, or be killed at one."""
    wire = _Wire(point)
    try:
        ready.does(_at(app, place))
    except BaseException as error:  # noqa: BLE001 - the child has nowhere to raise it
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        os._exit(0)
    os._exit(wire.commits)


class _Wire:
    """Counts the commits that change something, and kills the process at one.

    Args:
        point: At which and on which side; ``None`` for none.
    """

    def __init__(self, point: tuple[int, str] | None) -> None:
        self.commits, self._point, self._here = 0, point, threading.local()
        event.listen(Engine, "before_cursor_execute", self._statement)
        event.listen(Engine, "commit", self._before)
        event.listen(Session, "after_commit", self._after)

    def _statement(self, _connection: Connection, _cursor: object, statement: str, *_: object) -> None:
        if statement.split(None, 1)[0].upper() in _CHANGES:
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


def _end(app: App, ready: Ready) -> End:
    if ready.sees:
        seen = ready.sees(app)
        app.store.database.close()
        return seen
    found = dict[str, object]()
    for case_id in ready.cases:
        with app.store.case_file(case_id) as file:
            found[case_id] = _end_of(file)
    app.store.database.close()
    return found


def _end_of(file: CaseFile) -> dict[str, object]:
    return {
        "state": file.state.value,
        "entries": Counter(
            f"{one.event} by {one.actor}: {json.dumps(one.details, sort_keys=True)}" for one in file.ledger.entries()
        ),
        "letters": [(one.template_id, one.sent_at, one.body) for one in file.outbox.letters()],
        "masks": [(one.act, one.state, one.by, one.place, one.passage, one.interval) for one in file.masks.all()],
        "notes": [(one.records, one.by, one.decision) for one in notes_on(file)],
        "left out": noted(file),
        "decided": [(one.number, one.decided) for one in file.findings.all()],
    }


def _otherwise(expected: End, found: End) -> Iterator[str]:
    for case_id, parts in expected.items():
        for part, wanted in parts.items():  # type: ignore[attr-defined]
            if found[case_id][part] != wanted:  # type: ignore[index]
                yield f"{part}: {found[case_id][part]} and not {wanted}"  # type: ignore[index]


def main(make: Callable[[str, Path], KilledAct] = kill, names: Iterable[str] = PREPARED) -> int:
    """Kill every act, and print a table; returns the exit status.

    Args:
        make: Kills one.
        names: What they are called.
    """
    rows = list[KilledAct]()
    for name in names:
        with tempfile.TemporaryDirectory(prefix="acts-", dir=_MEMORY if _MEMORY.is_dir() else None) as folder:
            rows.append(make(name, Path(folder)))
    sys.stdout.write("| act | kills | same end |\n|---|---:|---|\n")
    sys.stdout.writelines(f"| {one.name} | {one.kills} | {'no' if one.faults else 'yes'} |\n" for one in rows)
    sys.stdout.writelines(f"- {fault}\n" for one in rows for fault in one.faults)
    return int(any(one.faults for one in rows))


if __name__ == "__main__":
    sys.exit(main())
