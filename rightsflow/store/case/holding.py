"""The hold on one case's evidence: while a complaint or a claim is pending, no purge takes it away.

Evidence that is needed for the establishment, exercise or defence of legal claims is kept beyond its period
(Art. 17(3)(e) GDPR), and only stored meanwhile (Art. 18(2) GDPR). The working copies go all the same: they are no
evidence, whose hash the ledger has.
"""

from __future__ import annotations

from datetime import date

from rightsflow.domain.case.evidence_hold import EvidenceHold, hold_reason, refuse_release
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.store.case.case_ledger import Ledger
from rightsflow.store.case.context import Context
from rightsflow.store.case.outbox import Outbox

HELD, RELEASED = CaseEvent.EVIDENCE_HELD, CaseEvent.EVIDENCE_RELEASED
_REASONS = "hold/"


class Holding:
    """The hold on one case's evidence, and why.

    Args:
        context: The open transaction.
        ledger: The case's ledger.
        outbox: Seals the reasons, since they may name the data subject.
    """

    def __init__(self, context: Context, ledger: Ledger, outbox: Outbox) -> None:
        self._context = context
        self._ledger = ledger
        self._outbox = outbox

    @property
    def present(self) -> EvidenceHold | None:
        """The hold, in force or over; ``None`` if there is none."""
        row = self._context.row
        return EvidenceHold(row.evidence_held_until) if row.evidence_hold else None

    def place(self, until: date | None, *, by: str, reason: str) -> None:
        """Hold the evidence, in place of whatever hold there was.

        Args:
            until: The last day; ``None``: until it is lifted.
            by: Who holds it.
            reason: Which complaint or claim; sealed.

        Raises:
            BadInput: No reason is given.
        """
        hashed = self._seal(reason)
        self._context.row.evidence_hold, self._context.row.evidence_held_until = True, until
        self._ledger.append(HELD, actor=by, until=until.isoformat() if until else "", reason=hashed)

    def lift(self, *, by: str, reason: str) -> None:
        """Let the evidence go when its period is over.

        Args:
            by: Who lifts the hold.
            reason: How the matter ended; sealed.

        Raises:
            BadInput: No reason is given.
            Conflict: There is no hold.
        """
        row = self._context.row
        refuse_release(self.present, row.id)
        hashed = self._seal(reason)
        row.evidence_hold, row.evidence_held_until = False, None
        self._ledger.append(RELEASED, actor=by, reason=hashed)

    def reasons(self) -> list[str]:
        """Return the reasons for holding and releasing the case, oldest first; reading them is a reveal."""
        return self._outbox.secrets_below(_REASONS)

    def _seal(self, reason: str) -> str:
        """Seal a reason; returns its keyed hash."""
        self._outbox.keep_secret(f"{_REASONS}{self._context.now.isoformat()}", hold_reason(reason))
        return self._context.text_hash("reason", reason)
