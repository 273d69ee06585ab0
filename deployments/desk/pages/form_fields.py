"""Common readers of form fields: days, numbers, people, and a refusal shown beside its field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from typing import Final

from deployments.desk.visit import NotNow, Visit, Wrong
from rightsflow.cases.app import App
from rightsflow.domain.errors import BadInput, Conflict, Misconfigured
from rightsflow.domain.processors.answers import MOST_RECORDS

_MOST_DIGITS: Final = 9
_MOST_PAGE_DIGITS: Final = 6


def worded(these: Iterable[StrEnum]) -> list[tuple[str, str]]:
    """Choices of a list: each value, and its words with a capital at the beginning and names of laws as they are.

    Args:
        these: What can be chosen, in order.
    """
    return [(str_enum.value, str_enum.value[:1].upper() + str_enum.value[1:]) for str_enum in these]


def asked_page(visit: Visit) -> int:
    """Return the page of a list that the address asks for, from 1; the first by default."""
    asked = visit.asked("page")
    is_number = asked.isascii() and asked.isdigit() and len(asked) <= _MOST_PAGE_DIGITS
    return max(int(asked), 1) if is_number else 1


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
        raise Wrong({name: "Select an item from the list."})
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
    """Return all people who can answer for a case: key and name; with the key if two have the same name.

    Args:
        app: What it works with.
    """
    people = app.settings.people_by_key
    names = Counter(person.full_name for person in people.values())
    return [
        (key, person.full_name if names[person.full_name] == 1 else f"{person.full_name} ({key})")
        for key, person in people.items()
    ]


@contextmanager
def beside(name: str, *, conflicts: bool = False) -> Iterator[None]:
    """Show an error beside a field, if the refusal can only be about that field.

    Args:
        name: The field's name.
        conflicts: Whether what the case does not allow can only be about it too.

    Raises:
        Wrong: What was done in it was refused as bad input.
        NotNow: The case does not allow it.
    """
    try:
        yield
    except (Misconfigured, Wrong, NotNow):
        raise
    except BadInput as error:
        raise Wrong({name: str(error)}) from None
    except Conflict as error:
        if conflicts:
            raise NotNow({name: str(error)}) from None
        raise


@contextmanager
def beside_named(*names: str) -> Iterator[None]:
    """Show an error beside the field that the refusal names, if the form has it.

    Args:
        *names: The fields of the form, called as the refusals call them.

    Raises:
        Wrong: What was done in it was refused as bad input about one of them.
    """
    try:
        yield
    except BadInput as error:
        if error.about in names:
            raise Wrong({error.about: str(error)}) from None
        raise
