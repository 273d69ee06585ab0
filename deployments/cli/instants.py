"""Instants as options of the command line."""

from __future__ import annotations

from datetime import date, datetime

from rightsflow.app import current_app
from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.errors import BadInput


def instant(text: str, option: str) -> datetime | None:
    """An instant as typed; without an offset it is the controller's time.

    Of a day alone it is the last second, as in the forms, or now if it is today.

    Args:
        text: What was typed; empty for none.
        option: The option, to name it.

    Raises:
        BadInput: It is no instant.
    """
    typed = text.strip()
    if not typed:
        return None
    current = current_app()
    zone = current.settings.controller.zone
    if day := _day(typed):
        return current.now() if day == current.today else end_of_day(day, zone)
    try:
        moment = datetime.fromisoformat(typed)
    except ValueError:
        raise BadInput(
            f"The option {option} is no instant; write it like 2026-03-05T10:00+01:00, or the day alone, like "
            "2026-03-05."
        ) from None
    return moment if moment.tzinfo else moment.replace(tzinfo=zone)


def _day(typed: str) -> date | None:
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None
