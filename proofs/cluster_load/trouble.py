"""What goes wrong meanwhile: a server, a worker and the databases, each when a part of the work is done."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from proofs.cluster_load.place import Place

DATABASE_SECONDS = 3.0


@dataclass
class Outage:
    """One outage.

    Args:
        what: What was away.
        began_at: From when.
        ended_at: Until when it was up again; ``None`` while it is not.
    """

    what: str
    began_at: datetime
    ended_at: datetime | None = None


@dataclass
class Trouble:
    """Makes each outage once.

    Args:
        place: What runs.
        away_seconds: For how long a server and a worker are away.
    """

    place: Place
    away_seconds: float
    outages: list[Outage] = field(default_factory=list)
    faults: list[BaseException] = field(default_factory=list)
    _threads: list[threading.Thread] = field(default_factory=list)

    def look(self, done: float) -> None:
        """Make those that are due.

        Args:
            done: Which part of the cases is closed.
        """
        plan: tuple[tuple[float, str, Callable[[], None]], ...] = (
            (0.25, "API server, SIGKILL", self._server),
            (0.45, "worker, SIGKILL", self._worker),
            (0.65, "PostgreSQL, restart", self._database),
        )
        for share, what, make in plan[len(self.outages) :][:1]:
            if done >= share and not any(thread.is_alive() for thread in self._threads):
                self.outages.append(Outage(what, datetime.now(UTC)))
                thread = threading.Thread(target=self._make, args=(self.outages[-1], make), daemon=True)
                self._threads.append(thread)
                thread.start()

    def end(self) -> None:
        """Wait until everything is up again.

        Raises:
            RuntimeError: Something does not come up.
        """
        for thread in self._threads:
            thread.join(180)
        if self.faults:
            raise RuntimeError(f"an outage did not end as it should: {self.faults[0]}") from self.faults[0]

    def _make(self, outage: Outage, make: Callable[[], None]) -> None:
        try:
            make()
        except BaseException as error:  # noqa: BLE001 - told at the end, in the thread that measures
            self.faults.append(error)
        outage.ended_at = datetime.now(UTC)

    def _server(self) -> None:
        self.place.cluster.kill("api-1")
        time.sleep(self.away_seconds)
        self.place.cluster.start_api("api-1")

    def _worker(self) -> None:
        self.place.cluster.kill(self.place.workers[0])
        time.sleep(self.away_seconds)
        self.place.start_worker()

    def _database(self) -> None:
        self.place.postgres.stop()
        time.sleep(DATABASE_SECONDS)
        self.place.postgres.start()
