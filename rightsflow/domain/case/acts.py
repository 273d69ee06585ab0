"""Acts that a case allows, and when, stopping it without an answer included: each is refused in one place. Pure.

The gates have rules of their own (:mod:`rightsflow.domain.gates`); the order of the states is in
:mod:`rightsflow.domain.vocabulary.states`. A request may go without an answer only where there is none to answer, or
where another case answers it (Art. 12(3) and (4) GDPR), so a stop is refused where the case file speaks against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import same_person
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import listed


def refuse_withdrawal(case_id: str, right: Right, state: CaseState, *, has_not_begun: bool) -> None:
    """Refuse that a request is withdrawn when that comes too late.

    Args:
        case_id: The case.
        right: What was asked for.
        state: Where the case stands.
        has_not_begun: Whether an approved erasure is sure not to have begun: nothing was found that could be erased, or
            the person still has time to take it back.

    Raises:
        Conflict: The case is settled, or its erasure may have begun.
    """
    if state.is_settled:
        raise Conflict(f"{case_id} is {state.value} already; it cannot be withdrawn any more.")
    if right.has_plan and state is CaseState.EXECUTING and not has_not_begun:
        begun, why = _TOO_LATE.get(right, ("erasure", "what is erased cannot be brought back"))
        raise Conflict(
            f"The {begun} of {case_id} was approved and may have begun, and {why}; it is carried out to its end."
        )


_TOO_LATE: Final = {
    Right.RECTIFICATION: ("rectification", "what is written replaces what stood there"),
    Right.RESTRICTION: ("restriction", "records may be marked already"),
}
"""Acts that may have begun, and the reason to complete them, for rights that erase nothing."""


def refuse_handover(case_id: str, *, owner: str, to_owner: str, reason: str, is_closed: bool, has_tasks: bool) -> None:
    """Refuse a handover without a reason, to the present owner, or of a closed case without open tasks.

    Args:
        case_id: The case.
        owner: The key of the owner.
        to_owner: The key of the new one.
        reason: Why.
        is_closed: Whether the case is closed.
        has_tasks: Whether there are open tasks by hand, which outlive the answer.

    Raises:
        BadInput: No reason is given.
        Conflict: The case is closed without an open task, or is that owner's already.
    """
    if not reason.strip():
        raise BadInput("The reason for handing the case over is missing; give it.")
    if is_closed and not has_tasks:
        raise Conflict(f"{case_id} is closed; nothing of it can be handed over.")
    if owner == to_owner:
        raise Conflict(f"{case_id} is theirs already; choose another owner.")


def refuse_extension(
    case_id: str,
    *,
    is_settled: bool,
    is_extended: bool,
    is_suspended: bool,
    notice_due_on: date | None,
    today: date,
) -> date:
    """Refuse an extension outside the law (Art. 12(3) GDPR: once, and with notice within the first month).

    Args:
        case_id: The case.
        is_settled: Whether the request is settled.
        is_extended: Whether the period was extended, or the notice written.
        is_suspended: Whether the clock is suspended.
        notice_due_on: The last day for the notice without the suspension; ``None`` where the law has none.
        today: The present day in the controller's zone.

    Returns:
        The last day for the notice.

    Raises:
        Conflict: The law gives no extension here, or not any more.
    """
    if is_settled:
        raise Conflict(f"{case_id} is closed; there is nothing to extend.")
    if is_extended:
        raise Conflict("The period can be extended once only (Art. 12(3) GDPR), and its notice was written already.")
    if notice_due_on is None:
        raise Conflict("The law that the case comes under gives no extension by notice; answer it by its due date.")
    if today > notice_due_on and is_suspended:
        raise Conflict(
            f"The clock is suspended, and without the suspension the notice had to go out by "
            f"{notice_due_on:%a %d %b %Y}; extend the period once the person has answered."
        )
    if today > notice_due_on:
        raise Conflict(
            f"It is too late: the notice had to go out by {notice_due_on:%a %d %b %Y} (Art. 12(3) GDPR). "
            "Answer at once, and tell the data protection officer."
        )
    return notice_due_on


def refuse_sending(case_id: str, letter: str, *, written_at: datetime, sent_at: datetime | None, at: datetime) -> None:
    """Refuse to note a letter as sent twice, or before it was written.

    Args:
        case_id: The case.
        letter: Which letter.
        written_at: When it was written (aware).
        sent_at: When it went out (aware), or ``None``.
        at: When it is said to have gone out (aware).

    Raises:
        BadInput: That is before it was written.
        Conflict: It went out already.
    """
    if sent_at is not None:
        raise Conflict(f"The letter {letter} went out already; look at `rightsflow show {case_id}`.")
    if at < written_at:
        raise BadInput(f"The letter {letter} cannot have gone out before it was written; check the time.")


def refuse_edit(letter: str, *, sent_at: datetime | None, is_being_mailed: bool) -> None:
    """Refuse to word a letter anew that has gone out, or is just going out.

    Args:
        letter: Which letter.
        sent_at: When it went out (aware), or ``None``.
        is_being_mailed: Whether a process is mailing it.

    Raises:
        Conflict: One of these is the case.
    """
    if sent_at is not None:
        raise Conflict(f"The letter {letter} went out already; what the person has cannot be changed.")
    if is_being_mailed:
        raise Conflict(f"The letter {letter} is being mailed just now; try again in ten minutes.")


def refuse_arrival(letter: str, on: date, *, today: date, sent_on: date | None) -> None:
    """Refuse that a letter arrived, or came back, which did not go out before.

    Args:
        letter: Which letter.
        on: The day on which it arrived or came back, in the controller's zone.
        today: The present day there.
        sent_on: The day on which it went out; ``None`` if that is not noted.

    Raises:
        BadInput: The day is in the future, or before the letter went out.
        Conflict: It is not noted as sent.
    """
    if sent_on is None:
        raise Conflict(f"The letter {letter} is not noted as sent; note that first.")
    if on > today:
        raise BadInput("That day is in the future; check it.")
    if on < sent_on:
        raise BadInput(f"The letter {letter} went out on {sent_on}, after that day; check the day.")


def refuse_approval(
    number: int, *, is_by_hand: bool, is_approved: bool, shown_from: date | None, instead: str = ""
) -> None:
    """Refuse to approve a task that needs no approval, has it, or was not prepared yet.

    Args:
        number: The task's number.
        is_by_hand: Whether a person does the task at the system.
        is_approved: Whether it is approved.
        shown_from: From which day on the follow-up looks at its records; ``None`` once it has.
        instead: What a person decides instead, where there is nothing to approve.

    Raises:
        Conflict: One of these is the case.
    """
    if is_by_hand:
        raise Conflict(f"Task {number} is done by hand; note with `rightsflow case task-done` that it was done.")
    if instead:
        raise Conflict(f"Task {number} is no erasure to approve; {instead}")
    if is_approved:
        raise Conflict(f"Task {number} is approved already; the follow-up does it within the hour.")
    if shown_from is not None:
        raise Conflict(
            f"The records of task {number} were not looked at yet; the follow-up does that from {shown_from} on, or "
            "run it now with `rightsflow service follow-up`."
        )


def refuse_by_hand(number: int, *, instead: str) -> None:
    """Refuse to let a person mark a task of the follow-up as done: the work would not be done.

    Args:
        number: The task's number.
        instead: What is done instead, in words; empty for a task by hand.

    Raises:
        Conflict: It is no task by hand.
    """
    if instead:
        raise Conflict(f"Task {number} is the follow-up's own, and is not noted as done by a person; {instead}")


def refuse_unreviewed(number: int, hold: int, *, is_reviewed: bool) -> None:
    """Refuse to note the review of a legal hold as done while nothing was decided on the hold.

    Args:
        number: The task's number.
        hold: The hold's.
        is_reviewed: Whether it was released, or kept until a later review.

    Raises:
        Conflict: Nothing was decided.
    """
    if not is_reviewed:
        raise Conflict(
            f"Task {number} asks for the decision on legal hold {hold}, which was not taken; keep it with `rightsflow "
            f"hold review {hold}`, or release it with `rightsflow hold release {hold}`. The task ends with "
            "that."
        )


def refuse_not_found_out(number: int, cases: list[str]) -> None:
    """Refuse to note as done that it was found out whose other cases are, while that is not said of each.

    Args:
        number: The task's number.
        cases: Those of which nothing was said.

    Raises:
        Conflict: There are such.
    """
    if cases:
        raise Conflict(
            f"Task {number} asks of {listed(cases)} whether the person is the same, which no one has said; say it with "
            "`rightsflow case same-person` or `rightsflow case other-person`. The task ends with that."
        )


def refuse_done(case_id: str, number: int, *, done_on: date | None) -> None:
    """Refuse to do a task twice.

    Args:
        case_id: The case.
        number: The task's number.
        done_on: When it was done, or ``None``.

    Raises:
        Conflict: It was done.
    """
    if done_on is not None:
        raise Conflict(f"Task {number} of {case_id} is noted as done already.")


def refuse_task(case_id: str, number: int, *, done_on: date | None, kept_until: date | None, on: date) -> None:
    """Refuse to note a task by hand as done twice, or while its records have to be kept.

    Args:
        case_id: The case.
        number: The task's number.
        done_on: When it was done, or ``None``.
        kept_until: The last day on which its records have to be kept, or ``None``.
        on: When it is said to have been done.

    Raises:
        Conflict: One of these is the case.
    """
    refuse_done(case_id, number, done_on=done_on)
    if kept_until is not None and on <= kept_until:
        raise Conflict(f"The records of task {number} have to be kept until {kept_until}; give a later day.")


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
