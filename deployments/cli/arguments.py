"""The values of arguments: text in UTF-8 without control characters, identifiers of a person, and the acting person."""

from __future__ import annotations

import getpass
import re
import unicodedata
from typing import Annotated, Final

import typer

from rightsflow.cases.people import said
from rightsflow.domain.errors import BadInput

EmailOption = Annotated[str, typer.Option(help="The person's e-mail address.")]
PhoneOption = Annotated[str, typer.Option(help="The person's phone number, like +49 30 23125 000.")]
CustomerIdOption = Annotated[str, typer.Option(help="Your own customer number of the person.")]
AccountIdOption = Annotated[str, typer.Option(help="An account number in one of the systems.")]
AccountSystemOption = Annotated[
    str, typer.Option(help="The system that issued the account number; not needed where only one does.")
]
"""The options by which a case is opened and a person found, the same in each command."""

_LAYOUT: Final = frozenset("\n\r\t")
"""Control characters that reasons of several lines hold."""
_OPTION = re.compile(r"--[a-z][a-z-]*")


def refuse_odd_bytes(arguments: list[str]) -> None:
    """Refuse what no command can store, print or pass on, before any of them runs.

    Python hands bytes that are no UTF-8 over as lone surrogates, on which databases, JSON and terminals fail; control
    characters change what a terminal shows.

    Args:
        arguments: The command line without the program's name.

    Raises:
        BadInput: An argument holds such bytes; the sentence names the option or the position, and quotes nothing.
    """
    for position, text in enumerate(arguments):
        kinds = {unicodedata.category(character) for character in text if character not in _LAYOUT}
        if "Cs" in kinds:
            raise BadInput(f"{_name(arguments, position)} is not text in UTF-8; write it again in UTF-8.")
        if "Cc" in kinds:
            raise BadInput(f"{_name(arguments, position)} holds a control character; write it again without.")


def acting(by: str) -> str:
    """Return the acting person's name, checked as a name.

    Args:
        by: The name given with ``--by``; empty for the name that the user is logged in with.

    Raises:
        BadInput: It is no name, or none is given and the user has none.
    """
    return said(by or login_name())


def login_name() -> str:
    """The name that the user is logged in with.

    Raises:
        BadInput: There is none, as in a container that runs under a number without an entry among the users.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise BadInput("Your name is missing; give it with --by.") from None


def _name(arguments: list[str], position: int) -> str:
    given, _, _ = arguments[position].partition("=")
    before = arguments[position - 1] if position else ""
    for option in (given, before):
        if _OPTION.fullmatch(option):
            return f"The value of {option}"
    return f"Argument {position + 1}"
