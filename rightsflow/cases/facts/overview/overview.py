"""One case as its sheet, its page and its gates show it, with its records or their sums. No personal data."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime
from types import MappingProxyType

from rightsflow.audit.ledger import Entry
from rightsflow.cases.facts.overview.account import CaseAccount, Sum, account_of, sums_of
from rightsflow.cases.facts.overview.personal_data import scope_lines
from rightsflow.cases.facts.persons import other_cases
from rightsflow.domain.agents.requests import AgentRequest
from rightsflow.domain.board import Light, WaitingFor, light, waiting
from rightsflow.domain.case.holds import EvidenceHold, HoldScope
from rightsflow.domain.connector import Capabilities
from rightsflow.domain.deadlines.clock_events import ClockEvent, ClockEventKind, unanswered
from rightsflow.domain.delivery import is_answered_on_paper
from rightsflow.domain.orders.order import Order
from rightsflow.domain.people import Absence
from rightsflow.domain.processors.answers import Instruction
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.letter_ids import ANSWERS, LetterId
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, StepState
from rightsflow.domain.wording import listed
from rightsflow.domain.work_list import CaseFacts, Present, ToDo, ToDoKind, work_of
from rightsflow.store.case.alerts import RaisedAlert
from rightsflow.store.case.case_clock import ForecastLine
from rightsflow.store.case.case_file import CaseFile
from rightsflow.store.case.case_tasks import CaseTask
from rightsflow.store.case.ownership import Handover
from rightsflow.store.case.steps import Step


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSum:
    """The number of records with one fate.

    Args:
        system: The system's name in the configuration.
        category: In the words of the record of processing.
        fate: What became of them, or is planned, in words.
        records: How many.
    """

    system: str
    category: str
    fate: str
    records: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOverview(CaseAccount):
    """One case: its account, its course and what it waits for. Read in sum it has no records, only their numbers."""

    case_id: str
    state: CaseState
    light: Light
    received_at: datetime
    due_on: date
    safe_due_on: date
    work_to_on: date
    closed_at: datetime | None
    explanation: str
    owner: str
    opened_by: str
    identifiers: dict[str, int]
    steps: tuple[Step, ...]
    sums: tuple[RecordSum, ...]
    on_paper: bool
    language: str
    clock_events: tuple[ClockEvent, ...]
    suspended_since: datetime | None
    no_pause_due_on: date | None
    notice_due_on: date | None
    extended: bool
    forecast: ForecastLine | None
    alerts: tuple[RaisedAlert, ...]
    handovers: tuple[Handover, ...]
    evidence_hold: EvidenceHold | None
    ledger: tuple[Entry, ...]
    found_nothing: bool = False
    other_cases: tuple[str, ...] = ()
    perhaps_same: tuple[str, ...] = ()
    other_persons: tuple[str, ...] = ()
    tasks: tuple[CaseTask, ...] = ()
    instructions: tuple[Instruction, ...] = ()
    absences: tuple[Absence, ...] = ()
    order: Order | None = None
    scope_lines: tuple[str, ...] = ()
    agent: AgentRequest | None = None
    answered_by: str = ""
    """The case that answers the request in place of this one, which was stopped as its duplicate."""
    holds: tuple[HoldScope, ...] = ()
    work: tuple[ToDo, ...] = ()
    """The work on it that waits for people."""

    @property
    def failures(self) -> list[Step]:
        """The steps that failed last time: what is missing."""
        return [step for step in self.steps if step.state is StepState.FAILED]

    @property
    def is_refused(self) -> bool:
        """True while a system refuses a step."""
        return any(item.kind is ToDoKind.REFUSAL for item in self.work)

    @property
    def next_action(self) -> str:
        """The next action, in one sentence."""
        if self.closed_at is not None:
            return self._why_nothing
        waits = self.waits_for
        if waits is WaitingFor.SYSTEM:
            return self._what_fails
        if waits is WaitingFor.SENDING:
            return self._what_has_to_go_out or "The refusal is being written."
        if waits in {WaitingFor.NOTHING, WaitingFor.SEARCH} and (
            sentence := self._cools_off or self._to_be_sent or self._waits_for_processors
        ):
            return sentence
        return _NOTHING_FOUND if waits is WaitingFor.APPROVAL and self.found_nothing else _NEXT[waits]

    @property
    def _what_fails(self) -> str:
        """The refusals and faults, or else the steps that are tried again."""
        if decided := [item.says for item in self.work if item.kind in _TO_DECIDE]:
            return f"{' '.join(decided)} {_DECIDE}"
        if all(step.failing_since is None for step in self.failures):
            # Nothing failed: systems work something off by themselves.
            return " ".join(dict.fromkeys(step.error for step in self.failures))
        missing = ", ".join(sorted({f"{step.step} {step.system}".strip() for step in self.failures}))
        return (
            f"Missing: {missing}. The case stays open; where its run does not go on by itself, start it again when the "
            "system is back."
        )

    @property
    def _why_nothing(self) -> str:
        """The reason no further action is needed."""
        if self.answered_by:
            return f"Nothing: the case was a duplicate, and is stopped. {self.answered_by} answers the request."
        return _UNANSWERED.get(self.state) or (_CERTIFIED if self.order else _ANSWERED)

    @property
    def _cools_off(self) -> str:
        """The sentence that an approved erasure begins on the later day named to the person; empty if it has begun."""
        is_told = any(letter.template_id == LetterId.BEFORE_ERASURE for letter in self.letters)
        has_begun = any(step.step == StepName.SETTLE_PLAN for step in self.steps)
        return _COOLS_OFF if is_told and not has_begun else ""

    @property
    def _to_be_sent(self) -> str:
        """The instructions and answers of processors that wait for a person; empty if there are none."""
        return " ".join(item.says for item in self.work if item.kind in _WITH_PROCESSORS)

    @property
    def _waits_for_processors(self) -> str:
        """The processors whose proof the answer waits for; empty while anything else is to be done."""
        last = StepName.VERIFY if self.right.has_plan else StepName.REDACT
        is_done = any(step.step == last and step.state is StepState.DONE for step in self.steps)
        names = list(dict.fromkeys(instruction.name for instruction in self.instructions if instruction.is_waited_for))
        if not names or any(step.state is StepState.RUNNING for step in self.steps):
            return ""
        if not is_done and not self.found_nothing:
            return ""
        where = "page Processors, or `rightsflow processors instructions`"
        return f"Wait for the proof of {listed(names)}; record it: {where}."

    @property
    def open_question(self) -> ClockEvent | None:
        """The question to the person that is unanswered; the question for identity comes first."""
        happened = {event.kind: event for event in self.clock_events}
        first = next(unanswered({kind: event.at for kind, event in happened.items()}), None)
        return happened[first[0]] if first else None

    @property
    def waits_for(self) -> WaitingFor:
        """The event that an open case waits for."""
        # What fails after the answer is tried again by the follow-up; the answer itself waits for a person.
        is_failing = bool(self.failures) and not (self.state.is_settled and self._what_has_to_go_out)
        waits = waiting(self.state, failing=is_failing, stands=self.suspended_since is not None)
        if waits in _BEFORE_THE_SEARCH and (question := self.open_question):
            return _ASKED[question.kind]
        if waits is WaitingFor.APPROVAL and self.right is Right.ERASURE and self.open_question:
            # Asked whose records are that no one could attribute; they can be decided on without an answer, too.
            return WaitingFor.CLARIFICATION
        return waits

    @property
    def _what_has_to_go_out(self) -> str:
        """The answers that were written and are not noted as sent: until then the person has none."""
        unsent = [line.template_id for line in self.letters if line.template_id in ANSWERS and line.sent_at is None]
        if not unsent:
            return ""
        answer = f"Send the answer (letter {', '.join(unsent)})"
        return f"{answer}, then record that: at the desk, or `rightsflow letter mark-sent`."

    def outcomes(self) -> Counter[Sum]:
        """Return the number of records by present or planned fate: (system, category, fate) → count."""
        return Counter({(item.system, item.category, item.fate): item.records for item in self.sums})

    @property
    def total(self) -> int:
        """The number of the case's records."""
        return sum(item.records for item in self.sums)


