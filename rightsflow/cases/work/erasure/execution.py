"""Carry an approved plan out at one system: outcomes are stored before the next call, and a brake stops it there.

Between two calls one transaction stores the outcomes and checks for brakes.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any, Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.systems import insist_on_kinds
from rightsflow.cases.step.attempt import Attempt, set_marks
from rightsflow.cases.work.erasure.brakes import sentence
from rightsflow.cases.work.erasure.plan import decide_by_rules, plan_rules
from rightsflow.cases.work.rectification.other_cases import Beside, beside
from rightsflow.domain.case.findings import Finding, WorkedRecord
from rightsflow.domain.case.holds import RELEASED
from rightsflow.domain.connector import Blanks, Connector, Rectifies, RunsJobs
from rightsflow.domain.erasure.partial_erasure import blanked, unneeded, with_blanks_told, with_reason_kept
from rightsflow.domain.erasure.plan_by_decision import without_mark
from rightsflow.domain.erasure.plan_by_request import HELD_UNALTERED
from rightsflow.domain.erasure.safeguards import Brake
from rightsflow.domain.errors import Misconfigured, Permanent, Refused, Transient, Unavailable, Underway
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.rectification.corrections import wanted
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, RecordRef, SystemJob
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile

TOGETHER: Final = 1000
"""The largest number of outcomes or looks noted in one transaction."""
_LOOKED_AT_AFTER: Final = timedelta(days=7)
"""The time after which the follow-up looks at a job that the answer did not wait for."""
_ANSWERED_BEFORE: Final = timedelta(days=3)
"""The time before the target date from which an answer waits for no job."""
_BATCH: Final = 10_000
"""The largest number of records given to a connector at once; it divides them as its system's calls allow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToErase:
    """The records to erase at a system, as of one moment.

    Args:
        known: By what the person is known.
        records: The records, by the kinds' safe order.
        brake: What stops it, since just now or before; ``None`` if nothing does.
        is_held: Whether a legal hold may cover some of them.
        changes: What is to be corrected, of a rectification.
        unneeded: Which fields are to be blanked of which record.
        jobs: The jobs by which the system erases some of them.
        is_late: Whether the answer can wait for no job any more.
        beside: The other requests of the person that this must not meet.
    """

    known: Identifiers
    records: tuple[WorkedRecord, ...]
    brake: Brake | None
    is_held: bool
    changes: tuple[Change, ...] = ()
    unneeded: Mapping[RecordRef, frozenset[str]] = field(default_factory=dict)
    jobs: Mapping[RecordRef, SystemJob] = field(default_factory=dict)
    is_late: bool = False
    beside: Beside = field(default_factory=Beside)


def to_erase(file: CaseFile, app: App, system: str) -> ToErase:
    """Read what the plan erases at a system and is not done yet; let the case begin there, or brake it.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.

    Raises:
        Misconfigured: The configuration no longer names a kind of record.
    """
    planned = [worked_record for worked_record in file.findings.worked_on(system) if worked_record.method is not None]
    insist_on_kinds((worked_record.ref for worked_record in planned), app.capabilities, file.case_id)
    open_ones = [worked_record for worked_record in planned if is_to_do(worked_record)]
    brake = None
    if open_ones:
        amount = sum(worked_record.method is not None and worked_record.method.removes for worked_record in planned)
        brake = file.brakes.holding(system) or file.brakes.admit(
            system, amount, app.settings.brakes.rule(system), app.today
        )
    order = [kind.name for kind in app.connectors[system].capabilities.kinds]
    # What is deleted may be that by which the rest of its kind is told to be the person's.
    open_ones.sort(
        key=lambda record: (order.index(record.ref.kind), record.method is Method.ERASE, record.method or "")
    )
    return ToErase(
        known=file.identifiers.to_act_by(),
        records=tuple(open_ones),
        brake=brake,
        is_held=bool(file.legal_holds.scopes()),
        unneeded=_unneeded(file, app, system, open_ones),
        jobs=file.system_jobs.running(system) if open_ones else {},
        is_late=is_late(file, app),
        changes=wanted(file.corrections.all()) if file.right is Right.RECTIFICATION else (),
        beside=beside(file, app, system) if open_ones else Beside(),
    )


