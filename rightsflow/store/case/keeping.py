"""Retention of a case's own data: working copies until they are no longer needed, the evidence after that."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, exists, select

from rightsflow.domain.case.copies import COPYING_STEPS, why_copies_go
from rightsflow.domain.erasure.retention.evidence_period import last_day_of_evidence
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case.case_part import CasePart
from rightsflow.store.case.steps import StepState
from rightsflow.store.tables import SecretRow, StepRow

PACKAGE = "package"
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
