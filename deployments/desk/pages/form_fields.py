"""What several forms read alike: days, numbers, people, and a refusal told beside the field that it is about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import Final

from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.app import App
from rightsflow.domain.errors import BadInput, Misconfigured
from rightsflow.domain.processors.answering import MOST_RECORDS

_MOST_DIGITS: Final = 9


def worded(these: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """Choices of a list: each value, and its words with a capital at the beginning and names of laws as they are.

    Args:
        these: What can be chosen, in order.
    """
    return [(one.value, one.value[:1].upper() + one.value[1:]) for one in these]


def typed_day(visit: Visit, name: str) -> date:
    """The day that a calendar field holds.

    Args:
        visit: The request.
        name: The field's name.

    Raises:
        Wrong: It is not a date.
    """
    try:
        return date.fromisoformat(visit.typed(name).strip())
    except ValueError:
        raise Wrong({name: "That is not a date; use YYYY-MM-DD, such as 2026-12-21."}) from None


def typed_number(visit: Visit, name: str) -> int:
    """The number of something that was chosen from a list.

    Args:
        visit: The request.
        name: The field's name.

    Raises:
        Wrong: It is none.
    """
    typed = visit.typed(name).strip()
    if not (typed.isascii() and typed.isdigit() and len(typed) <= _MOST_DIGITS):
        raise Wrong({name: "That is not in the list; choose one of it."})
    return int(typed)


def typed_count(visit: Visit, name: str) -> int | None:
    """A number of records; ``None`` for an empty field.

    Args:
        visit: The request.
        name: The field's name.

    Raises:
        Wrong: It is none.
    """
    typed = visit.typed(name).strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) <= len(str(MOST_RECORDS))):
        raise Wrong({name: "That is not a number of records; give digits alone."})
    return int(typed)


def people_choices(app: App) -> list[tuple[str, str]]:
    """Everybody who can answer for something: the key, and the name with the key.

    Args:
        app: What it works with.
    """
    return [(key, f"{person.full_name} ({key})") for key, person in app.settings.people_by_key.items()]


@contextmanager
def beside(name: str) -> Iterator[None]:
    """Tell what is wrong beside a field, where what is refused can only be about that.

    Args:
        name: The field's name.

    Raises:
        Wrong: What was done in it was refused as bad input.
    """
    try:
        yield
    except (Misconfigured, Wrong):
        raise
    except BadInput as error:
        raise Wrong({name: str(error)}) from None
