"""The steps of an erasure: plan, erase, verify."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from rightsflow.cases.app import App
from rightsflow.cases.facts.systems import insist_on_kinds
from rightsflow.cases.step.attempt import Attempt, attempt, attempt_at_once, calling
from rightsflow.cases.work.erasure.execution import TOGETHER, carry_out, is_to_do, note_outcomes, to_erase
from rightsflow.cases.work.erasure.plan import decide_by_rules
from rightsflow.cases.work.rectification.other_cases import Elsewhere, known_elsewhere, make_known, note_perhaps
from rightsflow.domain.case.findings import Finding, WorkedRecord
from rightsflow.domain.connector import Connector, Rectifies
from rightsflow.domain.errors import Permanent, Transient
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.rectification.corrections import wanted
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, Presence, PresenceState, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import CaseFile

_CHANGED = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED, OutcomeKind.PSEUDONYMISED, OutcomeKind.RECTIFIED})


def prepare_plan(app: App, case_id: str) -> dict[str, int]:
    """Decide per record what is meant to be done; returns how many records are planned for which outcome."""
    with attempt_at_once(app, case_id, StepName.PLAN) as (trial, file):
        if not trial.already_done:
            insist_on_kinds((finding.ref for finding in file.findings.all()), app.capabilities, case_id)
            file.findings.plan(decide_by_rules(file.findings.all(), file, app, include_unclear=False))
            trial.counts.update(_count(file.findings.all()))
            trial.details["plan"] = file.findings.plan_hash()
    return trial.counts


def settle_plan(app: App, case_id: str) -> dict[str, int]:
    """Make the plan binding as it was shown and approved; what needs no call at a system has its outcome from now on.

    Raises:
        Conflict: A record stands in the case that the approver was not shown.
    """
    with attempt_at_once(app, case_id, StepName.SETTLE_PLAN) as (trial, file):
        if not trial.already_done:
            trial.details["plan"] = file.findings.plan_hash()
            file.findings.bind_plan()
            trial.counts.update(_count(file.findings.all()))
        elsewhere = known_elsewhere(file, app)
        note_perhaps(file, app, elsewhere)
    make_known(app, elsewhere)
    return trial.counts


def _count(findings: list[Finding]) -> dict[str, int]:
    return dict(Counter(finding.planned.value for finding in findings if finding.planned))


def erase_records(app: App, case_id: str, system: str) -> dict[str, int]:
    """Carry the approved plan out at one system, kind by kind in its safe order; returns outcomes and their number.

    Outcomes are noted before the next call is made, so that a run that was cut short goes on with what is left. A
    kind of record is begun only when the kinds before it are done: the profile by which the others are found goes last.
    """
    with attempt(
        app, case_id, StepName.ERASE, system, calls=True, read=partial(to_erase, app=app, system=system)
    ) as trial:
        if not trial.already_done:
            trial.read.beside.refuse(app, system)
            make_known(app, trial.read.beside.elsewhere)
            with calling(app, trial):
                last = carry_out(trial, trial.read, is_fresh=trial.place_there.is_served)
            with app.store.case_file(case_id) as file:
                note_outcomes(file, last)
                trial.counts.update(file.findings.count_outcomes(system))
                trial.finish(file)
    return trial.counts


def verify_erasure(app: App, case_id: str, system: str) -> dict[str, int]:
    """Verify, by a fresh read, every record that was erased or redacted; returns what was seen and how often.

    A record in which something is left that leads back to the person, and that the system does not let be removed, is
    a residue from then on.

    Raises:
        Transient: Something is still there, or the system gave no clear answer.
    """
    with attempt(
        app, case_id, StepName.VERIFY, system, calls=True, read=partial(to_read_again, system=system, app=app)
    ) as trial:
        if not trial.already_done:
            # Who opened a request while it was corrected is told as well, before that one erases anything.
            make_known(app, trial.read.elsewhere)
            with calling(app, trial):
                seen, last = read_again(trial, trial.read)
            trial.counts.update(seen)
            with app.store.case_file(case_id) as file:
                note_looks(file, trial, last)
                trial.finish_unless(why_not_absent(seen, system), file)
    return trial.counts


@dataclass(frozen=True, slots=True)
class ToReadAgain:
    """The records to read afresh at a system.

    Args:
        known: By what the person is known.
        refs: The records.
        seen: What was seen of others before, in an attempt that was cut short.
        changes: What was corrected, of a rectification.
        elsewhere: What other cases are to know of that.
    """

    known: Identifiers
    refs: tuple[RecordRef, ...]
    seen: Mapping[str, int]
    changes: tuple[Change, ...] = ()
    elsewhere: Elsewhere = field(default_factory=Elsewhere)


def to_read_again(file: CaseFile, system: str, app: App | None = None) -> ToReadAgain:
    """Return the records of a system that are gone by their outcome and were not seen absent since.

    Args:
        file: The case file, open.
        system: The system.
        app: What it works with, where other cases are to know what was corrected.

    Raises:
        Transient: Some wait to be erased again.
    """
    records = file.findings.worked_on(system)
    _insist_on_outcomes(records, system)
    # Of a residue a part is still there; its outcome and the answer say so. What has come back after the answer waits
    # for a person's approval, and is not what this attempt has erased.
    gone = [record for record in records if record.outcome in _CHANGED and record.verified is not PresenceState.PRESENT]
    # Those that an attempt has found which was cut short are not looked at again, and count all the same.
    residues = sum(
        record.outcome is OutcomeKind.RESIDUE and record.verified is PresenceState.RESIDUE for record in records
    )
    refs = tuple(record.ref for record in gone if not _is_seen_absent(record))
    seen = {state.value: 0 for state in PresenceState if state is not PresenceState.RESIDUE}
    seen[PresenceState.ABSENT.value] = len(gone) - len(refs)
    if residues:
        seen[PresenceState.RESIDUE.value] = residues
    changes = wanted(file.corrections.all()) if file.right is Right.RECTIFICATION else ()
    elsewhere = known_elsewhere(file, app) if app is not None else Elsewhere()
    return ToReadAgain(file.identifiers.to_act_by(), refs, seen, changes, elsewhere)


def read_again(trial: Attempt[Any], todo: ToReadAgain) -> tuple[dict[str, int], list[Presence]]:
    """Read records afresh; many looks are noted in one transaction, those before a fault too.

    Args:
        trial: The step's attempt.
        todo: What is to be read.

    Returns:
        What was seen and how often, and the last looks, which are still to be noted.
    """
    seen, waiting = Counter(todo.seen), list[Presence]()
    connector, before = trial.app.connectors[trial.system], sum(todo.seen.values())
    try:
        for presence in _looks(connector, todo) if todo.refs else ():
            seen[presence.state.value] += 1
            waiting.append(presence)
            if len(waiting) == TOGETHER:
                _store_looks(trial, waiting)
        _insist_on_answers(sum(seen.values()) - before, len(todo.refs), trial.system)
    except BaseException:
        _store_looks(trial, waiting)
        raise
    return dict(seen), waiting


def _looks(connector: Connector, todo: ToReadAgain) -> Iterator[Presence]:
    if todo.changes and isinstance(connector, Rectifies):
        return connector.still_wrong(list(todo.refs), todo.changes, todo.known)
    return connector.presence(list(todo.refs), todo.known)


def _insist_on_answers(answered: int, asked: int, system: str) -> None:
    if answered != asked:
        raise Permanent(
            "The connector did not answer for every record; report this as a fault.", system=system, operation="verify"
        )


def _store_looks(trial: Attempt[Any], looks: list[Presence]) -> None:
    if looks:
        with trial.app.store.case_file(trial.case_id) as file:
            note_looks(file, trial, looks)
        looks.clear()


def note_looks(file: CaseFile, trial: Attempt[Any], looks: Sequence[Presence]) -> None:
    """Store what was seen.

    Args:
        file: The case file, open.
        trial: The step's attempt.
        looks: What was seen.
    """
    file.findings.record_presence(*looks)
    for presence in looks:
        if presence.state is PresenceState.RESIDUE:
            # Erasing once more would leave the same: it is said what stays, in place of "erased" or "redacted".
            file.findings.record_outcome(
                Outcome(record=presence.record, kind=OutcomeKind.RESIDUE, reason=presence.detail, refused=True)
            )
        if presence.state is PresenceState.PRESENT:
            # A person wrote into it meanwhile, or it was not what the system said: erase it once more.
            file.findings.reopen(presence.record)
            if not trial.step.is_follow_up:
                file.steps.fail(
                    StepName.ERASE, trial.system, "After the erasure something was still there; it is erased again."
                )


def _is_seen_absent(record: WorkedRecord) -> bool:
    """Return True if a fresh read showed the record absent after its erasure, in an attempt that was cut short."""
    if record.verified is not PresenceState.ABSENT or record.verified_at is None or record.acted_at is None:
        return False
    return record.verified_at >= record.acted_at


def _insist_on_outcomes(records: list[WorkedRecord], system: str) -> None:
    waiting = sum(map(is_to_do, records))
    if waiting:
        raise Transient(
            f"{waiting} records wait to be erased again; start the case's run again.", system=system, operation="verify"
        )


def why_not_absent(seen: Mapping[str, int], system: str) -> Transient | None:
    """Return the error for records that were still present or could not be checked; ``None`` where all are gone.

    Args:
        seen: What was seen and how often.
        system: The system.
    """
    present, unknown = seen[PresenceState.PRESENT.value], seen[PresenceState.UNKNOWN.value]
    if not (present or unknown):
        return None
    return Transient(
        f"After the erasure {present} records are still there and {unknown} could not be checked; "
        "they are looked at again.",
        system=system,
        operation="verify",
    )
