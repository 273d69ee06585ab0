"""Checks, days later, of erased, muted, restricted or corrected records; a person is notified of a restore's effects.

A row that was backed up before its correction (Art. 16 GDPR) comes back with the wrong value. Where the system is known
to be restored, it is corrected again without approval: it was approved, and only the wrong value is overwritten.
Otherwise a person may have written the old value since, and the owner gets a task to find out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from typing import Any, Final
from uuid import uuid4

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.marks import (
    LIFTED_AGAIN,
    MARKED_AGAIN,
    NOT_LIFTED,
    NOT_MARKED,
    MarkedRecords,
    ask_about_marks,
    ask_for_lifted_by_hand,
    ask_for_marks_by_hand,
    lifted_records,
    marked_records,
    note_marks,
    note_taken_away,
    put_back,
    read_marks,
    take_away,
)
from rightsflow.cases.course.follow_up.restored import ASKED, Remains, look_for_restored, note_restored, remains_of
from rightsflow.cases.course.letters.certificates import renew_certificate
from rightsflow.cases.facts.systems import insist_on_kinds
from rightsflow.cases.step.attempt import Attempt, attempt, calling
from rightsflow.cases.work.erasure.remaining_tasks import GONE, is_read_again, next_look, note_next_look
from rightsflow.cases.work.processors.status import doubt_claims
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.connector import Connector, Rectifies
from rightsflow.domain.erasure.plan_by_decision import is_corrected, is_lifted, is_stored_only
from rightsflow.domain.errors import Permanent, Transient
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.rectification.corrections import wanted
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, Presence, PresenceState, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import NewTask
from rightsflow.store.core.case_ledger import MACHINE

CORRECTED_AGAIN: Final = "corrected again"
"""The count of records that had got the wrong value back, and were corrected again."""
_WHY: Final = (
    "Corrected records that hold again what was wrong: {count}. Find out whether a back-up was restored or a person "
    "has written it since; after a restore `rightsflow systems replay {system}` corrects them again."
)
_AGAIN: Final = (
    "Corrected records that held again what was wrong: {count}. The software has corrected them again. Find out why (a "
    "restored back-up, an import) and whether the wrong value was used meanwhile."
)
_LEFT: Final = (
    "Corrected records that hold again what was wrong, and that the software does not correct: {count}. Another "
    "request of the person has changed them since, or their system did not take it; put them right by hand."
)
_BLANKED: Final = (
    "Kept records of which fields were blanked: {count}. The system was restored: look there whether these fields are "
    "filled again, and blank them by hand."
)


@dataclass(frozen=True, slots=True)
class CorrectedRecords:
    """The corrected records of a case at one system.

    Args:
        refs: The records.
        later: Those of them that another request of the person has corrected since.
        changes: What was corrected.
    """

    refs: tuple[RecordRef, ...] = ()
    later: frozenset[RecordRef] = frozenset()
    changes: tuple[Change, ...] = ()


def _corrected_records(file: CaseFile, system: str, findings: Sequence[Finding]) -> CorrectedRecords:
    """Return the records that were corrected."""
    corrected = [finding for finding in findings if is_corrected(finding)]
    if not corrected or file.right is not Right.RECTIFICATION:
        return CorrectedRecords()
    rights = frozenset({Right.RECTIFICATION})
    others = (*file.identifiers.open_beside(rights), *file.identifiers.answered_beside(rights))
    elsewhere = {
        finding.ref for other in others for finding in file.beside(other).findings.all(system) if is_corrected(finding)
    }
    refs = tuple(sorted(finding.ref for finding in corrected))
    return CorrectedRecords(refs, frozenset(elsewhere.intersection(refs)), wanted(file.corrections.all()))


def _read_corrections(connector: Connector, these: CorrectedRecords, known: Identifiers) -> list[RecordRef]:
    """Return the records in which a wrong value is back, by a fresh read."""
    if not these.refs or not isinstance(connector, Rectifies):
        return []
    seen = list(connector.still_wrong(list(these.refs), these.changes, known))
    if sorted(presence.record for presence in seen) != sorted(these.refs):
        raise Permanent("The connector did not answer for every record; report this as a fault.", operation="verify")
    return sorted(presence.record for presence in seen if presence.state is PresenceState.PRESENT)


def _correct_again(
    trial: Attempt[Any], these: CorrectedRecords, wrong: Sequence[RecordRef], known: Identifiers
) -> list[Outcome]:
    """Note which corrections are undone, and carry them out again; returns what became of each."""
    connector = trial.app.connectors[trial.system]
    with trial.app.store.case_file(trial.case_id) as file:
        file.kept.note_corrections_undone(wrong)
    done: list[Outcome] = []
    if isinstance(connector, Rectifies):
        for _, group in groupby(
            (record_ref for record_ref in wrong if record_ref not in these.later),
            key=lambda record_ref: record_ref.kind,
        ):
            done += connector.rectify(list(group), these.changes, known)
    return done


def _note_corrections(
    file: CaseFile,
    app: App,
    system: str,
    these: CorrectedRecords,
    wrong: Sequence[RecordRef],
    done: Iterable[Outcome] | None,
) -> dict[str, int]:
    """Note what came of undone corrections, and the task of a person."""
    if not these.refs:
        return {}
    file.kept.note_looked(these.refs)
    right = [ref for ref in these.refs if ref not in wrong]
    if isinstance(app.connectors[system], Rectifies):
        file.findings.record_presence(*(Presence(record=ref, state=PresenceState.ABSENT) for ref in right))
    if done is None:
        file.kept.note_corrections_undone(wrong)
        ask_about_marks(file, app, system, len(wrong), _WHY)
        return {ASKED: len(wrong)}
    again = [outcome.record for outcome in done if outcome.kind is OutcomeKind.RECTIFIED]
    file.kept.note_corrected_again([*again, *right])
    left = len(wrong) - len(again)
    ask_about_marks(file, app, system, len(again), _AGAIN)
    ask_about_marks(file, app, system, left, _LEFT)
    return {CORRECTED_AGAIN: len(again), ASKED: left}


def _ask_about_blanked(file: CaseFile, app: App, system: str) -> int:
    """Have a person look, once a system was restored, at fields that were blanked; returns of how many records.

    No connector shows whether a blanked field is filled again, so that no one could say what came back.
    """
    kept = [finding for finding in file.findings.all(system) if finding.outcome is OutcomeKind.RETAINED]
    count = sum(finding.method is Method.BLANK for finding in kept)
    ask_about_marks(file, app, system, count, _BLANKED)
    return count


def systems_to_read(file: CaseFile, app: App) -> list[str]:
    """Return the systems at which records of a case have to be read again today.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    return sorted({item.ref.system for item in _due(file, app)})


