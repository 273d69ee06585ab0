"""``rightsflow demo``: one access and one erasure request, from the ticket to the answer, on the sandbox."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from prefect.settings import temporary_settings
from rich.text import Text

from deployments.cli.commands.cases import print_records
from deployments.cli.commands.setup import set_up
from deployments.cli.output import console, print_json, progress
from deployments.local.database import DatabaseChoice
from deployments.local.resume import show_on_sheet
from deployments.local.server_contact import talking_to
from deployments.local.up import LocalStack, stop_on_signals
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gates import confirmation
from rightsflow.cases.course.processors.processor_answers import record_instruction_sent, record_processor_answer
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.cases.facts.overview.overview import CaseOverview
from rightsflow.cases.facts.overview.personal_data import package_of
from rightsflow.config.environment import Environment
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Decision, Gate, IdentityMethod, OnFile, Verdict
from rightsflow.domain.gates.identity import StatedCheck
from rightsflow.domain.processors.answers import StatedAnswer
from rightsflow.domain.processors.terms import ProcessorAnswer
from rightsflow.domain.vocabulary.rights import Right
from rightsflow_sandbox.center import SandboxCenter
from rightsflow_sandbox.configuration import PROCESSORS_TOML
from rightsflow_sandbox.demo.aftermath import Aftermath, look_after
from rightsflow_sandbox.demo.officer import PATIENT, Officer, Progress
from rightsflow_sandbox.world.world import TIMEZONE

_MARKER: Final = ".rightsflow-demo"
_APPROVE: Final = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
_SENDER: Final = "Sina Sender"


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """The result of the demonstration.

    Args:
        access: The access case.
        erasure: The erasure case.
        package: Where the access package lies.
        passphrase_channel: How the person is told its passphrase.
        ui_url: Prefect's UI.
        aftermath: What the systems show afterwards.
        seconds: How long it took from the first ticket to the last answer.
    """

    access: CaseOverview
    erasure: CaseOverview
    package: str
    passphrase_channel: str
    ui_url: str
    aftermath: Aftermath
    seconds: float


def run_demo(folder: Path, *, port: int, seed: int, stay: bool, database: DatabaseChoice, json_output: bool) -> int:
    """Run the demonstration; returns the exit status.

    Args:
        folder: Where its state goes; an earlier demonstration there is replaced.
        port: The port of the server and its UI; 0 takes a free one.
        seed: What the invented customers are made from.
        stay: Whether to stay up afterwards.
        database: What the Prefect server keeps its runs in.
        json_output: Whether to print one JSON document instead of a report.

    Raises:
        BadInput: The folder holds something else.
        Transient: Something did not come up or did not end in time.
    """
    progress.say("starting the sandbox call centre")
    _prepare(folder)
    os.environ["RIGHTSFLOW_HOME"] = str(folder.absolute() / ".rightsflow")
    environment, today = Environment(), datetime.now(ZoneInfo(TIMEZONE)).date()
    with (
        stop_on_signals() as stop,
        SandboxCenter(folder / "sandbox", today=today, seed=seed) as center,
    ):
        _configure(environment, center)
        stack = _stack(environment, port, database)
        before: dict[str, str] = {}
        with stack.running(progress.say, lambda: before.update(center.snapshot(excluding=center.erasure_subject))):
            with talking_to(stack.server.access), temporary_settings(PATIENT):
                result = _demonstrate(center, stack, today, before, progress.say)
            progress.end()
            if json_output:
                print_json(result)
            else:
                _report(result, folder, stay=stay)
            if stay:
                console.print("Staying up; Ctrl-C stops everything.")
                stack.watch(stop)
    return 0 if result.aftermath.is_as_answered else 1


def _prepare(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()) and not (folder / _MARKER).exists():
        raise BadInput(f"The folder {folder} holds other things; give the demo another with --folder.")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, mode=0o700)
    (folder / _MARKER).touch()


def _configure(environment: Environment, center: SandboxCenter) -> None:
    """Write a configuration with the sandbox's systems, then create key and store."""
    environment.config_path.write_text(configuration_text(center.systems_toml()), encoding="utf-8")
    set_up(environment)


def configuration_text(systems: str) -> str:
    """Return the demo's configuration.

    Args:
        systems: The sections of the sandbox's systems.
    """
    template = files("deployments.cli").joinpath("rightsflow.toml.template").read_text(encoding="utf-8")
    head, _, _ = template.partition("[systems.")
    # Customers write from example.com; the team's own domain, whose addresses are never masked, is the agents'.
    head = head.replace("@example.com", "@agents.example.com")
    # Its officer decides under names that are typed, as the command line does.
    return f'{head}[desk]\ntyped_names = "allowed"\n\n{systems}{PROCESSORS_TOML}'


def _stack(environment: Environment, port: int, database: DatabaseChoice) -> LocalStack:
    return LocalStack(
        environment.folder,
        port=port,
        environment={"RIGHTSFLOW_HOME": str(environment.folder)},
        database=database,
        has_desk=current_app().settings.has_desk,
    )


