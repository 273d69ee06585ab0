"""``open``, ``show`` and ``case import``: cases opened one by one or from a file, and one shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markdown import Markdown
from rich.table import Table
from rich.text import Text

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
    login_name,
)
from deployments.cli.output import JsonFlag, console, print_fault, print_json, progress
from deployments.local.resume import start_imported
from rightsflow.app import current_app
from rightsflow.cases.course.gates.gate_texts import awaited_gate
from rightsflow.cases.course.intake.file_import import import_requests
from rightsflow.cases.course.intake.opening import OpenedCase, join_request, open_request_form
from rightsflow.cases.facts.overview.account import RecordLine
from rightsflow.cases.facts.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.facts.overview.overview import CaseOverview
from rightsflow.cases.facts.overview.personal_data import Revealed, reveal
from rightsflow.cases.work.rectification.items import ItemLine, read_items
from rightsflow.domain.case.record_decisions import RecordAct
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.package_changes import is_taken_in
from rightsflow.domain.import_file import COLUMNS, MOST_TOLD, ImportReport
from rightsflow.domain.request import Channel, RequestForm, read_named
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.files.inbox import RequestFile


def open_case(
    right: Annotated[
        str, typer.Option(help="access, erasure, objection, restriction, consent-withdrawal or rectification.")
    ],
    email: EmailOption = "",
    phone: PhoneOption = "",
    customer_id: CustomerIdOption = "",
    account_id: AccountIdOption = "",
    account_system: AccountSystemOption = "",
    name: Annotated[str, typer.Option(help="The person's name, for the letters.")] = "",
    birth_date: Annotated[
        str,
        typer.Option(
            help="The person's date of birth, like 1980-02-01, only if they gave it: it keeps a namesake's records out."
        ),
    ] = "",
    received: Annotated[
        str, typer.Option(help="When it arrived: 2026-03-05 or 2026-03-05T10:00+01:00; now by default.")
    ] = "",
    channel: Annotated[
        str,
        typer.Option(
            help="How it arrived; letters are e-mailed automatically only if the request came by e-mail or web form."
        ),
    ] = Channel.NOT_STATED.value,
    country: Annotated[str, typer.Option(help="The person's country, two letters.")] = "",
    language: Annotated[str, typer.Option(help="The person's language, like de; else the country's.")] = "",
    by: OwnNameOption = "",
    ground: Annotated[
        str, typer.Option(help="Of a restriction: accuracy, unlawful, claim or objection (Art. 18(1)).")
    ] = "",
    correction: Annotated[
        list[str] | None,
        typer.Option(help="Of a rectification, once per item: what | what stands there | what is right | why | proof."),
    ] = None,
    identifiers: IdentifiersOption = None,
    despite_duplicate: Annotated[bool, typer.Option("--despite-duplicate", help="Open a second case.")] = False,
    join: Annotated[bool, typer.Option("--join", help="Note on the open case that it arrived again.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """Open a case for a person's request.

    The identifiers are stored in the vault and never pass through Prefect.
    """
    form = RequestForm(
        right=right,
        email=email,
        phone=phone,
        customer_id=customer_id,
        account_id=account_id,
        account_system=account_system,
        name=name,
        birth_date=birth_date,
        received=received,
        channel=channel,
        country=country,
        language=language,
        opened_by=by or login_name(),
        ground=ground,
        corrections="\n".join(correction or ()),
        further=tuple(map(read_named, identifiers or ())),
    )
    if join:
        case_id, said = join_request(current_app(), form)
        print_json({"case": case_id, "joined": said}) if json_output else console.print(said, highlight=False)
        return
    try:
        opened = open_request_form(current_app(), form, despite_duplicate=despite_duplicate)
    except Conflict as error:
        raise Conflict(f"{str(error).rstrip('.')} (--join, --despite-duplicate).") from None
    _show_opened(opened, json_output=json_output)


def _show_opened(opened: OpenedCase, *, json_output: bool) -> None:
    if json_output:
        print_json({"case": opened.case_id, "due_date": opened.due_on, "safe_due_date": opened.safe_due_on})
        return
    console.print(Text.assemble("Case ", (opened.case_id, "bold"), f" ({opened.right.value}) is open."))
    target = f"; target date {opened.work_to_on:%a %d %b %Y}" if opened.work_to_on != opened.due_on else ""
    console.print(f"Statutory deadline {opened.due_on:%a %d %b %Y}{target}.")
    case = read_overview(current_app(), opened.case_id)
    if case.other_cases:
        console.print(f"Other cases of this person: {', '.join(case.other_cases)}.")
    if case.perhaps_same:
        console.print(f"Perhaps of the same person, which a person has to find out: {', '.join(case.perhaps_same)}.")
    console.print(f"Go on with: rightsflow run {opened.case_id}")


def show(
    case: CaseArgument,
    reveal_data: Annotated[
        bool, typer.Option("--reveal", help="Show personal data, letters and the passphrase; this is recorded.")
    ] = False,
    by: OwnNameOption = "",
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """Show one case, without personal data by default.

    With --reveal it shows personal data too, which is recorded.
    """
    case_id = read_case_id(case)
    overview = read_overview(current_app(), case_id)
    items = read_items(current_app(), case_id).lines
    revealed = reveal(current_app(), case_id, by=acting(by), reason=reason) if reveal_data else None
    if json_output:
        print_json(_document(overview, revealed) | ({"items": items} if items else {}))
        return
    console.print(Markdown(render_sheet(overview, current_app())))
    if awaited := awaited_gate(current_app(), overview):
        console.print(Markdown(awaited))
    _print_items(items)
    print_records(overview, revealed)
    if revealed:
        _print_revealed(revealed)


def _document(overview: CaseOverview, revealed: Revealed | None) -> dict[str, object]:
    document: dict[str, object] = {"overview": overview, "next_action": overview.next_action}
    if revealed:
        document["revealed"] = revealed
    return document


def _print_items(items: Sequence[ItemLine]) -> None:
    """Print what a person wants corrected, without its values."""
    if not items:
        return
    table = Table("item", "what", "decision", "by", box=None, header_style="bold")
    for item in items:
        table.add_row(str(item.number), item.what, item.ruling.value if item.ruling else "open", item.by)
    console.print(table)


def print_records(overview: CaseOverview, revealed: Revealed | None = None) -> None:
    """Print every record with its outcome, or what is planned, by number or by its key where that was revealed.

    The reasons stand below.
    """
    if not overview.records:
        return
    reasons: dict[str, int] = {}
    table = Table("#", "system", "record", "outcome", "until", "why", "verified", box=None, header_style="bold")
    for line in overview.records:
        table.add_row(
            str(line.number),
            line.system,
            f"{line.kind} {revealed.records[line.number]}" if revealed else line.kind,
            _became(line),
            f"{line.until:%d %b %Y}" if line.until else "",
            _footnote(line, reasons),
            line.verified.value if line.verified else "",
        )
    console.print(table)
    for reason, number in reasons.items():
        console.print(f"({number}) {reason}", highlight=False)


def _became(line: RecordLine) -> str:
    """Return a record's outcome; until it is recorded, the plan for the record, or its attribution."""
    if line.outcome:
        return line.outcome.value
    if line.planned:
        return f"planned: {line.planned.value}"
    whose = RecordAct.TAKE_IN.value if is_taken_in(line) else line.attribution.value
    return f"{whose}: {line.doubt.value}" if line.doubt else whose


