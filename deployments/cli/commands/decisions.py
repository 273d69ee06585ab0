"""``identity``, ``decide`` and decisions before an answer: corrections, records taken in, packages sent back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.act_end import go_on, print_act
from deployments.cli.arguments import ByOption, CaseArgument, instant
from deployments.cli.output import JsonFlag, console, print_done, print_fault, print_json
from deployments.local.resume import resume_waiting_run, server_access, show_on_sheet
from rightsflow.app import current_app
from rightsflow.cases.course.contacts_on_file import refuse_unknown_there
from rightsflow.cases.course.gates.gates import confirmation, order_search, record_decision, waits_for_identity
from rightsflow.cases.course.gates.many_cases import approve_many, look_at_many
from rightsflow.cases.facts.people import read_before
from rightsflow.cases.work.access.doubtful_records import (
    DoubtfulLook,
    DoubtfulRecord,
    doubtful_records,
    look_at_doubtful,
    take_back_record,
    take_in,
)
from rightsflow.cases.work.access.package_review import send_back
from rightsflow.cases.work.erasure.plan import decide_corrections
from rightsflow.cases.work.erasure.plan_records import SeenRecord
from rightsflow.cases.work.rectification.items import read_items
from rightsflow.domain.case.record_decisions import read_record_decisions
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import ELSEWHERE, Decision, Gate, IdentityMethod, OnFile, Verdict
from rightsflow.domain.gates.four_eyes import GateSubject
from rightsflow.domain.gates.identity import StatedCheck
from rightsflow.domain.gates.package_changes import MakingAgain
from rightsflow.domain.gates.refusals import Reason, read_details
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import listed

_METHODS = ", ".join(item.value for item in IdentityMethod if item is not IdentityMethod.OTHER)
RecordOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="'NUMBERS: WHAT'",
        help=(
            "Decide on single records by the numbers of `show`, once for each line: '3-7, 12: keep | ground | "
            "provision | until 2027-01-31', '4: erase', '9: leave out | ground | provision', "
            "'helpdesk ticket: class none'."
        ),
    ),
]


def identity(
    case: CaseArgument,
    by: Annotated[str, typer.Option(help="Who checked it.")],
    method: Annotated[
        str, typer.Option(help=f"How it was checked: {_METHODS}; or in your own words, which are encrypted.")
    ] = "",
    done: Annotated[str, typer.Option(help="What was done, in a sentence; it is encrypted.")] = "",
    at: Annotated[
        str, typer.Option(help="When it was done: 2026-03-05T10:00, in the controller's zone, or with an offset.")
    ] = "",
    against: Annotated[
        str, typer.Option(help=f"What on file it was checked against: {', '.join(OnFile)}; never the value itself.")
    ] = "",
    held_by: Annotated[
        str, typer.Option(help=f"The system that holds it, by its name in rightsflow.toml; or {ELSEWHERE}.")
    ] = "",
    since: Annotated[str, typer.Option(help="Since which day it is on file, like 2024-05-03.")] = "",
    arrived: Annotated[
        str,
        typer.Option(help="When the proof arrived: 2026-03-05 or 2026-03-05T10:00+01:00; now by default."),
    ] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record how the person's identity was confirmed.

    A suspended clock resumes on the day the proof arrived. There is no default: --method, --done, --at, --against,
    --held-by and --since state what was checked.
    """
    stated = StatedCheck(method=method, done=done, at=at, against=against, held_by=held_by, since=since)
    decision = confirmation(current_app(), stated, by=by)
    if decision.check:
        refuse_unknown_there(current_app(), case, decision.check.held_by)
    _record(case, replace(decision, proof_at=instant(arrived, "--arrived")), json_output)


def decide(
    by: Annotated[str, typer.Option(help="Who decides; not the person who opened the case.")],
    case: Annotated[
        list[str] | None,
        typer.Argument(metavar="CASE", help="The case id; several where nothing was found in any of them."),
    ] = None,
    approve: Annotated[bool, typer.Option("--approve", help="Approve the plan, or release the package.")] = False,
    refuse: Annotated[str, typer.Option(metavar="REASON", help="Refuse; the reason goes into the letter.")] = "",
    code: Annotated[str, typer.Option(help="The refusal's code; there is no default.")] = "",
    detail: Annotated[
        list[str] | None,
        typer.Option(metavar="'LABEL: TEXT'", help="What the code has to say besides; once for each detail."),
    ] = None,
    record: RecordOption = None,
    include_unclear: Annotated[
        bool, typer.Option("--include-unclear", help="Treat records of unclear attribution as the person's.")
    ] = False,
    search_again: Annotated[
        str,
        typer.Option(metavar="REASON", help='Where nothing was found: search all systems again instead of "no".'),
    ] = "",
    cases_from: Annotated[
        Path | None, typer.Option(help='A file with case ids, one a line: approve "nothing held" for each.')
    ] = None,
    json_output: JsonFlag = False,
) -> int:
    """Approve or refuse at the approval gate.

    Codes, with the labels of their details: R1 identity not confirmed (after the question L2 and its time), R2
    manifestly unfounded or excessive (Circumstances, Intention and what shows it, Why a fee or a part would not do; a
    second person decides the same), R3 no ground for erasure (Purpose that goes on, Legal basis), R4 an exception
    covers everything (Exception and provision, Data that are kept, Kept until), R6 national law (Provision), R7 not the
    controller (Who is the controller, What we did with your request), R8 no authority (What proof is needed), R9 the
    law does not apply (Law that we checked), R10 no one can tell by what was given, since another case may be of the
    same person.

    Several cases at once, as arguments or by --cases-from, are approved where they wait for the decision on "nothing
    held". Each case is decided separately; cases that cannot be decided are listed. Exit status 1 then,
    and where the case store fails on the way: each case is named that was not decided, or of which no one knows it.
    """
    cases = [*(case or ()), *_listed(cases_from)]
    if len(cases) != 1 or cases_from:
        others = (refuse, code, detail, record, include_unclear, search_again)
        return _decide_many(cases, by, is_plain=approve and not any(others), json_output=json_output)
    _decide_one(
        cases[0],
        Decision(
            gate=Gate.APPROVAL,
            verdict=Verdict.APPROVED if approve else Verdict.REFUSED,
            by=by,
            reason=refuse,
            code=code,
            details=read_details(detail or ()),
            include_unclear=include_unclear,
            records=read_record_decisions(record or ()),
        ),
        search_again,
        json_output=json_output,
    )
    return 0


