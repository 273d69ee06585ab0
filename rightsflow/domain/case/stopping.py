"""Stopping a case without an answer: it was opened in error, or is a duplicate of another one. Pure.

That a request gets no answer is lawful only where there is none to answer, or where another case answers it
(Art. 12(3) and (4) GDPR). So each reason is refused where what the case file holds speaks against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState


class StopReason(StrEnum):
    """The reason why a case is stopped without an answer."""

    OPENED_IN_ERROR = "opened in error"
    """No one made this request: it was typed by mistake, or is no request of a data subject."""
    DUPLICATE = "duplicate"
    """Another case is about the same request of the same person, and answers it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppedCase:
    """The case that is to be stopped, as far as that matters.

    Args:
        case_id: The case.
        right: What is asked for.
        state: Where it stands.
        received_at: When the request was received (aware).
        is_awaited: Whether a controller or an agent waits for its answer over an interface.
        may_have_begun: Whether something approved may have been carried out by now.
        has_changed: Whether a record was changed, or another one was asked to change records.
        has_answered: Whether the person has answered a question in it, or proved who they are.
    """

    case_id: str
    right: Right
    state: CaseState
    received_at: datetime
    is_awaited: bool = False
    may_have_begun: bool = False
    has_changed: bool = False
    has_answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherRequest:
    """The case that a duplicate repeats.

    Args:
        case_id: The case.
        right: What is asked for.
        state: Where it stands.
        closed_at: When its answer went out (aware), or ``None``.
        is_same_person: Whether it is of the same person; ``None`` where that is not known.
    """

    case_id: str
    right: Right
    state: CaseState
    closed_at: datetime | None
    is_same_person: bool | None


def read_stop_reason(typed: str) -> StopReason:
    """Read the reason why a case is stopped.

    Args:
        typed: One of the reasons in words; a hyphen counts as a space.

    Raises:
        BadInput: It is none of them.
    """
    word = " ".join(typed.replace("-", " ").split()).casefold()
    if word in set(StopReason):
        return StopReason(word)
    raise BadInput("Why the case is stopped is missing; say opened in error, or duplicate with the other case.")


def refuse_stop(case: StoppedCase, reason: StopReason) -> None:
    """Refuse to stop a case that is owed an answer.

    Args:
        case: The case.
        reason: Why it is to be stopped.

    Raises:
        Conflict: It is settled, its answer is awaited elsewhere, something was done that the person has to be told, or
            they have shown that the request is theirs.
    """
    if case.state.is_settled:
        raise Conflict(f"{case.case_id} is {case.state.value} already; it cannot be stopped any more.")
    if case.is_awaited:
        raise Conflict(
            f"{case.case_id} came over an interface, where a controller or an agent waits for its end; answer it, or "
            "refuse it with the reason."
        )
    if case.has_changed:
        raise Conflict(
            f"In {case.case_id} records were changed already, or others were asked to change them; the person is owed "
            "an answer that says so. Carry it out to its end."
        )
    if case.may_have_begun:
        raise Conflict(
            f"What was approved in {case.case_id} may have begun, and the person is owed an answer that says what was "
            f"done. {_how_it_ends(case)}"
        )
    if reason is StopReason.OPENED_IN_ERROR and case.has_answered:
        raise Conflict(
            f"In {case.case_id} the person has answered us or proved who they are, so the request is theirs; answer "
            "it, note it as withdrawn if they took it back, or as a duplicate if another case answers it."
        )


def _how_it_ends(case: StoppedCase) -> str:
    if case.right not in ERASING:
        return "Carry it out to its end."
    return f"Stop the erasing with `rightsflow systems pause {case.case_id}`, and try again once its run has ended."


def refuse_duplicate(case: StoppedCase, other: OtherRequest) -> None:
    """Refuse to call a case a duplicate of a case that does not answer it.

    Args:
        case: The case that is to be stopped.
        other: The one that it is said to repeat.

    Raises:
        BadInput: It is the same case, or another right is asked for there.
        Conflict: It is another person's, or not known to be the same one's; it has ended without an answer, or was
            answered before this request arrived.
    """
    if other.case_id == case.case_id:
        raise BadInput("A case is no duplicate of itself; give the other one.")
    if other.is_same_person is None:
        raise Conflict(
            f"It is not known that {other.case_id} is of the same person. Find that out, and say so on the page of "
            f"{case.case_id} about other cases, or with `rightsflow case same-person`; then stop this one."
        )
    if not other.is_same_person:
        raise Conflict(f"{other.case_id} was found to be another person's; it does not answer this request.")
    if other.right is not case.right:
        raise BadInput(
            f"{other.case_id} is about {other.right.value}, and this one about {case.right.value}; each is answered."
        )
    if other.state.ends_unanswered:
        raise Conflict(f"{other.case_id} was {other.state.value} and answers nothing; go on with this one.")
    if other.closed_at is not None and other.closed_at < case.received_at:
        raise Conflict(
            f"{other.case_id} was answered before this request arrived, which is a request of its own, with a month of "
            "its own; answer it."
        )


def refuse_own_stop(by: str, *, opened_by: str, has_gone_out: bool) -> None:
    """Refuse to let the opener stop a case alone once anything has left the controller (four eyes).

    Args:
        by: Who decides.
        opened_by: Who opened it.
        has_gone_out: Whether the person or another one was written to, or something was changed for it.

    Raises:
        Conflict: It is the same person, and it has.
    """
    if has_gone_out and same_person(by, opened_by):
        raise Conflict(
            "The person or another one has heard of this case already, so that who opened it cannot stop it; another "
            "person has to (four eyes)."
        )
