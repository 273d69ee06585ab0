"""Marks of restrictions, read again after the answer: lost ones are set again, lifted ones removed again.

A record that was backed up before its restriction (Art. 18 GDPR) comes back without its mark, or under another name,
and is used again. One that was backed up while it was restricted comes back with the mark after the person was told
that it is lifted. Neither repair needs approval, since the mark itself was approved. A mark is removed only where it
names this case. The loss is noted first, so that a run that is killed in between leaves no unseen repair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.lifting import being_lifted, restricted_elsewhere
from rightsflow.cases.course.follow_up.restored import ASKED, Remains
from rightsflow.cases.step.attempt import Attempt, set_marks
from rightsflow.cases.work.erasure.remaining_tasks import GONE
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.connector import Connector, Recognises, ShowsMarks
from rightsflow.domain.erasure.plan_by_decision import is_lifted, is_marked, is_stored_only
from rightsflow.domain.erasure.residue import RestoredCopies, sort_copies
from rightsflow.domain.errors import Permanent
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import (
    MarkSeen,
    MarkState,
    Method,
    Outcome,
    OutcomeKind,
    Presence,
    PresenceState,
    RecordRef,
)
from rightsflow.domain.vocabulary.rights import ERASING
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import NewTask

NOT_MARKED: Final = "not marked"
"""The count of restricted records whose mark could not be put back in this attempt."""
MARKED_AGAIN: Final = "marked again"
"""The count of those that bear their mark again."""
_GONE: Final = "It was not there any more when its mark was read."
_BACK: Final = "It is there again."


@dataclass(frozen=True, slots=True)
class MarkedRecords:
    """The records of a case that are stored only, at one system.

    Args:
        refs: Those that bear a mark of ours.
        missed: Those of them that were not there at the last look.
        by_hand: How many bear a mark that a person put there.
        names: Every record of the case at the system, whatever became of it.
    """

    refs: tuple[RecordRef, ...] = ()
    missed: frozenset[RecordRef] = frozenset()
    by_hand: int = 0
    names: frozenset[RecordRef] = frozenset()


def marked_records(file: CaseFile, app: App, system: str, findings: Sequence[Finding]) -> MarkedRecords:
    """Return the records that are stored only; a restriction that ends today is not restored.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.
        findings: The records, of that system.
    """
    stored_only = [finding for finding in findings if is_stored_only(finding)]
    if not stored_only:
        return MarkedRecords()
    ending = being_lifted(file, app, system)
    marked = [finding for finding in stored_only if is_marked(finding) and finding.number not in ending]
    return MarkedRecords(
        refs=tuple(sorted(finding.ref for finding in marked)),
        missed=frozenset(finding.ref for finding in marked if finding.verified is PresenceState.ABSENT),
        by_hand=sum(not is_marked(finding) for finding in stored_only),
        names=frozenset(finding.ref for finding in file.findings.all(system)),
    )


@dataclass(frozen=True, slots=True)
class MarksRead:
    """The result of a fresh read of marks.

    Args:
        states: What was seen of each record by its own name.
        copies: What lies there under other names.
        bare: Those of these names that bear no mark.
        unreadable: Of how many records the system does not show a mark.
        named: The names, of either sort, that bear a mark, each with the case that it names; empty where it names none.
    """

    states: Mapping[RecordRef, MarkState]
    copies: RestoredCopies
    bare: frozenset[RecordRef]
    unreadable: int
    named: Mapping[RecordRef, str] = field(default_factory=dict)

    @property
    def renamed(self) -> dict[RecordRef, RecordRef]:
        """The present names of the records that go by another one."""
        return {record_ref.record: record_ref.now for record_ref in self.copies.renamed}

    def those(self, state: MarkState) -> list[RecordRef]:
        """Return the records with this observation."""
        return [ref for ref, seen in self.states.items() if seen is state]

    @property
    def lost(self) -> list[RecordRef]:
        """The case's records that bear no mark, by their present names."""
        return self.those(MarkState.UNMARKED) + [
            record_ref.now for record_ref in self.copies.renamed if record_ref.now in self.bare
        ]

    @property
    def bare_copies(self) -> dict[RecordRef, RecordRef]:
        """The copies beside marked records that bear no mark, each with the record that it is of."""
        return {
            item.now: self.renamed.get(item.record, item.record) for item in self.copies.beside if item.now in self.bare
        }

    @property
    def gone(self) -> list[RecordRef]:
        """The records that are not there under any name that is known."""
        return [record_ref for record_ref in self.those(MarkState.GONE) if record_ref not in self.renamed]


