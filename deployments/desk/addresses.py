"""Where the desk is, as people reach it."""

from __future__ import annotations

import json
from typing import Final

from rightsflow.config.environment import Environment

PREFIX: Final = "/desk"
"""Every page of the desk lies below it; everything else is Prefect's."""
HOME: Final = f"{PREFIX}/"


def desk_address(environment: Environment) -> str:
    """The address of the server with the desk: of the proxy before it, else of the one that ``up`` holds up.

    Args:
        environment: The places of this process.
    """
    if environment.public_url:
        return environment.public_url.rstrip("/")
    try:
        noted = json.loads((environment.folder / "up.json").read_text(encoding="utf-8"))
        return str(noted["api_url"]).removesuffix("/api")
    except (OSError, ValueError, KeyError):
        return "http://127.0.0.1:4200"


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
