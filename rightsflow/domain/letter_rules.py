"""Conditions for letters besides the answer: questions, interim notices, fees, complaints, free text. Pure.

An interim notice moves no date of the law; Art. 12(3) GDPR wants the answer, and silence is worse. No program can tell
whether free words beside retained records say that everything is gone, so a second person reads them
(Art. 5(2), 12(1) GDPR). An answer goes out only once a person has opened its text as it is (Art. 24, 25(1) GDPR).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines import ClockInput, Regime
from rightsflow.domain.deadlines.due import reckon
from rightsflow.domain.deadlines.model import DeadlineType
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.law import Law
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.letter_ids import AFTER_THE_ANSWER, ANSWERS, LetterId
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState


def refuse_cannot_identify(
    case_id: str, *, state: CaseState, is_searched: bool, attributed: int, was_asked: bool
) -> None:
    """Refuse to say that a person cannot be identified, where that is not known or not so (Art. 11(2) GDPR).

    Args:
        case_id: The case.
        state: Its state.
        is_searched: Whether the search of all systems has ended under the identifiers known now.
        attributed: How many records were found that are the person's.
        was_asked: Whether the letter was written before.

    Raises:
        Conflict: It is one of these.
    """
    if state.is_settled:
        raise Conflict(f"{case_id} is closed; there is nothing to ask.")
    if was_asked:
        raise Conflict("The person was told already what they can add.")
    if not is_searched:
        raise Conflict("The search has not ended; no one knows yet whether the person can be identified.")
    if attributed:
        raise Conflict("Records were found that are the person's, so they are identified; answer the request.")


def check_recipients_asked(
    case_id: str, right: Right, state: CaseState, *, asked_on: date, received_on: date, today: date
) -> None:
    """Refuse to name who was told before there is something to tell them (Art. 19 GDPR).

    Args:
        case_id: The case.
        right: What was asked for.
        state: Its state.
        asked_on: On which day the person asked, in the controller's zone.
        received_on: The day of the request there.
        today: The present day there.

    Raises:
        BadInput: The day is before the request or in the future.
        Conflict: The request is about no erasure, restriction or rectification, or was not answered.
    """
    if right not in {Right.ERASURE, Right.RESTRICTION, Right.RECTIFICATION}:
        raise Conflict(
            "Recipients are told of an erasure, a restriction or a rectification only (Art. 19 GDPR); an access answer "
            "names them itself."
        )
    if state is not CaseState.ANSWERED:
        raise Conflict(f"{case_id} has no answer by which something was carried out; recipients are named after it.")
    if not received_on <= asked_on <= today:
        raise BadInput("The person cannot have asked on that day: it is before the request or in the future; check it.")


def refuse_needless_pause(records: int | None, *, large_from: int) -> None:
    """Refuse a question that would stop the clock though nothing shows that it is needed.

    The clock stops only where the controller reasonably requires the answer. What shows that is the quantity that the
    search found, and no guess before it.

    Args:
        records: How many records of the person the search found; ``None`` while it has not ended.
        large_from: From how many on a quantity counts as large.

    Raises:
        Conflict: The search has not ended, or found less.
    """
    if records is None:
        raise Conflict(
            "The question would stop the clock, and whether it is needed shows the search alone (Art. 12A(5) UK GDPR); "
            "ask once the search has ended."
        )
    if records < large_from:
        raise Conflict(
            f"The search found {records:,} records of the person, no large quantity ([controller] large_quantity is "
            f"{large_from:,}), so the clock may not stop for a question (Art. 12A(5) UK GDPR); answer with all of them."
        )


ANSWER_DAYS: Final = 14
"""Within how many days the person is asked to choose."""
_SHORTEST: Final = 3
_AMOUNT: Final = re.compile(r"(?!0+(\.00)? )[0-9]{1,4}(\.[0-9]{2})? [A-Z]{3}")


class FeeGround(StrEnum):
    """The ground for charging a fee."""

    UNFOUNDED = "unfounded"
    EXCESSIVE = "excessive"
    FURTHER_COPY = "further copy"

    @property
    def words(self) -> str:
        """The ground, in words for the person."""
        return _WORDS[self]

    @property
    def article(self) -> str:
        """The provision, without the law's name."""
        return "Art. 15(3)" if self is FeeGround.FURTHER_COPY else "Art. 12(5)(a)"


