"""``metrics``: the case store's figures for Prometheus."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry, generate_latest

from deployments.cli.output import JsonFlag, print_json, tell
from deployments.local.up import stop_on_signals
from deployments.monitoring.serving import serving
from deployments.monitoring.store_figures import StoreCollector
from rightsflow.config.environment import Environment
from rightsflow.config.settings import load_settings
from rightsflow.domain.errors import BadInput
from rightsflow.store import Database
from rightsflow.store.queries.figures import StoreFigures, read_figures
from tasks.composition import utc_now


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("metrics")(metrics)


def metrics(
    port: Annotated[
        int,
        typer.Option(min=0, max=65534, envvar="RIGHTSFLOW_METRICS_PORT", help="Serve them there until Ctrl-C."),
    ] = 0,
    json_output: JsonFlag = False,
) -> None:
    """Print the case store's figures once, or serve them to Prometheus; it needs no master key."""
    collector = store_collector(Environment())
    if json_output:
        samples = [sample for family in collector.collect() for sample in family.samples]
        print_json([{"name": one.name, "labels": one.labels, "value": one.value} for one in samples])
        return
    registry = CollectorRegistry()
    registry.register(collector)
    if not port:
        sys.stdout.write(generate_latest(registry).decode())
        return
    address = Environment().metrics_address
    with stop_on_signals() as stop, serving(registry, address, port):
        tell(f"Figures are served at http://{address}:{port}/metrics; Ctrl-C stops it.")
        with suppress(KeyboardInterrupt):
            stop.wait()


def store_collector(environment: Environment) -> StoreCollector:
    """The case store's figures, read in a connection of their own.

    Args:
        environment: Says where the store and the configuration lie.

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

    return StoreCollector(read)
