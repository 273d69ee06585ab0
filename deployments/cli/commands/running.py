"""``run``, and what a scheduler or a cluster runs by itself: ``service deploy``, ``keep`` and ``watch``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from deployments.applying import apply_deployments
from deployments.cli.arguments import CaseArgument
from deployments.cli.commands.whole_stack import PoolTypeOption
from deployments.cli.output import JsonFlag, console, print_fault, print_json, progress, tell
from deployments.cli.parts import parts_of
from deployments.local.database import SqliteFile
from deployments.local.moving import move_runs
from deployments.local.resume import server_access
from deployments.local.server import LocalServer
from deployments.local.server_contact import answers, lets_in, quiet_console, talking_to
from deployments.local.up import stop_on_signals
from deployments.notifications.automations import apply_notifications
from deployments.pool_types import DEFAULT_POOL_TYPE
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
from flows.runs import outcome_of, with_outcome
from flows.watching import watch_deadlines
from rightsflow.app import current_app
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.cases.facts.overview.overview import CaseOverview
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import BadInput, Misconfigured, Transient
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import read_case_id
from tasks.prefect_io.kinds import AnyState, StateFlow

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


def run(case: CaseArgument, json_output: JsonFlag = False) -> int:
    """Run a case's flow in this process, as far as it can go.

    It ends at a gate that waits for a decision; run it again afterwards.
    """
    case_id = read_case_id(case)
    right = read_overview(current_app(), case_id).right
    with _some_server(), quiet_console():
        progress.say(f"Running {case_id} …")
        state = _FLOWS[right](case_id, return_state=True)
    overview = read_overview(current_app(), case_id)
    if json_output:
        print_json(_ended(state, overview))
    else:
        console.print(Text.assemble(f"{case_id}: run ", (outcome_of(state), "bold"), f". {_said(state)}"))
        console.print(f"The case is {overview.state.value}. Next: {overview.next_action}", highlight=False)
    if state.is_completed():
        return 0
    reasons = [f"{step.step} {step.system}".strip() + f": {step.error}" for step in overview.failures]
    print_fault(" ".join(reasons) or state.message or "The run failed; start it again.")
    return 1


def watch(json_output: JsonFlag = False) -> int:
    """Check all deadlines once and raise alerts.

    The deployment watch-deadlines does the same every 15 minutes.
    """
    progress.say("Watching the deadlines …")
    # Alerts that are posted to a server that ends with the command reach no one.
    with talking_to(_lasting_server()), quiet_console():
        state = watch_deadlines(return_state=True)
    if json_output:
        print_json({"run": state.name, "message": state.message})
    elif state.is_completed():
        console.print(state.message or "", highlight=False)
    if state.is_completed():
        return 0
    print_fault(state.message or "The sweep failed; run it again.")
    return 1


def deploy(pool_type: PoolTypeOption = DEFAULT_POOL_TYPE, json_output: JsonFlag = False) -> int:
    """Create or update deployments and automations in Prefect.

    `rightsflow up` does this by itself.
    """
    access, current = _lasting_server(), current_app()
    settings = current.settings
    with talking_to(access):
        made = apply_deployments(settings.controller.timezone, pool_type, settings.systems)
        move_runs(pool_type.pool)
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
    """Start waiting cases and restart interrupted runs.

    It runs until SIGTERM or Ctrl-C. `rightsflow up` does this by itself. In a cluster any number may run, and one of
    them acts; it needs the case store and PREFECT_API_URL.
    """
    access, current = _server(), current_app()
    with stop_on_signals() as stop, talking_to(access):
        tell("Keeping runs going; SIGTERM or Ctrl-C ends it.")
        parts_of(context).keeper(current.store, Duties.of(current.store, current.settings)).run(stop, alive)


def _said(state: AnyState) -> str:
    """Return a state's message without the outcome that it begins with."""
    return (state.message or "").removeprefix(with_outcome(outcome_of(state), ""))


def _ended(state: AnyState, overview: CaseOverview) -> dict[str, object]:
    return {
        "case": overview.case_id,
        "run": outcome_of(state),
        "message": _said(state),
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
    progress.say("Starting a Prefect server for this run …")
    server.start()
    try:
        with talking_to(server.access):
            yield
    finally:
        server.stop()