def read_marks(connector: Connector, these: MarkedRecords, known: Identifiers, remains: Remains) -> MarksRead:
    """Read marks afresh; nothing is written.

    Args:
        connector: Of the records' system.
        these: The records.
        known: The subject's identifiers.
        remains: By what records are told again that are back under another name.

    Raises:
        RightsflowError: The system gave no answer.
    """
    able = {kind.name for kind in connector.capabilities.kinds if Method.RESTRICT in kind.methods}
    shown = [ref for ref in these.refs if ref.kind in able] if isinstance(connector, ShowsMarks) else []
    nothing = MarksRead({}, RestoredCopies(), frozenset(), len(these.refs) - len(shown))
    if not shown or not isinstance(connector, ShowsMarks):
        return nothing
    seen = _read(connector, shown, known)
    back = connector.restored(shown, known, remains.had) if isinstance(connector, Recognises) else ()
    names = these.names | {item.now for item in seen if item.now}
    gone = [item.record for item in seen if item.state is MarkState.GONE]
    copies = sort_copies((restored for restored in back if restored.now not in names), remains.acted_at, gone)
    there = _read(connector, [item.now for item in (*copies.renamed, *copies.beside)], known)
    bare = frozenset(item.record for item in there if item.state is MarkState.UNMARKED)
    named = {item.record: item.case_id for item in (*seen, *there) if item.state is MarkState.MARKED}
    return MarksRead({item.record: item.state for item in seen}, copies, bare, nothing.unreadable, named)


def _read(connector: ShowsMarks, refs: Sequence[RecordRef], known: Identifiers) -> list[MarkSeen]:
    seen = list(connector.marks(refs, known)) if refs else []
    if sorted(mark.record for mark in seen) != sorted(refs):
        raise Permanent("The connector did not answer for every mark; report this as a fault.", operation="marks")
    return seen


def put_back(trial: Attempt[Any], seen: MarksRead, known: Identifiers) -> list[Outcome]:
    """Note which marks are gone, and put them back; returns what became of each.

    Args:
        trial: The step's attempt.
        seen: What was seen.
        known: The subject's identifiers.

    Raises:
        RightsflowError: The system gave no answer.
    """
    lost, copies = seen.lost, seen.bare_copies
    if not (lost or copies or seen.copies.renamed):
        return []
    with trial.app.store.case_file(trial.case_id) as file:
        for record_ref in seen.copies.renamed:
            file.kept.rename(record_ref.record, record_ref.now)
        ask_about_marks(file, trial.app, trial.system, file.kept.note_marks_lost(lost), _FOUND_BARE)
        file.kept.note_marks_lost(copies.values(), copies=True)
    connector = trial.app.connectors[trial.system]
    return list(set_marks(connector, [*lost, *copies], Method.RESTRICT, known, trial.case_id))


_FOUND_BARE: Final = (
    "Restricted records that had lost the mark which says so: {count}. The software puts it back. Find out why it was "
    "gone (a restored back-up, an import) and whether they were used meanwhile; after a restore run `rightsflow "
    "systems replay {system}`, which looks at every case."
)


def note_marks(
    file: CaseFile, app: App, system: str, these: MarkedRecords, seen: MarksRead, done: Iterable[Outcome]
) -> dict[str, int]:
    """Note what came of the marks, and the tasks of a person where one has to look.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.
        these: The records.
        seen: What was seen of their marks.
        done: What became of those that were put back.

    Returns:
        The counts that the step notes.
    """
    if not these.refs:
        return {}
    copies, became = seen.bare_copies, {outcome.record: outcome.kind for outcome in done}
    again = [ref for ref, kind in became.items() if kind is OutcomeKind.RESTRICTED]
    failed = {ref for ref, kind in became.items() if kind is OutcomeKind.FAILED}
    looked_at = [seen.renamed.get(item, item) for item in these.refs]
    file.kept.note_looked([item for item in looked_at if item not in failed])
    _note_presence(file, these, seen)
    own = [ref for ref in again if ref not in copies]
    file.kept.note_marked_again([*own, *file.kept.still_lost(seen.those(MarkState.MARKED))])
    file.kept.note_marked_again([copies[ref] for ref in again if ref in copies], copies=True)
    missed = {item for item in seen.gone if item not in these.missed}
    tasks = {
        _REFUSED: sum(kind is OutcomeKind.RETAINED for kind in became.values()),
        _TWICE: len(seen.copies.beside),
        _DOUBTFUL: len(seen.copies.doubtful),
        _NOT_THERE: len(missed - _erased_elsewhere(file, system)) if missed else 0,
        _UNREADABLE: seen.unreadable,
    }
    for what, count in tasks.items():
        ask_about_marks(file, app, system, count, what)
    counts = {MARKED_AGAIN: len(again), NOT_MARKED: len(failed), ASKED: sum(tasks.values())}
    return {name: count for name, count in counts.items() if count}


