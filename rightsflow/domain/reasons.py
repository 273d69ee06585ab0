"""The reason that a person gives for what they do. Pure."""

from __future__ import annotations

from rightsflow.domain.errors import BadInput


def stated_reason(typed: str, wanted: str) -> str:
    """A reason as it was typed, on one line.

    Args:
        typed: What was typed.
        wanted: What it has to say, such as "say why you look at this record".

    Raises:
        BadInput: It is missing.
    """
    if reason := " ".join(typed.split()):
        return reason
    raise BadInput(f"The reason is missing; {wanted}.")