def is_late(file: CaseFile, app: App) -> bool:
    """Return whether a case's answer can wait for no job of a system any more.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    return app.today >= file.work_to_on - _ANSWERED_BEFORE


def _unneeded(
    file: CaseFile, app: App, system: str, records: Sequence[WorkedRecord]
) -> dict[RecordRef, frozenset[str]]:
    """Return the fields to blank of each record; they have to be the approved ones.

    Raises:
        Misconfigured: The configuration names other fields by now.
    """
    blanked_ones = {record.ref for record in records if record.method is Method.BLANK}
    these = _findings(file, system, blanked_ones) if blanked_ones else []
    rules = plan_rules(file, app) if these else None
    fields = {finding.ref: unneeded(finding, rules) for finding in these} if rules else {}
    if any(blanked(fields[finding.ref]) not in finding.reason for finding in these):
        raise Misconfigured(
            f"{file.case_id}: the configuration names other fields to be blanked than the approved plan; restore "
            "`fields` of the system and `needed` of [retention] as they were."
        )
    return fields


def _findings(file: CaseFile, system: str, refs: Collection[RecordRef]) -> list[Finding]:
    """Return records with all that is known of them."""
    return [finding for finding in file.findings.all(system) if finding.ref in refs]


def is_to_do(record: WorkedRecord) -> bool:
    """Return True if a record is planned to be erased or changed and is not yet.

    Args:
        record: The record.
    """
    return record.method is not None and record.outcome in {None, OutcomeKind.FAILED}


def carry_out(trial: Attempt[Any], todo: ToErase, *, is_fresh: bool) -> list[Outcome]:
    """Erase at the step's system, kind by kind.

    Args:
        trial: The step's attempt.
        todo: What is to be erased.
        is_fresh: Whether that was read just now; else it is looked again before the first call.

    Returns:
        The last outcomes, which are still to be noted.

    Raises:
        Transient: A record could not be erased.
        Unavailable: Erasing is braked there.
    """
    app, system = trial.app, trial.system
    if todo.brake is not None:
        raise Unavailable(sentence(todo.brake, app), system=system)
    work = _Work(app, trial.case_id, app.connectors[system], todo)
    is_clear = is_fresh and not todo.is_held
    try:
        for (_, method), group in groupby(todo.records, key=lambda record: (record.ref.kind, record.method)):
            if method is not None:
                work.erase_kind(list(group), method, is_clear=is_clear)
                is_clear = False
    except BaseException:
        trial.has_answered |= work.has_answered
        work.note()
        raise
    return work.unnoted


@dataclass(slots=True)
class _Work:
    app: App
    case_id: str
    connector: Connector
    todo: ToErase
    unnoted: list[Outcome] = field(default_factory=list)
    has_answered: bool = False

    def erase_kind(self, records: list[WorkedRecord], method: Method, *, is_clear: bool) -> None:
        """Erase records of one kind, but for those that a legal hold covers by now."""
        refs = [record.ref for record in records] if is_clear else self._cleared(records, method)
        waiting = [self.todo.jobs[ref] for ref in refs if self._is_left_alone(ref)]
        refs = [ref for ref in refs if not self._is_left_alone(ref)]
        failed: list[Outcome] = []
        answered = 0
        for outcome in self._in_batches(refs, method, {record.ref: record for record in records}):
            answered += 1
            if outcome.kind is not OutcomeKind.FAILED:
                continue
            if outcome.job is None:
                failed.append(outcome)
            else:
                waiting.append(outcome.job)
        if answered != len(refs):
            raise Permanent(
                "The connector did not answer for every record; report this as a fault.",
                system=self.connector.system,
                operation="erase",
            )
        self.has_answered = True
        if failed:
            raise why_failed(failed, len(refs), self.connector.system)
        if waiting:
            count, again = counted(len(waiting), "record"), self._time(min(job.look_at for job in waiting))
            raise Underway(
                f"{self.connector.system} erases {count} by a job of its own; it is looked at again from {again} on.",
                system=self.connector.system,
                operation="erase",
            )

    def _in_batches(
        self, refs: list[RecordRef], method: Method, planned: Mapping[RecordRef, WorkedRecord]
    ) -> Iterator[Outcome]:
        for start in range(0, len(refs), _BATCH):
            if start:
                self.note(is_followed_by_a_call=True)
            yield from self._outcomes(refs[start : start + _BATCH], method, planned)

    def _is_left_alone(self, ref: RecordRef) -> bool:
        """Return whether a record's job is to be looked at only later."""
        return ref in self.todo.jobs and self.todo.jobs[ref].look_at > self.app.now() and not self.todo.is_late

    def _answered(self, outcome: Outcome) -> Outcome:
        """Return the outcome for the answer, which can wait for a job no longer; the follow-up goes on with the job."""
        if outcome.job is None or not self.todo.is_late:
            return outcome
        until = max(self.app.day_of(outcome.job.look_at), self.app.today + _LOOKED_AT_AFTER)
        return replace(outcome, kind=OutcomeKind.RETAINED, until=until, refused=True)

    def _time(self, instant: datetime) -> str:
        return f"{instant.astimezone(self.app.settings.controller.zone):%d %b %H:%M}"

    def _outcomes(
        self, refs: list[RecordRef], method: Method, planned: Mapping[RecordRef, WorkedRecord]
    ) -> Iterator[Outcome]:
        """Outcomes of one batch, whose last ones are noted with what comes after it."""
        left = len(refs)
        for outcome in map(self._answered, self._made(refs, method)):
            finding = planned[outcome.record]
            blanking = with_blanks_told(finding, outcome, self.todo.unneeded.get(outcome.record, frozenset()))
            self.unnoted.append(with_reason_kept(finding, blanking))
            left -= 1
            yield outcome
            if not outcome.settled_with_next and left:
                self.note(is_followed_by_a_call=True)
            elif len(self.unnoted) >= TOGETHER:
                self.note()

    def _made(self, refs: list[RecordRef], method: Method) -> Iterator[Outcome]:
        if method is Method.BLANK:
            return self._blanked(refs)
        if method is Method.RESTRICT:
            return set_marks(self.connector, refs, method, self.todo.known, self.case_id)
        if method.removes and isinstance(self.connector, RunsJobs):
            return self.connector.erase_by_jobs(refs, method, self.todo.known, self.todo.jobs)
        if method is not Method.RECTIFY:
            return self.connector.erase(refs, method, self.todo.known)
        if not isinstance(self.connector, Rectifies):
            raise Misconfigured(
                f"The connector of {self.connector.system} corrects nothing any more; plan the case anew."
            )
        return self.connector.rectify(refs, self.todo.changes, self.todo.known)

    def _blanked(self, refs: list[RecordRef]) -> Iterator[Outcome]:
        if not isinstance(self.connector, Blanks):
            raise Misconfigured(
                f"The connector of {self.connector.system} blanks nothing any more; plan the case anew."
            )
        by_fields: dict[frozenset[str], list[RecordRef]] = {}
        for ref in refs:
            by_fields.setdefault(self.todo.unneeded[ref], []).append(ref)
        for fields, these in by_fields.items():
            yield from self._marked(list(self.connector.blank(these, fields, self.todo.known)))

    def _marked(self, blanked_ones: list[Outcome]) -> list[Outcome]:
        """Yield the outcomes once the remaining records are marked as stored only, where the system can do that."""
        refs = [outcome.record for outcome in blanked_ones if outcome.kind is OutcomeKind.RETAINED]
        if not refs or Method.RESTRICT not in self.connector.capabilities.kind(refs[0].kind).methods:
            return blanked_ones
        marks = set_marks(self.connector, refs, Method.RESTRICT, self.todo.known, self.case_id)
        done = {mark.record for mark in marks if mark.kind is OutcomeKind.RESTRICTED}
        return [
            replace(outcome, kind=OutcomeKind.RESTRICTED) if outcome.record in done else outcome
            for outcome in blanked_ones
        ]

    def _cleared(self, records: list[WorkedRecord], method: Method) -> list[RecordRef]:
        """Return the records that no legal hold covers; covered records are retained, whatever was approved."""
        with self.app.store.case_file(self.case_id) as file:
            brake = self._note_in(file)
            is_stopped = method.removes or method is Method.RECTIFY
            refs = [record.ref for record in records]
            refs = _not_held(file, self.app, self.connector.system, refs) if is_stopped else refs
        self._end_noting(brake)
        return refs

    def note(self, *, is_followed_by_a_call: bool = False) -> None:
        """Store what was done.

        Raises:
            Unavailable: A call follows, and the system is braked.
        """
        if self.unnoted or is_followed_by_a_call:
            with self.app.store.case_file(self.case_id) as file:
                brake = self._note_in(file)
            self._end_noting(brake if is_followed_by_a_call else None)

    def _note_in(self, file: CaseFile) -> Brake | None:
        note_outcomes(file, self.unnoted)
        return file.brakes.holding(self.connector.system)

    def _end_noting(self, brake: Brake | None) -> None:
        self.unnoted.clear()
        if brake is not None:
            raise Unavailable(sentence(brake, self.app), system=self.connector.system)