def _decide_one(case: str, decision: Decision, search_again: str, *, json_output: bool) -> None:
    approve, code = decision.verdict is Verdict.APPROVED, decision.code
    if [approve, bool(decision.reason.strip()), bool(search_again.strip())].count(True) != 1:
        raise BadInput("The decision is missing; give one of --approve, --refuse REASON and --search-again REASON.")
    if search_again:
        _search_again(case, reason=search_again, by=decision.by, json_output=json_output)
        return
    if code and (approve or code not in set(Reason)):
        raise BadInput(f"The code is not valid; give one of {', '.join(Reason)} with --refuse.")
    early = not approve and waits_for_identity(current_app(), read_case_id(case))
    _record(case, replace(decision, gate=Gate.IDENTITY) if early else decision, json_output)


def _listed(file: Path | None) -> list[str]:
    if file is None:
        return []
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        raise BadInput("The file with the cases cannot be read; give a text file with one case id a line.") from None
    return [line.strip() for line in lines if line.strip()]


def _decide_many(cases: Sequence[str], by: str, *, is_plain: bool, json_output: bool) -> int:
    if not cases:
        raise BadInput("The case is missing; give its id, like DSR-2026-7K3M9Q, or --cases-from FILE.")
    if not is_plain:
        raise BadInput("Several cases can only be approved, where nothing was found; give --approve and nothing else.")
    # What is wrong with the list, or with the way to the server, is said before anything is decided.
    server_access()
    listed = look_at_many(current_app(), [*dict.fromkeys(map(read_case_id, cases))], by=by)
    chosen = {many_case.case_id: many_case.bound_to for many_case in listed}
    results = approve_many(current_app(), chosen, about=GateSubject.NOTHING_HELD, reason="", by=by)
    decided = [result.case_id for result in results if not result.refused]
    refused = {result.case_id: result.refused for result in results if result.refused and not result.is_unknown}
    unknown = {result.case_id: result.refused for result in results if result.is_unknown}
    resumed = 0
    for case_id in decided:
        show_on_sheet(case_id)
        resumed += bool(resume_waiting_run(case_id, Gate.APPROVAL))
    if json_output:
        said = {
            "cases": decided,
            "refused": refused,
            "unknown": unknown,
            "gate": Gate.APPROVAL,
            "decision": Verdict.APPROVED,
        }
        print_json(said | {"resumed": resumed})
    else:
        console.print(f"{len(decided)} cases: approval approved; {resumed} runs go on.")
        for case_id, why in refused.items():
            print_fault(f"{case_id} was not decided: {why}")
        for case_id, why in unknown.items():
            print_fault(f"{case_id}: {why}")
    return 1 if refused or unknown else 0


def _search_again(case: str, *, reason: str, by: str, json_output: bool) -> None:
    case_id = read_case_id(case)
    order_search(current_app(), case_id, reason=reason, by=by)
    _go_on(case_id, Gate.APPROVAL, "search again", json_output=json_output)


def _record(case: str, decision: Decision, json_output: bool) -> None:
    case_id = read_case_id(case)
    record_decision(current_app(), case_id, decision)
    _go_on(case_id, decision.gate, decision.verdict.value, json_output=json_output)


def _go_on(case_id: str, gate: Gate, decided: str, *, json_output: bool) -> None:
    about = {"gate": gate, "decision": decided}
    go_on(case_id, gate, f"{gate.value} {decided}", json_output=json_output, about=about)


def decide_items(
    case: CaseArgument,
    by: ByOption,
    item: Annotated[
        list[str],
        typer.Option(help="Once per line: `1-2: accept`, `3: refuse | reason` or `4: complete | statement`."),
    ],
    json_output: JsonFlag = False,
) -> None:
    """Decide on the corrections that a person asks for (Art. 16 GDPR).

    The approval of the plan follows.
    """
    done = decide_corrections(current_app(), case, item, by=by)
    left = read_items(current_app(), case).undecided
    print_done(done, json_output=json_output, case=read_case_id(case), open=left)


