"""``extend`` and the group ``case``: what is done to a case besides decisions at the gates, and its tasks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.act_end import print_act
from deployments.cli.arguments import (
    AccountIdOption,
    AccountSystemOption,
    ByOption,
    CaseArgument,
    CustomerIdOption,
    EmailOption,
    IdentifiersOption,
    OwnNameOption,
    PhoneOption,
    acting,
    file_content,
    instant,
)
from deployments.cli.output import JsonFlag, console, print_done, print_json
from deployments.local.resume import resume_waiting_run, show_on_sheet
from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.cases.course.conversation import put_message, write_note
from rightsflow.cases.course.follow_up.approval import approve_task, keep_longer
from rightsflow.cases.course.follow_up.lifting import announce_lifting
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.letters.complaints import record_complaint
from rightsflow.cases.course.letters.further_letters import extend
from rightsflow.cases.course.letters.questions import record_clarified
from rightsflow.cases.course.withdrawal import stop_case, withdraw
from rightsflow.cases.facts.deadlines.alerts import acknowledge
from rightsflow.cases.facts.people import Duty, hand_over
from rightsflow.cases.facts.persons import Sought, look_up
from rightsflow.cases.work.narrowing import TypedNarrowing, narrow
from rightsflow.cases.work.rectification.other_cases import confirm_same_person, find_other_person
from rightsflow.domain.case.acts import read_stop_reason
from rightsflow.domain.case.manual_tasks import read_end
from rightsflow.domain.case.record_decisions import read_record_numbers
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import BadInput, RightsflowError
from rightsflow.domain.processors.files import MOST_DOCUMENT_BYTES
from rightsflow.domain.request import read_named
from rightsflow.domain.typed_input import read_day
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.store.case.case_tasks import SOON_DAYS

CategoriesOption = Annotated[str, typer.Option(help="What they mean: categories of data, separated by commas.")]
SinceOption = Annotated[str, typer.Option("--from", help="From which day on, like 2026-05-01.")]
UntilOption = Annotated[str, typer.Option("--until", help="Until which day, like 2026-05-31.")]


def extend_period(
    case: CaseArgument,
    reason: Annotated[str, typer.Option(help="The concrete reason; it is quoted to the person.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Extend the period by two months (Art. 12(3) GDPR).

    It is refused outside the law. The notice is written into the outbox; the due date moves once the notice was sent
    in time (`rightsflow letter mark-sent`).
    """
    prepared = extend(current_app(), case, reason=reason, by=by)
    show_on_sheet(read_case_id(case))
    if json_output:
        print_json(
            {
                "case": read_case_id(case),
                "letter": LetterId.EXTENSION,
                "send_by": prepared.send_by_on,
                "extension_notice_due_date": prepared.notice_due_on,
                "extended_until": prepared.extended_until,
                "sent": prepared.is_sent,
            }
        )
        return
    console.print(prepared.sentence, highlight=False)


def clarified(
    case: CaseArgument,
    by: ByOption,
    at: Annotated[
        str, typer.Option(help="When the answer arrived: 2026-03-05 or 2026-03-05T10:00+01:00; now by default.")
    ] = "",
    answer: Annotated[str, typer.Option(help="What they wrote; encrypted.")] = "",
    categories: CategoriesOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    json_output: JsonFlag = False,
) -> None:
    """Record what the person means by the request.

    A clock that was suspended, under the UK GDPR only, resumes. With categories or a period, the request covers these
    alone.
    """
    about = TypedNarrowing(categories=categories, since=since, until=until)
    done = record_clarified(current_app(), case, at=instant(at, "--at"), answer=answer, about=about, by=by)
    print_act(case, done, json_output=json_output)


