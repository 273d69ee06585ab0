"""``brake``: stop erasing at a system, in a case or everywhere, and release it; and what ``doctor`` says of it."""

from __future__ import annotations

from typing import Annotated

import typer

from deployments.cli.commands.desk import ByOption
from deployments.cli.output import JsonFlag, print_done
from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.cases.erasure.braking import release_brake, sentence, set_brake
from rightsflow.domain.connector import Health
from rightsflow.domain.erasure.brakes import ALL
from rightsflow.domain.errors import BadInput, RightsflowError
from rightsflow.domain.vocabulary.states import read_case_id


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("brake")(brake)


def brake(
    by: ByOption,
    reason: Annotated[str, typer.Option(help="Why; kept encrypted.")],
    system: Annotated[
        str, typer.Argument(metavar="SYSTEM", help="The system, as rightsflow.toml names it, or a case.")
    ] = "",
    everywhere: Annotated[bool, typer.Option("--all", help="At every system instead.")] = False,
    release: Annotated[bool, typer.Option("--release", help="Let erasing go on instead.")] = False,
    json_output: JsonFlag = False,
) -> None:
    """Stop erasing at a system or in a case at once, for all workers; reading goes on, and cases wait until --release.

    Rightsflow sets the brake itself when a case's plan or a day's total is far above what is usual at a system (the
    section brakes of rightsflow.toml). Such a brake is released by a person who has neither opened the case that
    triggered it nor approved its plan; the case's amount is accepted with that. --all --release ends only what --all
    began.
    """
    if everywhere == bool(system.strip()):
        raise BadInput("Name either one system, one case or --all.")
    where = ALL if everywhere else _proper(system.strip())
    done = (release_brake if release else set_brake)(current_app(), where, by=by, reason=reason)
    print_done(done, json_output=json_output, system=where, released=release)


def _proper(where: str) -> str:
    """A case's id as it is kept, however it was typed; a system's name is in small letters."""
    return read_case_id(where) if where[:3].upper() == "DSR" else where


def brakes_health(current: App) -> Health:
    """Report the systems at which deletion is paused, who paused it, and how to resume it.

    Args:
        current: The runtime.
    """
    try:
        present = current.store.brakes.present()
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    detail = " ".join(sentence(item, current, is_named=True) for item in present)
    return Health(ok=True, detail=detail or "Erasing is stopped nowhere.", is_doubtful=bool(present))