def why_failed(failed: Sequence[Outcome], total: int, system: str) -> Transient | Refused:
    """Return the error for records that a system did not erase: its refusal with its reasons, if it said no.

    Args:
        failed: Their outcomes; at least one.
        total: The number of records that it was given.
        system: The system.
    """
    refused = [outcome for outcome in failed if outcome.refused]
    if refused:
        reasons = " ".join(dict.fromkeys(outcome.reason for outcome in refused))
        which = "the record" if total == 1 else f"{len(refused)} of {total} records"
        text = f"The system refuses {which}: {reasons}"
        return Refused(text, system=system, operation="erase")
    text = f"{len(failed)} of {total} records could not be erased; they are tried again, the later kinds wait."
    return Transient(text, system=system, operation="erase")


def note_outcomes(file: CaseFile, outcomes: list[Outcome]) -> None:
    """Store outcomes.

    Args:
        file: The case file, open.
        outcomes: What became of records.
    """
    running = file.system_jobs.running() if outcomes else {}
    # What goes on as it did is no news.
    file.findings.record_outcome(*(item for item in outcomes if not _goes_on(item, running)))
    if running or any(outcome.job for outcome in outcomes):
        file.system_jobs.note(outcomes)


def _goes_on(outcome: Outcome, running: Mapping[RecordRef, SystemJob]) -> bool:
    return outcome.job is not None and outcome.kind is OutcomeKind.FAILED and outcome.record in running


def _not_held(file: CaseFile, app: App, system: str, asked: list[RecordRef]) -> list[RecordRef]:
    if not file.legal_holds.scopes():
        return asked
    planned = decide_by_rules(_findings(file, system, set(asked)), file, app, include_unclear=True)
    held = [without_mark(rule) for rule in planned if rule.ends_when == RELEASED or HELD_UNALTERED in rule.reason]
    file.kept.keep(held)
    refs = {item.ref for item in held}
    return [record_ref for record_ref in asked if record_ref not in refs]
