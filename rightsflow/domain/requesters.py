"""The requester of a ticket: who wrote it, as the ticket's system has that person on file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rightsflow.domain.case_labels import TICKET_NUMBER
from rightsflow.domain.errors import BadInput
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.request import Channel


class NoRequester(BadInput):
    """The ticket shows no person for whom a request can be opened; nothing was opened.

    Args:
        why: The reason.
    """

    def __init__(self, why: WhyNot) -> None:
        super().__init__(why.value)


class WhyNot(StrEnum):
    """The reasons for which no requester is read from a ticket, each a sentence without data."""

    NO_NUMBER = "The ticket's number is not valid; give digits, with a prefix in capital letters at most."
    NO_TICKET = "The system has no ticket of this number, or our account may not see it; check system and number."
    NO_REQUESTER = (
        "The ticket names no requester with an e-mail address, a phone number or a customer number; open the request "
        "at the desk or with `rightsflow open`."
    )
    SEVERAL = (
        "The ticket's number or its requester is not unique in that system; open the request at the desk or with "
        "`rightsflow open`."
    )
    AGENT = (
        "An agent is the ticket's requester, not a customer; set the customer as its requester, or open the request "
        "at the desk."
    )


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Requester:
    """The requester of a ticket.

    Args:
        identifiers: What the system has on file of them; at least one by which a person can be found.
        channel: How the ticket arrived.
        asked_at: When it arrived (aware); ``None`` if the system does not say.
        language: Their language on file, a BCP 47 tag; empty if none.
    """

    identifiers: Identifiers
    channel: Channel = Channel.HELPDESK
    asked_at: datetime | None = None
    language: str = ""


def read_ticket_number(text: str) -> str:
    """Return a ticket's number as it is looked up.

    Args:
        text: As it was typed.

    Raises:
        NoRequester: It is none.
    """
    number = text.strip()
    if not re.fullmatch(TICKET_NUMBER, number):
        raise NoRequester(WhyNot.NO_NUMBER)
    return number


def checked(requester: Requester) -> Requester:
    """Return a requester by whom a person can be found.

    Args:
        requester: As the system has them.

    Raises:
        NoRequester: The system has nothing of them that a person can be found by.
    """
    if not any(identifier.finds for identifier in requester.identifiers):
        raise NoRequester(WhyNot.NO_REQUESTER)
    return requester
