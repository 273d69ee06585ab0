"""The group ``systems``: what is connected, deletion paused, and the suppression list that programs ask."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.table import Table

from deployments.cli.arguments import ByOption, EmailOption, IdentifiersOption, PhoneOption
from deployments.cli.output import (
    JsonFlag,
    console,
    print_done,
    print_json,
    progress,
    refuse_existing,
    write_whole,
)
from rightsflow.app import current_app
from rightsflow.cases.app import App
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.brakes import release_brake, sentence, set_brake
from rightsflow.cases.work.erasure.suppression import are_suppressed, suppress, unsuppress
from rightsflow.config.environment import Environment
from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.identifier_settings import included_declarations
from rightsflow.config.settings import load_settings
from rightsflow.domain.connector import Health
from rightsflow.domain.erasure.safeguards import ALL
from rightsflow.domain.errors import BadInput, RightsflowError
from rightsflow.domain.identifier_kinds import declared_kinds
from rightsflow.domain.request import read_named
from rightsflow.domain.vocabulary.states import read_case_id

PlaceArgument = Annotated[
    str, typer.Argument(metavar="[SYSTEM|CASE]", help="A system, by its name in rightsflow.toml, or a case.")
]
_LOCATION: Final = re.compile(r"[a-z][a-z0-9+]{1,15}://\S{0,200}")
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")
EverywhereOption = Annotated[bool, typer.Option("--all", help="At every system.")]


def list_systems(json_output: JsonFlag = False) -> None:
    """List the connected systems."""
    current = current_app()
    if json_output:
        print_json({name: section.model_dump(mode="json") for name, section in current.systems.items()})
        return
    table = Table("system", "connector", "purposes", "categories", "retention", box=None, header_style="bold")
    for name, section in current.systems.items():
        purposes, categories = ", ".join(section.purposes), ", ".join(section.categories)
        table.add_row(name, section.connector, purposes, categories, section.retention)
    console.print(table if current.systems else "No system is connected; add [systems.NAME] in rightsflow.toml.")


def propose_section(
    url: Annotated[str, typer.Argument(help="Where the database's URL is: env:NAME or file:PATH.")] = "",
    files: Annotated[str, typer.Option(help="The location of recordings or CSV files, like sftp://HOST/PATH.")] = "",
    option: Annotated[
        list[str] | None, typer.Option(help="What its driver needs, like private_key=env:SFTP_KEY; repeatable.")
    ] = None,
    name: Annotated[str, typer.Option(help="The system's name in rightsflow.toml.")] = "",
    country: Annotated[
        str, typer.Option(help="The country in which national phone numbers are read, like DE; the controller's.")
    ] = "",
    out: Annotated[Path | None, typer.Option("-o", "--out", help="A new file; by default standard output.")] = None,
    json_output: JsonFlag = False,
) -> None:
    """Propose the section of a database, or of CSV files and recordings, from the schema and from samples.

    It reads the tables and at most 200 rows of each, in sessions that cannot write and with time limits, and prints a
    commented section for rightsflow.toml. Of a location it reads the names of at most 5,000 files. Values of rows and
    names of files are never shown or stored. Check each line: comments say why it is proposed and how sure that is.
    """
    from connectors.sql.propose import FilesPlace, propose  # noqa: PLC0415 - only this command needs it

    try:
        secret = SecretRef(url) if url else None
    except ValueError:
        raise BadInput("The URL is a secret; give where it is, like env:SHOP_DATABASE_URL or file:/run/url.") from None
    if out is not None:
        refuse_existing(out)
    if files and not _LOCATION.fullmatch(files):
        raise BadInput("The location is not valid; give a URL such as file:///srv/calls or sftp://HOST/PATH.")
    country = country.strip().upper() or _own_country()
    declared = {kind.value: kind.declaration for kind in declared_kinds() if kind.declaration.form}
    known = {declaration.name: declaration for declaration in included_declarations()} | declared
    options = dict(item.partition("=")[::2] for item in option or ())
    place = FilesPlace(files=files, options=options) if files else None
    text = propose(_named(name, secret), secret, country, progress.say, list(known.values()), place)
    if out is not None:
        write_whole(out, text.encode())
        done = "The section is written; check it, copy it into rightsflow.toml and run `rightsflow doctor`."
        print_done(done, json_output=json_output, file=str(out))
    elif json_output:
        print_json({"section": text})
    else:
        progress.end()
        sys.stdout.write(text)


def _named(name: str, secret: SecretRef | None) -> str:
    """Return the system's name as given, or the first word of the secret's."""
    if name and not _NAME.fullmatch(name):
        raise BadInput("The name is not valid; give 1 to 32 small letters, digits and hyphens, a letter first.")
    scheme, _, place = (secret.reference if secret else "file:").partition(":")
    words = re.findall(r"[a-z][a-z0-9]*", place.lower()) if scheme == "env" else []
    return name or (words[0] if words and _NAME.fullmatch(words[0]) else "database")


def _own_country() -> str:
    """Return the controller's country, if there is a configuration."""
    try:
        return load_settings(Environment().config_path).controller.country
    except RightsflowError:
        return ""