def _due(file: CaseFile, app: App) -> Iterator[Finding]:
    for finding in file.findings.all():
        on = next_look(finding, app)
        if on is not None and on <= app.today:
            yield finding


def verify_again(app: App, case_id: str, system: str) -> ReadAgain:
    """Read the records of one system again that are due: those that are gone, muted or restricted.

    Args:
        app: What it works with.
        case_id: The case.
        system: The system.

    Raises:
        Transient: The system gives no clear answer about some of them, or did not take a mark.
    """
    read = partial(_to_read, app=app, system=system, which=_due)
    scope = app.today.isoformat()
    with attempt(app, case_id, StepName.VERIFY_AGAIN, system, scope=scope, calls=True, read=read) as trial:
        if not trial.already_done:
            trial.makes_room = True
            _read(trial)
    return _read_again(trial)


def read_everything(app: App, case_id: str, system: str) -> ReadAgain:
    """Read every record of a case that was erased, muted or restricted at a system, due or not.

    Args:
        app: What it works with.
        case_id: The case.
        system: The system, which was restored.

    Raises:
        Transient: The system gives no clear answer about some of them, or did not take a mark.
    """
    read = partial(_to_read, app=app, system=system, which=_after_restore)
    # Under a scope of its own, since a system may be restored twice within one instant of the clock.
    with attempt(app, case_id, StepName.VERIFY_AGAIN, system, scope=uuid4().hex, calls=True, read=read) as trial:
        _read(trial)
    return _read_again(trial)


def _read_again(trial: Attempt[_ToRead]) -> ReadAgain:
    names = PresenceState.PRESENT.value, ASKED, MARKED_AGAIN, LIFTED_AGAIN, CORRECTED_AGAIN
    return ReadAgain(*(int(trial.counts.get(name, 0)) for name in names))


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """The result of a fresh read of a system.

    Args:
        back: How many records are back, and are erased again once that is approved.
        asked: How many a person has to look at, which may be back or something new, or have lost their mark.
        marked: How many had lost the mark of their restriction, and bear it again.
        lifted: How many bore a mark that had been lifted, which was taken away again.
        corrected: How many corrected ones had got the wrong value back, and hold the right one again.
    """

    back: int
    asked: int
    marked: int
    lifted: int
    corrected: int


def _after_restore(file: CaseFile, _app: App) -> Iterator[Finding]:
    for finding in file.findings.all():
        if is_read_again(finding) or is_stored_only(finding) or is_lifted(finding) or is_corrected(finding):
            yield finding


@dataclass(frozen=True, slots=True)
class _ToRead:
    """The person's identifiers, and the records to read again: gone, muted, restricted, or no longer restricted."""

    known: Identifiers
    gone: tuple[RecordRef, ...]
    remains: Remains
    marked: MarkedRecords
    lifted: MarkedRecords
    corrected: CorrectedRecords
    is_restored: bool


def _to_read(file: CaseFile, *, app: App, system: str, which: Callable[[CaseFile, App], Iterator[Finding]]) -> _ToRead:
    these = [item for item in which(file, app) if item.ref.system == system]
    gone = tuple(item.ref for item in these if item.outcome in GONE)
    marked = marked_records(file, app, system, these)
    lifted, is_restored = lifted_records(file, system, these), which is _after_restore
    corrected = _corrected_records(file, system, these)
    return _ToRead(file.identifiers.to_act_by(), gone, remains_of(file, these), marked, lifted, corrected, is_restored)


