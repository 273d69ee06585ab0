"""The labels by which people tell cases apart in lists: a ticket's number, the channel, initials if wanted. Pure.

A label is no personal data by default: a ticket's number fits a pattern that no name fits, and initials are shown only
where the configuration says so.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput

TICKET_NUMBER: Final = r"^[A-Z]{0,10}[-/#]?[0-9]{1,20}([-/][0-9]{1,12}){0,2}$"
"""A ticket's number: digits, after a prefix of capital letters at most; no name and no address fits it."""
_SOUGHT: Final = re.compile(r"[A-Za-z0-9#/-]{1,40}")
_MOST_INITIALS: Final = 3
_LIKE_DIGITS: Final = str.maketrans("OIL", "011")
"""Letters of a case id that are read as digits (Crockford's base 32)."""


class CaseOrder(StrEnum):
    """An order of the list of cases."""

    LABEL = "label"
    TARGET = "target date"
    DUE = "statutory deadline"
    RECEIVED = "received"
    STAGE = "stage"
    OWNER = "owner"


def read_ticket(text: str) -> str:
    """Return the number of a ticket as it is stored; empty for none.

    Args:
        text: As it was typed.

    Raises:
        BadInput: It is no such number.
    """
    number = text.strip().upper()
    if number and not re.fullmatch(TICKET_NUMBER, number):
        raise BadInput("The ticket's number is not valid; give digits, with a prefix in capital letters at most.")
    return number


def read_sought(text: str) -> str:
    """Return a part of a case id or of a ticket's number as it is searched for; empty for none.

    Args:
        text: As it was typed.

    Raises:
        BadInput: It cannot be a part of either.
    """
    sought = text.strip()
    if sought and not _SOUGHT.fullmatch(sought):
        raise BadInput("Type a part of a case id or of a ticket's number: letters, digits, - / #.")
    return sought.upper()


def as_in_case_id(sought: str) -> str:
    """Return a part of a case id as ids are written: without the letters that are taken for digits.

    Args:
        sought: The part, in capitals.
    """
    head, sign, tail = sought.rpartition("-")
    return f"{head}{sign}{tail.translate(_LIKE_DIGITS)}"


def initials(name: str) -> str:
    """Return the initials of a name, such as ``A. Q.``; empty for none.

    Args:
        name: The name, as it was given.
    """
    words = [word for word in re.split(r"[\s-]+", name) if word[:1].isalpha()]
    if len(words) > _MOST_INITIALS:
        words = [*words[: _MOST_INITIALS - 1], words[-1]]
    return " ".join(f"{word[0].upper()}." for word in words)


def label(*, ticket: str, channel: str, of_person: str = "") -> str:
    """Return the label of a case.

    Args:
        ticket: The number of its ticket; empty for none.
        channel: How the request arrived.
        of_person: The person's initials, where they are shown.
    """
    return " · ".join(filter(None, (ticket, channel, of_person)))