def _demonstrate(
    center: SandboxCenter, stack: LocalStack, today: date, before: dict[str, str], say: Progress
) -> DemoResult:
    """Answer both requests.

    Args:
        center: The sandbox.
        stack: Server and worker.
        today: The day on which the requests arrive.
        before: The digest of each record of the others, from before.
        say: Told in a few words what is being waited for.
    """
    officer = Officer(stack.deployments, say)
    started = time.monotonic()
    people = {Right.ACCESS: center.access_subject, Right.ERASURE: center.erasure_subject}
    tickets = {right: center.ticket_of(person) for right, person in people.items()}
    runs = {right: officer.open_from_ticket(right, ticket, today) for right, ticket in tickets.items()}
    cases = {right: officer.case_of(run) for right, run in runs.items()}
    for decision in (_confirmed(today), _APPROVE):
        for case_id in cases.values():
            officer.decide(case_id, decision)
    for case_id in cases.values():
        officer.end_of(case_id)
        if _prove(case_id):
            officer.answer_of(case_id)
        _send_letters(case_id)
    seconds = time.monotonic() - started
    access, erasure = (
        read_overview(current_app(), cases[Right.ACCESS]),
        read_overview(current_app(), cases[Right.ERASURE]),
    )
    return DemoResult(
        access=access,
        erasure=erasure,
        package=package_of(current_app(), access.case_id),
        passphrase_channel=current_app().settings.delivery.passphrase_channel,
        ui_url=stack.server.ui_url,
        aftermath=look_after(center, center.erasure_subject, before, erasure),
        seconds=seconds,
    )


def _confirmed(today: date) -> Decision:
    """Return the decision that identity is confirmed, as an officer states it."""
    stated = StatedCheck(
        method=IdentityMethod.CALL_BACK.value,
        done="The person was called back in this demonstration and confirmed the request.",
        at=datetime.now(ZoneInfo(TIMEZONE)).isoformat(timespec="seconds"),
        against=OnFile.PHONE.value,
        held_by="helpdesk",
        since=(today - timedelta(days=365)).isoformat(),
    )
    return confirmation(current_app(), stated, by="Ida Identity")


def _prove(case_id: str) -> bool:
    """Send each instruction to its processor, and note that it has erased its copies; returns whether there was one."""
    app = current_app()
    asked = read_overview(app, case_id).instructions
    for one in asked:
        record_instruction_sent(app, case_id, one.number, by=_SENDER)
        done = StatedAnswer(answer=ProcessorAnswer.DONE, on=app.today, records=one.expected, note="Invented.")
        record_processor_answer(app, case_id, one.number, done, by=_SENDER)
    return bool(asked)


def _send_letters(case_id: str) -> None:
    """Mark every letter of the outbox as sent, as people do after sending them; the answer closes the case."""
    for line in read_overview(current_app(), case_id).letters:
        if line.sent_at is None:
            record_sent(current_app(), case_id, line.template_id, by=_SENDER)
    show_on_sheet(case_id)


def _report(result: DemoResult, folder: Path, *, stay: bool) -> None:
    console.rule("Rightsflow demo")
    zone = current_app().settings.controller.zone
    for case in (result.access, result.erasure):
        said = (
            f" ({case.right.value}): {case.state.value}. Received {case.received_at.astimezone(zone):%d %b %Y}, "
            f"target date {case.work_to_on:%a %d %b %Y}, statutory deadline {case.due_on:%a %d %b %Y}."
        )
        console.print(Text.assemble((case.case_id, "bold"), said))
    console.print(Text.assemble(("\nAccess package", "bold"), f": {result.package}"), soft_wrap=True)
    told = f" is told {result.passphrase_channel}; they read it with"
    console.print(Text.assemble(("Its passphrase", "bold"), told))
    home = folder / ".rightsflow"
    command = f"RIGHTSFLOW_HOME={home} {_this_command()}"
    console.print(f"  {command} show {result.access.case_id} --reveal", highlight=False, soft_wrap=True)
    console.print("\nWhat became of each record of the erasure request", style="bold")
    print_records(result.erasure)
    for one in result.erasure.instructions:
        console.print(Text.assemble(("\nProcessor", "bold"), f": {one.name} was instructed, {one.standing.value}."))
    _report_aftermath(result.aftermath)
    console.print(f"\n{result.seconds:.0f} seconds from the first ticket to the last answer.", highlight=False)
    for title, said in _where_to_look(command, result.ui_url if stay else ""):
        console.print(Text.assemble((title, "bold"), said), soft_wrap=True, highlight=False)


def _where_to_look(command: str, ui_url: str) -> Iterator[tuple[str, str]]:
    """Yield the ways to look inside: an address while the demo stays up, and commands once it has ended."""
    link = f"open the link that `{command} people invite case_owner` prints"
    if ui_url:
        yield "Desk", f": {ui_url}; to sign in there, {link} in another terminal."
        return
    yield "To look at the cases", f" in a browser: `{command} up`; to sign in there, {link} in another terminal."
    yield "To answer requests yourself", f": `{_this_command()} demo --stay` begins anew and keeps the systems up."


def _this_command() -> str:
    """Return the name of this command, as short as possible from here."""
    called = Path(sys.argv[0])
    if called.name != "rightsflow":
        return "rightsflow"
    return os.path.relpath(called) if shutil.which("rightsflow") is None else "rightsflow"


def _report_aftermath(after: Aftermath) -> None:
    console.print("\nAsked afterwards, the systems hold of the erased person", style="bold")
    for what, count in sorted(after.left.items()):
        named = after.answered.get(what, 0)
        console.print(f"  {what}: {count} (the answer names {named} as kept, redacted or not attributable)")
    if not after.left:
        console.print("  nothing")
    is_so = after.is_as_answered
    verdict = ("as the answer says", "green") if is_so else ("NOT as the answer says", "red")
    others = f". Other people's records: {after.untouched} unchanged, {after.changed} changed."
    console.print(Text.assemble("That is ", verdict, others))