_TO_DECIDE = frozenset({ToDoKind.REFUSAL, ToDoKind.FAULT})
_WITH_PROCESSORS = frozenset({ToDoKind.INSTRUCTION, ToDoKind.ANSWER, ToDoKind.REMINDER})
_DECIDE = "Remove the reason and start the run again, or decide on the record otherwise, at the desk."
_UNANSWERED = {
    CaseState.WITHDRAWN: "Nothing: the request was withdrawn.",
    CaseState.STOPPED: "Nothing: the case was opened in error, and is stopped.",
}
_ANSWERED = "Nothing: the answer was sent."
_CERTIFIED = "Nothing: the controller reads the result by itself."
_BEFORE_THE_SEARCH = frozenset({WaitingFor.START, WaitingFor.IDENTITY, WaitingFor.PROOF})
_ASKED = {
    ClockEventKind.IDENTITY_REQUESTED: WaitingFor.PROOF,
    ClockEventKind.CLARIFICATION_REQUESTED: WaitingFor.CLARIFICATION,
}
"""The event that a case waits for once a question was sent, whether or not the clock is suspended."""
_NEXT = {
    WaitingFor.PROOF: (
        "Wait for the person's proof of identity, then confirm it: resume the suspended run, or `rightsflow identity`."
    ),
    WaitingFor.CLARIFICATION: ("Wait for the person to say what they mean, then record it: `rightsflow case clarify`."),
    WaitingFor.START: "The flow starts with the identity check.",
    WaitingFor.IDENTITY: "Confirm the person's identity: resume the suspended run, or `rightsflow identity`.",
    WaitingFor.SEARCH: "The systems are being searched.",
    WaitingFor.APPROVAL: "A person other than the opener decides: resume the suspended run, or `rightsflow decide`.",
    WaitingFor.NOTHING: "The decision is being carried out.",
}
_COOLS_OFF = (
    "The erasure begins on the day that L21 names; until then the person can take the request back, which you note as "
    "a withdrawal."
)
_NOTHING_FOUND = (
    "Nothing was found. A person other than the opener decides whether that is the answer, or orders a new search: "
    "resume the suspended run, or `rightsflow decide`."
)