_WORDS: Final = MappingProxyType(
    {
        FeeGround.UNFOUNDED: "it is manifestly unfounded",
        FeeGround.EXCESSIVE: "it is manifestly excessive",
        FeeGround.FURTHER_COPY: "you ask for a further copy of data of which you have one",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """A fee that is to be announced.

    Args:
        ground: Why it may be charged.
        amount: How much, such as ``12.50 EUR``.
        facts: What shows the ground, in words for the person; the controller has to prove it.
        costs: Which administrative costs it covers.
    """

    ground: FeeGround
    amount: str
    facts: str
    costs: str


def read_fee(ground: str, amount: str, facts: str, costs: str, right: Right) -> Fee:
    """Read a fee as it was typed.

    Args:
        ground: Why it may be charged.
        amount: How much.
        facts: What shows the ground.
        costs: Which administrative costs it covers.
        right: What was asked for.

    Raises:
        BadInput: Something is missing or not readable.
    """
    word = ground.strip().casefold()
    if word not in set(FeeGround):
        raise BadInput(f"The ground of the fee is not known; use one of {', '.join(FeeGround)}.")
    if word == FeeGround.FURTHER_COPY and right is not Right.ACCESS:
        raise BadInput("A further copy is a matter of access requests alone (Art. 15(3) GDPR); use another ground.")
    typed = " ".join(amount.split())
    if not _AMOUNT.fullmatch(typed):
        raise BadInput("The amount is not readable; give it with its currency, such as 12.50 EUR.")
    why, what = " ".join(facts.split()), " ".join(costs.split())
    if not (why and what):
        raise BadInput("Say what shows the ground, and which administrative costs the fee covers (Art. 12(5) GDPR).")
    return Fee(ground=FeeGround(word), amount=typed, facts=why, costs=what)


def answer_by(today: date, due_on: date) -> date:
    """Return until when the person is asked to choose: in time to decide within the time limit, which goes on.

    Args:
        today: The present day in the controller's zone.
        due_on: The last day for the answer.

    Raises:
        Conflict: Too little time is left.
    """
    last = min(today + timedelta(days=ANSWER_DAYS), due_on - timedelta(days=_SHORTEST))
    if last < today + timedelta(days=_SHORTEST):
        raise Conflict(
            "It is too late to announce a fee: the person would have no time to choose before the last day; answer, or "
            "refuse with R2."
        )
    return last


_LONGEST: Final = 4_000


def acknowledge_by(received_on: date, *, zone: ZoneInfo, country: str, subdivision: str = "") -> date:
    """Return the last day for the acknowledgement, by the clock's rule of s. 164A(3): the day of receipt is day one.

    Args:
        received_on: The day of receipt, in the controller's zone.
        zone: That zone.
        country: Where the controller is.
        subdivision: Its part whose holidays count.
    """
    clock = ClockInput(
        received_at=datetime.combine(received_on, time(12), zone),
        zone=zone,
        country=country,
        subdivision=subdivision,
        regime=Regime.UK_GDPR,
        deadline_type=DeadlineType.COMPLAINT_ACK,
        request_type="complaint",
    )
    return reckon(clock).day_one_on


def check_complaint(text: str, received_on: date, *, law: Law, request_on: date, today: date) -> str:
    """Return a complaint as it is kept.

    Args:
        text: What the person complains about.
        received_on: The day of receipt, in the controller's zone.
        law: The law of the letters.
        request_on: The day of the request that it is about.
        today: The present day in the controller's zone.

    Raises:
        BadInput: The text is missing or too long, or the day is impossible.
        Conflict: The law knows no complaint to the controller, or did not on that day.
    """
    text_on_one_line = " ".join(text.split())
    if not text_on_one_line or len(text_on_one_line) > _LONGEST:
        raise BadInput(f"Say what the person complains about, in at most {_LONGEST:,} characters.")
    if not request_on <= received_on <= today:
        raise BadInput("The complaint cannot have come before the request or in the future; check the day.")
    if not law.hears_complaints(received_on):
        raise Conflict(
            f"The {law.name} knows no complaint to the controller on that day; the person can complain to the "
            "authority."
        )
    return text_on_one_line


DAYS_BEFORE: Final = timedelta(days=7)
"""From how many days before the last day it may be written; before that the work goes on."""


def refuse_interim(
    case_id: str,
    *,
    is_settled: bool,
    identity_is_clear: bool,
    fails: bool,
    is_suspended: bool,
    waits: bool,
    due_on: date,
    today: date,
) -> None:
    """Refuse an interim answer that says nothing, says it to no one known, or comes too early.

    Args:
        case_id: The case.
        is_settled: Whether it has its answer.
        identity_is_clear: Whether it is clear who asks.
        fails: Whether something fails at a system.
        is_suspended: Whether the clock is suspended.
        waits: Whether an interim answer waits to be sent.
        due_on: The last day of the law, in the controller's zone.
        today: The present day there.

    Raises:
        Conflict: It is one of these.
    """
    if is_settled:
        raise Conflict(f"{case_id} has its answer, or ended without one; there is nothing to say in between.")
    if not identity_is_clear:
        raise Conflict("It is not clear yet who asks, so nothing is said of the data; ask for proof of identity.")
    if not fails:
        raise Conflict("Nothing fails at a system; run the case, so that it gets its answer.")
    if is_suspended:
        raise Conflict("The clock is suspended until the person answers; nothing is late.")
    if waits:
        raise Conflict("An interim answer waits to be sent; send it first.")
    if today < (first := due_on - DAYS_BEFORE):
        raise Conflict(
            f"The last day is {due_on:%a %d %b %Y}; an interim answer can be written from {first:%a %d %b %Y} on. Have "
            "the system mended first."
        )


_SAYS_WHAT_STAYS: Final = ANSWERS | AFTER_THE_ANSWER | {LetterId.INTERIM_ANSWER}


def needs_second_person(letter: LetterId, *, is_worded: bool, keeps: bool) -> bool:
    """Return whether a second person has to read a letter's free text before it goes out.

    Args:
        letter: Which letter.
        is_worded: Whether a person worded a part of it.
        keeps: Whether records of the person, or perhaps of the person, are kept.
    """
    return letter in _SAYS_WHAT_STAYS and is_worded and keeps


def refuse_unconfirmed(letter: str, *, worded_by: str) -> None:
    """Refuse that a letter goes out whose free text no second person has read.

    Args:
        letter: Which letter of the case, such as ``L11``.
        worded_by: Who worded it last; empty where another person has confirmed the text.

    Raises:
        Conflict: It waits for that.
    """
    if worded_by:
        raise Conflict(
            f"A person worded a part of letter {letter}, and records are kept: someone other than {worded_by} has to "
            "read the text beside what is kept and confirm it, on the letter's page or with "
            "`rightsflow letter confirm`."
        )


PACKAGE_LETTER: Final = "package"
"""The name of the letter in an access package, beside those of the outbox such as ``L11``."""


def needs_opening(*, is_routine: bool, is_worded: bool) -> bool:
    """Return whether a person has to open a letter before it is mailed.

    Args:
        is_routine: Whether it is of a kind that is mailed automatically.
        is_worded: Whether a person worded a part of it.
    """
    return is_worded or not is_routine


def refuse_unopened(letter: str, *, is_opened: bool) -> None:
    """Refuse to mail a letter, or to release the package around it, that no person has opened as it is now.

    Args:
        letter: Which letter of the case, such as ``L11``, or :data:`PACKAGE_LETTER`.
        is_opened: Whether a person whose role allows it has opened this text.

    Raises:
        Conflict: No one has.
    """
    if is_opened:
        return
    if letter == PACKAGE_LETTER:
        raise Conflict(
            "No one has opened the letter in this package as it is now; read it on the page of the release, or with "
            "`rightsflow letter read`, then release the package."
        )
    raise Conflict(f"No one has opened letter {letter} as it is now; view it, then mail it.")


def refuse_own_text(by: str, *, worded_by: str) -> None:
    """Refuse that a person confirms a text that they worded.

    Args:
        by: Who confirms.
        worded_by: Who worded it.

    Raises:
        Conflict: It is the same person.
    """
    if same_person(by, worded_by):
        raise Conflict("The person who worded the text cannot confirm it; another one has to (four eyes).")
