"""``case take-in`` and ``case send-back``: an access package before its release."""

from __future__ import annotations

from typing import Annotated

import typer

from deployments.cli.act_end import go_on, print_act
from deployments.cli.arguments import ByOption, CaseArgument
from deployments.cli.output import JsonFlag, console, print_json
from rightsflow.app import current_app
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
from rightsflow.cases.work.erasure.plan_records import SeenRecord
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.gates.package_changes import MakingAgain
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.domain.wording import listed

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