_STEPS = {"mask": MakingAgain.MASK, "copy": MakingAgain.COPY, "search": MakingAgain.SEARCH}


def take(
    case: CaseArgument,
    number: Annotated[
        int, typer.Argument(help="The record's number; without it the records in doubt are listed.", metavar="[NUMBER]")
    ] = 0,
    by: ByOption = "",
    look: Annotated[
        str, typer.Option(metavar="REASON", help="Show what the record says, and why you look; the look is recorded.")
    ] = "",
    looked: Annotated[str, typer.Option(metavar="TOKEN", help="Take it in: the token that your look printed.")] = "",
    reason: Annotated[str, typer.Option(help="Why the record is the person's; it is encrypted.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Leave it out again.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """Add a record of doubtful ownership to an access package.

    Without a number it lists these records. --look REASON shows one with its linked records and prints a token;
    --looked TOKEN adds it. Then rebuild the package: `rightsflow case send-back CASE --again copy`. Another person
    releases it.
    """
    case_id = read_case_id(case)
    if [bool(look.strip()), bool(looked.strip()), undo].count(True) != bool(number):
        raise BadInput("Give the record's number with one of --look REASON, --looked TOKEN and --undo, or neither.")
    if not number:
        _list_doubtful(case_id, json_output=json_output)
    elif look.strip():
        _print_look(look_at_doubtful(current_app(), case_id, number, by=by, reason=look), json_output=json_output)
    elif undo:
        take_back_record(current_app(), case_id, number, by=by)
        done = f"Record {number} is left out again; let the package be made again if it has it."
        _print_taken(case_id, done, [number], json_output=json_output)
    else:
        given = take_in(current_app(), case_id, number, look=looked.strip(), reason=reason, by=by)
        named = f"{'Record' if len(given) == 1 else 'Records'} {listed([*map(str, given)])}"
        done = f"{named} taken in; let the package be made again: rightsflow case send-back {case_id} --again copy."
        _print_taken(case_id, done, given, json_output=json_output)


def _print_taken(case_id: str, done: str, numbers: list[int], *, json_output: bool) -> None:
    print_act(case_id, done, json_output=json_output, records=numbers)


def _list_doubtful(case_id: str, *, json_output: bool) -> None:
    found = doubtful_records(current_app(), case_id)
    if json_output:
        print_json(found)
        return
    for doubtful_record in found:
        console.print(
            f"{doubtful_record.number}: {doubtful_record.system} {doubtful_record.kind}, {_stands(doubtful_record)}"
        )
    if not found:
        console.print("No record of this case is in doubt.")


def _stands(doubtful_record: DoubtfulRecord) -> str:
    if doubtful_record.by:
        return f"taken in by {doubtful_record.by}{'' if doubtful_record.is_copied else ', and not in the package yet'}"
    if doubtful_record.hangs_on not in {0, doubtful_record.number}:
        return f"hangs on record {doubtful_record.hangs_on}"
    return f"carries {doubtful_record.carries}{'' if doubtful_record.may_be_taken_in else '; it cannot be taken in'}"


def _print_look(look: DoubtfulLook, *, json_output: bool) -> None:
    if json_output:
        print_json(look)
        return
    console.print(f"Record {look.record.number} carries {look.record.carries}.")
    for named_by in look.named_by:
        console.print(
            f"  names {named_by.kind}: {named_by.value}{' (not known of the person)' if named_by.contradicts else ''}"
        )
    for number, seen in look.seen.items():
        console.print(f"Record {number}:")
        _print_seen(seen)
    if look.unseen:
        console.print(f"Not shown, and given with it: records {listed([*map(str, look.unseen)])}.")
    if look.token:
        console.print(f"The token of this look, for an hour: {look.token}")


def _print_seen(seen: SeenRecord) -> None:
    if seen.missing:
        console.print(f"  {seen.missing}")
    for item in seen.items:
        console.print(f"  {item.title}")
        for label, value in item.facts:
            console.print(f"    {label}: {value}")
        for message in item.messages:
            console.print(f"    {message.author} {message.at}: {message.body}")


def send(
    case: CaseArgument,
    by: ByOption,
    again: Annotated[str, typer.Option(help=f"What is done again: {', '.join(_STEPS)}.")],
    remark: Annotated[
        str, typer.Option(help="What is wrong, or what was taken in; who reads the package next sees it.")
    ] = "",
    json_output: JsonFlag = False,
) -> None:
    """Rebuild an access package before its release.

    It is masked, copied or searched again, and then returns to its gate.
    """
    case_id = read_case_id(case)
    if again not in _STEPS:
        raise BadInput(f"What is done again is not readable; give --again with one of {', '.join(_STEPS)}.")
    package = read_before(current_app(), case_id)
    send_back(current_app(), case_id, _STEPS[again], remark=remark, by=by, package=package)
    go_on(case_id, Gate.APPROVAL, "the package is rebuilt", json_output=json_output)
