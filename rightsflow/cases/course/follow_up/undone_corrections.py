"""Corrections (Art. 16 GDPR), read again: what a restored back-up holds again is put right, or told to a person.

A row that was backed up before its correction comes back with the wrong value. Once the system is said to have been
restored it is corrected again, which needs no approval: it was approved, and a value is written only where the wrong
one stands. On the days of the looks no one has said so, and a person may have written the old value since, such as of
one who has moved back; then the owner has the task of finding out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from rightsflow.cases.app import App
from rightsflow.cases.course.follow_up.marks import ask_about_marks
from rightsflow.cases.course.follow_up.restored import ASKED
from rightsflow.cases.step.one_attempt import Attempt
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.connector import Connector, Rectifies
from rightsflow.domain.erasure.plan_by_decision import is_corrected
from rightsflow.domain.errors import Permanent
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import Change
from rightsflow.domain.rectification.corrections import wanted
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, Presence, PresenceState, RecordRef
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store import CaseFile

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


def corrected_records(file: CaseFile, system: str, findings: Sequence[Finding]) -> CorrectedRecords:
    """Return the records that were corrected.

    Args:
        file: The case file, open.
        system: The system.
        findings: The records, of that system.
    """
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


def read_corrections(connector: Connector, these: CorrectedRecords, known: Identifiers) -> list[RecordRef]:
    """The records in which a wrong value stands again, by a fresh read.

    Args:
        connector: Of their system.
        these: The records.
        known: The subject's identifiers.

    Raises:
        RightsflowError: The system gave no answer.
    """
    if not these.refs or not isinstance(connector, Rectifies):
        return []
    seen = list(connector.still_wrong(list(these.refs), these.changes, known))
    if sorted(presence.record for presence in seen) != sorted(these.refs):
        raise Permanent("The connector did not answer for every record; report this as a fault.", operation="verify")
    return sorted(presence.record for presence in seen if presence.state is PresenceState.PRESENT)


def correct_again(
    trial: Attempt[Any], these: CorrectedRecords, wrong: Sequence[RecordRef], known: Identifiers
) -> list[Outcome]:
    """Note which corrections are undone, and carry them out again; returns what became of each.

    Args:
        trial: The step's attempt.
        these: The corrected records.
        wrong: Those in which a wrong value stands again.
        known: The subject's identifiers.

    Raises:
        RightsflowError: The system gave no answer.
    """
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


def note_corrections(
    file: CaseFile,
    app: App,
    system: str,
    these: CorrectedRecords,
    wrong: Sequence[RecordRef],
    done: Iterable[Outcome] | None,
) -> dict[str, int]:
    """Note what came of undone corrections, and the task of a person.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.
        these: The corrected records.
        wrong: Those in which a wrong value stood again.
        done: What became of those that were corrected again; ``None`` where no one has said that the system was
            restored.

    Returns:
        The counts that the step notes.
    """
    if not these.refs:
        return {}
    file.findings.restored.note_looked(these.refs)
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


def ask_about_blanked(file: CaseFile, app: App, system: str) -> int:
    """Have a person look, once a system was restored, at fields that were blanked; returns of how many records.

    No connector shows whether a blanked field is filled again, so that no one could say what came back.

    Args:
        file: The case file, open.
        app: What it works with.
        system: The system.
    """
    kept = [finding for finding in file.findings.all(system) if finding.outcome is OutcomeKind.RETAINED]
    count = sum(finding.method is Method.BLANK for finding in kept)
    ask_about_marks(file, app, system, count, _BLANKED)
    return count