_REFUSED: Final = (
    "Restricted records that have lost their mark and that the software cannot mark: {count}. Mark by hand that they "
    "are stored only."
)
_TWICE: Final = (
    "Restricted records that are there a second time, which a restored back-up explains: {count}. Remove the second "
    "one by hand: neither the end of the restriction nor that of the retention reaches it."
)
_DOUBTFUL: Final = (
    "Restricted records that may be back under another name, which no program can tell: {count}. Look at what was "
    "stored since, under the names of this case's records, and mark by hand what a back-up has brought back."
)
_NOT_THERE: Final = "Restricted records that are not there any more: {count}. Find out why."
_UNREADABLE: Final = (
    "Restricted records whose mark the system does not show to the software: {count}. Look there whether each still "
    "bears it, and mark by hand what does not."
)
_BY_HAND: Final = (
    "Restricted records without a mark of the software: {count}. The system was restored: look there whether the mark "
    "that a person put is still on them."
)


def ask_for_marks_by_hand(file: CaseFile, app: App, system: str, these: MarkedRecords) -> int:
    """Have a person look, once a system was restored, at the marks that a person put there; returns how many.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.
        these: The records.
    """
    ask_about_marks(file, app, system, these.by_hand, _BY_HAND)
    return these.by_hand


def _erased_elsewhere(file: CaseFile, system: str) -> set[RecordRef]:
    """Return the records at a system that another case of the person has erased."""
    others = (*file.identifiers.open_beside(ERASING), *file.identifiers.answered_beside(ERASING))
    return {
        finding.ref
        for other in others
        for finding in file.beside(other).findings.all(system)
        if finding.outcome in GONE
    }


def _note_presence(file: CaseFile, these: MarkedRecords, seen: MarksRead) -> None:
    """Note what is gone, once, and what is there again."""
    gone = [item for item in seen.gone if item not in these.missed]
    back = [
        seen.renamed.get(item, item) for item in sorted(these.missed) if item in seen.states and item not in seen.gone
    ]
    looks = [Presence(record=item, state=PresenceState.ABSENT, detail=_GONE) for item in gone]
    looks += [Presence(record=item, state=PresenceState.PRESENT, detail=_BACK) for item in back]
    if looks:
        file.findings.record_presence(*looks)


def ask_about_marks(file: CaseFile, app: App, system: str, count: int, said: str) -> None:
    """Note a task about marks; not once more while the same one is open.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.
        count: How many records it is about; of none there is no task.
        said: What a person has to do, with ``{count}`` and ``{system}``.
    """
    what = said.format(count=f"{count:,}", system=system)
    if count and not any(item.is_open and (item.system, item.what) == (system, what) for item in file.tasks.all()):
        task = NewTask(kind=TaskKind.MANUAL, system=system, what=what, records=count, due_on=app.today)
        file.tasks.note([task], owner=file.ownership.owner)


LIFTED_AGAIN: Final = "lifted again"
"""The count of records whose mark was taken away again."""
NOT_LIFTED: Final = "not lifted"
"""The count of those whose mark could not be taken away in this attempt."""
_AGAIN: Final = (
    "Records whose restriction was lifted and that bore its mark again: {count}. The software takes it away. Find out "
    "why it was there (a restored back-up, an import); after a restore run `rightsflow systems replay {system}`, which "
    "looks at every case."
)
_WHOSE: Final = (
    "Records whose restriction was lifted and that bear a mark that names no case: {count}. A restored back-up may "
    "have brought it back, or a person may have put it. Look there, and take it away by hand if no one put it."
)
_MARK_STAYS: Final = (
    "Records whose restriction was lifted, that bear its mark again and from which the software cannot take it: "
    "{count}. Take it away by hand."
)
_LIFTED_TWICE: Final = (
    "Records whose restriction was lifted and that are there a second time, which a restored back-up explains: "
    "{count}. Remove the second one by hand: the end of the retention does not reach it."
)
_LIFTED_BY_HAND: Final = (
    "Records whose restriction was lifted and whose mark the system does not show to the software: {count}. The system "
    "was restored: look there whether the mark is back, and take it away by hand."
)


