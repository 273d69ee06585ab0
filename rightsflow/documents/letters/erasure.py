"""L10 and L11: what became of every record, and what of it stays where and why (Art. 12(3), 12(4), 17 GDPR)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from rightsflow.documents.letters.processors import AtProcessor, NotInformed, ToInform
from rightsflow.documents.letters.variables import Contestable, Frozen, Line, Searched, Text
from rightsflow.domain.errors import Conflict
from rightsflow.domain.processors.terms import InstructionStanding
from rightsflow.domain.vocabulary.letter_ids import LetterId
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.wording import counted, day, listed

KEPT = frozenset({OutcomeKind.RESIDUE, OutcomeKind.RETAINED, OutcomeKind.RESTRICTED, OutcomeKind.PSEUDONYMISED})
"""Outcomes after which personal data are still there: they make the erasure a partial one."""

_CARRIED_OUT = frozenset(
    {
        OutcomeKind.ERASED,
        OutcomeKind.REDACTED,
        OutcomeKind.RESIDUE,
        OutcomeKind.PSEUDONYMISED,
        OutcomeKind.DELEGATED,
    }
)
_HOLDS_FILE = frozenset({OutcomeKind.RETAINED, OutcomeKind.RESTRICTED})
"""Outcomes of which the case has to know until a person has erased the records."""
_NEEDS_BASIS = frozenset({OutcomeKind.RESIDUE, OutcomeKind.RETAINED, OutcomeKind.RESTRICTED})

_LONGER = "longer "
"""The first word of a condition that prolongs a period, as in "longer while an inquiry is open"."""


class OutcomeRow(Frozen):
    """The outcome of the records of one category that had the same outcome.

    Args:
        system: The system, as people call it.
        category: In the words of the record of processing.
        outcome: What became of them.
        count: How many.
        reason: One sentence; needed for whatever is kept.
        legal_basis: The provision with its paragraph; needed for what is retained or restricted.
        until: The last day they are kept.
        ends_when: What ends the keeping, where no day can be named yet ("the dispute is settled").
        is_unclear: Whether they could not be attributed, and were not touched for that.
        purpose: What they are kept for.
        access_by: Who can still see them.
    """

    system: Line
    category: Line
    outcome: OutcomeKind
    count: int = Field(ge=1)
    reason: str = ""
    legal_basis: str = ""
    until: date | None = None
    ends_when: str = ""
    is_unclear: bool = False
    purpose: str = ""
    access_by: str = ""

    @property
    def is_kept(self) -> bool:
        """True if personal data still exist."""
        return self.outcome in KEPT

    @property
    def is_gone(self) -> bool:
        """True if the data no longer existed when they were to be processed."""
        return self.outcome is OutcomeKind.NOT_HELD

    @property
    def is_restricted(self) -> bool:
        """True if the data may only be stored (Art. 18(2) GDPR)."""
        return self.outcome is OutcomeKind.RESTRICTED

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if self.is_kept and not self.reason:
            raise ValueError("what is kept needs its reason")
        if self.outcome in _NEEDS_BASIS and not (self.legal_basis and (self.until or self.ends_when)):
            raise ValueError("what is retained needs its legal basis and its end")
        return self


class Residue(Frozen):
    """Data that a system cannot remove, such as lines in a log.

    Args:
        system: The system, as people call it.
        text: What stays and until when, in one sentence.
    """

    system: Line
    text: Text


class ErasedBy(StrEnum):
    """The way in which a retention ends."""

    HAND = "hand"
    """A person, at the system."""
    APPROVAL = "approval"
    """The follow-up, once a person has approved it."""
    POLICY = "policy"
    """The follow-up, as a written policy of the controller says."""


class ErasedLater(Frozen):
    """A noted task: the way in which retained records are erased when the period has ended.

    Args:
        system: The system, as people call it.
        records: How many records.
        kept_until: The last day they are kept.
        due_on: The day on which they are erased.
        by: Who erases them.
        check_first: Whether something besides the day may keep them longer, so that a person checks that first.
    """

    system: Line
    records: int = Field(ge=1)
    kept_until: date
    due_on: date
    by: ErasedBy = ErasedBy.HAND
    check_first: bool = False


class DoneByHand(Frozen):
    """An open task: manual work at a system whose interface does not support it.

    Args:
        system: The system, as people call it.
        what: What there is to do, in the words of the task.
        due_on: The day by which it is done.
    """

    system: Line
    what: Text
    due_on: date


class ErasureConfirmation(Contestable):
    """L10. The last message, sent before the address itself is erased.

    Args:
        received_on: When the request came in.
        checked_on: When a fresh read last looked at what was erased; ``None`` if there was nothing to look at.
        rows: What became of every record; none where all that was found lay in systems that are searched by hand.
        searched_on: The day of the (last) search.
        searched: The systems that were searched, and by what.
        cannot_find: The systems whose searches cannot find everything.
        evidence_until: Until when the record that proves the erasure is kept.
        residue: What systems could not remove.
        erased_later: The tasks that are noted for the end of a retention period.
        by_hand: The open tasks that are noted for what no interface reaches; with one, not all is carried out.
        processors: What the processors that it concerns have proved, have still to prove, or cannot do, and likewise
            the systems that are searched by hand.
        suppression: Why an entry on the suppression list is kept, in one sentence; empty if there is none.
        informed: Recipients and processors who were told, by kind or by name (Art. 19 GDPR).
        not_informed: Recipients who cannot be told, each with the reason.
        to_inform: Recipients who are not told yet, each with the day by which they are.
        about: What a request for a part is about, in words; empty where it is about everything.
        left_out: The records of the person that the request is not about, as it says itself or as it was decided.
        consequences: What will no longer be possible for the person, in full sentences.
    """

    received_on: date
    checked_on: date | None
    rows: tuple[OutcomeRow, ...]
    searched_on: date
    searched: Annotated[tuple[Searched, ...], Field(min_length=1)]
    cannot_find: tuple[Line, ...] = ()
    evidence_until: date
    residue: tuple[Residue, ...] = ()
    erased_later: tuple[ErasedLater, ...] = ()
    by_hand: tuple[DoneByHand, ...] = ()
    processors: tuple[AtProcessor, ...] = ()
    suppression: str = ""
    informed: tuple[Text, ...] = ()
    not_informed: tuple[NotInformed, ...] = ()
    to_inform: tuple[ToInform, ...] = ()
    about: str = ""
    left_out: tuple[OutcomeRow, ...] = ()
    consequences: tuple[Text, ...] = ()

    @property
    def systems(self) -> list[str]:
        """The systems in the order of the rows."""
        return list(dict.fromkeys(row.system for row in self.rows))

    @property
    def is_carried_out(self) -> bool:
        """True if data of the person were erased, here or at a processor."""
        return any(row.outcome in _CARRIED_OUT for row in self.rows) or self.has_erased_by_hand

    @property
    def has_erased_by_hand(self) -> bool:
        """True if a colleague erased data in a system that no program reaches."""
        return any(processor.by_hand and processor.has_erased for processor in self.processors)

    @property
    def has_acted_by_hand(self) -> bool:
        """True if a colleague carried out the request on data in a system that no program reaches."""
        return any(processor.has_acted_by_hand for processor in self.processors)

    @property
    def waits_for_processors(self) -> bool:
        """True if a processor or a colleague still has to prove the execution: a second letter follows."""
        return any(processor.standing.is_open for processor in self.processors)

    @property
    def is_ours_alone(self) -> bool:
        """True if the execution is complete in our own systems only, and not proved at every processor."""
        return any(
            not processor.by_hand and processor.standing is not InstructionStanding.CONFIRMED
            for processor in self.processors
        )

    @property
    def is_open_by_hand(self) -> bool:
        """True if the execution is not proved in a system that is searched by hand."""
        return any(
            processor.by_hand and processor.standing is not InstructionStanding.CONFIRMED
            for processor in self.processors
        )

    @model_validator(mode="after")
    def _says_what_became_of_something(self) -> Self:
        if not self.rows and not self.has_erased_by_hand and not self.left_out:
            raise ValueError("an erasure needs a record that it speaks of")
        return self

    @property
    def kept(self) -> list[OutcomeRow]:
        """The rows of records that still exist."""
        return [row for row in self.rows if row.is_kept]

    @property
    def done_lines(self) -> list[OutcomeRow]:
        """The outcomes of the records: a line for each category and outcome and, for absent data, for each reason."""
        counts: Counter[OutcomeRow] = Counter()
        for row in self.rows:
            # Why and until when something is kept stands below, in lines of its own.
            blank = {
                "reason": "",
                "legal_basis": "",
                "until": None,
                "ends_when": "",
                "purpose": "",
                "access_by": "",
            }
            counts[row.model_copy(update={"count": 1} | (blank if row.is_kept else {}))] += row.count
        return [row.model_copy(update={"count": count}) for row, count in counts.items()]

    @property
    def holds_file(self) -> bool:
        """True if the request's file outlives its period, since records are retained in the systems."""
        return any(row.outcome in _HOLDS_FILE for row in self.rows)

    @property
    def ends_of_keeping(self) -> list[tuple[ErasedBy, bool, str]]:
        """Who erases what is kept, whether something is checked first, and on which days how many records."""
        groups: dict[tuple[ErasedBy, bool], dict[date, list[ErasedLater]]] = {}
        for erased_later in sorted(self.erased_later, key=lambda later: (later.due_on, later.system)):
            groups.setdefault((erased_later.by, erased_later.check_first), {}).setdefault(
                erased_later.due_on, []
            ).append(erased_later)
        return [(by, check_first, listed(list(map(_due, days.values())))) for (by, check_first), days in groups.items()]

    @property
    def unscheduled(self) -> list[OutcomeRow]:
        """The rows of retained records that no noted task will erase."""
        noted = {(erased_later.system, erased_later.kept_until) for erased_later in self.erased_later}
        return [
            row
            for row in self.kept
            if row.is_unclear or row.outcome not in _HOLDS_FILE or (row.system, row.until) not in noted
        ]


