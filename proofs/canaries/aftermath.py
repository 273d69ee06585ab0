"""The whole proof: the canary goes through everything, and every place is looked at, its controls included."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from deployments.applying import apply_deployments
from proofs.canaries.desk import Desk, Pages, Senders
from proofs.canaries.journey import Journey, each_system_alone
from proofs.canaries.looks import (
    IN_PREFECT,
    Look,
    Pieces,
    Place,
    await_in_prefect,
    control,
    look,
    plant_in_files,
    plant_in_post,
    plant_in_prefect,
    plant_in_process,
    plant_on_postgres,
    postgres_files,
    postgres_tables,
)
from proofs.canaries.servers import Databases, Post, confined, diverted, people_are_told, running_servers, sweep
from tests.support.bench import Bench, running_bench
from tests.support.canary import all_logs, files, sqlite_tables

TO_THE_FIRST_ALERT = timedelta(days=20)
"""After so many days the first rung of the ladder is reached, and the period can still be extended."""


@dataclass
class Aftermath:
    """What was left behind, and what was found in it."""

    folder: Path
    journey: Journey = field(init=False)
    desk: Desk = field(init=False)
    pages: Pages = field(init=False)
    senders: Senders = field(init=False)
    sweeps: list[str] = field(default_factory=list)
    logs: str = ""
    looks: dict[Place, Look] = field(default_factory=dict)

    @property
    def prefect(self) -> Path:
        return self.folder / "prefect"

    @property
    def bench(self) -> Path:
        return self.folder / "bench"

    def look(self, place: Place, pieces: Pieces, planted: Iterable[str]) -> None:
        self.looks[place] = look(place, pieces, planted)


def go_through_everything(folder: Path, *, on_postgres: bool = False) -> Aftermath:
    """Run the whole proof."""
    left = Aftermath(folder)
    for name in ("bench", "tmp", "client"):
        (folder / name).mkdir()
    output = folder / "output.txt"
    with all_logs() as heard, diverted(output):
        with running_servers(left.prefect, on_postgres=on_postgres) as databases, confined(folder):
            url = databases.store.url() if databases.store else ""
            with running_bench(left.bench, url) as bench, people_are_told(bench) as post:
                _begin(left, bench)
                _live(left, bench, post)
                _plant(left, post, databases)
                left.look(Place.POST, post.received, {"mail", "webhook"})
            _look_while_running(left, databases)
        left.logs = heard.getvalue()
    left.look(Place.HOME, (one for one in files(left.prefect) if "prefect.db" not in one[0]), {"server"})
    if not on_postgres:
        left.look(Place.STOPPED, _database_files(left.prefect / "prefect.db"), IN_PREFECT)
    left.look(Place.LOGS, [("logs", left.logs.encode())], {"logs"})
    left.look(Place.OUTPUT, [("output", output.read_bytes())], {"stdout", "stderr"})
    left.look(Place.COMMANDS, left.desk.said, {"command"})
    left.look(Place.BROWSERS, left.pages.kept, {"address"})
    left.look(Place.LISTENER, left.senders.answers, {"answer"})
    left.look(Place.WORK, files(left.bench / "work"), {"work", "file"})
    left.look(Place.TEMPORARY, files(folder / "tmp"), {"temporary"})
    left.look(Place.CLIENT, files(folder / "client"), {"client"})
    return left


def _begin(left: Aftermath, bench: Bench) -> None:
    deployments = apply_deployments()
    left.journey, left.desk = Journey(bench, deployments), Desk(bench, left.folder)
    left.pages = Pages(bench, left.journey)
    left.senders = Senders(bench, left.folder, left.journey, deployments)
    plant_in_prefect(deployments["access-request"])


def _live(left: Aftermath, bench: Bench, post: Post) -> None:
    """Play everything that happens to the person."""
    journey, desk = left.journey, left.desk
    journey.get_refused()
    journey.get_corrected()
    for right in ("access", "erasure"):
        journey.go_smoothly(right)
    left.pages.work()
    left.senders.send()
    bench.pass_time(TO_THE_FIRST_ALERT)
    case_id = desk.work("access")
    left.sweeps.append(sweep())
    desk.reveal(case_id)
    desk.look(case_id)
    for right in ("access", "erasure"):
        for faults in each_system_alone(right):
            journey.go_through_trouble(right, faults)
    desk.look(desk.work("erasure", "--json"))
    journey.type_nonsense()
    left.sweeps.append(sweep())
    post.wait()


def _plant(left: Aftermath, post: Post, databases: Databases) -> None:
    plant_in_process(left.prefect / "server.log")
    plant_in_post(post)
    left.desk.said.append(("control", control("command").encode()))
    plant_in_files(None if databases.store else left.bench / "cases.db", left.bench / "work", left.folder / "client")
    if databases.store:
        plant_on_postgres(databases.store)


def _look_while_running(left: Aftermath, databases: Databases) -> None:
    await_in_prefect()
    if databases.prefect is None:
        database = databases.file
        left.look(Place.FILES, _database_files(database), IN_PREFECT)
        left.look(Place.BY_SQL, sqlite_tables(database), IN_PREFECT)
        left.look(Place.STORE_BY_SQL, sqlite_tables(left.bench / "cases.db"), {"store"})
        left.look(Place.STORE, _database_files(left.bench / "cases.db"), {"store"})
        return
    planted = IN_PREFECT | {"store"}
    left.look(Place.FILES, postgres_files(databases.prefect), planted)
    left.look(Place.BY_SQL, postgres_tables(databases.prefect), IN_PREFECT)
    assert databases.store is not None
    left.look(Place.STORE_BY_SQL, postgres_tables(databases.store), {"store"})


def _database_files(database: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(database.parent.glob(f"{database.name}*")):
        yield path.name, path.read_bytes()
