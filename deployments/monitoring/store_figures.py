"""The case store's figures for Prometheus, read anew only when the last have become old, and how they are served.

However often and by however many they are asked for, and however many cases are open, reading them takes at most a
twentieth of the time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Final

from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from deployments.monitoring.figures import serving
from rightsflow.app import utc_now
from rightsflow.config.environment import Environment
from rightsflow.config.settings import load_settings
from rightsflow.domain.alerts.ladder import RungKind
from rightsflow.domain.board import Group
from rightsflow.domain.errors import BadInput, RightsflowError
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.work_list import Present, ToDoKind
from rightsflow.store import Database
from rightsflow.store.queries.figures import StoreFigures, read_figures

LIGHTS: Final = {Group.RED: "red", Group.AMBER: "amber", Group.GREEN: "green", Group.STANDING: "standing"}
"""The groups of the deadline board as values of the label ``light``; ``standing`` is a suspended clock."""
GATES: Final = {CaseState.IDENTITY_PENDING: "identity", CaseState.AWAITING_APPROVAL: "approval"}
OPEN: Final = tuple(state for state in CaseState if not state.ends_unanswered)
"""The states of open cases; one that is answered or refused stays open until its letter is noted as sent."""

_FRESH_SECONDS: Final = 15.0
_TIMES_AS_LONG: Final = 20


class StoreCollector(Collector):
    """A collector that returns the store's figures whenever a registry collects its own.

    Args:
        read: Reads them.
        clock: Seconds of a clock that only goes forward; tests give one of their own.
    """

    def __init__(self, read: Callable[[], StoreFigures], clock: Callable[[], float] = time.monotonic) -> None:
        self._read, self._clock = read, clock
        self._lock = Lock()
        self._figures: StoreFigures | None = None
        self._seconds = 0.0
        self._old_at = float("-inf")

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """The figures; where the store does not answer, that alone."""
        with self._lock:
            if self._clock() >= self._old_at:
                self._renew()
            figures, seconds = self._figures, self._seconds
        yield _gauge("rightsflow_case_store_up", "Whether the case store answers.", float(figures is not None))
        yield _gauge("rightsflow_case_store_read_seconds", "How long reading these figures took.", seconds)
        if figures is not None:
            yield from families(figures)

    def describe(self) -> Iterator[GaugeMetricFamily]:
        """Nothing in advance: a registry must not read the store only to know the names."""
        return iter(())

    def _renew(self) -> None:
        began = self._clock()
        try:
            self._figures = self._read()
        except (RightsflowError, RuntimeError):
            # Any error of the store: an unreachable store is a figure too.
            self._figures = None
        self._seconds = self._clock() - began
        self._old_at = self._clock() + max(_FRESH_SECONDS, _TIMES_AS_LONG * self._seconds)


def families(figures: StoreFigures) -> Iterator[GaugeMetricFamily]:
    """Yield the figures in Prometheus' form; an absent figure is zero, so that no line appears and disappears."""
    yield _open_cases(figures)
    yield _waiting(figures)
    work = GaugeMetricFamily("rightsflow_waiting_work", "Work on cases that waits for a person.", labels=("kind",))
    for waits in ToDoKind:
        if waits is not ToDoKind.HOLD:
            work.add_metric((waits.value,), figures.work.get(waits, 0))
    yield work
    overdue = GaugeMetricFamily(
        "rightsflow_overdue_cases", "Open cases past the law's last day while their clock runs.", labels=("right",)
    )
    for right in Right:
        overdue.add_metric((right.value,), figures.overdue.get(right, 0))
    yield overdue
    alerts = GaugeMetricFamily(
        "rightsflow_standing_alerts", "Alerts that stand, by whether everybody was told.", labels=("kind", "told")
    )
    for kind in RungKind:
        for is_told in (True, False):
            alerts.add_metric((kind.value, "yes" if is_told else "no"), figures.alerts.get((kind, is_told), 0))
    yield alerts
    yield _gauge(
        "rightsflow_watch_behind_seconds",
        "For how long the case has waited that the watch has to look at first.",
        figures.watch_behind.total_seconds(),
    )
    if figures.sealed_at is not None:
        yield _gauge(
            "rightsflow_ledger_last_seal_timestamp_seconds",
            "When the ledger was last sealed.",
            figures.sealed_at.timestamp(),
        )


def _open_cases(figures: StoreFigures) -> GaugeMetricFamily:
    family = GaugeMetricFamily("rightsflow_open_cases", "Open cases.", labels=("right", "state", "light"))
    for right in Right:
        for state in OPEN:
            for group, light in LIGHTS.items():
                count = figures.open_cases.get((right, state, group), 0)
                family.add_metric((right.value, state.value, light), count)
    return family


def _waiting(figures: StoreFigures) -> GaugeMetricFamily:
    """Return the metric of cases that wait for us; while the clock is suspended, we wait for the person."""
    family = GaugeMetricFamily(
        "rightsflow_gate_waiting_cases", "Cases that wait for a decision of ours.", labels=("right", "gate")
    )
    for right in Right:
        for state, gate in GATES.items():
            running = (group for group in Group if group is not Group.STANDING)
            count = sum(figures.open_cases.get((right, state, group), 0) for group in running)
            family.add_metric((right.value, gate), count)
    return family


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, text, value=value)


def store_collector(environment: Environment) -> StoreCollector:
    """Return the collector of the case store's figures.

    Args:
        environment: The places of the store and the configuration.

    Raises:
        Misconfigured: The configuration or the database's address is wrong.
        BadInput: The case store is not set up for this version.
        Transient: The database does not answer.
    """
    return StoreCollector(figures_reader(environment))


def figures_reader(environment: Environment) -> Callable[[], StoreFigures]:
    """Return a function that reads the case store's figures, in a connection of its own and without a key.

    Args:
        environment: The places of the store and the configuration.

    Raises:
        Misconfigured: The configuration or the database's address is wrong.
        BadInput: The case store is not set up for this version.
        Transient: The database does not answer.
    """
    settings = load_settings(environment.config_path)
    zone, has_mail = settings.controller.zone, settings.delivery.mail is not None
    database = Database(environment.case_store_url)
    if not database.is_current():
        raise BadInput("The case store is not set up for this version; run `rightsflow init`.")

    def read() -> StoreFigures:
        now = utc_now()
        return read_figures(database, Present(today=now.astimezone(zone).date(), now=now, has_mail=has_mail))

    return read


@contextmanager
def store_served(environment: Environment, port: int) -> Iterator[None]:
    """Serve them for the duration of the block.

    Args:
        environment: The places of the store and the configuration, and at which address of this machine to serve.
        port: The port; 0 for not at all.

    Raises:
        Misconfigured: They cannot be served there.
    """
    if not port:
        yield
        return
    registry = CollectorRegistry()
    registry.register(store_collector(environment))
    with serving(registry, environment.metrics_address, port):
        yield
