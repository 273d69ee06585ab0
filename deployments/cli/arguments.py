"""The arguments that many commands have: the case, the acting person, identifiers, instants and files."""

from __future__ import annotations

import getpass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from rightsflow.app import current_app
from rightsflow.cases.facts.people import said
from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.errors import BadInput

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="The case id, like DSR-2026-7K3M9Q.")]
ByOption = Annotated[str, typer.Option("--by", help="Your name, for the record.")]
OwnNameOption = Annotated[str, typer.Option("--by", help="Your name, for the record; by default your login name.")]
EmailOption = Annotated[str, typer.Option(help="The person's e-mail address.")]
PhoneOption = Annotated[str, typer.Option(help="The person's phone number, like +49 30 23125 000.")]
CustomerIdOption = Annotated[str, typer.Option(help="Your customer number for the person.")]
AccountIdOption = Annotated[str, typer.Option(help="The person's account number in one of the systems.")]
AccountSystemOption = Annotated[
    str, typer.Option(help="The system that issued the account number; needed if several systems issue them.")
]
IdentifiersOption = Annotated[
    list[str] | None,
    typer.Option(
        "--identifier",
        metavar="KIND=VALUE",
        help="An identifier of a declared kind, like imei=490154203237518; of a device perhaps with the days: "
        "“… 2024-03-01..2025-06-30”.",
    ),
]
"""The options by which a case is opened and a person found, the same in each command."""


def acting(by: str) -> str:
    """Return the acting person's name, checked as a name.

    Args:
        by: The name given with ``--by``; empty for the name that the user is logged in with.

    Raises:
        BadInput: It is no name, or none is given and the user has none.
    """
    return said(by or login_name())


def login_name() -> str:
    """Return the name that the user is logged in with.

    Raises:
        BadInput: There is none, as in a container that runs under a number without an entry among the users.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise BadInput("Your name is missing; give it with --by.") from None


def instant(text: str, option: str) -> datetime | None:
    """Return an instant as typed; without an offset it is in the controller's time zone.

    A day alone means its last second, or now if it is today.

    Args:
        text: What was typed; empty for none.
        option: The option's name, for the error.

    Raises:
        BadInput: It is no instant.
    """
    typed = text.strip()
    if not typed:
        return None
    current = current_app()
    zone = current.settings.controller.zone
    if day := _day(typed):
        return current.now() if day == current.today else end_of_day(day, zone)
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise BadInput(
            f"The option {option} is no instant; write it like 2026-03-05T10:00+01:00, or the day alone, like "
            "2026-03-05."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def file_content(path: Path, most_bytes: int) -> bytes:
    """Return the content of a file that an option names, one byte more than allowed at most.

    Args:
        path: The file.
        most_bytes: How many bytes are allowed.

    Raises:
        BadInput: It cannot be read, or is empty.
    """
    try:
        with path.open("rb") as opened:
            content = opened.read(most_bytes + 1)
    except (OSError, ValueError):
        raise BadInput("The file cannot be read; give another one.") from None
    if not content:
        raise BadInput("The file is empty; give another one.")
    return content
