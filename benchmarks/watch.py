"""Scaling of the watch: a round over a million open cases against bare queries, and ten thousand rungs at once.

Run by hand: ``python -m benchmarks.watch [cases] [sqlite|postgres]``. Figures are ratios within one run, since
machines differ; times are medians. The databases lie in a folder for the time of the run.
"""

from __future__ import annotations

import gc
import resource
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, text, update

from rightsflow.domain.alerts.ladder import Calendar, Ladder
from rightsflow.domain.alerts.rungs import look
from rightsflow.domain.deadlines.working_days import Place
from rightsflow.store import Database
from rightsflow.store.coordination.dispatch import Dispatch
from rightsflow.store.queries.watching import Looked, look_at_due
from rightsflow.store.tables import AlertRow, CaseRow
from tests.support.peers.postgres import running_postgres

CASES = 1_000_000
AT_ONCE = 10_000
ROUNDS = 31
FILLED_AT_ONCE = 20_000
ZONE = ZoneInfo("Europe/Berlin")
CALENDAR = Calendar(ZONE, Place("DE"))
LADDER = Ladder()
TODAY = date(2026, 6, 8)
NOW = datetime(2026, 6, 8, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Figure:
    """A line of the table."""

    what: str
    value: str


@contextmanager
def filled(url: str, cases: int) -> Iterator[Database]:
    """Create a database with so many open cases, each with two sent alerts, and none due now."""
    database = Database(url)
    database.migrate()
    for start in range(0, cases, FILLED_AT_ONCE):
        numbers = range(start, min(start + FILLED_AT_ONCE, cases))
        with database.transaction() as session:
            session.execute(insert(CaseRow), [_case(number) for number in numbers])
            session.execute(insert(AlertRow), [_alert(number, days) for number in numbers for days in (21, 14)])
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    yield database
    database.close()


def _case(number: int) -> dict[str, object]:
    """Return open cases whose target dates are spread over the next three months."""
    work_to = TODAY + (1 + number % 90) * DAY
    next_at = min(
        moment
        for days in (14, 7, 3, 1, -1)
        if (moment := datetime.combine(work_to - days * DAY, datetime.min.time(), ZONE)) > NOW
    )
    return {
        "id": _case_id(number),
        "right": "access",
        "state": "executing",
        "channel": "email",
        "opened_by": "bench",
        "owner": "case_owner",
        "received_at": NOW - 10 * DAY,
        "opened_at": NOW - 10 * DAY,
        "regime": "gdpr",
        "rule_version": "1",
        "due_on": work_to,
        "due_at": NOW + 90 * DAY,
        "safe_due_on": work_to,
        "work_to_on": work_to,
        "explanation": "",
        "wrapped_key": b"k" * 60,
        "state_since": NOW - 10 * DAY,
        "holidays_version": "bench",
        "watch_at": next_at,
    }


def _case_id(number: int) -> str:
    return f"DSR-2026-{number:07d}"


def _alert(number: int, days: int) -> dict[str, object]:
    return {
        "case_id": _case_id(number),
        "kind": "due-soon",
        "key": f"{days}/bench",
        "about_on": TODAY,
        "tell": ["owner"],
        "text": "To be answered.",
        "raised_at": NOW - DAY,
        "stage": "ended" if days == 21 else "told",
        "next_at": None if days == 21 else NOW + DAY,
        "attempt": 1,
        "recipients": ["person.case_owner"],
        "told": ["person.case_owner"],
        "posted_at": NOW - DAY,
    }


def sweep(database: Database, now: datetime) -> Looked:
    cases = raised = 0
    while (batch := look_at_due(database, now, lambda case, at: look(case, at, LADDER, CALENDAR))).cases:
        cases += batch.cases
        raised += batch.raised
    return Looked(cases, raised)


def sending(database: Database, now: datetime) -> int:
    dispatch = Dispatch(database, lambda: now, DAY)
    last = sent = 0
    while waited := dispatch.awaited(after=last):
        dispatch.settle(waited, {one.alert_id: set(one.recipients) for one in waited}, set())
        last = waited[-1].alert_id
    dispatch.remind()
    while outgoing := dispatch.ready(lambda owner, roles: [f"person.{owner}"]):
        dispatch.posted(outgoing)
        sent += len(outgoing)
    return sent


def bare(database: Database, condition: str) -> int:
    with database.transaction() as session:
        found = session.execute(text(f"SELECT id FROM cases WHERE {condition}"), {"now": _bound(database, NOW)})
        return len(found.all())


def _bound(database: Database, instant: datetime) -> object:
    return f"{instant:%Y-%m-%d %H:%M:%S.%f}" if database.engine.dialect.name == "sqlite" else instant


def in_turn(works: Sequence[Callable[[], object]]) -> list[float]:
    times: list[list[float]] = [[] for _ in works]
    for number in range(ROUNDS + 1):
        for work, taken in zip(works, times, strict=True):
            begin = time.perf_counter()
            work()
            if number:
                taken.append(time.perf_counter() - begin)
    return [median(taken) for taken in times]


def plan(database: Database) -> str:
    due = select(CaseRow.id).where(CaseRow.watch_at <= NOW).order_by(CaseRow.watch_at)
    query = due.limit(500).with_for_update(skip_locked=True)
    word = "EXPLAIN QUERY PLAN" if database.engine.dialect.name == "sqlite" else "EXPLAIN"
    compiled = query.compile(database.engine, compile_kwargs={"literal_binds": True})
    with database.transaction() as session:
        return " / ".join(str(row[-1]).strip() for row in session.execute(text(f"{word} {compiled}")))


def measure(database: Database) -> Iterator[Figure]:
    """Measure all figures of one database."""
    yield Figure("plan", plan(database))
    window = "closed_at IS NULL AND work_to_on <= '" + str(TODAY + 14 * DAY) + "'"
    found = bare(database, window)
    due, window_s, watch_s, send_s = in_turn(
        [
            lambda: sweep(database, NOW),
            lambda: bare(database, window),
            lambda: bare(database, "watch_at <= :now"),
            lambda: sending(database, NOW),
        ]
    )
    yield Figure("round that finds nothing", f"{due * 1000:.2f} ms")
    yield Figure(f"bare query of the window of 14 days ({found} rows)", f"{window_s * 1000:.2f} ms")
    yield Figure("bare query of what has to be looked at (0 rows)", f"{watch_s * 1000:.2f} ms")
    yield Figure("round / bare query of the window", f"{due / window_s:.3f}")
    yield Figure("round / bare query of what has to be looked at", f"{due / watch_s:.2f}")
    yield Figure("sending of a round that has nothing to send", f"{send_s * 1000:.2f} ms")
    yield from memory(database)
    yield from many_at_once(database)


def memory(database: Database) -> Iterator[Figure]:
    """Measure the memory that rounds leave behind and need at most."""
    gc.collect()
    tracemalloc.start()
    for _ in range(100):
        sweep(database, NOW)
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(200):
        sweep(database, NOW)
    gc.collect()
    after, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    yield Figure("memory: grown by 200 rounds / at most", f"{(after - before) / 1024:.1f} KiB / {peak / 1024:.0f} KiB")


def many_at_once(database: Database) -> Iterator[Figure]:
    """Watch ten thousand cases whose rungs became due at the same midnight."""
    asked = TODAY + 7 * DAY
    with database.transaction() as session:
        some = session.scalars(select(CaseRow.id).order_by(CaseRow.id.desc()).limit(AT_ONCE)).all()
        for start in range(0, AT_ONCE, 500):
            session.execute(
                update(CaseRow)
                .where(CaseRow.id.in_(some[start : start + 500]))
                .values(watch_at=NOW - 10 * timedelta(hours=1), work_to_on=asked, due_on=asked)
            )
    rss = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    begin = time.perf_counter()
    looked = sweep(database, NOW)
    took = time.perf_counter() - begin
    yield Figure(f"{looked.cases} cases due at once", f"{looked.raised} rungs in {took:.1f} s")
    yield Figure("cases per second", f"{looked.cases / took:.0f}")
    with database.transaction() as session:
        new = select(AlertRow.case_id, AlertRow.key, func.count().label("times")).where(AlertRow.raised_at == NOW)
        times = set(session.scalars(select(new.group_by(AlertRow.case_id, AlertRow.key).subquery().c.times)))
    yield Figure("raised so many times each", str(times))
    begin = time.perf_counter()
    sent = sending(database, NOW)
    yield Figure(f"{sent} alerts noted, sent and noted again", f"{time.perf_counter() - begin:.1f} s")
    begin = time.perf_counter()
    sending(database, NOW)
    yield Figure("hearing that they arrived", f"{time.perf_counter() - begin:.1f} s")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - rss
    yield Figure("peak of the process grown by it", f"{grown / 1024:.1f} MiB")


@contextmanager
def sqlite_url() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'cases.db'}"


@contextmanager
def postgres_url() -> Iterator[str]:
    with running_postgres() as server, server.database() as database:
        yield database.url()


def main(cases: int, only: str) -> None:
    for name, place in (("sqlite", sqlite_url), ("postgres", postgres_url)):
        if only and name != only:
            continue
        with place() as url, filled(url, cases) as database:
            sys.stdout.write(f"{name}, {cases:,} open cases\n")
            for figure in measure(database):
                sys.stdout.write(f"  {figure.what:58} {figure.value}\n")
                sys.stdout.flush()


if __name__ == "__main__":
    given = sys.argv[1:]
    main(
        next((int(one) for one in given if one.isdigit()), CASES), next((one for one in given if not one.isdigit()), "")
    )