def _due(tasks: Sequence[ErasedLater]) -> str:
    """Return the tasks of one day, in words."""
    counts = Counter[str]()
    for task in tasks:
        counts[task.system] += task.records
    records = "; ".join(f"{system}, {counted(count, 'record')}" for system, count in counts.items())
    return f"on {day(tasks[0].due_on)} ({records})"


@dataclass(frozen=True, slots=True)
class KeptLine:
    """The retained records of one category for one reason, however many end dates they have.

    Args:
        row: One of its rows.
        count: How many records.
        ends: What ends the keeping, in words; each with its number of records, where there are several.
    """

    row: OutcomeRow
    count: int
    ends: str


class PartialErasure(ErasureConfirmation):
    """L11. As L10, and a line for each retained category: reason, legal basis, end, whether it is restricted."""

    @property
    def kept_lines(self) -> list[KeptLine]:
        """The retained records, a line for each category and reason."""
        return kept_lines(self.kept)


def kept_lines(kept: Iterable[OutcomeRow]) -> list[KeptLine]:
    """Join the retained records of one category for one reason.

    Args:
        kept: The rows of what is kept.
    """
    groups: dict[OutcomeRow, list[OutcomeRow]] = {}
    for row in kept:
        groups.setdefault(
            row.model_copy(update={"count": 1, "until": None, "ends_when": "", "is_unclear": False}), []
        ).append(row)
    return [KeptLine(row, sum(item.count for item in rows), _ends(rows)) for row, rows in groups.items()]


