"""The parts of rows that an extract leaves out: columns that are not the person's, and other people's data, counted."""

from __future__ import annotations

from typing import Final

from connectors.sql.rows import Row
from connectors.sql.settings import TableSettings
from rightsflow.domain.connector import ENTRY, Withheld

OTHERS_ENTRY: Final = "[another person's entry]"
"""The replacement for another person's text."""
OTHERS_NUMBER: Final = "[number of another person's record]"
"""The replacement for the key of another person's row."""
_OTHERS_WROTE = "Another person wrote it, and it may be about them."
_OTHERS_NUMBERS = "The records with these numbers are another person's."


def withheld(table: TableSettings) -> tuple[Withheld, ...]:
    """Return what an extract may leave out of a table's rows.

    Args:
        table: The table.
    """
    found: list[Withheld] = []
    if table.hide:
        named = ", ".join(_in_words(table, text) for text in table.hide)
        count = "1 field" if len(table.hide) == 1 else f"{len(table.hide)} fields"
        found.append(Withheld(what=f"{count} of the {table.words}: {named}", reason=table.hide_reason))
    if table.references:
        if not table.disclose_others:
            found.append(Withheld(what=_others_entries(table), reason=_OTHERS_WROTE, unit=ENTRY))
        found.append(Withheld(what=_others_numbers(table), reason=_OTHERS_NUMBERS, unit="number"))
    return tuple(found)


def left_out(table: TableSettings, given: Row) -> dict[str, int]:
    """Return how much of other people was left out of a row, by what :func:`withheld` calls it.

    Args:
        table: The table.
        given: The row as it is given, hidden columns included.
    """
    told = [value for name, value in given.items() if name not in table.hide]
    numbers = sum(value is OTHERS_NUMBER for value in told)
    found = {_others_entries(table): int(OTHERS_ENTRY in told), _others_numbers(table): numbers}
    return {what: count for what, count in found.items() if count}


def _others_entries(table: TableSettings) -> str:
    return f"what other people wrote in the {table.words}"


def _others_numbers(table: TableSettings) -> str:
    return f"numbers of other people's records in the {table.words}"


def _in_words(table: TableSettings, column: str) -> str:
    """A column as people read it within a sentence: by its label, else by its name without underscores."""
    label = table.labels.get(column, "")
    return label[:1].lower() + label[1:] if label[1:2].islower() else label or column.replace("_", " ").strip()
