"""Days as people type them."""

from __future__ import annotations

from datetime import date

from rightsflow.domain.errors import BadInput


def read_day(typed: str, what: str) -> date:
    """The day that was typed, as YYYY-MM-DD.

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
