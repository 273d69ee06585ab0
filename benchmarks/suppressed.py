"""The time of asking for an address on the suppression list, with a thousand entries and with a million.

Run by hand: ``python -m benchmarks.suppressed [entries] [sqlite|postgres]``. It is asked in Python, by the command and
over HTTP, half of them on the list, for one address and for 500 at once; times are the shortest of 40, in milliseconds.
Exit status 1 if asking by one address takes over twice as long on the long list as on one of a thousand.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Final

from sqlalchemy import insert, text
from starlette.testclient import TestClient

from deployments.cli.commands.systems import suppressed
from deployments.suppression.asking import TICK_SECONDS, make_asking
from rightsflow.app import installed
from rightsflow.cases.app import App
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.suppression import are_suppressed, suppress
from rightsflow.config.sections.policy_settings import SuppressionSettings
from rightsflow.store.tables import SuppressionRow
from tests.support.bench import running_bench
from tests.support.peers.postgres import running_postgres

SHORT: Final = 1_000
MOST_TIMES_LONGER: Final = 2.0
_LISTED: Final = 250
_TIMES: Final = 40
_AT_ONCE: Final = 20_000
_TOKEN: Final = "t" * 32


@contextmanager
def a_list(kind: str, entries: int) -> Iterator[App]:
    """Create a case store whose suppression list has so many entries, 250 of them known ones."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = ""
        if kind == "postgres":
            server = stack.enter_context(running_postgres())
            url = stack.enter_context(server.database()).url()
        app = stack.enter_context(running_bench(folder, url)).runtime
        for number in range(_LISTED):
            suppress(app, Sought(email=f"listed.{number}@example.com"), by="Olga")
        _fill(app, entries - _LISTED)
        os.environ["BENCHMARK_LIST_TOKEN"] = _TOKEN
        section = SuppressionSettings(token="env:BENCHMARK_LIST_TOKEN", per_minute=100_000)
        app = replace(app, settings=app.settings.model_copy(update={"suppression": section}))
        stack.enter_context(installed(app))
        yield app


def _fill(app: App, entries: int) -> None:
    """Entries of others: hashes that no address of ours has."""
    with app.store.database.transaction() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text(_BY_SERVER), {"entries": entries, "today": app.today})
            session.execute(text("ANALYZE suppressions"))
            return
        for start in range(0, entries, _AT_ONCE):
            rows = [
                {"digest": os.urandom(32).hex(), "kind": "email", "reason": "objection", "added_on": app.today}
                for _ in range(min(_AT_ONCE, entries - start))
            ]
            session.execute(insert(SuppressionRow), rows)


_BY_SERVER: Final = """
INSERT INTO suppressions (digest, kind, reason, added_on)
SELECT encode(sha256(number::text::bytea), 'hex'), 'email', 'objection', :today
FROM generate_series(1, :entries) AS number
"""


def _asked(number: int) -> str:
    return f"{'listed' if number % 2 else 'other'}.{number % _LISTED}@example.com"


def measured(app: App) -> dict[str, float]:
    """Return the shortest time of each way to ask, in milliseconds."""
    client = TestClient(make_asking(app))
    many = [_asked(number) for number in range(500)]

    def over_http(number: int) -> None:
        answer = client.post(
            "/suppressed", json={"contact": _asked(number)}, headers={"Authorization": f"Bearer {_TOKEN}"}
        )
        if answer.json() != {"suppressed": bool(number % 2)}:
            raise SystemExit(f"the service answered {answer.status_code}")

    def by_command(number: int) -> None:
        with redirect_stdout(io.StringIO()) as said:
            suppressed(io.TextIOWrapper(io.BytesIO(_asked(number).encode())))
        if said.getvalue() != ("yes\n" if number % 2 else "no\n"):
            raise SystemExit("the command gave another answer")

    ways: dict[str, Callable[[int], object]] = {
        "Python, one": lambda number: list(are_suppressed(app, [_asked(number)])),
        "Python, 500": lambda _: list(are_suppressed(app, many)),
        "command, one": by_command,
        "HTTP, one (answers leave on a tick)": over_http,
    }
    return {name: _shortest(ask) for name, ask in ways.items()}


def _shortest(ask: Callable[[int], object]) -> float:
    took = []
    for number in range(_TIMES):
        began = time.perf_counter()
        ask(number)
        took.append(time.perf_counter() - began)
    return min(took) * 1_000


def main() -> int:
    """Measure both lists and print them side by side; returns 1 if the long one is asked more slowly."""
    entries = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    kind = sys.argv[2] if len(sys.argv) > 2 else "postgres"
    found = []
    for size in (SHORT, entries):
        with a_list(kind, size) as app:
            found.append(measured(app))
    sys.stdout.write(f"{kind}; HTTP answers at multiples of {TICK_SECONDS * 1_000:.0f} ms\n")
    for name in found[0]:
        short, long = found[0][name], found[1][name]
        sys.stdout.write(
            f"{name}: {short:.2f} ms at {SHORT:,}, {long:.2f} ms at {entries:,}, ratio {long / short:.2f}\n"
        )
    return int(found[1]["Python, one"] > MOST_TIMES_LONGER * found[0]["Python, one"])


if __name__ == "__main__":
    sys.exit(main())