def add_message(
    case: CaseArgument,
    by: ByOption,
    text: Annotated[str, typer.Option(help="What it says; encrypted.")] = "",
    file: Annotated[
        list[Path] | None,
        typer.Option(help="A file of the person: PDF, PNG, JPEG, text, WAV or MP3. Repeatable.", metavar="FILE"),
    ] = None,
    received: Annotated[str, typer.Option(help="On which day it came, like 2026-07-05; today by default.")] = "",
    note: Annotated[bool, typer.Option("--note", help="It is a note to colleagues, not the person's message.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """Add a person's message or a note to a case.

    Closed cases are accepted. A note notifies each colleague whom it names with @ and their key.
    """
    if note and (file or received):
        raise BadInput("A note has a text only; leave out --file and --received.")
    if note:
        done = write_note(current_app(), case, text, by=by)
    else:
        day = read_day(received, "The option --received") if received.strip() else None
        files = [(path.name, file_content(path, MOST_DOCUMENT_BYTES)) for path in file or ()]
        done = put_message(current_app(), case, text, files, received_on=day, by=by)
    print_act(case, done, json_output=json_output)


def narrow_case(
    case: CaseArgument,
    by: ByOption,
    categories: CategoriesOption = "",
    since: SinceOption = "",
    until: UntilOption = "",
    json_output: JsonFlag = False,
) -> None:
    """Narrow a request to categories or a period.

    For access and erasure requests, until approval. Records outside are neither disclosed nor erased, and the answer
    says so.
    """
    typed = TypedNarrowing(categories=categories, since=since, until=until)
    print_act(case, narrow(current_app(), case, typed, by=by), json_output=json_output)


def acknowledge_alerts(case: CaseArgument, by: ByOption, json_output: JsonFlag = False) -> None:
    """Acknowledge a case's alerts.

    These alerts are not sent again; the next rung of the alert ladder is.
    """
    print_act(case, acknowledge(current_app(), case, by=by), json_output=json_output)


def hand_over_case(
    case: CaseArgument,
    to: Annotated[str, typer.Option(help="The new owner's key: a role of \\[owners] or a key of \\[people].")],
    reason: Annotated[str, typer.Option(help="Why the case changes hands.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Give a case to another owner."""
    print_act(case, hand_over(current_app(), case, to, by=by, reason=reason), json_output=json_output)


def withdraw_request(
    case: CaseArgument,
    by: ByOption,
    reason: Annotated[str, typer.Option(help="How the person said so; kept encrypted.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record that the person withdrew the request.

    The case is closed. This is refused once an erasure was approved. A letter (L18) confirms it: it is e-mailed if
    the request came by e-mail or web form, otherwise it is in the outbox.
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
    """Stop a case that is a mistake or a duplicate.

    It is refused if the person is owed an answer. If a letter was already sent, someone other than the opener
    decides, and a letter (L27) informs the person. The case that answers a duplicate counts from the earlier receipt
    of both.
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
    identifiers: IdentifiersOption = None,
    by: OwnNameOption = "",
    json_output: JsonFlag = False,
) -> None:
    """List a person's cases, closed ones too.

    That you looked is recorded in the ledger, but not for whom.
    """
    sought = Sought(
        email=email,
        phone=phone,
        customer_id=customer_id,
        account_id=account_id,
        account_system=account_system,
        further=tuple(map(read_named, identifiers or ())),
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


def complaint(
    case: CaseArgument,
    about: Annotated[str, typer.Option(help="What the person complains about; encrypted.")],
    by: ByOption,
    received: Annotated[str, typer.Option(help="On which day it came, like 2026-07-05; today by default.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record a complaint about a case.

    This is the complaint to the controller under s. 164A Data Protection Act 2018; closed cases are accepted. The
    acknowledgement (L29) is written, and a task stays open until the person was told the outcome.
    """
    day = read_day(received, "The option --received") if received.strip() else None
    done = record_complaint(current_app(), case, about=about, received_on=day, by=by)
    print_act(case, done, json_output=json_output)


def lift(
    case: CaseArgument,
    records: Annotated[str, typer.Option(help="The numbers of the records, like 3-7, 12.")],
    on: Annotated[str, typer.Option(help="The day from which they are used again; more than a week ahead.")],
    reason: Annotated[str, typer.Option(help="Why, in words for the person; it is printed in the letter.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Announce that a restriction will be lifted (L15, Art. 18(3) GDPR).

    The follow-up lifts the restriction on that day if the letter was sent a week before. A block that the law orders
    is not lifted. For an order of a controller no letter is written: the controller informs the person.
    """
    numbers, day_on = read_record_numbers(records), read_day(on, "The option --on")
    done = announce_lifting(current_app(), case, numbers, day_on, reason=reason, by=by)
    print_act(case, done, json_output=json_output, records=sorted(numbers))


def same_person(
    case: CaseArgument,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The case that is of the same person.")],
    reason: Annotated[str, typer.Option(help="How you found that out.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Record that two cases are of the same person.

    The person who opened one of the cases cannot do this. Corrections and records found in one case are then
    considered in the other.
    """
    done = confirm_same_person(current_app(), case, other, reason=reason, by=by)
    show_on_sheet(read_case_id(other))
    print_done(done, json_output=json_output, case=read_case_id(case), other=read_case_id(other))


def other_person(
    case: CaseArgument,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The case that is of another person.")],
    reason: Annotated[str, typer.Option(help="How you found that out.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Record that two cases are of two people.

    The person who opened one of the cases cannot do this. Neither case waits for the other any more.
    """
    done = find_other_person(current_app(), case, other, reason=reason, by=by)
    show_on_sheet(read_case_id(other))
    print_done(done, json_output=json_output, case=read_case_id(case), other=read_case_id(other))


def tasks(
    due: Annotated[bool, typer.Option("--due", help="Only those that are overdue or due within seven days.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """List the open tasks of all cases, the soonest due first.

    Tasks of closed cases are included. The follow-up carries out erasures after a retention period once they are
    approved (`rightsflow case approve-task`); manual steps at the systems end with `rightsflow case task-done`.
    """
    current = current_app()
    due_by = current.today + timedelta(days=SOON_DAYS) if due else None
    found = current.store.work.open_tasks(due_by=due_by)
    if json_output:
        print_json(found)
        return
    duty = Duty.of(current)
    table = Table("case", "task", "system", "what", "due", "owner", "status", box=None, header_style="bold")
    table.columns[0].no_wrap = True
    for task in found:
        due_on, stands = f"{task.due_on:%a %d %b %Y}", task.stands(current.today)
        table.add_row(task.case_id, str(task.number), task.system, task.what, due_on, duty.name(task.owner), stands)
    console.print(table if found else "No task is open." if not due else "No task is due.")


def task_done(
    case: CaseArgument,
    number: Annotated[int, typer.Argument(help="The task's number, as `rightsflow case tasks` lists it.")],
    by: ByOption,
    on: Annotated[str, typer.Option(help="The day on which it was done, like 2026-03-05; today by default.")] = "",
    result: Annotated[
        str, typer.Option(help="done, still needed (of a check) or not done; done by default, but for a check.")
    ] = "",
    reason: Annotated[
        str, typer.Option(help="Why it is still needed or was not done, in words for the person; kept encrypted.")
    ] = "",
    corrected: Annotated[
        str, typer.Option(help="Of a correction done in part: the fields that were put right, with commas.")
    ] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record that a manual task was done, or not.

    It is refused while the records have to be retained. A check ends as still needed, with the reason, or as done
    once none of its records exist. If something was not done, a task to inform the person follows.
    """
    day, stated = read_day(on, "The option --on") if on.strip() else None, read_end(result, reason, corrected)
    done = mark_task_done(current_app(), case, number, on=day, by=by, stated=stated)
    print_act(case, done, json_output=json_output, task=number)


def approve(
    case: CaseArgument,
    number: Annotated[int, typer.Argument(help="The task's number, as `rightsflow case tasks` lists it.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Approve the erasure that a task names.

    The follow-up then erases records whose retention is over, or that came back. The person who opened the case
    cannot approve it (four eyes).
    """
    done = approve_task(current_app(), case, number, by=by)
    print_act(case, done, json_output=json_output, task=number)


def prolong(
    case: CaseArgument,
    number: Annotated[int, typer.Argument(help="The task's number, as `rightsflow case tasks` lists it.")],
    until: Annotated[str, typer.Option(help="The new last day, like 2035-12-31.")],
    ground: Annotated[str, typer.Option(help="Why, in words for the person; kept encrypted.")],
    provision: Annotated[str, typer.Option(help="The provision, like Art. 17(3)(e).")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Retain the records of a task longer.

    For instance during a tax assessment. A task to inform the person follows.
    """
    last = read_day(until, "The option --until")
    done = keep_longer(current_app(), case, number, last, ground=ground, provision=provision, by=by)
    print_act(case, done, json_output=json_output, task=number)


def tasks_health(current: App) -> Health:
    """Report the manual tasks that are overdue or due soon.

    Args:
        current: The runtime.
    """
    try:
        due = current.store.work.open_tasks(due_by=current.today + timedelta(days=SOON_DAYS))
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    late = sum(task.due_on < current.today for task in due)
    if not due:
        return Health(ok=True, detail="No manual task is due.")
    detail = (
        f"{late} manual tasks are overdue, {len(due) - late} are due within seven days; "
        "see `rightsflow case tasks --due`."
    )
    return Health(ok=not late, detail=detail, is_doubtful=True)
