"""``decide-corrections``: what is decided on each item that a person wants corrected."""

from __future__ import annotations

from typing import Annotated

import typer

from deployments.cli.commands.decisions import CaseArgument
from deployments.cli.commands.desk import ByOption
from deployments.cli.output import JsonFlag, print_done
from rightsflow.app import current_app
from rightsflow.cases.rectification.deciding_items import decide_corrections
from rightsflow.cases.rectification.reading_items import read_items
from rightsflow.domain.vocabulary.states import read_case_id


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("decide-corrections")(decide)


def decide(
    case: CaseArgument,
    by: ByOption,
    item: Annotated[
        list[str],
        typer.Option(help="Once per line: `1-2: accept`, `3: refuse | reason` or `4: complete | statement`."),
    ],
    json_output: JsonFlag = False,
) -> None:
    """Decide on the items that a person wants corrected (Art. 16 GDPR); the approval of the plan comes after that."""
    done = decide_corrections(current_app(), case, item, by=by)
    left = read_items(current_app(), case).undecided
    print_done(done, json_output=json_output, case=read_case_id(case), open=left)
