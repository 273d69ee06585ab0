"""Retention of a case's own data: working copies until they are no longer needed, the evidence after that.

While a complaint or a claim is pending, a hold keeps the evidence from every purge: what is needed for the
establishment, exercise or defence of legal claims is kept beyond its period (Art. 17(3)(e) GDPR), and only stored
meanwhile (Art. 18(2) GDPR). The working copies go all the same: they are no evidence, whose hash the ledger has.
"""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, exists, select

from rightsflow.domain.case.findings import COPYING_STEPS, why_copies_go
from rightsflow.domain.case.holds import EvidenceHold, hold_reason, refuse_release
from rightsflow.domain.erasure.retention import last_day_of_evidence
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import CaseState, StepState
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.core.case_ledger import CasePart, Ledger
from rightsflow.store.core.context import Context
from rightsflow.store.tables import SecretRow, StepRow

PACKAGE = "package"
COVER = "package-letter"
PASSPHRASE = "passphrase"  # noqa: S105 - the name of the field, not a passphrase


class Keeping(CasePart):
    """The last days of one case's evidence and of its working copies."""

    @property
    def evidence_until(self) -> date | None:
        """The last day on which the evidence is stored; ``None`` while the case is not settled."""
        return self._context.row.evidence_until

    def keep_evidence(self, until: date) -> None:
        """Store the evidence until a day, or until a later day that the person was told before."""
        row = self._context.row
        row.evidence_until = last_day_of_evidence(until, row.evidence_until)

    @property
    def copies_end_on(self) -> date | None:
        """The day on which the working copies go; ``None`` while they are needed, and when they are gone."""
        return self._context.row.copies_end_on

    def end_copies(self, on: date) -> None:
        """Let the working copies go on a day."""
        self._context.row.copies_end_on = on

    @property
    def follow_up_on(self) -> date | None:
        """The day of the erasure's next follow-up; ``None`` if there is none to come."""
        return self._context.row.follow_up_on

    def follow_up(self, on: date | None) -> None:
        """Let the follow-up look at the case from a day on.

        Args:
            on: The day, in the controller's zone; ``None`` if nothing is to come.
        """
        self._context.row.follow_up_on = on

    def seen_by_rules(self, version: str) -> None:
        """Note the retention rules last applied to the retained records of an answered case.

        Args:
            version: What tells these rules from others.
        """
        self._context.row.rules_version = version

    @property
    def copies_were_begun(self) -> bool:
        """True if a step began to make working copies, so that there may be some."""
        return self._is_there(StepRow.case_id == self._context.row.id, StepRow.step.in_(COPYING_STEPS))

    @property
    def copies_were_made(self) -> bool:
        """True if a step finished making working copies, so that they must exist until they are removed."""
        done = StepRow.state == StepState.DONE.value
        return self._is_there(StepRow.case_id == self._context.row.id, StepRow.step.in_(COPYING_STEPS), done)

    @property
    def has_package(self) -> bool:
        """True if there is an access package, or was until a moment ago."""
        return self._is_there(SecretRow.case_id == self._context.row.id, SecretRow.field == PACKAGE)

    def note_copies_removed(self) -> None:
        """Note that the working copies are gone; the package's passphrase is removed with them."""
        row = self._context.row
        for secret in self._context.rows(SecretRow):
            if secret.field in {PACKAGE, PASSPHRASE}:
                self._context.session.delete(secret)
        row.copies_end_on = None
        self._ledger.append(CaseEvent.WORKING_COPIES_REMOVED, why=why_copies_go(CaseState(row.state)))

    def _is_there(self, *conditions: ColumnElement[bool]) -> bool:
        self._context.session.flush()
        return bool(self._context.session.scalar(select(exists().where(*conditions))))


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
