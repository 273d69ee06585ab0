"""``metrics``: the case store's metrics for Prometheus."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry, generate_latest

from deployments.cli.output import JsonFlag, print_json, tell
from deployments.local.up import stop_on_signals
from deployments.monitoring.serving import serving
from deployments.monitoring.serving_store import store_collector
from rightsflow.config.environment import Environment


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
    """Print the case store's metrics once, or serve them to Prometheus; it needs no master key."""
    collector = store_collector(Environment())
    if json_output:
        samples = [sample for family in collector.collect() for sample in family.samples]
        print_json([{"name": item.name, "labels": item.labels, "value": item.value} for item in samples])
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
