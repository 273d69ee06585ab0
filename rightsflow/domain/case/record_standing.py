"""State of a case's record: the fields that decide its fate, so that thousands of records can be counted in groups."""

from __future__ import annotations

from typing import NamedTuple

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.vocabulary.records import OutcomeKind


class RecordStanding(NamedTuple):
    """The state of a record.

    Args:
        system: The system's name in the configuration.
        category: In the words of the record of processing.
        attribution: Whose it is.
        outcome: What became of it; ``None`` while nothing did.
        planned: What is planned, if anything is.
        has_method: Whether something is done with it at its system.
        is_seen: Whether a fresh read still showed it.
        is_left_out: Whether a person decided that it is not copied.
        is_taken_in: Whether a person decided that it is copied although it is in doubt.
        copied: Whether anything was copied of it; ``None`` while it was not read for that.
    """

    system: str
    category: str
    attribution: Attribution
    outcome: OutcomeKind | None
    planned: OutcomeKind | None
    has_method: bool
    is_seen: bool
    is_left_out: bool
    is_taken_in: bool
    copied: bool | None
