"""The requests of other organisations: ``serve-inbound``, and ``orders`` of controllers, as their processor."""

from __future__ import annotations

from time import monotonic
from typing import Annotated, Final

import typer
from rich.table import Table

from deployments.cli.output import JsonFlag, console, print_json
from deployments.inbound.orders_interface import order_routes, signer_of
from deployments.inbound.serving_inbound import serve_inbound
from rightsflow.app import current_app
from rightsflow.cases.agents.registered_agents import agents_of
from rightsflow.cases.app import App
from rightsflow.cases.orders.following_orders import all_orders
from rightsflow.cases.orders.taking_orders import inbound_of
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.processors.opendsr import OpenDsrStatus
from rightsflow.domain.wording import counted

_LISTENS: Final = "`rightsflow up` listens, or `rightsflow serve-inbound`."


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("orders")(orders)
    app.command("serve-inbound")(serve)


def orders(json_output: JsonFlag = False) -> None:
    """List what controllers have ordered of us, as their processor, and where each order stands."""
    found = all_orders(current_app())
    if json_output:
        print_json(found)
        return
    table = Table("case", "controller", "received", "to be proved", "status", box=None, header_style="bold")
    zone = current_app().settings.controller.zone
    for order in found:
        received = f"{order.received_at.astimezone(zone):%d %b %Y}"
        table.add_row(order.case_id, order.name, received, f"{order.due_on:%a %d %b %Y}", order.status.value)
    console.print(table if found else "No controller has ordered anything.")


def serve(
    host: Annotated[str, typer.Option(help="The address of this machine; by default the configuration's.")] = "",
    port: Annotated[int, typer.Option(help="The port; 0 for the configuration's.", min=0, max=65535)] = 0,
) -> None:
    """Take what others send, until it is stopped: orders, callbacks of processors, and requests of agents.

    Orders of controllers and callbacks come over OpenDSR 2.0, requests of authorised agents over the Data Rights
    Protocol 1.0. Only who is registered in the sections inbound.opendsr and inbound.drp of the configuration is served,
    and what they send becomes a case. `rightsflow up` does it by itself; this is for a machine where it does not run.
    """
    app = current_app()
    inbound = app.settings.inbound
    serve_inbound(app, host or inbound.host, port or inbound.port)


def orders_health(current: App) -> Health:
    """Report if orders can be taken (certificate, key and tokens), and the overdue orders.

    Args:
        current: The runtime.
    """
    try:
        order_routes(current, monotonic)
        doubt = signer_of(current).doubt(current.now())
        found = all_orders(current)
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    done = {OpenDsrStatus.COMPLETED, OpenDsrStatus.CANCELLED}
    late = sum(order.status not in done and order.due_on < current.today for order in found)
    section = inbound_of(current)
    said = f"Controllers whose orders are taken: {len(section.controllers)}; {_LISTENS}"
    overdue = f"{counted(late, 'order')} {'is' if late == 1 else 'are'} overdue." if late else ""
    return Health(ok=True, detail=" ".join(filter(None, (doubt, overdue, said))), is_doubtful=bool(late or doubt))


def agents_health(current: App) -> Health:
    """Report if requests of agents can be taken, and the agents that have no token yet.

    Args:
        current: The runtime.
    """
    try:
        section = agents_of(current)
        paired = current.store.agent_tokens.paired(section.business_id)
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    missing = sorted(agent.name for key, agent in section.agents.items() if key not in paired)
    said = f"Agents whose requests are taken: {len(section.agents)}; {_LISTENS}"
    return Health(ok=True, detail=f"{said} Without a token yet: {', '.join(missing)}." if missing else said)
