"""Outcomes of records to rectify, in the sentences that the person reads. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from rightsflow.domain.rectification.change import Change
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef
from rightsflow.domain.wording import listed


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
    """The outcome of a record; one in which anything is left to do is not rectified, whatever else was done.

    Args:
        ref: The record.
        ends: What became of each change of a field that it has; none where it has none of the fields any more.
        request_id: The vendor's request id of the last change.
    """
    done = [change for change, end in ends.items() if end is FieldEnd.DONE]
    left = [f"{_named(change, ends)}: {end.value}" for change, end in ends.items() if end is not FieldEnd.DONE]
    said = [
        _said("Corrected", [_named(item, ends) for item in done if not item.is_added]),
        _said("Added", [_named(item, ends) for item in done if item.is_added]),
        f"Not corrected: {'; '.join(left)}." if left else "",
    ]
    return Outcome(
        record=ref,
        kind=OutcomeKind.UNRECTIFIED if left or not ends else OutcomeKind.RECTIFIED,
        reason=" ".join(filter(None, said)) or _NO_FIELD,
        refused=bool(left),
        request_id=request_id,
    )


def _named(change: Change, ends: Mapping[Change, FieldEnd]) -> str:
    """The field in words, and by which item where several are about it."""
    several = sum(end.named == change.named for end in ends) > 1
    return f"{change.named} (item {change.number})" if several else change.named


def _said(what: str, names: list[str]) -> str:
    return f"{what}: {listed(names)}." if names else ""


def without_field(ref: RecordRef) -> Outcome:
    """The outcome of a record that holds other fields than those that are to be corrected.

    Args:
        ref: The record.
    """
    return Outcome(record=ref, kind=OutcomeKind.NOT_CONCERNED, reason=NO_SUCH_FIELD)


def gone(refs: Sequence[RecordRef]) -> list[Outcome]:
    """The outcomes of records that are not there any more.

    Args:
        refs: The records.
    """
    return [Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=IS_GONE) for ref in refs]