NO_SYSTEMS: Mapping[str, Capabilities] = MappingProxyType({})


def overview(
    file: CaseFile, present: Present, systems: Mapping[str, Capabilities] = NO_SYSTEMS, *, in_sum: bool = False
) -> CaseOverview:
    """Read the overview of an open case file.

    Args:
        file: The case file.
        present: The moment.
        systems: What each configured system's connector declares.
        in_sum: Read no single record: in milliseconds, however many there are.
    """
    account, others, today = account_of(file, systems, in_sum=in_sum), other_cases(file), present.today
    return CaseOverview(
        **{field.name: getattr(account, field.name) for field in fields(account)},
        case_id=file.case_id,
        state=file.state,
        light=light(file.work_to_on, file.due_on, today, closed=file.is_closed, refused=file.is_refused),
        received_at=file.received_at,
        due_on=file.due_on,
        safe_due_on=file.safe_due_on,
        work_to_on=file.work_to_on,
        closed_at=file.closed_at,
        explanation=file.explanation,
        owner=file.ownership.owner,
        opened_by=file.opened_by,
        identifiers=file.identifiers.summary(),
        steps=tuple(file.steps.all()),
        sums=tuple(RecordSum(system=item[0], category=item[1], fate=item[2], records=n) for item, n in _sums(file)),
        on_paper=is_answered_on_paper(file.channel),
        language=file.language.tag,
        clock_events=tuple(file.clock.events().values()),
        suspended_since=file.suspended_since,
        no_pause_due_on=file.no_pause_due_on,
        notice_due_on=file.notice_due_on,
        extended=file.is_extended,
        forecast=file.forecasts.present,
        alerts=tuple(file.alerts.all()),
        handovers=tuple(file.ownership.handovers()),
        evidence_hold=_hold_in_force(file, today),
        ledger=tuple(file.ledger.told()),
        found_nothing=file.found_nothing,
        tasks=tuple(file.tasks.all()),
        instructions=tuple(file.instructions.all()),
        other_cases=others.same,
        perhaps_same=others.perhaps,
        other_persons=others.apart,
        absences=tuple(recorded_absence.absence for recorded_absence in file.ownership.absences_from(today)),
        order=file.orders.present,
        scope_lines=scope_lines(file),
        agent=file.agents.present,
        answered_by=file.stopping.instead if file.state is CaseState.STOPPED else "",
        holds=() if in_sum else file.legal_holds.scopes(),
        work=tuple(work_of(facts_of(file), present)),
    )


def facts_of(file: CaseFile) -> CaseFacts:
    """Return the facts of an open case file from which its work follows.

    Args:
        file: The case file.
    """
    events = {kind: event.at for kind, event in file.clock.events().items()}
    alerts = (alert for alert in file.alerts.all() if alert.ended_at is None and alert.acknowledged_at is None)
    letters = (line for line in file.outbox.lines() if line.sent_at is None and not line.is_overtaken)
    return CaseFacts(
        case_id=file.case_id,
        right=file.right,
        state=file.state,
        state_since=file.state_since,
        is_closed=file.is_closed,
        owner=file.ownership.owner,
        questions=tuple(unanswered(events)),
        letters=tuple((line.template_id, line.written_at) for line in letters),
        tasks=tuple(task for task in file.tasks.all() if task.is_open),
        instructions=tuple(instruction for instruction in file.instructions.all() if instruction.is_open),
        failed=tuple(step for step in file.steps.all() if step.state is StepState.FAILED and step.fault is not None),
        alerts=tuple((alert.text, alert.raised_at) for alert in alerts),
        stopped=file.brakes.in_force() if file.state is CaseState.EXECUTING else (),
        follow_up_on=file.keeping.follow_up_on,
        notes=file.messages.unread(),
    )


def _sums(file: CaseFile) -> list[tuple[Sum, int]]:
    return sorted(sums_of(file.findings.counted(), file.right).items())


def _hold_in_force(file: CaseFile, today: date) -> EvidenceHold | None:
    hold = file.holding.present
    return hold if hold and hold.is_in_force(today) else None
