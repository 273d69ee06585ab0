"""People who stand in objects inside a column: a payer and a recipient in JSON, the participants of a meeting.

An object that has an identifier of one person, and none of the other one, is that person's with all in it. What is in
no such object is of whom the object around it, or the row, names by itself: of a booking whose column names the booker,
the guest has the nearest object with their identifier alone. What is around that and names no one else is in doubt.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from connectors.sql.column_settings import FieldColumn
from connectors.sql.inside import EVERY, Path, instead, overlap

Place = tuple[FieldColumn, str]
"""A field that names a person, and the text there; personal data."""
_Inside = tuple[Path, str, bool]
"""The rest of the way to a text that names a person, the text, and whether that is the subject; personal data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedInObjects:
    """The people in objects inside columns.

    Args:
        own: Where the subject stands in the row.
        others: Where other people stand in it.
        owners: Of these, where one stands by more than a telephone number, and so may own what is around the subject.
    """

    own: tuple[Place, ...] = field(repr=False)
    others: tuple[Place, ...] = field(repr=False)
    owners: tuple[Place, ...] = field(repr=False)

    @property
    def is_guest(self) -> bool:
        """True if the row itself names another person, and the subject only in objects: it is that person's."""
        return bool(self.own) and self._names(self.owners, ()) and not self._names(self.own, ())

    def keeps(self, field: FieldColumn) -> bool:
        """Return True if a field is another person's: in an object of theirs alone, or in what they own around one."""
        return self._is_in_theirs(field) or self._is_around(field)

    def is_in_doubt(self, field: FieldColumn) -> bool:
        """Return True if a field that stays has the subject in it, or is in an object with the subject alone."""
        return self._is_around(field) and any(
            _is_in(own, field, path) and not any(_is_in(of, field, path) for of, _ in self.others)
            for path in self._inside(field)
            for own, _ in self.own
        )

    def _is_around(self, field: FieldColumn) -> bool:
        """Return True if the nearest object that names someone by itself, or the row, names another person alone."""
        for path in (*self._inside(field), ()):
            is_own = self._names(self.own, path, field)
            if is_own or self._names(self.owners, path, field):
                return bool(self.own) and not is_own
        return False

    def _inside(self, field: FieldColumn) -> Iterator[Path]:
        """The paths of a field and of the objects around it, the nearest first, without the whole column's data."""
        yield from (field.path[:length] for length in range(len(field.path), 0, -1))

    def _names(self, places: Sequence[Place], path: Path, field: FieldColumn | None = None) -> bool:
        """Return True if an object, or the row where the path is empty, names one of some people by itself."""
        return any(
            len(_object(of.path)) == len(path)
            and overlap(_object(of.path), path)
            and (not path or field is None or of.column == field.column)
            for of, _ in places
        )

    def _is_in_theirs(self, blanked: FieldColumn) -> bool:
        return any(
            of.column == blanked.column and of.meets(blanked) and blanked.is_below(path)
            for of, _ in self.others
            for path in self._around(of)
            if not any(own.column == of.column and own.is_below(path) for own, _ in self.own)
        )

    def without_others(self, column: str, data: object, value: object) -> object:
        """Return a column's opened data with a value in place of what is other people's.

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
        inside = [(of.path, text, True) for of, text in self.own if of.column == column]
        inside += [(of.path, text, False) for of, text in self.owners if of.column == column]
        return _parted(data, inside, value, is_theirs=self.is_guest)

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


def _object(path: Path) -> Path:
    """The path of the object that a field stands in; a list of plain values is no object, and the row is empty."""
    while path and (path[-1] == EVERY or path[-1].isdigit()):
        path = path[:-1]
    return path[:-1]


def _is_in(own: FieldColumn, field: FieldColumn, path: Path) -> bool:
    return own.column == field.column and len(own.path) >= len(path) and overlap(own.path, path)


def _parted(data: object, inside: Sequence[_Inside], value: object, *, is_theirs: bool) -> object:
    """Return data with a value in place of all that is of another person, who owns the objects around the subject's.

    Args:
        data: An object or a list; anything else is its owner's.
        inside: Who is named in it.
        value: The replacement.
        is_theirs: Whether it is the other person's but for the subject's objects in it.
    """
    if not isinstance(data, dict | list) or not any(is_own for _, _, is_own in inside):
        return value if is_theirs and data not in (None, "") else data
    members = data.items() if isinstance(data, dict) else ((str(number), item) for number, item in enumerate(data))
    parted: list[tuple[str, object]] = []
    for name, item in members:
        here = [(path[1:], text, is_own) for path, text, is_own in inside if path[:1] in ((name,), (EVERY,))]
        here = [(path, text, is_own) for path, text, is_own in here if text in _texts([item])]
        named = {is_own for path, _, is_own in here if isinstance(item, dict) and path and not _object(path)}
        parted.append((name, _parted(item, here, value, is_theirs=named == {False} if named else is_theirs)))
    return dict(parted) if isinstance(data, dict) else [item for _, item in parted]
