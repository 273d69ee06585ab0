"""The desk's address, as people reach it."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "/desk"
"""Every page of the desk lies below it; everything else is Prefect's."""
OUTWARD: Final = f"{PREFIX}/confirm/"
"""Below it lie the pages for people of other companies, who have a link and no account."""
HOME: Final = f"{PREFIX}/"


LIKELY: Final = "http://127.0.0.1:4200"
"""The desk's address once ``up`` is called without options, for links that are printed before."""


def invitation_address(server: str, token: str) -> str:
    """The link of an invitation.

    Args:
        server: The server's address.
        token: The invitation's token.
    """
    return f"{server}{PREFIX}/invitation/{token}"


def case_address(server: str, case_id: str) -> str:
    """The page of a case.

    Args:
        server: The server's address; empty for a path of the same server.
        case_id: The case.
    """
    return f"{server}{PREFIX}/cases/{case_id}"
