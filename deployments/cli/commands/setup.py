"""``init``, ``service migrate`` and ``up``: configuration, master key, case store, and all of it on this machine."""

from __future__ import annotations

import os
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from connectors.registry import connectors_for
from deployments.cli.output import JsonFlag, console, print_json, print_warning
from deployments.cli.parts import parts_of
from deployments.desk.addresses import invitation_address
from deployments.local.database import DatabaseChoice
from deployments.local.server import DEFAULT_PORT
from deployments.local.up import only_one
from deployments.local.up_plan import UpPlan
from deployments.pool_types import DEFAULT_POOL_TYPE, PoolType
from deployments.ports import free_port
from rightsflow.app import current_app, utc_now
from rightsflow.config.environment import Environment, LogFormat
from rightsflow.domain.accounts import Role
from rightsflow.domain.errors import BadInput, Misconfigured
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import RosterFile
from rightsflow.store import Database, Store
from rightsflow.vault import MasterKey, create_key_file, load_master_key
from rightsflow.vault.sealing import KEY_BYTES


def init(json_output: JsonFlag = False) -> None:
    """Create rightsflow.toml, the master key and the case store.

    Existing files are not changed. The master key is readable for you alone (0600).
    """
    environment = Environment()
    done = set_up(environment)
    if json_output:
        print_json({"home": str(environment.folder), "created": done})
        return
    for what in done:
        console.print(f"Created {what}.", soft_wrap=True)
    if not done:
        console.print("Everything is there already; nothing was changed.")
    console.print(f"Next: fill in {environment.config_path}, then run `rightsflow doctor`.", soft_wrap=True)


def migrate(json_output: JsonFlag = False) -> None:
    """Migrate the case store to this version.

    No key and no configuration is needed. Nothing else is done.
    """
    database = Database(Environment().case_store_url)
    try:
        was_current = database.is_current()
        if not was_current:
            database.migrate()
    finally:
        database.close()
    if json_output:
        print_json({"changed": not was_current})
        return
    console.print("The case store is current already." if was_current else "The case store is current now.")


def set_up(environment: Environment) -> list[str]:
    """Create what is missing of configuration, master key and case store; returns what was created.

    Raises:
        Misconfigured: A setting of the environment is wrong, or the key is not the one of the store's cases.
        Transient: The case store does not answer.
    """
    done: list[str] = []
    environment.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not environment.config_path.exists():
        template = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")
        environment.config_path.write_text(template, encoding="utf-8")
        done.append(str(environment.config_path))
    database = Database(environment.case_store_url)
    if not database.is_current():
        database.migrate()
        done.append("the case store")
    key_file = environment.folder / "master.key"
    if environment.master_key_reference == f"file:{key_file}" and not key_file.exists():
        _refuse_to_orphan(database, key_file)
        create_key_file(key_file)
        done.append(str(key_file))
    master = load_master_key(environment.master_key_reference, environment.master_key_before)
    Store(database, master, utc_now).check_key()
    database.close()
    return done


def _refuse_to_orphan(database: Database, key_file: Path) -> None:
    """Make no new key beside cases of another: it would only hide that theirs is lost."""
    try:
        Store(database, MasterKey(os.urandom(KEY_BYTES)), utc_now).check_key()
    except Misconfigured:
        raise Misconfigured(
            f"There is no master key at {key_file}, but the case store holds cases; restore that key."
        ) from None


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
