"""Cases that many tests begin with: brought to their stage once in each process, and copied from then on.

A copy is the whole bench as the steps left it: the file of the case store, the working copies, what the systems hold
and how often they were called. Only a bench on which nothing was stored takes one, if its systems held the same before
and its configuration is the same;
of several that are in use only one, since its case has the same id each time; and none whose cases a Prefect server
knows, where tests would find each other's runs. On any other the steps are done.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from copy import copy
from dataclasses import dataclass, fields
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Engine

from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.config.settings import Settings
from rightsflow.domain.telemetry import recorder
from rightsflow.store.case.keeping import PACKAGE
from rightsflow.testing.fakes import FakeSystem
from rightsflow.testing.fields import FakeFields
from tests.support.stores import sqlite_file

if TYPE_CHECKING:
    from tests.support.bench import Bench


_LISTENS = recorder()
"""Who hears of steps where no test listens."""
_EVENTS = ("begin", "commit", "before_cursor_execute", "after_cursor_execute")
_Systems = dict[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class _Kept:
    case_id: str
    moment: datetime
    store: bytes
    work: str
    copies: list[tuple[Path, int, bytes | None]]
    systems: _Systems


_KEPT: dict[Hashable, list[tuple[_Systems, tuple[Settings, dict[str, Any]], _Kept]]] = {}
"""By stage and instant: what the systems held before, the configuration, and what the steps left."""
_SEEN: set[Hashable] = set()

OPEN: list[Bench] = []
"""The benches that are in use."""


def staged(bring: Callable[..., str]) -> Callable[..., str]:
    """Let a function that brings a bench's case to a stage, and returns its id, copy what it made before.

    Args:
        bring: The steps; takes the bench first, and nothing that is changed later.
    """

    @wraps(bring)
    def kept(bench: Bench, *given: Hashable, **named: Hashable) -> str:
        stage = (bring.__module__, bring.__qualname__, given, *sorted(named.items()))
        return brought(bench, stage, lambda: bring(bench, *given, **named), is_wanted_again=True)

    return kept


def brought(bench: Bench, stage: Hashable, bring: Callable[[], str], *, is_wanted_again: bool = False) -> str:
    """A case at a stage; returns its id.

    Args:
        bench: Where it is wanted.
        stage: What tells this case from others: what the steps are, and what they were given.
        bring: The steps; returns the case's id.
        is_wanted_again: Whether it is known that several tests begin with it.
    """
    if bench.is_known_outside or any(one.has_kept_case for one in OPEN) or not _is_untouched(bench):
        return bring()
    began, app = bench.moment[0], current_app()
    before, configured = _systems(bench), (app.settings, dict(app.systems))
    known = _KEPT.setdefault((stage, began), [])
    kept = next((one for held, told, one in known if held == before and told == configured), None)
    if kept is not None:
        bench.has_kept_case = True
        return _copy(bench, kept)
    case_id = bring()
    if not is_wanted_again and (stage, began) not in _SEEN:
        # Most cases that only one test wants are not worth the memory.
        _SEEN.add((stage, began))
    elif current_app() is app:
        bench.has_kept_case = True
        known.append((before, configured, _keep(bench, case_id)))
    return case_id


def _is_untouched(bench: Bench) -> bool:
    """Whether nothing was stored since the bench was made, and nothing looks at how things are done."""
    if not _differs_in_settings_alone(current_app(), bench.at_first):
        return False
    if recorder() is not _LISTENS:
        return False
    if listeners(bench.runtime.store.database.engine) != bench.listeners:
        return False
    store = _file(bench)
    if store is None or Path(bench.runtime.work_location).exists():
        return False
    log = store.with_name(f"{store.name}-wal")
    if (log.exists() and log.stat().st_size) or store.read_bytes() != sqlite_file():
        return False
    return all(type(one) in {FakeSystem, FakeFields} and not one._faults for one in bench.systems.values())


def _differs_in_settings_alone(one: App, other: App) -> bool:
    """Whether two applications have the very same parts, whatever their configuration is."""
    parts = [part.name for part in fields(App) if part.init and part.name not in {"settings", "systems"}]
    return one is other or all(getattr(one, part) is getattr(other, part) for part in parts)


def _systems(bench: Bench) -> _Systems:
    """All that the fake systems hold and were told, by the names of their fields."""
    return {name: _copied(_state(one)) for name, one in bench.systems.items()}


def _state(system: FakeSystem) -> dict[str, Any]:
    return {one.name: getattr(system, one.name) for one in fields(system) if one.name != "_lock"}


def listeners(engine: Engine) -> list[int]:
    """How many hear of what is said to a database, by event; a test's own would miss what is copied."""
    return [len(list(getattr(engine.dispatch, name))) for name in _EVENTS]


def _file(bench: Bench) -> Path | None:
    url = bench.runtime.store.database.engine.url
    return Path(url.database) if url.database and url.drivername == "sqlite" else None


def _keep(bench: Bench, case_id: str) -> _Kept:
    # The last connection that is closed brings the write-ahead log into the file.
    bench.runtime.store.database.close()
    store, work = _file(bench), Path(bench.runtime.work_location)
    assert store is not None
    copies = [
        (one.relative_to(work), one.stat().st_mode, one.read_bytes() if one.is_file() else None)
        for one in (work, *sorted(work.rglob("*")))
        if one.exists()
    ]
    return _Kept(case_id, bench.moment[0], store.read_bytes(), str(work), copies, _systems(bench))


def _copy(bench: Bench, kept: _Kept) -> str:
    bench.runtime.store.database.close()
    store, work = _file(bench), Path(bench.runtime.work_location)
    assert store is not None
    store.write_bytes(kept.store)
    for name, mode, content in kept.copies:
        if content is None:
            (work / name).mkdir()
        else:
            (work / name).write_bytes(content)
        (work / name).chmod(mode)
    for name, state in kept.systems.items():
        system = bench.systems[name]
        if state["calls"]["samples"]:
            # What this process knows of the mapping, without a call of the test's.
            bench.runtime.mappings.check(system, bench.moment[0])
        for field, value in state.items():
            if isinstance(value, dict):
                # The same object as before, which a test may hold.
                held = getattr(system, field)
                held.clear()
                held.update(_copy_of(value))
            else:
                setattr(system, field, value)
    bench.moment[0] = kept.moment
    _move_package(bench, kept)
    return kept.case_id


def _move_package(bench: Bench, kept: _Kept) -> None:
    """The file of a case names its package by the whole path, which is another one here."""
    with bench.file(kept.case_id) as file:
        row = file.outbox._secret_row(PACKAGE)
        if row is not None:
            inside = Path(file.outbox.secret(PACKAGE)).relative_to(kept.work)
            row.sealed_value = file.key.seal(f"secret/{PACKAGE}", str(Path(bench.runtime.work_location, inside)))


def _copied(state: dict[str, Any]) -> dict[str, Any]:
    return {name: _copy_of(value) if isinstance(value, dict) else value for name, value in state.items()}


def _copy_of(held: dict[Any, Any]) -> dict[Any, Any]:
    """The same, with the fields of each record that has some copied as well."""
    made = copy(held)
    made.update((key, dict(value)) for key, value in held.items() if isinstance(value, dict))
    return made
