"""``export``: a case in a format that other programs read."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from deployments.cli.commands.decisions import CaseArgument
from deployments.cli.files import refuse_no_file, write_whole
from deployments.cli.output import JsonFlag, console, print_json
from rightsflow.app import current_app
from rightsflow.cases.evidence.exporting import export_dpv
from rightsflow.domain.vocabulary.states import read_case_id


class Format(StrEnum):
    """The formats that a case can be exported in."""

    DPV = "dpv"


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("export")(export)


def export(
    case: CaseArgument,
    output: Annotated[Path, typer.Option("--output", "-o", metavar="FILE", help="Where the document is written.")],
    format_: Annotated[
        Format, typer.Option("--format", help="dpv: JSON-LD in the Data Privacy Vocabulary 2.3.")
    ] = Format.DPV,
    json_output: JsonFlag = False,
) -> None:
    """Export a case for other programs: what happened, with which status and why, without personal data.

    It says what the ledger says and proves nothing; the proof is the evidence bundle.
    """
    case_id = read_case_id(case)
    refuse_no_file(output)
    write_whole(output, (json.dumps(export_dpv(current_app(), case_id), ensure_ascii=False, indent=1) + "\n").encode())
    if json_output:
        print_json({"case": case_id, "format": format_, "file": str(output)})
        return
    console.print(f"{case_id} is exported to {output}.", highlight=False, soft_wrap=True)
