"""The group ``processors``: companies that work with the data, and what they were asked."""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.act_end import print_act
from deployments.cli.arguments import ByOption, CaseArgument, file_content, instant
from deployments.cli.output import JsonFlag, console, print_json, progress, refuse_no_file, write_whole
from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.cases.course.processors.processor_answers import (
    MOST_PROOF_BYTES,
    check_processor_answer,
    record_instruction_sent,
    record_processor_answer,
    record_recipient_not_told,
    reveal_answer,
    reveal_document,
    reveal_instruction,
)
from rightsflow.cases.work.processors.register import register_doubts
from rightsflow.cases.work.processors.status import why_by_people
from rightsflow.config.sections.processor_settings import OpenDsrSettings
from rightsflow.domain.connector import Health
from rightsflow.domain.errors import BadInput, RightsflowError
from rightsflow.domain.processors.answers import Instruction, StatedAnswer
from rightsflow.domain.processors.files import MOST_DOCUMENT_BYTES
from rightsflow.domain.processors.scorecard import Score, scorecard
from rightsflow.domain.processors.terms import ProcessorAnswer
from rightsflow.domain.typed_input import read_day
from rightsflow.domain.vocabulary.states import read_case_id

NumberArgument = Annotated[
    int, typer.Argument(help="The instruction's number, as `rightsflow processors instructions` lists it.")
]


def processors(json_output: JsonFlag = False) -> None:
    """List the processors and their open instructions.

    Systems that a colleague searches by hand are included.
    """
    current = current_app()
    found = current.store.work.open_instructions()
    counts = {key: sum(entry.processor == key for entry in found) for key in current.settings.asked}
    if json_output:
        print_json(
            {
                key: entry.model_dump(mode="json") | {"open_instructions": counts[key]}
                for key, entry in current.settings.asked.items()
            }
        )
        return
    table = Table("key", "name", "role", "systems", "channel", "days", "open", box=None, header_style="bold")
    for key, item in current.settings.asked.items():
        days = str(item.answers_within_days) if item.role.is_instructed else "–"
        systems = ", ".join(item.systems)
        table.add_row(key, item.name, item.role.value, systems, item.channel.value, days, str(counts[key]))
    console.print(table if counts else "None is registered; add [processors.NAME] or [by_hand.NAME].")


def instructions(
    case: Annotated[str, typer.Argument(metavar="CASE", help="All instructions of this case.")] = "",
    json_output: JsonFlag = False,
) -> None:
    """List the instructions without proof.

    The soonest due is first. With a case, all its instructions are listed.
    """
    current = current_app()
    if case.strip():
        with current.store.case_file(read_case_id(case)) as file:
            found = file.instructions.all()
    else:
        found = current.store.work.open_instructions()
    if json_output:
        print_json([_plain(entry) | {"note": why_by_people(current.settings, entry)} for entry in found])
        return
    table = Table("case", "number", "processor", "asked", "sent", "due", "status", box=None, header_style="bold")
    table.columns[0].no_wrap = True
    zone = current.settings.controller.zone
    for item in found:
        sent = f"{item.sent_at.astimezone(zone):%d %b %Y}" if item.sent_at else "no"
        asked, due = f"{item.asked_at.astimezone(zone):%d %b %Y}", f"{item.due_on:%a %d %b %Y}"
        table.add_row(item.case_id, str(item.number), item.called, asked, sent, due, _status(item, current.today))
    console.print(table if found else "No processor has anything to prove.")


def instruction(case: CaseArgument, number: NumberArgument, by: ByOption, json_output: JsonFlag = False) -> None:
    """Print the text of an instruction.

    Send it to the processor. That it was printed is recorded, because it names the person.
    """
    text = reveal_instruction(current_app(), case, number, by=by)
    if json_output:
        print_json({"case": read_case_id(case), "instruction": number, "text": text})
        return
    console.print(text, highlight=False, soft_wrap=True)


