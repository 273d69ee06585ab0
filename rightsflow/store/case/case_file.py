"""The case file: everything that is remembered of one case, in one transaction."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from functools import cached_property
from zoneinfo import ZoneInfo

from rightsflow.domain.gates.decisions import (
    Decision,
    Gate,
    NewSearch,
    Verdict,
    action_of,
    found_nothing,
    package_approved,
    what_it_is_about,
)
from rightsflow.domain.languages import KnownLanguage, language_known
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.rights import RestrictionGround, Right
from rightsflow.domain.vocabulary.states import CaseAction, CaseState, advance
from rightsflow.store.case.agents import AgentRequests
from rightsflow.store.case.alerts import Alerts
from rightsflow.store.case.brakes import CaseBrakes, Stopping
from rightsflow.store.case.case_clock import CaseClock, Durations, Forecasts
from rightsflow.store.case.case_tasks import CaseTasks
from rightsflow.store.case.corrections import Corrections
from rightsflow.store.case.findings import Findings
from rightsflow.store.case.gate_decisions import Decisions, identity_check_details
from rightsflow.store.case.identifiers import KnownIdentifiers, Languages, OtherPersons
from rightsflow.store.case.instructions import Instructions
from rightsflow.store.case.keeping import Holding, Keeping
from rightsflow.store.case.kept import KeptRecords
from rightsflow.store.case.legal_holds import CaseHolds
from rightsflow.store.case.mask_choices import MaskChoices
from rightsflow.store.case.messages import Messages
from rightsflow.store.case.one_time_codes import IdentityCodes
from rightsflow.store.case.orders import Orders
from rightsflow.store.case.outbox import Outbox
from rightsflow.store.case.ownership import Ownership
from rightsflow.store.case.person_changes import PersonChanges
from rightsflow.store.case.plan_rows import PlanRows
from rightsflow.store.case.steps import Bulk, Steps
from rightsflow.store.case.suppressions import CaseSuppressions
from rightsflow.store.case.system_jobs import SystemJobs
from rightsflow.store.coordination.leases import CaseLease
from rightsflow.store.core.case_ledger import Ledger
from rightsflow.store.core.context import OF_OTHERS, CaseMemory, Context
from rightsflow.store.tables import CaseRow
from rightsflow.vault import CaseKey

WITHDRAWAL, REVEALS, SEARCHES = "withdrawal/reason", "reveal/", "search/"
"""The secrets that say why a request was withdrawn, personal data was shown and new searches were ordered."""


class CaseFile:
    """A case's file, open for reading and writing until its transaction ends; each part is built when it is used.

    Args:
        context: The open transaction on the case.
    """

    def __init__(self, context: Context) -> None:
        self._context = context
        self.trying = context.trying

    ledger = cached_property(lambda self: Ledger(self._context))
    identifiers = cached_property(lambda self: KnownIdentifiers(self._context, self.ledger))
    findings = cached_property(lambda self: Findings(self._context, self.identifiers, self.ledger))
    planned = cached_property(lambda self: PlanRows(self._context))
    masks = cached_property(lambda self: MaskChoices(self._context, self.ledger))
    kept = cached_property(lambda self: KeptRecords(self._context, self.identifiers, self.ledger, self.findings.rows))
    legal_holds = cached_property(lambda self: CaseHolds(self._context, self.identifiers))
    suppressions = cached_property(lambda self: CaseSuppressions(self._context, self.identifiers))
    steps = cached_property(lambda self: Steps(self._context))
    decisions = cached_property(lambda self: Decisions(self._context))
    outbox = cached_property(lambda self: Outbox(self._context, self.ledger))
    system_jobs = cached_property(lambda self: SystemJobs(self._context, self.ledger, self.outbox))
    others = cached_property(lambda self: OtherPersons(self._context, self.ledger, self.outbox))
    person_changes = cached_property(lambda self: PersonChanges(self._context, self.ledger, self.outbox))
    messages = cached_property(lambda self: Messages(self._context, self.ledger, self.outbox))
    corrections = cached_property(lambda self: Corrections(self._context, self.ledger, self.outbox))
    identity_codes = cached_property(lambda self: IdentityCodes(self._context, self.ledger, self.outbox))
    clock = cached_property(lambda self: CaseClock(self._context, self.ledger))
    alerts = cached_property(lambda self: Alerts(self._context, self.ledger))
    forecasts = cached_property(lambda self: Forecasts(self._context, self.ledger))
    ownership = cached_property(lambda self: Ownership(self._context, self.ledger))
    keeping = cached_property(lambda self: Keeping(self._context, self.ledger))
    bulk = cached_property(lambda self: Bulk(self._context))
    lease = cached_property(lambda self: CaseLease(self._context))
    languages = cached_property(lambda self: Languages(self._context))
    tasks = cached_property(lambda self: CaseTasks(self._context, self.ledger, self.outbox))
    instructions = cached_property(lambda self: Instructions(self._context, self.ledger))
    orders = cached_property(lambda self: Orders(self._context, self.ledger, self.steps))
    agents = cached_property(lambda self: AgentRequests(self._context, self.ledger))
    holding = cached_property(lambda self: Holding(self._context, self.ledger, self.outbox))
    stopping = cached_property(lambda self: Stopping(self._context, self.ledger, self.outbox, self.clock))
    brakes = cached_property(lambda self: CaseBrakes(self._context, self.ledger, self.decisions))
    durations = cached_property(lambda self: Durations(self._context, self.ledger, self.steps))

    def beside(self, case_id: str) -> CaseFile:
        """Return the file of another case, to be read in the same transaction without a lock or a change.

        Args:
            case_id: The other case, which is there.
        """
        session, master = self._context.session, self._context.master
        row = session.get_one(CaseRow, case_id, execution_options=OF_OTHERS)
        key, memory = master.unwrap(case_id, row.wrapped_key), CaseMemory(session, row, counts=False)
        return CaseFile(replace(self._context, row=row, key=key, memory=memory, put_in=None))

    @property
    def case_id(self) -> str:
        """The case's id."""
        return self._context.row.id

    @property
    def right(self) -> Right:
        """The right that the person exercises."""
        return Right(self._context.row.right)

    @property
    def ground(self) -> RestrictionGround | None:
        """On which ground a restriction was asked for; ``None`` of any other request."""
        return RestrictionGround(self._context.row.ground) if self._context.row.ground else None

    @property
    def state(self) -> CaseState:
        """The state of the case."""
        return CaseState(self._context.row.state)

    @property
    def key(self) -> CaseKey:
        """The case's data key, for working copies."""
        return self._context.key

    @property
    def channel(self) -> str:
        """The channel by which the request arrived."""
        return self._context.row.channel

    @property
    def opened_by(self) -> str:
        """The actor who opened the case."""
        return self._context.row.opened_by

    @property
    def received_at(self) -> datetime:
        """The instant at which the request was received (UTC)."""
        return self._context.row.received_at

    def received_by_sender(self, zone: ZoneInfo) -> datetime:
        """Return the instant at which the request was received, in the sender's time zone.

        Args:
            zone: The controller's time zone, for a case of which that is not known.
        """
        offset = self._context.row.sent_offset
        return self.received_at.astimezone(zone if offset is None else timezone(timedelta(minutes=offset)))

    @property
    def closed_at(self) -> datetime | None:
        """When the case was closed (UTC): when its answer went out, or the request was withdrawn."""
        return self._context.row.closed_at

    @property
    def is_closed(self) -> bool:
        """True if the case is closed: the answer is marked as sent, or the request was withdrawn."""
        return self.closed_at is not None

    @property
    def needs_a_run(self) -> bool:
        """True if the case's flow has work left: the case is not settled, or its answer is not written yet."""
        return not self.is_closed and not (self.state.is_settled and self.outbox.has_answer)

    @property
    def is_refused(self) -> bool:
        """True while a system refuses a step of the case."""
        return self._context.row.refused

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
        """The target date: the last working day on or before the safe date."""
        return self._context.row.work_to_on

    @property
    def language(self) -> KnownLanguage:
        """The person's language; records count only once identity is confirmed, so they tell a stranger nothing."""
        return language_known(self.languages.noted, self.languages.on_file() if self.identity_is_clear else ())

    @property
    def notice_due_on(self) -> date | None:
        """The last day for the notice of an extension, where the law has one."""
        return self._context.row.notice_due_on

    @property
    def no_pause_due_on(self) -> date | None:
        """The last day without the suspension, where there was one."""
        return self._context.row.no_pause_due_on

    @property
    def suspended_since(self) -> datetime | None:
        """The instant (UTC) at which the clock was suspended, or ``None``; the dates then ignore the suspension."""
        return self._context.row.suspended_since

    @property
    def is_extended(self) -> bool:
        """True if the period was extended."""
        return self._context.row.extended

    @property
    def identity_is_clear(self) -> bool:
        """True if the person's identity was confirmed."""
        decision = self.decisions.at(Gate.IDENTITY)
        return decision is not None and decision.verdict is Verdict.CONFIRMED

    @property
    def is_searched(self) -> bool:
        """True if the search of all systems has ended, with the identifiers known now."""
        return self._search_result is not None

    @property
    def found_nothing(self) -> bool:
        """True if that search found no record that is, or may be, the person's."""
        return found_nothing(self._search_result)

    @property
    def _search_result(self) -> dict[str, object] | None:
        return done.counts if (done := self.steps.done(StepName.RESOLVE, scope=self.identifiers.scope())) else None

    @property
    def state_since(self) -> datetime:
        """The instant at which the case entered its state (UTC)."""
        return self._context.row.state_since

    @property
    def opened_at(self) -> datetime:
        """The instant at which the case was opened (UTC)."""
        return self._context.row.opened_at

    @property
    def explanation(self) -> str:
        """The computation of the dates, explained in words."""
        return self._context.row.explanation

    def advance(self, action: CaseAction, *, actor: str = "rightsflow", **details: object) -> None:
        """Move the case and note the event.

        Args:
            action: What moves it.
            actor: Who does it.
            **details: What the ledger keeps besides.

        Raises:
            Conflict: The case's state does not allow it.
        """
        target, event = advance(self.state, action)
        self._context.row.state, self._context.row.state_since = target.value, self._context.now
        self.ledger.append(event, actor=actor, **details)
        if target.ends_unanswered:
            self.close(self._context.now)
        self.bulk.note_moved(target)

    def close(self, at: datetime) -> None:
        """Close the case: its answer went out, or the request was withdrawn. Forecasts learn from how long it took.

        Args:
            at: When that was (aware); not later than now.
        """
        self._context.row.closed_at = at
        self.alerts.end_all()
        self.durations.record()

    def reopen(self) -> None:
        """Open the case again: its answer did not reach the person. A package stays until it does."""
        self._context.row.closed_at = self._context.row.copies_end_on = None
        self.durations.forget()

    def note_reveal(self, *, by: str, reason: str, records: Collection[str] = ()) -> None:
        """Note that a person reads encrypted data, and why; the reason is encrypted too, since it may name the person.

        Args:
            by: Who reads.
            reason: Why.
            records: The keyed hashes of the records that are read, where it is about single ones.
        """
        self.outbox.keep_secret(f"{REVEALS}{self._context.now.isoformat()}", reason)
        these = {"records": sorted(records), "count": len(records)} if records else {}
        hashed = self._context.text_hash("reason", reason)
        self.ledger.append(CaseEvent.PERSONAL_DATA_REVEALED, actor=by, reason=hashed, **these)

    def withdraw(self, *, by: str, reason: str) -> None:
        """Close the case since the person does not ask any more; the reason is sealed, since it may name them.

        Raises:
            Conflict: The case is closed.
        """
        self.advance(CaseAction.WITHDRAW, actor=by, reason=self._context.text_hash("reason", reason) if reason else "")
        if reason:
            self.outbox.keep_secret(WITHDRAWAL, reason)

    def order_search(self, search: NewSearch) -> None:
        """Order a new search of all systems, since a person at a gate doubts the result of the search.

        Args:
            search: Why, and who wants it.

        Raises:
            Conflict: The case waits for no approval.
        """
        hashed = self._context.text_hash("reason", search.reason)
        self.advance(CaseAction.ORDER_SEARCH, actor=search.by, gate=search.gate.value, reason=hashed)
        self.outbox.keep_secret(f"{SEARCHES}{self._context.now.isoformat()}", search.reason)
        for step in (StepName.LOCATE, StepName.RESOLVE, StepName.PLAN):
            self.steps.take_back(step)

    def decide(self, decision: Decision) -> None:
        """Record a decision and apply its effects to the case.

        Raises:
            BadInput: The decision does not say by whom.
            Conflict: The gate was decided already, the person may not decide, or the state does not allow it.
        """
        action = action_of(decision)
        target, _ = advance(self.state, action)
        self.decisions.record(decision)
        self.ledger.append(
            CaseEvent.DECISION_RECORDED,
            actor=decision.by,
            gate=decision.gate.value,
            verdict=decision.verdict.value,
            code=decision.code,
            method=decision.method.recorded if decision.method else "",
            reason=self._context.text_hash("reason", decision.reason) if decision.reason else "",
            plan=self.what_is_approved() if decision.gate is Gate.APPROVAL else "",
            **what_it_is_about(decision.gate, found_nothing=self.found_nothing),
            **identity_check_details(decision, self._context),
            **(self.ledger.opener_note | dict(decision.noted) if decision.gate is Gate.APPROVAL else {}),
        )
        if target is not self.state:
            self.advance(action, actor=decision.by)

    def what_is_approved(self) -> str:
        """Return the hash that binds an approval: of the erasure's plan, or of the encrypted access package."""
        if self.right.has_plan:
            return self.findings.plan_hash()
        done = (entry.details for entry in self.ledger.entries(CaseEvent.STEP_DONE))
        return package_approved(done, found_nothing=self.found_nothing)
