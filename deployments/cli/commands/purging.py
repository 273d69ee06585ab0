"""``withdraw``, ``stop-case``, ``find``, ``hold``, ``purge``, ``replay-erasures``: a case's end, and what is kept."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.arguments import (
    AccountIdOption,
    AccountSystemOption,
    CustomerIdOption,
    EmailOption,
    PhoneOption,
    acting,
)
from deployments.cli.commands.decisions import CaseArgument, print_act
from deployments.cli.commands.desk import ByOption
from deployments.cli.output import JsonFlag, console, print_done, print_fault, print_json
from deployments.local.resume import resume_waiting_run
from deployments.local.sheet import show_on_sheet
from rightsflow.app import current_app
from rightsflow.cases.evidence_hold import hold_evidence, release_evidence
from rightsflow.cases.find import Sought, look_up
from rightsflow.cases.purging.erasure_journal import replay
from rightsflow.cases.purging.purge import Purge, purge
from rightsflow.cases.stopping import stop_case
from rightsflow.cases.withdrawal import withdraw
from rightsflow.domain.case.stopping import read_stop_reason
from rightsflow.domain.days import read_day
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.states import read_case_id


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("withdraw")(withdraw_request)
    app.command("stop-case")(stop)
    app.command("find")(find)
    app.command("hold")(hold)
    app.command("purge")(purge_expired)
    app.command("replay-erasures")(replay_erasures)


def withdraw_request(
    case: CaseArgument,
    by: ByOption,
    reason: Annotated[str, typer.Option(help="How the person said so; kept encrypted.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record that the person has withdrawn the request; the case is closed. Not once an erasure has been approved.

    A letter (L18) tells the person: mailed at once where the request came by e-mail or web form, else in the outbox.
    """
    done, case_id = withdraw(current_app(), case, by=by, reason=reason), read_case_id(case)
    resumed = resume_waiting_run(case_id)
    show_on_sheet(case_id)
    print_done(done, json_output=json_output, case=case_id, resumed=resumed)


def stop(
    case: CaseArgument,
    why: Annotated[str, typer.Option(help="opened in error, or duplicate.")],
    how_known: Annotated[str, typer.Option(help="How that is known, in a sentence; kept encrypted.")],
    by: ByOption,
    duplicate_of: Annotated[
        str, typer.Option(metavar="CASE", help="The case that answers the request; for a duplicate alone.")
    ] = "",
    json_output: JsonFlag = False,
) -> None:
    """Stop a case without an answer, since it was opened in error or repeats another case of the same person.

    Refused where the person is owed an answer. Once a letter went out in it, another person than its opener decides,
    and the person is told by a letter (L27). The case that answers a duplicate counts from the earlier receipt of both.
    """
    reason, case_id = read_stop_reason(why), read_case_id(case)
    done = stop_case(current_app(), case_id, reason, how_known, by=by, duplicate_of=duplicate_of)
    resumed = resume_waiting_run(case_id)
    instead = read_case_id(duplicate_of) if duplicate_of.strip() else ""
    for item in filter(None, (case_id, instead)):
        show_on_sheet(item)
    print_done(done, json_output=json_output, case=case_id, answered_by=instead, resumed=resumed)


def find(
    email: EmailOption = "",
    phone: PhoneOption = "",
    customer_id: CustomerIdOption = "",
    account_id: AccountIdOption = "",
    account_system: AccountSystemOption = "",
    by: Annotated[str, typer.Option(help="Who looks; by default the name you are logged in with.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """List a person's cases, closed ones too. That you looked is recorded in the ledger, and not for whom."""
    sought = Sought(
        email=email, phone=phone, customer_id=customer_id, account_id=account_id, account_system=account_system
    )
    cases = look_up(current_app(), sought, by=acting(by))
    if json_output:
        print_json(cases)
        return
    table = Table("case", "right", "state", "received", box=None, header_style="bold")
    zone = current_app().settings.controller.zone
    for item in cases:
        received = f"{item.received_at.astimezone(zone):%d %b %Y}"
        table.add_row(item.case_id, item.right.value, item.state.value, received)
    console.print(table if cases else "No cases.")


def hold(
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="Which complaint or claim is pending, or how it ended; kept encrypted.")],
    by: ByOption,
    until: Annotated[str, typer.Option(help="The last day on which the evidence is held, like 2030-12-31.")] = "",
    open_ended: Annotated[bool, typer.Option("--open-ended", help="Hold it until that is lifted.")] = False,
    lift: Annotated[bool, typer.Option("--lift", help="Lift the hold instead.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """Keep the evidence of a case while a complaint or a claim is pending (Art. 17(3)(e) GDPR), or lift that again.

    While it is held, the case is not purged, even if its evidence period is over.
    """
    if [bool(until.strip()), open_ended, lift].count(True) != 1:
        raise BadInput("The period of the hold is missing; give one of --until, --open-ended and --lift.")
    if lift:
        done = release_evidence(current_app(), case, by=by, reason=reason)
    else:
        done = hold_evidence(
            current_app(), case, None if open_ended else read_day(until, "The option --until"), by=by, reason=reason
        )
    print_act(case, done, json_output=json_output)


def purge_expired(
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Remove nothing; list what would go, and what not.")
    ] = False,
    by: Annotated[str, typer.Option(help="Who does it; by default the name you are logged in with.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Purge what has expired: working copies, cases whose evidence period has ended, forms that led to nothing.

    It cannot be undone. The flow purge-expired does the same every day.
    """
    done = purge(current_app(), by=acting(by), dry_run=dry_run)
    if json_output:
        print_json({"dry_run": dry_run, **_document(done)})
        return
    if dry_run:
        _print_list(done)
        return
    console.print(done.sentence, highlight=False)


def replay_erasures(
    journals: Annotated[
        list[Path], typer.Argument(help="Erasure journals, and folders in which erasures are published.")
    ],
    by: Annotated[str, typer.Option(help="Who does it; by default the name you are logged in with.")] = "",
    json_output: JsonFlag = False,
) -> int:
    """After a back-up of the case store was restored: purge again what has been purged since it was made.

    It may be done again at any time. Exit status 1 if a case stays, because its evidence is held or it is worked on.
    """
    done = replay(current_app(), journals, by=acting(by))
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
            "(`rightsflow hold --lift`), and replay once more."
        )
    if done.worked_on:
        print_fault(f"A worker works on {', '.join(done.worked_on)}; stop the workers and replay once more.")
    return 0 if done.is_done else 1


def _document(done: Purge) -> dict[str, object]:
    return {
        "cases": done.cases,
        "held": done.held,
        "copies": done.copies,
        "elsewhere": done.elsewhere,
        "passed_over": done.passed_over,
        "forms": done.forms,
        "log_is_clear": done.log_is_clear,
    }


def _print_list(done: Purge) -> None:
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
    console.print(f"Forms that never became a case and would go: {done.forms}.", highlight=False)
