"""Days and reasons as people type them. Pure."""

from __future__ import annotations

from datetime import date

from rightsflow.domain.errors import BadInput


def read_day(typed: str, what: str) -> date:
    """Read a typed day, as YYYY-MM-DD.

    Args:
        typed: What was typed.
        what: What it is, as the sentence begins: "The option --until".

    Raises:
        BadInput: It is not a date.
    """
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise BadInput(f"{what} is not a date; use YYYY-MM-DD, such as 2026-12-21.") from None


def stated_reason(typed: str, wanted: str) -> str:
    """Return a reason as it was typed, on one line.

    Args:
        typed: What was typed.
        wanted: What it has to say, such as "say why you look at this record".

    Raises:
        BadInput: It is missing.
    """
    if reason := " ".join(typed.split()):
        return reason
    raise BadInput(f"The reason is missing; {wanted}.")
