"""The facts about a new access package that a policy needs, from the case file and the copies in it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import searched_by
from rightsflow.cases.facts.persons.bonds import other_cases
from rightsflow.cases.facts.search.systems import in_order, proven, samples_of
from rightsflow.cases.work.access.copies import REDACTED
from rightsflow.cases.work.access.sending_back import remarks_on
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.gates.policies import PackageSeen, filled_fields
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import Document, Fact
from rightsflow.store import CaseFile

_NOT_ALONE: Final = frozenset({Fact.SHARED, Fact.MENTION})


def package_seen(file: CaseFile, app: App) -> PackageSeen:
    """Return the facts about a package; the copies are read only if no other fact sends the package to a person.

    Args:
        file: The case file, open.
        app: What it works with.

    Raises:
        Conflict: The copies are not here.
    """
    findings = file.findings.all()
    seen = PackageSeen(
        records=len(findings),
        files=sum(finding.copies.files for finding in findings if finding.copies),
        masked=_masked(file),
        in_doubt=_in_doubt(file, findings),
        by_people=len(file.masks.all())
        + len(remarks_on(file))
        + sum(finding.decided is not None for finding in findings),
        asked=len(file.instructions.all()),
        unproven=_unproven(file, app, {finding.ref.system for finding in findings}),
        is_imported=file.bulk.makes_room,
        is_order=file.orders.is_one,
    )
    if seen.files or seen.masked or seen.in_doubt:
        return seen
    filled, others = _read(file, app)
    return replace(seen, filled=filled, masked=others)


def _masked(file: CaseFile) -> int:
    done = (file.steps.done(StepName.REDACT, system) for system in file.findings.systems())
    # A step that is not done is no step that masked nothing.
    return sum(sum(map(int, item.counts.values())) if item else 1 for item in done)


def _in_doubt(file: CaseFile, findings: list[Finding]) -> int:
    doubtful = sum(
        finding.attribution is not Attribution.SUBJECT or bool(finding.facts & _NOT_ALONE) for finding in findings
    )
    known = file.identifiers
    others = other_cases(file)
    left_unclear = sum(file.beside(text).findings.has_unclear() for text in others.same)
    # Who may have been here before is a person's to find out.
    return doubtful + len(known.contested()) + left_unclear + len(others.perhaps)


def _unproven(file: CaseFile, app: App, with_records: set[str]) -> int:
    known, proven_ones = file.identifiers.known(), proven(samples_of(file.ledger.entries(CaseEvent.STEP_DONE)))
    return sum(
        not searched_by(known, capability) or name not in proven_ones | with_records
        for name, capability in app.capabilities.items()
        if file.orders.concerns(name)
    )


def _read(file: CaseFile, app: App) -> tuple[Mapping[str, frozenset[str]], int]:
    """The fields that hold something, by record kind, and in how many parts another person stands."""
    workspace = app.workspace(file)
    filled: dict[str, frozenset[str]] = defaultdict(frozenset)
    others = 0
    for system in in_order(app, file.findings.systems()):
        for part in workspace.read(REDACTED, system):
            kind = f"{part.record.system}/{part.record.kind}"
            # A file has no fields that could be named.
            filled[kind] |= filled_fields(part.content) if isinstance(part, Document) else frozenset({"a file"})
            others += isinstance(part, Document) and bool(part.others)
    return filled, others
