"""The case: which states it passes through, and what moves it.

    received → identity pending ⇄ in progress ⇄ awaiting approval → executing → answered | nothing held
                                   any of the first five → refused | withdrawn | stopped

A search that found nothing waits for approval as well, unless the controller's policy lets it go straight to its end.

With one of the last five a request is settled. The case stays open until its answer or refusal is noted as sent; one
that was withdrawn, or stopped since it was opened in error or twice, gets no answer and is closed at once. The clock
runs, stands or is extended beside these states; see
``rightsflow.domain.deadlines``.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.vocabulary.events import CaseEvent

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ID_LETTERS = 6
_CASE_ID = re.compile(rf"DSR-[0-9]{{4}}-[{_CROCKFORD}]{{{_ID_LETTERS}}}")
_MISTAKEN = str.maketrans("OIL", "011")


def is_case_id(text: str) -> bool:
    """Return whether a text is a case id as stored.

    Args:
        text: The text.
    """
    return _CASE_ID.fullmatch(text) is not None


def case_ids_in(text: str) -> list[str]:
    """Return the cases that a text of ours names, each once, in their order.

    Args:
        text: The text.
    """
    return list(dict.fromkeys(_CASE_ID.findall(text)))


class CaseState(StrEnum):
    """The state of a request."""

    RECEIVED = "received"
    IDENTITY_PENDING = "identity pending"
    IN_PROGRESS = "in progress"
    AWAITING_APPROVAL = "awaiting approval"
    EXECUTING = "executing"
    ANSWERED = "answered"
    NOTHING_HELD = "nothing held"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    STOPPED = "stopped"
    """It was opened in error, or is a duplicate of another case."""

    @property
    def is_settled(self) -> bool:
        """True if only the answer is left to be sent; see ``CaseFile.is_closed``."""
        return self in SETTLED

    @property
    def ends_unanswered(self) -> bool:
        """True if the case ended without an answer: it is closed at once, and nothing more is done on it."""
        return self in ENDED_UNANSWERED


ENDED_UNANSWERED = frozenset({CaseState.WITHDRAWN, CaseState.STOPPED})
SETTLED = frozenset({CaseState.ANSWERED, CaseState.NOTHING_HELD, CaseState.REFUSED}) | ENDED_UNANSWERED
_OPEN = frozenset(CaseState) - SETTLED


class CaseAction(StrEnum):
    """An action that changes the state of a case."""

    AWAIT_IDENTITY = "await identity"
    ASK_IDENTITY = "ask identity"
    CONFIRM_IDENTITY = "confirm identity"
    SUBMIT_FOR_APPROVAL = "submit for approval"
    ORDER_SEARCH = "search again"
    SEND_BACK = "send the package back"
    APPROVE = "approve"
    ANSWER = "answer"
    REPORT_NOTHING_HELD = "report nothing held"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class _Move:
    sources: frozenset[CaseState]
    target: CaseState
    event: CaseEvent


MOVES = {
    CaseAction.AWAIT_IDENTITY: _Move(
        frozenset({CaseState.RECEIVED}), CaseState.IDENTITY_PENDING, CaseEvent.IDENTITY_REVIEW_AWAITED
    ),
    CaseAction.ASK_IDENTITY: _Move(
        frozenset({CaseState.RECEIVED, CaseState.IN_PROGRESS}), CaseState.IDENTITY_PENDING, CaseEvent.IDENTITY_ASKED
    ),
    CaseAction.CONFIRM_IDENTITY: _Move(
        frozenset({CaseState.RECEIVED, CaseState.IDENTITY_PENDING}), CaseState.IN_PROGRESS, CaseEvent.IDENTITY_CONFIRMED
    ),
    CaseAction.SUBMIT_FOR_APPROVAL: _Move(
        frozenset({CaseState.IN_PROGRESS}), CaseState.AWAITING_APPROVAL, CaseEvent.APPROVAL_AWAITED
    ),
    CaseAction.ORDER_SEARCH: _Move(
        frozenset({CaseState.AWAITING_APPROVAL}), CaseState.IN_PROGRESS, CaseEvent.NEW_SEARCH_ORDERED
    ),
    CaseAction.SEND_BACK: _Move(
        frozenset({CaseState.AWAITING_APPROVAL}), CaseState.IN_PROGRESS, CaseEvent.PACKAGE_SENT_BACK
    ),
    CaseAction.APPROVE: _Move(frozenset({CaseState.AWAITING_APPROVAL}), CaseState.EXECUTING, CaseEvent.APPROVED),
    CaseAction.ANSWER: _Move(frozenset({CaseState.EXECUTING}), CaseState.ANSWERED, CaseEvent.CASE_ANSWERED),
    CaseAction.REPORT_NOTHING_HELD: _Move(
        frozenset({CaseState.IN_PROGRESS, CaseState.EXECUTING}), CaseState.NOTHING_HELD, CaseEvent.NOTHING_HELD_REPORTED
    ),
    CaseAction.REFUSE: _Move(_OPEN, CaseState.REFUSED, CaseEvent.CASE_REFUSED),
    CaseAction.WITHDRAW: _Move(_OPEN, CaseState.WITHDRAWN, CaseEvent.CASE_WITHDRAWN),
    CaseAction.STOP: _Move(_OPEN, CaseState.STOPPED, CaseEvent.CASE_STOPPED),
}
"""Source states, target state and ledger event of each action."""

STATE_AFTER: Mapping[str, CaseState] = {move.event: move.target for move in MOVES.values()}
"""The state in which each event of a case's way leaves it."""


def nothing_more(case_id: str, state: CaseState) -> str:
    """Return the sentence that nothing more is done on a case that ended without an answer.

    Args:
        case_id: The case.
        state: How it ended.
    """
    return f"{case_id} was {state.value}; nothing more is done on it."


def advance(state: CaseState, action: CaseAction) -> tuple[CaseState, CaseEvent]:
    """Return the state that an action leads to, and the name of its event.

    Raises:
        Conflict: The state does not allow the action.
    """
    move = MOVES[action]
    if state not in move.sources:
        raise Conflict(f"A case that is {state.value} does not allow to {action.value}; look at `rightsflow show`.")
    return move.target, move.event


def new_case_id(year: int) -> str:
    """Create an opaque case id that can be read out, such as ``DSR-2026-7K3M9Q``; it reveals no volume."""
    return f"DSR-{year}-" + "".join(secrets.choice(_CROCKFORD) for _ in range(_ID_LETTERS))


def read_case_id(text: str) -> str:
    """Read a case id as a person typed it: case, spaces and easily mistaken letters do not matter.

    Raises:
        BadInput: The text is not a case id.
    """
    prefix, _, rest = text.strip().upper().replace(" ", "").partition("-")
    proper = f"{prefix}-{rest.translate(_MISTAKEN)}"
    if not text.isascii() or not _CASE_ID.fullmatch(proper):
        raise BadInput("That is not a case id; give one like DSR-2026-7K3M9Q.")
    return proper


class AlertStage(StrEnum):
    """The stage of an alert on its way to people."""

    RAISED = "raised"
    """Stored; the next attempt has to be prepared."""
    PREPARED = "prepared"
    """An attempt is noted; whether it was made is not known."""
    POSTED = "posted"
    """The attempt was sent; its arrival is not confirmed."""
    TOLD = "told"
    """Everybody has it."""
    ENDED = "ended"
    """The alert no longer counts: a later rung replaced it, its cause is gone, or the case closed."""


class StepState(StrEnum):
    """The state of a step."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
