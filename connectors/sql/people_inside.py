"""People who stand in objects inside a column: a payer and a recipient in JSON, the participants of a meeting.

The largest object that has an identifier of one person, and none of the other one, is that person's with all in it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from functools import partial

from connectors.sql.column_settings import FieldColumn
from connectors.sql.inside import Path, instead

Place = tuple[FieldColumn, str]
"""A field that names a person, and the text there; personal data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedInObjects:
    """The people in objects inside columns.

    Args:
        own: Where the subject stands; fields that are in no object count for nothing.
        others: Where other people stand.
    """

    own: tuple[Place, ...] = field(repr=False)
    others: tuple[Place, ...] = field(repr=False)

    def keeps(self, blanked: FieldColumn) -> bool:
        """Return True if a field is in an object that has another person and not the subject."""
        return any(
            of.column == blanked.column and of.meets(blanked) and blanked.is_below(path)
            for of, _ in self.others
            for path in self._around(of)
            if not any(own.column == of.column and own.is_below(path) for own, _ in self.own)
        )

    def without_others(self, column: str, data: object, value: object) -> object:
        """Return a column's opened data with a value in place of each object that has other people alone.

        Args:
            column: The column.
            data: The data in it.
            value: The replacement.
        """
        own = {text for _, text in self.own}
        theirs = [(of, text) for of, text in self.others if of.column == column]
        # The largest first: what is in it is gone then.
        for path in sorted({path for of, _ in theirs for path in self._around(of)}, key=len):
            texts = {text for of, text in theirs if of.is_below(path)}
            data = instead(data, path, value, partial(_is_theirs, own=own, others=texts))
        return data

    def _around(self, other: FieldColumn) -> Iterator[Path]:
        """The paths of the objects around a field: each but the whole, or where the subject is elsewhere the next."""
        is_here = any(own.column == other.column and own.path for own, _ in self.own)
        for length in range(1 if is_here else max(1, len(other.path) - 1), len(other.path)):
            yield other.path[:length]


def _is_theirs(data: object, *, own: Collection[str], others: Collection[str]) -> bool:
    texts = {*_texts(data)} if isinstance(data, dict | list) else set[str]()
    return bool(texts & {*others}) and texts.isdisjoint(own)


def _texts(data: object) -> Iterator[str]:
    if isinstance(data, dict | list):
        for item in data.values() if isinstance(data, dict) else data:
            yield from _texts(item)
    else:
        yield str(data)
