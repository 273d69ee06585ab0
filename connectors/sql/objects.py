"""People who stand in objects inside a column: a payer and a recipient in JSON, the participants of a meeting.

An object that has an identifier of one person is that person's, with all that is beside it: the smallest unit there.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial

from connectors.sql.column_settings import FieldColumn
from connectors.sql.inside import instead

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
        theirs = [column for column, _ in self.others if blanked.is_in_object_of(column)]
        return any(not any(own.is_in_object_of(column) for own, _ in self.own) for column in theirs)

    def without_others(self, column: str, data: object, value: object) -> object:
        """Return a column's opened data with a value in place of each object that has other people alone.

        Args:
            column: The column.
            data: The data in it.
            value: The replacement.
        """
        own, paths = {text for _, text in self.own}, {of.path for of, _ in self.others if of.column == column}
        for path in sorted(path for path in paths if len(path) > 1):
            theirs = {text for of, text in self.others if of.path == path}
            data = instead(data, path[:-1], value, partial(_is_theirs, own=own, others=theirs))
        return data


def _is_theirs(data: object, *, own: Collection[str], others: Collection[str]) -> bool:
    texts = {str(item) for item in data.values()} if isinstance(data, dict) else set[str]()
    return bool(texts & {*others}) and texts.isdisjoint(own)