def lifted_records(file: CaseFile, system: str, findings: Sequence[Finding]) -> MarkedRecords:
    """Return the records whose restriction was lifted and that no other request of the person restricts.

    Args:
        file: The case file, open.
        system: The system.
        findings: The records, of that system.
    """
    lifted = [finding for finding in findings if is_lifted(finding)]
    if not lifted:
        return MarkedRecords()
    elsewhere = restricted_elsewhere(file, system)
    return MarkedRecords(
        refs=tuple(sorted(finding.ref for finding in lifted if finding.ref not in elsewhere)),
        names=frozenset(finding.ref for finding in file.findings.all(system)),
    )


@dataclass(frozen=True, slots=True)
class ReturnedMarks:
    """Marks that are there although they were lifted.

    Args:
        own: The names that bear this case's mark, each with the record that it is of.
        nameless: How many bear a mark that names no case.
        twice: How many of the first lie beside the record.
    """

    own: dict[RecordRef, RecordRef]
    nameless: int
    twice: int


def _returned_marks(seen: MarksRead, case_id: str) -> ReturnedMarks:
    """Return the lifted marks that a fresh read showed again."""
    beside = {item.now: seen.renamed.get(item.record, item.record) for item in seen.copies.beside}
    own = {name: beside.get(name, name) for name, named in seen.named.items() if named == case_id}
    nameless = sum(not named for named in seen.named.values())
    return ReturnedMarks(own=own, nameless=nameless, twice=sum(item in beside for item in own))


def take_away(trial: Attempt[Any], seen: MarksRead, known: Identifiers) -> list[Outcome]:
    """Note which marks are back that were lifted, and take this case's away; returns what became of each.

    Args:
        trial: The step's attempt.
        seen: What was seen.
        known: The subject's identifiers.

    Raises:
        RightsflowError: The system gave no answer.
    """
    own = _returned_marks(seen, trial.case_id).own
    if not (own or seen.copies.renamed):
        return []
    with trial.app.store.case_file(trial.case_id) as file:
        for record_ref in seen.copies.renamed:
            file.kept.rename(record_ref.record, record_ref.now)
        count = file.kept.note_marks_returned(sorted(set(own.values())))
        ask_about_marks(file, trial.app, trial.system, count, _AGAIN)
    return list(set_marks(trial.app.connectors[trial.system], own, Method.LIFT, known, trial.case_id))


def note_taken_away(
    trial: Attempt[Any], file: CaseFile, these: MarkedRecords, seen: MarksRead, done: Iterable[Outcome]
) -> dict[str, int]:
    """Note what came of the marks, and the tasks of a person where one has to look.

    Args:
        trial: The step's attempt.
        file: The case file, open.
        these: The records.
        seen: What was seen of their marks.
        done: What became of those that were taken away.

    Returns:
        The counts that the step notes; with those of a person under :data:`~.restored.ASKED`.
    """
    if not these.refs:
        return {}
    back, became = _returned_marks(seen, trial.case_id), {outcome.record: outcome for outcome in done}
    failed = {back.own[ref] for ref, item in became.items() if item.kind is OutcomeKind.FAILED}
    refused = {back.own[ref] for ref, item in became.items() if item.refused}
    left = failed | refused
    file.kept.note_looked([seen.renamed.get(item, item) for item in these.refs if item not in failed])
    again = {record for name, record in back.own.items() if name in became} - left
    bare = {record_ref for record_ref in seen.those(MarkState.UNMARKED) if record_ref not in left}
    file.kept.note_lifted_again(sorted(again | bare))
    tasks = {_WHOSE: back.nameless, _MARK_STAYS: len(refused), _LIFTED_TWICE: back.twice}
    for said, count in tasks.items():
        ask_about_marks(file, trial.app, trial.system, count, said)
    return {LIFTED_AGAIN: len(again), NOT_LIFTED: len(failed), ASKED: sum(tasks.values())}


def ask_for_lifted_by_hand(file: CaseFile, app: App, system: str, seen: MarksRead) -> int:
    """Have a person look, once a system was restored, where it shows no marks; returns at how many records.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.
        seen: What was seen of the marks that were lifted.
    """
    ask_about_marks(file, app, system, seen.unreadable, _LIFTED_BY_HAND)
    return seen.unreadable
