"""Marks of restrictions that were lifted, read again: what a restored back-up brought back is taken away.

A record that was backed up while it was restricted (Art. 18 GDPR) comes back with its mark, and is not used although
the person was told that it is. The mark is taken away where it names this case; anyone else's, and one that names no
case, stays. That needs no approval, since it was decided that the mark goes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.lifting import restricted_elsewhere
from rightsflow.cases.course.follow_up.marks import MarkedRecords, MarksRead, ask_about_marks
from rightsflow.cases.course.follow_up.restored import ASKED
from rightsflow.cases.step.marking import set_marks
from rightsflow.cases.step.one_attempt import Attempt
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.erasure.plan_by_decision import is_lifted
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import MarkState, Method, Outcome, OutcomeKind, RecordRef
from rightsflow.store import CaseFile

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
_REFUSED: Final = (
    "Records whose restriction was lifted, that bear its mark again and from which the software cannot take it: "
    "{count}. Take it away by hand."
)
_TWICE: Final = (
    "Records whose restriction was lifted and that are there a second time, which a restored back-up explains: "
    "{count}. Remove the second one by hand: the end of the retention does not reach it."
)
_BY_HAND: Final = (
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


def returned_marks(seen: MarksRead, case_id: str) -> ReturnedMarks:
    """Return the lifted marks that a fresh read showed again.

    Args:
        seen: The fresh read.
        case_id: The case that lifted them.
    """
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
    own = returned_marks(seen, trial.case_id).own
    if not (own or seen.copies.renamed):
        return []
    with trial.app.store.case_file(trial.case_id) as file:
        for record_ref in seen.copies.renamed:
            file.findings.restored.rename(record_ref.record, record_ref.now)
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
    back, became = returned_marks(seen, trial.case_id), {outcome.record: outcome for outcome in done}
    failed = {back.own[ref] for ref, item in became.items() if item.kind is OutcomeKind.FAILED}
    refused = {back.own[ref] for ref, item in became.items() if item.refused}
    left = failed | refused
    file.findings.restored.note_looked([seen.renamed.get(item, item) for item in these.refs if item not in failed])
    again = {record for name, record in back.own.items() if name in became} - left
    bare = {record_ref for record_ref in seen.those(MarkState.UNMARKED) if record_ref not in left}
    file.kept.note_lifted_again(sorted(again | bare))
    tasks = {_WHOSE: back.nameless, _REFUSED: len(refused), _TWICE: back.twice}
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
    ask_about_marks(file, app, system, seen.unreadable, _BY_HAND)
    return seen.unreadable
