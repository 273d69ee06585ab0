"""Conditions for asking for more data to identify a person (L4), and for reporting notified recipients (L16). Pure."""

from __future__ import annotations

from datetime import date

from rightsflow.domain.errors import BadInput, Conflict
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