def instruction_sent(
    case: CaseArgument,
    number: NumberArgument,
    by: ByOption,
    at: Annotated[
        str, typer.Option(help="When it went out: 2026-03-05 or 2026-03-05T10:00+01:00; now by default.")
    ] = "",
    json_output: JsonFlag = False,
) -> None:
    """Record that an instruction was sent."""
    done = record_instruction_sent(current_app(), case, number, at=instant(at, "--at"), by=by)
    print_act(case, done, json_output=json_output, instruction=number)


def processor_answer(
    case: CaseArgument,
    number: NumberArgument,
    answer: Annotated[
        str, typer.Option(help="done, nothing-held, cannot, more-time, handed-on, or taken-back for an earlier answer.")
    ],
    by: ByOption,
    records: Annotated[int | None, typer.Option(help="How many records it has erased.")] = None,
    on: Annotated[str, typer.Option(help="The day of its answer, like 2026-03-05; today by default.")] = "",
    note: Annotated[
        str, typer.Option(help="Who answered, or why; of cannot the reason, in words for the person. Kept encrypted.")
    ] = "",
    until: Annotated[str, typer.Option(help="The new day, where it needs more time.")] = "",
    sub_processor: Annotated[list[str] | None, typer.Option(help="To whom it handed it on.")] = None,
    proof: Annotated[Path | None, typer.Option(help="The document that it gave as proof; kept encrypted.")] = None,
    file: Annotated[
        list[Path] | None, typer.Option(help="A file with records that it handed over, in an access request.")
    ] = None,
    json_output: JsonFlag = False,
) -> None:
    """Record a processor's answer and proof."""
    current = current_app()
    stated = StatedAnswer(
        answer=_answer(answer),
        on=read_day(on, "The option --on") if on.strip() else current.today,
        records=records,
        note=note.strip(),
        until=read_day(until, "The option --until") if until.strip() else None,
        sub_processors=tuple(sub_processor or ()),
    )
    documents = [file_content(item, MOST_DOCUMENT_BYTES) for item in file or ()]
    given = file_content(proof, MOST_PROOF_BYTES) if proof else b""
    done = record_processor_answer(current, case, number, stated, proof=given, documents=documents, by=by)
    print_act(case, done, json_output=json_output, instruction=number)


