"""The figures of this home's case store, and serving them to Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from prometheus_client import CollectorRegistry

from deployments.monitoring.serving import serving
from deployments.monitoring.store_figures import StoreCollector
from rightsflow.app import utc_now
from rightsflow.config.environment import Environment
from rightsflow.config.settings import load_settings
from rightsflow.domain.errors import BadInput
from rightsflow.store import Database
from rightsflow.store.queries.figures import StoreFigures, read_figures


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
    zone = load_settings(environment.config_path).controller.zone
    database = Database(environment.case_store_url)
    if not database.is_current():
        raise BadInput("The case store is not set up for this version; run `rightsflow init`.")

    def read() -> StoreFigures:
        now = utc_now()
        return read_figures(database, now.astimezone(zone).date(), now)

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
