"""Orders of controllers for which we are a processor: ``serve-opendsr`` and ``orders``."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.output import JsonFlag, console, print_json
from deployments.inbound.listener import make_listener
from deployments.inbound.serving_orders import serve_orders
from rightsflow.cases.app import App
from rightsflow.cases.orders.following_orders import all_orders
from rightsflow.cases.orders.taking_orders import inbound_of
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.processors.opendsr import OpenDsrStatus
from tasks.composition import current_app


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("orders")(orders)
    app.command("serve-opendsr")(serve)


def orders(json_output: JsonFlag = False) -> None:
    """List what controllers have ordered of us, as their processor, and where each order stands."""
    found = all_orders(current_app())
    if json_output:
        print_json(found)
        return
    table = Table("case", "controller", "received", "to be proved", "status", box=None, header_style="bold")
    zone = current_app().settings.controller.zone
    for one in found:
        received = f"{one.received_at.astimezone(zone):%d %b %Y}"
        table.add_row(one.case_id, one.name, received, f"{one.due_on:%a %d %b %Y}", one.status.value)
    console.print(table if found else "No controller has ordered anything.")


def serve(
    host: Annotated[str, typer.Option(help="The address of this machine to serve it on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.", min=1, max=65535)] = 8472,
) -> None:
    """Take orders of controllers over OpenDSR 2.0, and callbacks of processors, until it is stopped.

    Only controllers that are registered in the configuration are served. An order becomes a case on the controller's
    behalf.
    """
    serve_orders(current_app(), host, port)


def orders_health(current: App) -> Health:
    """Whether orders can be taken: certificate, key and tokens, and which are overdue.

    Args:
        current: The runtime.
    """
    try:
        make_listener(current)
        found = all_orders(current)
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    done = {OpenDsrStatus.COMPLETED, OpenDsrStatus.CANCELLED}
    late = sum(one.status not in done and one.due_on < current.today for one in found)
    section = inbound_of(current)
    said = f"Controllers whose orders are taken: {len(section.controllers)}; `rightsflow serve-opendsr` has to run."
    return Health(ok=True, detail=f"{late} orders are overdue. {said}" if late else said, is_doubtful=bool(late))
