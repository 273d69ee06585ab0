"""Taking a record in doubt into an access package: which ones, by whom, and what ends it. Pure.

Art. 15 GDPR gives a person what is theirs, Art. 15(4) nothing of others. Of what may be either an officer decides,
after a look at that one record. It teaches nothing: the record stays in doubt for every search, and for other cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Protocol

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.copies import Copies
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import same_person
from rightsflow.domain.wording import listed


class LeftAgain(StrEnum):
    """The reason why an included record is left out again."""

    TAKEN_BACK = "taken back"
    NAMED = "it names its person otherwise, or is in doubt for another reason"
    CONTENT = "it says something else than was looked at"
    HANGS = "it hangs on another record"
    THEIRS = "it is the person's without doubt"


class MayBeTakenIn(Protocol):
    """A record as far as it matters here."""

    @property
    def attribution(self) -> Attribution:
        """Attribution of the record."""
        ...

    @property
    def decided(self) -> RecordDecision | None:
        """Person's decision on the record."""
        ...


class TakenRecord(MayBeTakenIn, Protocol):
    """A record of a package that was made."""

    @property
    def number(self) -> int:
        """Its number."""
        ...

    @property
    def copies(self) -> Copies | None:
        """Copies of the record."""
        ...


class DoubtfulOne(MayBeTakenIn, Protocol):
    """A record that may be taken in."""

    @property
    def number(self) -> int:
        """Its number."""
        ...

    @property
    def may_be_decided(self) -> bool:
        """True if a person can decide that the record is the subject's."""
        ...


def is_taken_in(may_be_taken_in: MayBeTakenIn) -> bool:
    """Return whether a record is given although its owner is in doubt.

    Args:
        may_be_taken_in: The record.
    """
    is_decided = may_be_taken_in.decided is not None and may_be_taken_in.decided.act is RecordAct.TAKE_IN
    return is_decided and may_be_taken_in.attribution is Attribution.UNCLEAR


def is_given(may_be_taken_in: MayBeTakenIn) -> bool:
    """Return whether a record goes into a package, unless it is left out.

    Args:
        may_be_taken_in: The record.
    """
    return may_be_taken_in.attribution is Attribution.SUBJECT or is_taken_in(may_be_taken_in)


def refuse_taking_in(doubtful_one: DoubtfulOne, root: int) -> None:
    """Refuse to include a record that is not in doubt, is decided elsewhere, or cannot be decided on.

    Args:
        doubtful_one: The record.
        root: The number of the record on which it hangs in the end, its own where on none; 0 where that was not found.

    Raises:
        BadInput: It cannot be taken in.
        Conflict: It is taken in.
    """
    if doubtful_one.attribution is Attribution.SUBJECT:
        raise BadInput(
            f"Record {doubtful_one.number} is the person's by what it carries; it is given without this decision."
        )
    if not root:
        raise BadInput(
            f"Record {doubtful_one.number} hangs on a record that was not found, so no one can say whose it is; "
            "search again."
        )
    if root != doubtful_one.number:
        raise BadInput(
            f"Record {doubtful_one.number} hangs on record {root} and shares its doubt; decide on record {root}."
        )
    if not doubtful_one.may_be_decided:
        raise BadInput(
            f"Record {doubtful_one.number} has nothing of the person but a telephone number, and names another "
            "person; it "
            "cannot be taken in. If what it names is the person's, open a request that gives it."
        )
    if is_taken_in(doubtful_one):
        by = doubtful_one.decided.by if doubtful_one.decided else ""
        raise Conflict(f"Record {doubtful_one.number} is taken in already, by {by}; open the page again.")


def refuse_leaving_again(doubtful_one: DoubtfulOne, root: int) -> None:
    """Refuse to leave out a record that is not included, or is included with another record.

    Args:
        doubtful_one: The record.
        root: As of :func:`refuse_taking_in`.

    Raises:
        BadInput: It is not taken in by itself.
    """
    if not is_taken_in(doubtful_one):
        raise BadInput(f"Record {doubtful_one.number} is not taken in; there is nothing to take back.")
    if root != doubtful_one.number:
        raise BadInput(f"Record {doubtful_one.number} is in the package with record {root}; take that one back.")


def not_in_package(records: Iterable[TakenRecord]) -> list[int]:
    """The numbers of the records that were taken in since a package was made.

    Args:
        records: The case's records.
    """
    return [record.number for record in records if is_taken_in(record) and record.copies is None]


def refuse_open_taking_in(records: Iterable[TakenRecord]) -> None:
    """Refuse to release a package without the included records, or with records left out again.

    Args:
        records: The case's records.

    Raises:
        Conflict: It has to be made again first.
    """
    these = list(records)
    if lacking := not_in_package(these):
        raise Conflict(f"The package was made without {_named(lacking)}, taken in since; let it be made again first.")
    over = [record.number for record in these if not is_given(record) and record.copies is not None]
    if over:
        raise Conflict(f"The package still has {_named(over)}, left out again since; let it be made again first.")


def _named(numbers: list[int]) -> str:
    return f"{'record' if len(numbers) == 1 else 'records'} {listed(list(map(str, numbers)))}"


def refuse_own_taking_in(by: str, *, taken_in_by: Iterable[str]) -> None:
    """Refuse the release of a package by a person who included a record, or took back another's inclusion.

    Args:
        by: Who releases it.
        taken_in_by: Who did either.

    Raises:
        Conflict: It is one of these.
    """
    if any(same_person(by, text) for text in taken_in_by):
        raise Conflict(
            "Who decided that a record in doubt is given cannot release the package; another person has to (four eyes)."
        )
