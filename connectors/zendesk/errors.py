"""Meaning of Zendesk's answers beyond their status, and the faults of malformed answers."""

from __future__ import annotations

import requests

from connectors.faults import HttpFault
from rightsflow.domain.errors import Permanent, Transient

UNREADABLE = HttpFault(
    Permanent, "gave an answer without what it promises; the connector does not fit this version of it"
)
LOOP = HttpFault(Permanent, "gave the same page twice; try again, and report it to its vendor if it stays so")
NO_ENDPOINT = HttpFault(
    Permanent, "does not know an address that was called; check base_url and whether its plan includes that feature"
)
_TOO_MANY_JOBS = HttpFault(Transient, "has too many background jobs running; try again later")


def judge(response: requests.Response) -> HttpFault | None:
    """Return the fault that Zendesk's error body shows beyond the status."""
    return _TOO_MANY_JOBS if error_word(response) == "TooManyJobs" else None


def error_word(response: requests.Response) -> str:
    """The code in an error answer, whichever of the four envelopes it has; empty if there is none."""
    try:
        body = response.json()
    except requests.JSONDecodeError:
        return ""
    if not isinstance(body, dict):
        return ""
    error = body.get("error")
    if isinstance(error, dict):
        return str(error.get("title") or "")
    if isinstance(error, str):
        return error
    listed = body.get("errors")
    return str(listed[0].get("code") or "") if listed and isinstance(listed[0], dict) else ""
