"""Changes of fields: what a connector is given to carry out, and the outcome in the person's words. Pure."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum, StrEnum, auto
from typing import Final, NamedTuple

from rightsflow.domain.identifiers import IdentifierKind, Identifiers, parse_leniently
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef
from rightsflow.domain.wording import listed

EMAIL: Final = "email"
PHONE: Final = "phone"
NAME: Final = "name"
BIRTH_DATE: Final = "date of birth"
STATEMENT: Final = "statement"
"""The field for a supplementary statement, which is added to the present text and replaces nothing."""
FIELD_WORDS: Final = {EMAIL: "e-mail address", PHONE: "telephone number", STATEMENT: "supplementary statement"}
"""The fields whose words for people are other ones than their names."""


def in_words(name: str) -> str:
    """Return a field as people read it.

    Args:
        name: The field.
    """
    return FIELD_WORDS.get(name, name)


class FieldStanding(Enum):
    """The state of a field with regard to a change."""

    WRONG = auto()
    """The value that is to be replaced."""
    RIGHT = auto()
    """The new value, already in place."""
    ANOTHER = auto()
    """Something else: it is left as it is, since no one decided on it."""


@dataclasses.dataclass(frozen=True, slots=True)
class Change:
    """A field of a person's record that is to hold another value.

    Args:
        field: Which, in the words of a correction.
        old: What stands there wrongly; empty where nothing stands there yet. Personal data.
        new: What is right; of :data:`STATEMENT` what is added. Personal data.
        number: The number of the item that it carries out; 0 where there is no other.
        completes: Of :data:`STATEMENT` the field that the statement is about.
    """

    field: str
    old: str = dataclasses.field(repr=False)
    new: str = dataclasses.field(repr=False)
    number: int = 0
    completes: str = ""

    @property
    def named(self) -> str:
        """Name of the changed field for people; a statement has the field that it is about."""
        return f"{in_words(self.field)} on {in_words(self.completes)}" if self.completes else in_words(self.field)

    @property
    def is_added(self) -> bool:
        """True if the new value is added to the present one."""
        return self.field == STATEMENT

    def standing(self, present: object, country: str = "") -> FieldStanding:
        """Compare a value that was read with the change.

        Args:
            present: What stands in the field.
            country: In which country national phone numbers are read (ISO 3166-1 alpha-2).
        """
        text = "" if present is None else str(present).strip()
        if self.is_added:
            # A line of its own: "moved" does not stand there where "not removed" does.
            lines = {" ".join(line.split()) for line in text.splitlines()}
            return FieldStanding.RIGHT if " ".join(self.new.split()) in lines else FieldStanding.WRONG
        if text == self.new:
            return FieldStanding.RIGHT
        if _is_same(self.field, text, self.old, country):
            # Also what differs from the right one by nothing but case or blanks.
            return FieldStanding.WRONG
        return FieldStanding.RIGHT if _is_same(self.field, text, self.new, country) else FieldStanding.ANOTHER

    def written(self, present: object) -> str:
        """Return the value to write in place of a wrong one.

        Args:
            present: What stands in the field.
        """
        text = "" if present is None else str(present).strip()
        return f"{text}\n{self.new}".strip() if self.is_added else self.new


class FieldOf(NamedTuple):
    """A field of a kind of record.

    Args:
        kind: The word used in ``RecordRef.kind``.
        field: The field, in the words of a correction.
    """

    kind: str
    field: str


def known_after(known: Identifiers, changes: Iterable[Change], country: str = "") -> Identifiers:
    """Return the identifiers of a person after the changes, the corrected ones included.

    A record that was corrected in a run which was cut short is still recognised as theirs.

    Args:
        known: By what they are known before.
        changes: The changes.
        country: In which country national phone numbers are read.
    """
    right = (
        parse_leniently(_IDENTIFYING[change.field], change.new, country=country)
        for change in changes
        if change.field in _IDENTIFYING
    )
    return known | {change for change in right if change is not None}


def known_before(changes: Iterable[Change], country: str = "") -> Identifiers:
    """Return the wrong addresses, numbers and dates of birth, which may be another person's.

    Args:
        changes: The changes.
        country: In which country national phone numbers are read.
    """
    wrong = (
        parse_leniently(_IDENTIFYING[change.field], change.old, country=country)
        for change in changes
        if change.field in _IDENTIFYING and change.old
    )
    return frozenset(change for change in wrong if change is not None)


_IDENTIFYING: Final = {
    EMAIL: IdentifierKind.EMAIL,
    PHONE: IdentifierKind.PHONE,
    BIRTH_DATE: IdentifierKind.BIRTH_DATE,
}


def _is_same(name: str, text: str, other: str, country: str) -> bool:
    """Return whether two spellings mean one value: case, blanks and the spelling of a number do not matter."""
    return in_one_spelling(name, text, country) == in_one_spelling(name, other, country)


def in_one_spelling(name: str, text: str, country: str) -> str:
    """Return a value in the one spelling of all that mean it.

    Args:
        name: The field.
        text: The value.
        country: In which country national phone numbers are read.
    """
    if name == PHONE and (number := parse_leniently(IdentifierKind.PHONE, text, country=country)):
        return number.value
    return " ".join(text.split()).casefold()


class FieldEnd(StrEnum):
    """The outcome of one field; the words follow its name."""

    DONE = "corrected"
    """It holds what is right, now or since before."""
    ANOTHER = "another value stands there than the one that you say is wrong"
    NOT_TAKEN = "the system did not take the new value"
    FOR_GOOD = "the system cannot take back a change that it makes wrongly, so a person has to make it"
    NOT_SURELY_THEIRS = "a person has to look first whose the new address is"
    """It stands in a record that is not theirs. The words tell no one so, since that would be a way to ask for it."""
    OTHERS = "the record now belongs to another person"
    WITH_OTHERS = "another person's data stand in the same record"


IS_GONE: Final = "It is not there any more."
NO_SUCH_FIELD: Final = (
    "It has no field of its own for what is to be corrected; what was said and written stays as it was said."
)
_NO_FIELD: Final = "It has no field any more for what is to be corrected; a person looks at it."


def became(ref: RecordRef, ends: Mapping[Change, FieldEnd], request_id: str = "") -> Outcome:
    """Return the outcome of a record; one with anything left to do is not rectified.

    Args:
        ref: The record.
        ends: What became of each change of a field that it has; none where it has none of the fields any more.
        request_id: The vendor's request id of the last change.
    """
    done = [change for change, end in ends.items() if end is FieldEnd.DONE]
    left = [f"{_named(change, ends)}: {end.value}" for change, end in ends.items() if end is not FieldEnd.DONE]
    sentences = [
        _said("Corrected", [_named(item, ends) for item in done if not item.is_added]),
        _said("Added", [_named(item, ends) for item in done if item.is_added]),
        f"Not corrected: {'; '.join(left)}." if left else "",
    ]
    return Outcome(
        record=ref,
        kind=OutcomeKind.UNRECTIFIED if left or not ends else OutcomeKind.RECTIFIED,
        reason=" ".join(filter(None, sentences)) or _NO_FIELD,
        refused=bool(left),
        request_id=request_id,
    )


def _named(change: Change, ends: Mapping[Change, FieldEnd]) -> str:
    """Return the field in words, and its item where several are about it."""
    several = sum(end.named == change.named for end in ends) > 1
    return f"{change.named} (item {change.number})" if several else change.named


def _said(what: str, names: list[str]) -> str:
    return f"{what}: {listed(names)}." if names else ""


def without_field(ref: RecordRef) -> Outcome:
    """Return the outcome of a record that has none of the fields to be corrected.

    Args:
        ref: The record.
    """
    return Outcome(record=ref, kind=OutcomeKind.NOT_CONCERNED, reason=NO_SUCH_FIELD)


def gone(refs: Sequence[RecordRef]) -> list[Outcome]:
    """Return the outcomes of records that no longer exist.

    Args:
        refs: The records.
    """
    return [Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=IS_GONE) for ref in refs]
