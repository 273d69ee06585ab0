"""Instants as options of the command line."""

from __future__ import annotations

from datetime import datetime

from rightsflow.errors import BadInput
from tasks.runtime import runtime


def instant(text: str, option: str) -> datetime | None:
    """An instant as typed; without an offset it is the controller's time.

    Args:
        text: What was typed; empty for none.
        option: The option, to name it.

    Raises:
        BadInput: It is no instant.
    """
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadInput(f"The option {option} is no instant; write it like 2026-03-05T10:00+01:00.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=runtime().settings.controller.zone)
