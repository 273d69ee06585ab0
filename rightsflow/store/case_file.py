"""The case file: everything that is remembered of one case, in one transaction."""

from __future__ import annotations

from datetime import date, datetime

from rightsflow.case import CaseAction, CaseState, advance
from rightsflow.gates import Decision
from rightsflow.request import Right
from rightsflow.store.context import Context
from rightsflow.store.decisions import Decisions
from rightsflow.store.findings import Findings
from rightsflow.store.identifiers import KnownIdentifiers
from rightsflow.store.journal import Journal
from rightsflow.store.outbox import Outbox
from rightsflow.store.steps import Steps
from rightsflow.vault import CaseKey


class CaseFile:
    """One case, open for reading and writing until its transaction ends.

    Args:
        context: The open transaction on the case.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.identifiers = KnownIdentifiers(context)
        self.findings = Findings(context, self.identifiers)
        self.steps = Steps(context)
        self.decisions = Decisions(context)
        self.outbox = Outbox(context)
        self.journal = Journal(context)

    @property
    def case_id(self) -> str:
        """The case's id."""
        return self._context.row.id

    @property
    def right(self) -> Right:
        """What was asked for."""
        return Right(self._context.row.right)

    @property
    def state(self) -> CaseState:
        """Where the case stands."""
        return CaseState(self._context.row.state)

    @property
    def key(self) -> CaseKey:
        """The case's data key, for working copies."""
        return self._context.key

    @property
    def opened_by(self) -> str:
        """Who opened the case."""
        return self._context.row.opened_by

    @property
    def owner(self) -> str:
        """The role that answers for the case."""
        return self._context.row.owner

    @property
    def received_at(self) -> datetime:
        """When the request was received (UTC)."""
        return self._context.row.received_at

    @property
    def closed_at(self) -> datetime | None:
        """When the case was closed (UTC)."""
        return self._context.row.closed_at

    @property
    def due_on(self) -> date:
        """The last day of the law, in the controller's time zone."""
        return self._context.row.due_on

    @property
    def safe_due_on(self) -> date:
        """The conservative reading of that day."""
        return self._context.row.safe_due_on

    @property
    def work_to_on(self) -> date:
        """The day to work to: the last working day on or before the safe date."""
        return self._context.row.work_to_on

    @property
    def explanation(self) -> str:
        """How the dates were computed, in words."""
        return self._context.row.explanation

    def advance(self, action: CaseAction, *, actor: str = "rightsflow") -> None:
        """Move the case and note the event.

        Raises:
            Conflict: The case's state does not allow it.
        """
        target, event = advance(self.state, action)
        self._context.row.state = target.value
        if target.is_closed:
            self._context.row.closed_at = self._context.now
        self.journal.append(event, actor=actor)

    def decide(self, decision: Decision, action: CaseAction) -> None:
        """Record a decision and what it does to the case.

        Raises:
            BadInput: The decision does not say by whom.
            Conflict: The gate was decided already, the person may not decide, or the state does not allow it.
        """
        target, _ = advance(self.state, action)
        self.decisions.record(decision)
        self.journal.append(
            "DecisionRecorded",
            actor=decision.by,
            gate=decision.gate.value,
            verdict=decision.verdict.value,
            code=decision.code,
        )
        if target is not self.state:
            self.advance(action, actor=decision.by)