def _footnote(line: RecordLine, reasons: dict[str, int]) -> str:
    reason = " ".join(part for part in (line.reason, f"({line.legal_basis})" if line.legal_basis else "") if part)
    return f"({reasons.setdefault(reason, len(reasons) + 1)})" if reason else ""


def _print_revealed(revealed: Revealed) -> None:
    for kind, values in sorted(revealed.identifiers.items()):
        _print_named(kind, ", ".join(values))
    for what, text in (
        ("the person's postal address", revealed.postal_address),
        ("the person's own words", revealed.words),
        ("which data they mean", revealed.clarified),
        ("reason of the withdrawal", revealed.withdrawal),
        ("why it was stopped", revealed.stop),
    ):
        if text:
            _print_named(what, text)
    _print_grounds(revealed)
    for what, reasons in (
        ("the change of owner", revealed.handovers),
        ("holding or releasing the evidence", revealed.holds),
        ("an earlier look", revealed.looks),
        ("a new search", revealed.searches),
    ):
        for reason in reasons:
            _print_named(f"reason for {what}", reason)
    if revealed.package:
        console.print(Text.assemble(("package", "bold"), f": {revealed.package}"), soft_wrap=True)
        _print_named("passphrase", str(revealed.passphrase))
    for letter in revealed.letters:
        console.rule(letter.subject_line)
        console.print(letter.body, highlight=False)
        _print_named("keyed hash of this text", letter.text_hash)
        _print_named("reference of the proof of delivery", letter.proof)


