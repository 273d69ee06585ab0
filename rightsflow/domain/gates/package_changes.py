"""Changes to an access package before its release: records included or left out, and steps to repeat. Pure.

Art. 15 GDPR gives a person what is theirs, Art. 15(4) nothing of others. An officer decides on a record in doubt, after
a look at that one record. The record stays in doubt for every search, and for other cases. A record is left out on a
legal ground from a list, never for a reason in free words.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from types import MappingProxyType
from typing import Final, Protocol

from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Copies
from rightsflow.domain.case.record_decisions import RIGHTS_OF_OTHERS, RecordAct, RecordDecision
from rightsflow.domain.disclosure.mask_choices import MaskChoice, MaskState
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.events import StepName
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
    """Return the numbers of the records that were taken in since a package was made.

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


class MakingAgain(StrEnum):
    """The step from which a package is rebuilt."""

    MASK = "mask again"
    """The copies stay, and are masked as is decided by now."""
    COPY = "copy again"
    """The records that were found are copied from their systems again."""
    SEARCH = "search again"
    """All systems are searched again."""

    @property
    def steps(self) -> tuple[StepName, ...]:
        """The steps that are done again; among them the end of the search, which brings the case back to its gate."""
        return _STEPS[self]


_MASKED = (StepName.RESOLVE, StepName.REDACT, StepName.ASSEMBLE)
_COPIED = (*_MASKED, StepName.EXTRACT)
_STEPS = {MakingAgain.MASK: _MASKED, MakingAgain.COPY: _COPIED, MakingAgain.SEARCH: (*_COPIED, StepName.LOCATE)}


def refuse_unsaid(again: MakingAgain, remark: str) -> None:
    """Refuse to copy or search again without saying why.

    Args:
        again: What is done again.
        remark: Why.

    Raises:
        BadInput: The remark is missing.
    """
    if again is not MakingAgain.MASK and not remark:
        raise BadInput("The remark is missing; say what is wrong with the package, or what was corrected.")


def refuse_open_masks(choices: Iterable[MaskChoice]) -> None:
    """Refuse to release a package that was built without the decisions on its masks.

    Args:
        choices: The choices on records that the case has.

    Raises:
        Conflict: It was, or a record changed since it was decided on.
    """
    open_ones = [choice for choice in choices if choice.is_open]
    if any(choice.state is MaskState.STALE for choice in open_ones):
        raise Conflict(
            "A record changed after it was decided what is masked in it; read the package, and decide on it again or "
            "take the choice back."
        )
    if open_ones:
        raise Conflict("The package was made without what was decided on its masks since; let it be made again first.")


class LeaveOutGround(StrEnum):
    """The ground for withholding a record from the person."""

    OTHERS = "rights of others"
    SECRETS = "trade secrets"
    PRIVILEGE = "professional secrecy"
    INVESTIGATION = "investigation of an offence"
    NATIONAL_LAW = "national law"

    @property
    def words(self) -> str:
        """The reason, in a sentence for the person."""
        return _WORDS[self]

    @property
    def is_national(self) -> bool:
        """True if the ground is a law of the country, whose provision has to be named (Art. 23 GDPR)."""
        return self in {LeaveOutGround.PRIVILEGE, LeaveOutGround.INVESTIGATION, LeaveOutGround.NATIONAL_LAW}

    @classmethod
    def read(cls, ground: str) -> LeaveOutGround | None:
        """Return the ground that is named; ``None`` where it is none of the list.

        Args:
            ground: As it was decided.
        """
        folded = ground.strip().casefold()
        return cls(folded) if folded in set(cls) else None


_WORDS: Final = MappingProxyType(
    {
        LeaveOutGround.OTHERS: "A copy would adversely affect the rights and freedoms of other people.",
        LeaveOutGround.SECRETS: "A copy would disclose trade secrets or infringe intellectual property.",
        LeaveOutGround.PRIVILEGE: "They are subject to a duty of professional secrecy.",
        LeaveOutGround.INVESTIGATION: "A copy would impede the prevention or investigation of an offence.",
        LeaveOutGround.NATIONAL_LAW: "A law that applies to us restricts the right of access to them.",
    }
)


def refuse_other_grounds(decision: RecordDecision) -> None:
    """Refuse to leave a record out of an access answer on a ground that is not in the list.

    Args:
        decision: What is decided.

    Raises:
        BadInput: It is none of the list, or one of a national law without its provision.
    """
    ground = LeaveOutGround.read(decision.ground)
    if ground is None:
        raise BadInput(f"A record is left out of a copy on a legal ground alone; use {', '.join(LeaveOutGround)}.")
    if ground.is_national and decision.provision == RIGHTS_OF_OTHERS:
        raise BadInput(f"The ground {ground.value} needs the provision of the national law, such as § 29 BDSG.")