def _read(trial: Attempt[_ToRead]) -> None:
    """Read records again, and note what was seen with the step's end.

    Raises:
        Transient: The system gives no clear answer about some of them, or did not take a mark.
    """
    read, connector = trial.read, trial.app.connectors[trial.system]
    insist_on_kinds(read.remains.acted_at, trial.app.capabilities, trial.case_id)
    with calling(trial.app, trial):
        seen = list(connector.presence(read.gone, read.known)) if read.gone else []
        if len(seen) != len(read.gone):
            raise Permanent(
                "The connector did not answer for every record; report this as a fault.",
                system=trial.system,
                operation="verify",
            )
        restored = look_for_restored(connector, read.remains, read.known, seen)
        marks = read_marks(connector, read.marked, read.known, read.remains)
        done = put_back(trial, marks, read.known)
        returned = read_marks(connector, read.lifted, read.known, read.remains)
        undone = take_away(trial, returned, read.known)
        wrong = _read_corrections(connector, read.corrected, read.known)
        right = _correct_again(trial, read.corrected, wrong, read.known) if read.is_restored else None
    trial.counts.update(Counter(presence.state.value for presence in seen))
    with trial.app.store.case_file(trial.case_id) as file:
        # What an earlier look showed is not unsaid by one that showed nothing.
        _note(file, [presence for presence in seen if presence.state is not PresenceState.UNKNOWN])
        trial.counts.update(note_restored(file, trial.app, trial.system, read.remains, restored, trial.counts))
        of_marks = Counter(note_marks(file, trial.app, trial.system, read.marked, marks, done))
        of_marks.update(note_taken_away(trial, file, read.lifted, returned, undone))
        of_marks.update(_note_corrections(file, trial.app, trial.system, read.corrected, wrong, right))
        if read.is_restored:
            of_marks[ASKED] += ask_for_marks_by_hand(file, trial.app, trial.system, read.marked)
            of_marks[ASKED] += ask_for_lifted_by_hand(file, trial.app, trial.system, returned)
            of_marks[ASKED] += _ask_about_blanked(file, trial.app, trial.system)
        of_marks[ASKED] += trial.counts.get(ASKED, 0)
        trial.counts.update(+of_marks)
        if back := trial.counts.get(PresenceState.PRESENT.value, 0):
            _note_returned(file, trial.app, trial.system, back)
        doubt = _why_unclear(trial)
        if doubt is None:
            note_next_look(file, trial.app)
        trial.finish_unless(doubt, file)


def _why_unclear(trial: Attempt[Any]) -> Transient | None:
    if failed := trial.counts.get(NOT_MARKED, 0) + trial.counts.get(NOT_LIFTED, 0):
        return Transient(
            f"The marks of {failed} records could not be put back, or taken away again; it is tried again.",
            system=trial.system,
            operation="verify",
        )
    unclear = trial.counts.get(PresenceState.UNKNOWN.value, 0)
    if not unclear:
        return None
    return Transient(
        f"{unclear} records could not be read again; they are tried again.", system=trial.system, operation="verify"
    )


def _note(file: CaseFile, seen: list[Presence]) -> None:
    file.findings.record_presence(*seen)
    left = [presence for presence in seen if presence.state is PresenceState.RESIDUE]
    file.findings.record_outcome(
        *(
            Outcome(record=presence.record, kind=OutcomeKind.RESIDUE, reason=presence.detail, refused=True)
            for presence in left
        )
    )


_DONE_AGAIN: Final = {
    Right.RESTRICTION: "marked to be stored and used for nothing else",
    Right.RECTIFICATION: "corrected",
}
"""The action on records that are back, in rights that erase nothing."""


def _note_returned(file: CaseFile, app: App, system: str, count: int) -> int:
    """Note that erased records are back, and the task that has them erased again; returns the task's number."""
    file.ledger.append(CaseEvent.ERASED_RECORDS_RETURNED, system=system, count=count)
    doubt_claims(file, app, system)
    # A controller that read that all is erased reads that it is not, and once more when it is.
    renew_certificate(file, app)
    back = [
        finding
        for finding in file.findings.all(system)
        if finding.outcome in GONE and finding.verified is PresenceState.PRESENT
    ]
    count = max(count, len(back))
    for item in file.tasks.all():
        if item.is_open and item.kind is TaskKind.RETURNED and item.system == system:
            if item.approved_by or item.records == count:
                return item.number
            # More is back than it says.
            file.tasks.supersede(item.number, app.today, by=MACHINE)
    what = (
        f"{counted(count, 'record')} {'is' if count == 1 else 'are'} back that had been erased or had gone. Find out "
        f"why (a restored back-up, an import), then approve that what is back is "
        f"{_DONE_AGAIN.get(file.right, 'erased')}."
    )
    task = NewTask(kind=TaskKind.RETURNED, system=system, what=what, records=count, due_on=app.today)
    file.tasks.note([task], owner=file.ownership.owner)
    number = file.tasks.all()[-1].number
    file.tasks.show(number, ask=True)
    return number