def _print_grounds(revealed: Revealed) -> None:
    for number, text in revealed.messages.items():
        _print_named(f"message or note {number}", text)
    for gate, reason in revealed.reasons.items():
        _print_named(f"reason at the {gate} gate", reason)
    for number, ground in revealed.grounds.items():
        _print_named(f"ground of the decision on record {number}", ground)
    for number, reason in revealed.tasks.items():
        _print_named(f"why task {number} is still needed or was not done", reason)


def _print_named(what: str, value: str) -> None:
    console.print(Text.assemble((what, "bold"), f": {value}"))


_MOST_LINES = 100
_FILE_HELP = f"A CSV file in UTF-8, with commas or semicolons. Columns: {', '.join(COLUMNS)}."


def import_file(
    file: Annotated[
        Path,
        typer.Argument(metavar="FILE", help=_FILE_HELP),
    ],
    by: ByOption,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Open nothing; say what would become of the file.")
    ] = False,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the file there; it holds personal data in clear.")
    ] = False,
    json_output: JsonFlag = False,
) -> int:
    """Open a case for each row of a CSV file.

    If one row cannot be used, no case is opened. The file is removed afterwards.

    Cases start at once if a Prefect server answers, otherwise when `rightsflow up` or `rightsflow service keep` runs,
    the most urgent first. After an interruption, import the same file again: only the missing cases are opened.
    """
    source = _source(file)
    report = import_requests(
        current_app(),
        source,
        by=by,
        dry_run=dry_run,
        progress=lambda seen: progress.say(f"Importing … {seen:,} rows"),
    )
    if goes := not (keep or report.dry_run or report.faults):
        _remove(file)
    if report.opened and not report.dry_run:
        start_imported()
    if json_output:
        print_json({**asdict(report), "file_removed": goes})
    else:
        _print(report)
    if report.faults:
        print_fault(report.sentence)
        return 2
    return 0


def _source(file: Path) -> RequestFile:
    if file.exists() and not file.is_file():
        raise BadInput("The file is not a plain one that can be read twice; save it as a CSV file and give that.")
    return RequestFile(lambda: file.open("rb"))


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise BadInput(
            f"All is imported, but the file cannot be removed ({error.strerror}); it holds personal data in clear: "
            "remove it by hand."
        ) from None


def _print(report: ImportReport) -> None:
    table = Table("row", "column", "what is wrong", box=None, header_style="bold")
    for fault in report.faults[:_MOST_LINES]:
        table.add_row(str(fault.row), fault.column, fault.sentence)
    for twin in report.duplicates[: _MOST_LINES - table.row_count]:
        same = f"row {twin.of_row}" if twin.of_row else f"the open case {twin.of_case}"
        table.add_row(str(twin.row), "", f"asks for the same as {same}; no case of its own")
    if table.row_count:
        console.print(table)
    left = len(report.faults) + len(report.duplicates) - table.row_count
    if left:
        console.print(f"… and {left:,} more; --json lists the first {MOST_TOLD:,} of each.", highlight=False)
    if not report.faults:
        console.print(report.sentence, highlight=False)
