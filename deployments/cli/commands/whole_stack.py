"""``up``: the whole of Rightsflow on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from connectors.registry import connectors_for
from deployments.cli.output import console, print_warning
from deployments.cli.parts import parts_of
from deployments.desk.addresses import invitation_address
from deployments.local.database_choice import DatabaseChoice
from deployments.local.server import DEFAULT_PORT
from deployments.local.up import only_one
from deployments.local.up_plan import UpPlan
from deployments.pool_types import DEFAULT_POOL_TYPE, PoolType
from deployments.ports import free_port
from rightsflow.app import current_app
from rightsflow.config.environment import Environment, LogFormat
from rightsflow.domain.accounts import Role
from rightsflow.domain.errors import BadInput
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import RosterFile

PoolTypeOption = Annotated[
    PoolType,
    typer.Option(
        envvar="RIGHTSFLOW_POOL_TYPE",
        help="Who executes the runs: the worker itself (rightsflow), or a process or container for each run.",
    ),
]
DatabaseOption = Annotated[
    DatabaseChoice,
    typer.Option(
        envvar="RIGHTSFLOW_UP_DATABASE",
        help="What Prefect's server keeps its runs in; auto: PostgreSQL where it is installed and the home did "
        "not begin with SQLite.",
    ),
]


def up(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port of the server and its UI; 0 takes a free one.")
    ] = DEFAULT_PORT,
    pool_type: PoolTypeOption = DEFAULT_POOL_TYPE,
    database: DatabaseOption = DatabaseChoice.AUTO,
) -> None:
    """Start Prefect, the desk and a worker on this machine.

    It starts the Prefect server and its UI, the deployments, the desk, a worker and the listener. Ctrl-C stops them
    all.
    """
    if not pool_type.is_local:
        raise BadInput(
            f"up starts no {pool_type} worker; run `rightsflow service deploy --pool-type {pool_type}` on a lasting "
            f"server, and `prefect worker start --pool {pool_type.pool}` where the runs are to be executed."
        )
    parts = parts_of(context)
    if pool_type is PoolType.RESIDENT and (why := parts.why_not()):
        print_warning(f"{why} Each run gets a process of its own, as with --pool-type process, which is slower.")
        pool_type = PoolType.PROCESS
    environment, current = Environment(), current_app()
    # Told here, at once, and not by the first run.
    connectors_for(current.settings)
    inbound = current.settings.inbound
    public_url = environment.public_url or current.settings.desk.address or ""
    port = port or free_port()
    address = current.settings.desk.address or environment.desk_url or public_url or f"http://127.0.0.1:{port}"
    with only_one(environment.folder):
        sign_in = _who_signs_in(environment, address) if current.settings.has_desk else []
    parts.hold_up(
        UpPlan(
            home=environment.folder,
            port=port,
            environment=_of_the_worker(environment),
            pool_type=pool_type,
            database=database,
            public_url=public_url,
            has_desk=current.settings.has_desk,
            store_figures=environment.metrics_port,
            listens_at=(inbound.host, inbound.port) if inbound.is_listened_to else None,
            in_json=environment.log_format is LogFormat.JSON,
            sign_in=sign_in,
        )
    )


def _who_signs_in(environment: Environment, address: str) -> list[str]:
    """Return the lines of the first start: an admin's invitation, shown on a terminal only and never in a file."""
    store = current_app().store
    if store.accounts.all():
        return []
    roster = RosterFile(environment.config_path)
    admins = [member for member in roster().members.values() if Role.ADMIN in member.roles]
    if not admins:
        print_warning('No one has the role admin; give it to a person in rightsflow.toml, as roles = ["admin"].')
        return []
    if not console.is_terminal:
        return [f"No one has an account yet; `rightsflow people invite {admins[0].key}` prints a link."]
    admin, token = Door(lambda: store, roster).invite(admins[0].key, by=admins[0].name)
    return [
        f"{admin.name} sets up the first account by this link, shown only now; it counts once:",
        invitation_address(address, token),
    ]


def _of_the_worker(environment: Environment) -> dict[str, str]:
    """Return the additional environment of the worker; its own figures are served at the port after the store's."""
    port = environment.metrics_port
    return {"RIGHTSFLOW_HOME": str(environment.folder), "RIGHTSFLOW_METRICS_PORT": str(port + 1 if port else 0)}