def _ends(rows: list[OutcomeRow]) -> str:
    longer = rows[0].ends_when if rows[0].ends_when.startswith(_LONGER) else ""
    if longer and all(row.until and row.ends_when == longer for row in rows):
        return f"{_ends([row.model_copy(update={'ends_when': ''}) for row in rows])}, and {longer}"
    ends: dict[str, int] = {}
    for row in sorted(rows, key=lambda item: (item.until is None, item.until or date.max, item.ends_when)):
        ends[_end(row)] = ends.get(_end(row), 0) + row.count
    if len(ends) == 1:
        return next(iter(ends))
    return listed([f"{end} ({counted(count, 'record')})" for end, count in ends.items()])


def _end(row: OutcomeRow) -> str:
    """Return the end of a retention in words; the later one if both a day and an event are named."""
    if row.until and row.ends_when.startswith(_LONGER):
        return f"{day(row.until)}, and {row.ends_when}"
    if row.until and row.ends_when:
        return f"{day(row.until)} or until {row.ends_when}, whichever is later"
    return day(row.until) if row.until else row.ends_when


def erasure_letter_id(
    rows: Iterable[OutcomeRow], *, erased_by_hand: bool = False, is_narrowed: bool = False
) -> LetterId:
    """Return the letter that answers an erasure request with these outcomes.

    Args:
        rows: What became of every record.
        erased_by_hand: Whether something was erased in a system that is searched by hand, and is no row.
        is_narrowed: Whether the request is about a part of the data, of which there may be no record.

    Raises:
        Conflict: A record failed, or there is no outcome at all: nothing is written on an unknown.
    """
    kinds = {row.outcome for row in rows}
    if not (kinds or erased_by_hand or is_narrowed) or OutcomeKind.FAILED in kinds:
        raise Conflict("Not every record has reached its outcome; finish the erasure before the answer is written.")
    return LetterId.PARTIAL_ERASURE if kinds & KEPT else LetterId.ERASURE_CONFIRMATION
