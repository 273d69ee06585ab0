"""The records that another request of the person has erased meanwhile, so that no answer calls them present."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from rightsflow.cases.facts.persons.bonds import other_cases
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, PresenceState, RecordRef
from rightsflow.store import CaseFile

ERASED_MEANWHILE: Final = "It was erased meanwhile, as another request of yours asked."
_ERASED: Final = frozenset({OutcomeKind.ERASED, OutcomeKind.REDACTED})
_STAYS: Final = frozenset(
    {OutcomeKind.RETAINED, OutcomeKind.RESTRICTED, OutcomeKind.NOT_CONCERNED, OutcomeKind.UNRECTIFIED}
)


def erased_beside(file: CaseFile) -> frozenset[RecordRef]:
    """The records of a case that another case of the same person has erased since this one's search found them.

    Args:
        file: The case file, open.
    """
    others = [file.beside(text) for text in other_cases(file).same]
    if not others:
        return frozenset()
    found_at = _found_at(file)
    mine = {finding.ref for finding in file.findings.all()}
    return frozenset(
        finding.ref
        for other in others
        for finding in other.findings.all()
        if finding.ref in mine and finding.outcome in _ERASED and finding.verified is not PresenceState.PRESENT
        # What was there at a search that came after it is back, or is another record of that name.
        if finding.acted_at and (at := found_at.get(finding.ref.system)) and finding.acted_at >= at
    )


def _found_at(file: CaseFile) -> dict[str, datetime]:
    """Return the instant of each system's last search for a case."""
    searches = [step for step in file.steps.all() if step.step == StepName.LOCATE]
    return {search.system: search.finished_at for search in searches if search.finished_at}


def note_erased_beside(file: CaseFile) -> None:
    """Note of records that the plan lets stay that another request of the person has erased them meanwhile.

    What was corrected before it was erased stays called so: it was, on the day that the answer names.

    Args:
        file: The case file, open; its answer is about to be written.
    """
    if not (erased := erased_beside(file)):
        return
    these = [
        finding
        for finding in file.findings.all()
        if finding.outcome in _STAYS and finding.attribution is Attribution.SUBJECT
    ]
    gone = [finding.ref for finding in these if finding.ref in erased]
    if gone:
        file.findings.record_outcome(
            *(Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=ERASED_MEANWHILE) for ref in gone)
        )
