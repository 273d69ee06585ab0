"""``service listen``, ``service suppression`` and ``service metrics``: what answers other programs."""

from __future__ import annotations

import sys
from contextlib import suppress
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry, generate_latest

from deployments.cli.output import JsonFlag, print_json, tell
from deployments.inbound.serving_inbound import serve_inbound
from deployments.local.up import stop_on_signals
from deployments.monitoring.serving import serving
from deployments.monitoring.serving_store import store_collector
from deployments.suppression.asking import serve as serve_suppression
from rightsflow.app import current_app
from rightsflow.config.environment import Environment


def serve(
    host: Annotated[str, typer.Option(help="The address of this machine; by default the configuration's.")] = "",
    port: Annotated[int, typer.Option(help="The port; 0 for the configuration's.", min=0, max=65535)] = 0,
) -> None:
    """Receive orders, callbacks and agents' requests over HTTPS.

    It runs until it is stopped. Orders of controllers and callbacks of processors use OpenDSR 2.0, requests of
    authorised agents the Data Rights Protocol 1.0. Only senders registered in the sections inbound.opendsr and
    inbound.drp are served. `rightsflow up` does this by itself.
    """
    app = current_app()
    inbound = app.settings.inbound
    serve_inbound(app, host or inbound.host, port or inbound.port)


def answer(
    host: Annotated[str, typer.Option(help="The address of this machine to serve it on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.", min=1, max=65535)] = 8471,
) -> None:
    """Answer over HTTP if an address is on the suppression list.

    It answers yes or no to programs that show the configured token. Put a proxy with https before it if they are on
    other machines.
    """
    serve_suppression(current_app(), host, port)


def metrics(
    port: Annotated[
        int,
        typer.Option(min=0, max=65534, envvar="RIGHTSFLOW_METRICS_PORT", help="Serve them there until Ctrl-C."),
    ] = 0,
    json_output: JsonFlag = False,
) -> None:
    """Print metrics, or serve them to Prometheus.

    The metrics are those of the case store. No master key is needed.
    """
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
