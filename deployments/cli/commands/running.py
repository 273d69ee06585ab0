"""``up``, ``deploy``, ``keep``, ``run`` and ``watch``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from connectors.registry import connectors_for
from deployments.applying import apply_deployments
from deployments.cli.commands.decisions import CaseArgument
from deployments.cli.output import JsonFlag, console, notes, print_fault, print_json, print_warning
from deployments.cli.parts import parts_of
from deployments.desk.addresses import invitation_address
from deployments.form_shapes import people_of
from deployments.local.database import SqliteFile
from deployments.local.database_choice import DatabaseChoice
from deployments.local.moving import move_runs
from deployments.local.resume import server_access
from deployments.local.server import DEFAULT_PORT, LocalServer
from deployments.local.server_contact import answers, lets_in, quiet_console, talking_to
from deployments.local.up import only_one, stop_on_signals
from deployments.local.up_plan import UpPlan
from deployments.notifications.automations import apply_notifications
from deployments.pool_types import DEFAULT_POOL_TYPE, PoolType
from deployments.ports import free_port
from deployments.runs.keeper import Duties
from deployments.server_access import Access
from flows.access import access_request
from flows.erasure import (
    consent_withdrawal_request,
    erasure_request,
    objection_request,
    rectification_request,
    restriction_request,
)
from flows.watching import watch_deadlines
from rightsflow.app import current_app
from rightsflow.cases.overview.case_sheet import read_overview
from rightsflow.cases.overview.overview import CaseOverview
from rightsflow.config.environment import Environment, LogFormat
from rightsflow.domain.errors import BadInput, Misconfigured, Transient
from rightsflow.domain.roles import Role
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.signin.desk_door import Door
from rightsflow.signin.members import RosterFile
from tasks.prefect_io.kinds import AnyState, StateFlow

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

AliveOption = Annotated[
    Path | None,
    typer.Option(metavar="FILE", help="A file that is touched after each look, for a health check by its age."),
]

_FLOWS: dict[Right, StateFlow] = {
    Right.ACCESS: access_request,
    Right.ERASURE: erasure_request,
    Right.OBJECTION: objection_request,
    Right.RESTRICTION: restriction_request,
    Right.CONSENT: consent_withdrawal_request,
    Right.RECTIFICATION: rectification_request,
}


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("up")(up)
    app.command("deploy")(deploy)
    app.command("keep")(keep)
    app.command("run")(run)
    app.command("watch")(watch)


def up(
    context: typer.Context,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="The port of the server and its UI; 0 takes a free one.")
    ] = DEFAULT_PORT,
    pool_type: PoolTypeOption = DEFAULT_POOL_TYPE,
    database: DatabaseOption = DatabaseChoice.AUTO,
) -> None:
    """Start Prefect's server and UI, the deployments, a worker and what listens to others; Ctrl-C stops them all."""
    if not pool_type.is_local:
        raise BadInput(
            f"up starts no {pool_type} worker; run `rightsflow deploy --pool-type {pool_type}` on a lasting server, "
            f"and `prefect worker start --pool {pool_type.pool}` where the runs are to be executed."
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


def deploy(pool_type: PoolTypeOption = DEFAULT_POOL_TYPE, json_output: JsonFlag = False) -> int:
    """Create or update the deployments and automations on the Prefect server; up does so by itself."""
    access, current = _lasting_server(), current_app()
    settings = current.settings
    with talking_to(access):
        made = apply_deployments(settings.controller.timezone, pool_type, people_of(settings))
        move_runs(pool_type.pool, current.store, settings.names)
        problems = apply_notifications(settings)
    if json_output:
        print_json({"deployments": made, "problems": problems})
    else:
        where = access.api_url
        console.print(f"{len(made)} deployments and the automations are up to date on {where}.", highlight=False)
    for problem in problems:
        print_fault(problem)
    return 1 if problems else 0


def keep(context: typer.Context, alive: AliveOption = None) -> None:
    """Start waiting cases, and start again runs that were cut short, until SIGTERM or Ctrl-C; up does so by itself.

    For a cluster: any number may run, and one of them acts; it needs the case store and PREFECT_API_URL.
    """
    access, current = _server(), current_app()
    with stop_on_signals() as stop, talking_to(access):
        notes.print("Keeping runs going; SIGTERM or Ctrl-C ends it.", style="dim")
        parts_of(context).keeper(current.store, Duties.of(current.store, current.settings)).run(stop, alive)


def watch(json_output: JsonFlag = False) -> int:
    """Sweep the deadlines once in this process, as the deployment watch-deadlines does every 15 minutes."""
    # Alerts that are posted to a server that ends with the command reach no one.
    with talking_to(_lasting_server()), quiet_console(), notes.status("Watching the deadlines …"):
        state = watch_deadlines(return_state=True)
    if json_output:
        print_json({"run": state.name, "message": state.message})
    elif state.is_completed():
        console.print(state.message or "", highlight=False)
    if state.is_completed():
        return 0
    print_fault(state.message or "The sweep failed; run it again.")
    return 1


def run(case: CaseArgument, json_output: JsonFlag = False) -> int:
    """Run the case's flow in this process as far as it can go."""
    case_id = read_case_id(case)
    right = read_overview(current_app(), case_id).right
    with _some_server(), quiet_console(), notes.status(f"Running {case_id} …"):
        state = _FLOWS[right](case_id, return_state=True)
    overview = read_overview(current_app(), case_id)
    if json_output:
        print_json(_ended(state, overview))
    else:
        console.print(Text.assemble(f"{case_id}: run ", (str(state.name), "bold"), f". {state.message or ''}"))
        console.print(f"The case is {overview.state.value}. Next: {overview.next_action}", highlight=False)
    if state.is_completed():
        return 0
    reasons = [f"{step.step} {step.system}".strip() + f": {step.error}" for step in overview.failures]
    print_fault(" ".join(reasons) or state.message or "The run failed; start it again.")
    return 1


def _ended(state: AnyState, overview: CaseOverview) -> dict[str, object]:
    return {
        "case": overview.case_id,
        "run": state.name,
        "message": state.message,
        "state": overview.state,
        "next_action": overview.next_action,
        "failures": [{"step": step.step, "system": step.system, "error": step.error} for step in overview.failures],
    }


def _lasting_server() -> Access:
    """A server that is there before and after the command, and answers."""
    access = _server()
    _demand_answer(access, "correct")
    return access


def _demand_answer(access: Access, otherwise: str) -> None:
    url = access.api_url
    if not answers(access):
        raise Transient(f"The Prefect server at {url} does not answer; start it, or {otherwise} PREFECT_API_URL.")
    if not lets_in(access):
        raise Misconfigured(
            f"The Prefect server at {url} refuses our secret; set PREFECT_API_AUTH_STRING as its own is set."
        )


def _server() -> Access:
    """The server that is up or named, whether it answers or not."""
    access = server_access()
    if access is None:
        raise BadInput("No Prefect server is up or named; run `rightsflow up` on this machine, or set PREFECT_API_URL.")
    return access


@contextmanager
def _some_server() -> Iterator[None]:
    """Talk to the server that is up, or to one of our own for as long as the command lasts."""
    access = server_access()
    if access is not None:
        _demand_answer(access, "unset")
        with talking_to(access):
            yield
        return
    folder = Environment().folder / "prefect"
    # Not the file that `up` uses: it would make a home look as if it had begun with SQLite.
    server = LocalServer(folder, SqliteFile(folder / "run.db"), port=0)
    with notes.status("No server is up; starting one for this run …"):
        server.start()
    try:
        with talking_to(server.access):
            yield
    finally:
        server.stop()
