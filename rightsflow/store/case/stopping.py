"""The end of a case without an answer: the reason, and the case that answers the request instead."""

from __future__ import annotations

from typing import Final

from sqlalchemy import or_, select

from rightsflow.domain.case.acts import StopReason
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.case_clock import CaseClock
from rightsflow.store.case.letter_texts import CLAIM_TIME
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.core.case_ledger import Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.tables import LetterRow

WHY_STOPPED: Final = "stopped/why"
"""The secret that says how it is known that a case was opened in error, or repeats another one."""
_INSTEAD: Final = "stopped/instead"


class Stopping:
    """The end of a case that was opened in error or twice.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        outbox: Keeps what is encrypted.
        clock: The case's clock.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox, clock: CaseClock) -> None:
        self._context = context
        self._ledger = ledger
        self._outbox = outbox
        self._clock = clock

    @property
    def instead(self) -> str:
        """The case that answers the request in place of this one; empty for none."""
        return self._outbox.secret(_INSTEAD) or ""

    @property
    def has_written(self) -> bool:
        """True if a letter went out to the person, or is being mailed at this moment."""
        is_claimed = LetterRow.claimed_at > self._context.now - CLAIM_TIME
        self._context.session.flush()
        mine = LetterRow.case_id == self._context.row.id
        query = select(LetterRow.id).where(mine, or_(LetterRow.sent_at.is_not(None), is_claimed))
        return self._context.session.scalars(query.limit(1)).first() is not None

    def keep(self, reason: StopReason, why: str, instead: str) -> dict[str, str]:
        """Store the encrypted reason for stopping the case; return its form for the ledger.

        Args:
            reason: Why.
            why: How that is known, in words; it may name the person.
            instead: The case that answers the request; empty for none.
        """
        self._outbox.keep_secret(WHY_STOPPED, why)
        said = {"because": reason.value, "reason": self._context.text_hash("reason", why)}
        if instead:
            self._outbox.keep_secret(_INSTEAD, instead)
            said["other"] = self._context.text_hash("other case", instead)
        return said

    def take_over(self, duplicate: Stopping, *, by: str) -> bool:
        """Note that another case was stopped as a duplicate of this one, which counts from the earlier receipt of both.

        Args:
            duplicate: The end of the other case.
            by: Who decided that.

        Returns:
            Whether the dates of this one have to be computed again; those of a closed case stay.
        """
        theirs = duplicate._context.row
        other, received_at = self._context.text_hash("other case", theirs.id), theirs.received_at.isoformat()
        moved = self._clock.count_from(theirs.received_at, theirs.sent_offset)
        self._ledger.append(CaseEvent.DUPLICATE_STOPPED, actor=by, other=other, received_at=received_at, **moved)
        return bool(moved)
