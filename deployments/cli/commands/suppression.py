"""The suppression list: ``suppressed``, ``suppress``, ``unsuppress``, ``suppression-list``, ``serve-suppressed``."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from deployments.cli.commands.desk import ByOption
from deployments.cli.output import JsonFlag, console, print_done, print_json
from deployments.suppression.asking import serve
from rightsflow.app import current_app
from rightsflow.cases.find import Sought
from rightsflow.cases.suppression import are_suppressed, suppress, unsuppress
from rightsflow.domain.errors import BadInput

EmailOption = Annotated[str, typer.Option(help="The person's e-mail address.")]
PhoneOption = Annotated[str, typer.Option(help="The person's phone number.")]


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("suppressed")(suppressed)
    app.command("suppress")(put_on)
    app.command("unsuppress")(take_off)
    app.command("suppression-list")(show)
    app.command("serve-suppressed")(answer)


def suppressed(
    contacts: Annotated[
        typer.FileText,
        typer.Argument(help="A file with one to the line; by default standard input.", errors="replace"),
    ] = "-",  # type: ignore[assignment] # typer opens what the text names
    json_output: JsonFlag = False,
) -> None:
    """Say of each e-mail address or phone number, one to the line, whether it is on the list.

    Prints yes, no, or invalid for what is neither, in the same order, and nothing of the person. Contact those alone of
    whom it says no.
    """
    if contacts.isatty():
        raise BadInput("Nothing is given; put addresses and numbers on standard input, one to the line.")
    told = (listed.value for listed in are_suppressed(current_app(), (line.strip() for line in contacts)))
    if json_output:
        print_json(list(told))
        return
    for value in told:
        sys.stdout.write(f"{value}\n")


def put_on(by: ByOption, email: EmailOption = "", phone: PhoneOption = "", json_output: JsonFlag = False) -> None:
    """Put a person who objected to direct marketing on the list (Art. 21(3) GDPR); only keyed hashes are kept."""
    print_done(suppress(current_app(), Sought(email=email, phone=phone), by=by), json_output=json_output)


def take_off(
    by: ByOption,
    reason: Annotated[str, typer.Option(help="How and when the person asked for it; its keyed hash is kept.")],
    email: EmailOption = "",
    phone: PhoneOption = "",
    json_output: JsonFlag = False,
) -> None:
    """Take a person off the list who asks for that, once they know that an import can then reach them again."""
    done = unsuppress(current_app(), Sought(email=email, phone=phone), reason=reason, by=by)
    print_done(done, json_output=json_output)


def show(json_output: JsonFlag = False) -> None:
    """Say how many addresses and numbers are on the list, and why. Whose they are it cannot tell."""
    current = current_app()
    counts = {reason.value: count for reason, count in current.store.suppressions.counts(current.today).items()}
    if json_output:
        print_json(counts)
        return
    for reason, count in counts.items():
        console.print(f"{reason}: {count:,}", highlight=False)


def answer(
    host: Annotated[str, typer.Option(help="The address of this machine to serve it on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port.", min=1, max=65535)] = 8471,
) -> None:
    """Answer other programs over HTTP whether an address is on the list: yes or no, and nothing else.

    They show the token that the configuration names. Put a proxy with https before it where they are on other machines.
    """
    serve(current_app(), host, port)