def read_answer(
    case: CaseArgument,
    number: NumberArgument,
    by: ByOption,
    answer: Annotated[int | None, typer.Option(help="The answer's number; the last one by default.")] = None,
    file: Annotated[int | None, typer.Option(help="The number of a file that it handed over, instead.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="A file for the document that proves it.")
    ] = None,
    json_output: JsonFlag = False,
) -> None:
    """Print a processor's answer and save its proof.

    This is recorded, because either may name the person.
    """
    if output is not None:
        refuse_no_file(output)
    if file is not None:
        words, proof = "", reveal_document(current_app(), case, number, file, by=by)[1]
    else:
        words, proof = reveal_answer(current_app(), case, number, answer, by=by)
    if output is not None and proof:
        write_whole(output, proof)
    if json_output:
        print_json({"case": read_case_id(case), "instruction": number, "words": words, "proof_bytes": len(proof)})
        return
    console.print(words or "It wrote nothing besides.", highlight=False, soft_wrap=True)
    if output is not None:
        console.print(f"Its document is in {output}." if proof else "No document came with it.", soft_wrap=True)


def checked(
    case: CaseArgument,
    number: NumberArgument,
    reason: Annotated[str, typer.Option(help="How it was checked; kept encrypted.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Record that a doubtful answer was checked."""
    done = check_processor_answer(current_app(), case, number, reason=reason, by=by)
    print_act(case, done, json_output=json_output, instruction=number)


def not_told(
    case: CaseArgument,
    number: NumberArgument,
    reason: Annotated[str, typer.Option(help="Why it cannot be told, in words for the person; kept encrypted.")],
    by: ByOption,
    json_output: JsonFlag = False,
) -> None:
    """Record that a recipient cannot be notified of the erasure (Art. 19 GDPR).

    For a recipient that is a controller itself. The letter gives the reason.
    """
    done = record_recipient_not_told(current_app(), case, number, reason=reason, by=by)
    print_act(case, done, json_output=json_output, instruction=number)


def processors_health(current: App) -> Health:
    """Report the doubts about the register, and the processors that have not answered in time.

    Args:
        current: The runtime.
    """
    try:
        late = [item for item in current.store.work.open_instructions() if item.due_on < current.today]
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    doubts = list(register_doubts(current.settings, current.systems))
    if late:
        doubts.insert(0, f"{len(late)} instructions are overdue; see `rightsflow processors instructions`.")
    processors, by_hand = len(current.settings.processors), len(current.settings.by_hand)
    registered = f"Registered: {processors}; systems that are searched by hand: {by_hand}."
    detail = " ".join(doubts) or registered
    return Health(ok=True, detail=detail, is_doubtful=bool(doubts))


def peers_health(current: App) -> dict[str, Health]:
    """Report if each OpenDSR processor answers, proves its identity, and supports its requests.

    Args:
        current: The runtime.
    """
    return {
        f"processor {key}": _peer_health(current, key, section.opendsr)
        for key, section in current.settings.processors.items()
        if section.opendsr is not None
    }


def _peer_health(current: App, key: str, config: OpenDsrSettings) -> Health:
    if current.open_opendsr is None:
        return Health(ok=False, detail="Nothing is asked over OpenDSR here.")
    try:
        return Health(ok=True, detail=current.open_opendsr(key, config, current.now).probe())
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))


def scores(
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False, json_output: JsonFlag = False
) -> None:
    """Show how fast and how reliably each processor answers.

    Purged cases no longer count.
    """
    current = current_app()
    zone = current.settings.controller.zone
    found = scorecard(current.store.work.all_instructions(), current.today, zone)
    if as_csv:
        progress.end()
        writer = csv.DictWriter(sys.stdout, [field.name for field in fields(Score)])
        writer.writeheader()
        writer.writerows(asdict(score) for score in found)
    elif json_output:
        print_json(found)
    else:
        console.print(_score_table(found) if found else "No instruction has gone out yet.")


def _score_table(found: Sequence[Score]) -> Table:
    heads = ("name", "role", "asked", "proved", "cannot", "open", "overdue", "median days", "9 of 10", "on time")
    of_answers = ("more time", "handed on", "contradictions", "taken back", "found again", "zeros", "no proof")
    table = Table(*heads, "reminders", *of_answers, box=None, header_style="bold")
    for score in found:
        counts = (score.asked, score.proved, score.cannot, score.open, score.overdue)
        median = "–" if score.median_days is None else f"{score.median_days:g}"
        most = "–" if score.most_days is None else str(score.most_days)
        share = "–" if score.on_time is None else f"{score.on_time:.0%}"
        doubts = (score.contradictions, score.taken_back, score.found_again, score.zeros, score.without_proof)
        row = (score.reminders, score.more_time, score.handed_on, *doubts)
        table.add_row(score.name, score.role.value, *map(str, counts), median, most, share, *map(str, row))
    return table


def _plain(value: Instruction) -> dict[str, object]:
    return {
        "case": value.case_id,
        "instruction": value.number,
        "processor": value.processor,
        "name": value.name,
        "action": value.action,
        "told": value.kinds,
        "asked_at": value.asked_at,
        "sent_at": value.sent_at,
        "due_on": value.due_on,
        "status": value.standing,
        "answers": value.answers,
    }


def _status(value: Instruction, today: date) -> str:
    return f"{value.standing.value}, overdue" if value.is_open and value.due_on < today else value.standing.value


def _answer(text: str) -> ProcessorAnswer:
    try:
        return ProcessorAnswer(text.strip().lower().replace("-", " "))
    except ValueError:
        known = ", ".join(item.value.replace(" ", "-") for item in ProcessorAnswer)
        raise BadInput(f"The option --answer is not known; use one of {known}.") from None
