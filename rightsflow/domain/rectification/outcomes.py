"""What became of a record that was to be rectified, in the sentences that the person reads. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final

from rightsflow.domain.records import Outcome, OutcomeKind, RecordRef
from rightsflow.domain.rectification.change import in_words
from rightsflow.domain.wording import listed


class FieldEnd(StrEnum):
    """What became of one field; the words go on after its name."""

    DONE = "corrected"
    """It holds what is right, now or since before."""
    ANOTHER = "another value stands there than the one that you say is wrong"
    NOT_TAKEN = "the system did not take the new value"
    OTHERS = "the record is another person's by now"
    WITH_OTHERS = "another person's data stand in the same record"


IS_GONE: Final = "It is not there any more."


def became(ref: RecordRef, ends: Mapping[str, FieldEnd], request_id: str = "") -> Outcome:
    """The outcome of a record; one in which anything is left to do is not rectified, whatever else was done.

    Args:
        ref: The record.
        ends: What became of each field that was to be corrected and that it has.
        request_id: The vendor's request id of the last change.
    """
    done = [in_words(name) for name, end in ends.items() if end is FieldEnd.DONE]
    left = [f"{in_words(name)}: {end.value}" for name, end in ends.items() if end is not FieldEnd.DONE]
    said = [f"Corrected: {listed(done)}." if done else "", f"Not corrected: {'; '.join(left)}." if left else ""]
    return Outcome(
        record=ref,
        kind=OutcomeKind.UNRECTIFIED if left else OutcomeKind.RECTIFIED,
        reason=" ".join(filter(None, said)),
        refused=bool(left),
        request_id=request_id,
    )


def gone(refs: Sequence[RecordRef]) -> list[Outcome]:
    """The outcomes of records that are not there any more.

    Args:
        refs: The records.
    """
    return [Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=IS_GONE) for ref in refs]