def check_description(
    file: Annotated[str, typer.Argument(help="A file, or the name of an included description.")],
    json_output: JsonFlag = False,
) -> None:
    """Check the description of a REST system, offline.

    Nothing is called. A mistake is named with its line and how to mend it; `doctor` checks the same against the system.
    """
    from connectors.rest.summary import summary  # noqa: PLC0415 - only this command needs it

    told = summary(file)
    if json_output:
        print_json(told)
        return
    console.print(f"{told['title']}: the description is valid.", highlight=False)
    table = Table("kind", "found by", "belongs to", "methods", "calls", box=None, header_style="bold")
    for kind in told["kinds"]:
        table.add_row(*(str(kind[name]) for name in ("name", "found_by", "belongs_to", "methods", "calls")))
    console.print(table)
    for note in told["notes"]:
        console.print(note, highlight=False)


def pause(
    by: ByOption,
    reason: Annotated[str, typer.Option(help="The reason; stored encrypted.")],
    where: PlaceArgument = "",
    everywhere: EverywhereOption = False,
    json_output: JsonFlag = False,
) -> None:
    """Pause deletion at a system, in a case or everywhere.

    All workers stop erasing there at once; reading goes on, and cases wait. Rightsflow pauses deletion by itself if a
    plan or a day's total is far above what is usual (the section brakes of rightsflow.toml).
    """
    place = _place(where, everywhere=everywhere)
    print_done(set_brake(current_app(), place, by=by, reason=reason), json_output=json_output, system=place)


def resume(
    by: ByOption,
    reason: Annotated[str, typer.Option(help="The reason; stored encrypted.")],
    where: PlaceArgument = "",
    everywhere: EverywhereOption = False,
    json_output: JsonFlag = False,
) -> None:
    """Resume deletion at a system, in a case or everywhere.

    After an automatic pause, the person who opened the case or approved its plan cannot resume; the case's amount is
    accepted with it. --all ends only a pause that --all began.
    """
    place = _place(where, everywhere=everywhere)
    print_done(release_brake(current_app(), place, by=by, reason=reason), json_output=json_output, system=place)


def _place(where: str, *, everywhere: bool) -> str:
    """Return a system's name, a case id as it is stored, or the word for every system."""
    if everywhere == bool(where.strip()):
        raise BadInput("The system is missing, or one too many; give one system, one case or --all.")
    if everywhere:
        return ALL
    return read_case_id(where) if where.strip()[:3].upper() == "DSR" else where.strip()


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
    return Health(ok=True, detail=detail or "Deletion is paused nowhere.", is_doubtful=bool(present))


def suppressed(
    contacts: Annotated[
        typer.FileText,
        typer.Argument(help="A file with one to the line; by default standard input.", errors="replace"),
    ] = "-",  # type: ignore[assignment] # typer opens what the text names
    json_output: JsonFlag = False,
) -> None:
    """Check addresses against the suppression list.

    It prints yes, no or invalid for each line, in the same order, and nothing about the person. Contact only those
    with no.
    """
    if contacts.isatty():
        raise BadInput("Nothing is given; put addresses and numbers on standard input, one to the line.")
    told = (listed.value for listed in are_suppressed(current_app(), (line.strip() for line in contacts)))
    if json_output:
        print_json(list(told))
        return
    for value in told:
        sys.stdout.write(f"{value}\n")


def _sought(email: str, phone: str, identifiers: list[str] | None) -> Sought:
    return Sought(email=email, phone=phone, further=tuple(map(read_named, identifiers or ())))


def put_on(
    by: ByOption,
    email: EmailOption = "",
    phone: PhoneOption = "",
    identifiers: IdentifiersOption = None,
    json_output: JsonFlag = False,
) -> None:
    """Add a person to the suppression list.

    The person objected to direct marketing. Only keyed hashes are stored.
    """
    print_done(suppress(current_app(), _sought(email, phone, identifiers), by=by), json_output=json_output)


def take_off(
    by: ByOption,
    reason: Annotated[str, typer.Option(help="How and when the person asked for it; its keyed hash is kept.")],
    email: EmailOption = "",
    phone: PhoneOption = "",
    identifiers: IdentifiersOption = None,
    json_output: JsonFlag = False,
) -> None:
    """Remove a person from the suppression list.

    The person asked for it and knows that an import can then contact them again.
    """
    done = unsuppress(current_app(), _sought(email, phone, identifiers), reason=reason, by=by)
    print_done(done, json_output=json_output)


def count_suppressed(json_output: JsonFlag = False) -> None:
    """Count the entries of the suppression list.

    By reason. It cannot tell who they are.
    """
    current = current_app()
    counts = {reason.value: count for reason, count in current.store.suppressions.counts(current.today).items()}
    if json_output:
        print_json(counts)
        return
    for reason, count in counts.items():
        console.print(f"{reason}: {count:,}", highlight=False)
