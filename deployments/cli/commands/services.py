"""``run`` and the group ``service``: what schedulers or clusters run, and what answers programs."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from prometheus_client import CollectorRegistry, generate_latest
from rich.table import Table
from rich.text import Text

from deployments.applying import apply_deployments
from deployments.cli.arguments import ByOption, CaseArgument, OwnNameOption, acting
from deployments.cli.commands.setup import PoolTypeOption
from deployments.cli.output import JsonFlag, console, print_fault, print_json, progress, tell
from deployments.cli.parts import parts_of
from deployments.inbound.listener import serve_inbound
from deployments.local.database import SqliteFile
from deployments.local.resume import server_access
from deployments.local.server import LocalServer
from deployments.local.server_contact import answers, lets_in, quiet_console, talking_to
from deployments.local.setting_up import move_runs
from deployments.local.up import stop_on_signals
from deployments.monitoring.figures import serving
from deployments.monitoring.store_figures import store_collector
from deployments.notifications.automations import apply_notifications
from deployments.pool_types import DEFAULT_POOL_TYPE
from deployments.renewal import RunningApp
from deployments.runs.keeper import Duties
from deployments.runs.work_notices import WorkNotices
from deployments.server_access import Access
from deployments.suppression.asking import serve as serve_suppression
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
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.cases.facts.overview.overview import CaseOverview
from rightsflow.cases.work.purge import Purge, purge
from rightsflow.cases.work.purge import replay as replay_journals
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import BadInput, Misconfigured, Transient
from rightsflow.domain.running_parts import KEEPER
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
        parts_of(context).keeper(
            current.store, Duties.of(current.store, current.settings, notices=WorkNotices(RunningApp(KEEPER)))
        ).run(stop, alive)


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


def follow_up_now(json_output: JsonFlag = False) -> None:
    """Verify erasures again, and erase released records.

    The flow follow-up does the same every hour. Records whose retention is over are read again and erased once that
    is approved; erased records are read again some days later.
    """
    done = follow_up(current_app())
    if json_output:
        print_json(asdict(done))
        return
    console.print(done.sentence, highlight=False)


def replay(
    system: Annotated[str, typer.Argument(help="The system that was restored, by its name in rightsflow.toml.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> int:
    """Erase again after a system was restored from its backup.

    Every erased or restricted record is read again; what came back is erased, marked or corrected again. It can be
    repeated. The exit status is 1 if a case has to be replayed once more.
    """
    done = replay_system(current_app(), system, by=by)
    if json_output:
        print_json(asdict(done))
    else:
        console.print(
            f"Cases: {done.cases}. Records that were back: {done.back}. Erased again in {done.erased} cases. "
            f"Restrictions marked again: {done.marked}. Lifted marks taken away again: {done.lifted}. "
            f"Corrected again: {done.corrected}. "
            f"Left to a person: {done.asked}, see `rightsflow case tasks`.",
            highlight=False,
        )
    if done.failed:
        print_fault(f"Not done in {', '.join(done.failed)}; see `rightsflow show`, and replay once more.")
    return 1 if done.failed else 0


def purge_expired(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Remove nothing; list what would go, and what not.")
    ] = False,
    by: OwnNameOption = "",
    json_output: JsonFlag = False,
) -> None:
    """Purge closed cases and copies whose period is over.

    It cannot be undone: working copies and cases whose evidence period is over are removed. The flow purge-expired
    does the same every day.
    """
    done = purge(current_app(), by=acting(by), dry_run=dry_run)
    if json_output:
        print_json({"dry_run": dry_run, **_purged_document(done)})
        return
    if dry_run:
        _print_purge(done)
        return
    console.print(done.sentence, highlight=False)


def replay_erasures(
    journals: Annotated[
        list[Path], typer.Argument(help="Erasure journals, and folders in which erasures are published.")
    ],
    by: OwnNameOption = "",
    json_output: JsonFlag = False,
) -> int:
    """Purge cases again after the case store was restored from a backup.

    It can be repeated. The exit status is 1 if a case remains, because its evidence is held or a worker works on it.
    """
    done = replay_journals(current_app(), journals, by=acting(by))
    if json_output:
        print_json(asdict(done))
    else:
        console.print(
            f"Named: {done.named}. Purged again: {len(done.purged)}. Not there: {done.gone}. Held: {len(done.held)}. "
            f"Worked on: {len(done.worked_on)}.",
            highlight=False,
        )
    if done.held:
        print_fault(
            f"Evidence is held of {', '.join(done.held)}; where that was lifted before, lift it again "
            "(`rightsflow hold evidence --lift`), and replay once more."
        )
    if done.worked_on:
        print_fault(f"A worker works on {', '.join(done.worked_on)}; stop the workers and replay once more.")
    return 0 if done.is_done else 1


def _purged_document(done: Purge) -> dict[str, object]:
    return {
        "cases": done.cases,
        "held": done.held,
        "copies": done.copies,
        "elsewhere": done.elsewhere,
        "passed_over": done.passed_over,
        "log_is_clear": done.log_is_clear,
    }


def _print_purge(done: Purge) -> None:
    table = Table("case", "what", "why", box=None, header_style="bold")
    for case_id, until in done.cases.items():
        table.add_row(case_id, "would be purged", f"its evidence was kept until {until:%d %b %Y}")
    for case_id, why in done.held.items():
        table.add_row(case_id, "would be kept", why)
    for case_id in done.copies:
        table.add_row(case_id, "its working copies would go", "their day has come")
    for case_id in done.passed_over:
        table.add_row(case_id, "would be skipped", "it is worked on, or cannot be read")
    console.print(table if table.row_count else "No case is over.")
