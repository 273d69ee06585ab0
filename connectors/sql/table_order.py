"""The orders of tables: what is read first, and what is erased first."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from graphlib import CycleError, TopologicalSorter

Above = Mapping[str, Collection[str]]
"""Of each table the names of those to which it refers."""


def reading_order(above: Above) -> list[str]:
    """Return the tables such that those to which another refers come before it.

    Args:
        above: The tables.

    Raises:
        graphlib.CycleError: They refer to each other in a circle.
    """
    return list(TopologicalSorter(above).static_order())


def erasure_order(above: Above, naming: Mapping[str, Collection[str]], staying: Collection[str]) -> list[str]:
    """Return the tables such that those which refer to another come before it.

    Parts by which a record is told to be the person's go after all else that hangs on it: without them no one could
    tell whose that is. They also go after the record itself where that stays, and is named by them alone.

    Args:
        above: The tables.
        naming: Of each table those with the parts of its rows that name people.
        staying: The tables whose rows are only blanked, and are named by their parts alone.
    """
    before = {name: set(others) for name, others in above.items()}
    for whole, parts in naming.items():
        later = _hanging_on(whole, above) - set(parts) if parts else set()
        if whole in staying:
            later.add(whole)
            for part in parts:
                before[part] -= {whole}
        for name in later:
            before[name] |= set(parts)
    try:
        return reading_order(before)[::-1]
    except CycleError:
        return reading_order(above)[::-1]


def _hanging_on(name: str, above: Above) -> set[str]:
    """The tables whose rows belong to rows of a table, directly or through further ones."""
    found, waiting = set[str](), [name]
    while waiting:
        here = waiting.pop()
        below = {table for table, others in above.items() if here in others} - found
        waiting += below
        found |= below
    return found
