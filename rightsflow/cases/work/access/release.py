"""The basis of a release decision: records to review first, the rest in groups; and the facts for a policy.

For thousands of records the database groups the equal ones, and only the records of one page are read in full.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.account import RecordLine, record_line, searched_by
from rightsflow.cases.facts.overview.overview import CaseOverview, overview
from rightsflow.cases.facts.persons import other_cases
from rightsflow.cases.facts.systems import in_order, proven, samples_of
from rightsflow.cases.work.access.package import REDACTED
from rightsflow.cases.work.access.package_review import remarks_on
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.erasure.plan_groups import PlanRecord
from rightsflow.domain.gates.policies import PackageSeen, filled_fields
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import Document, Fact
from rightsflow.store import CaseFile

SINGLY: Final = 150
"""Up to so many records all are shown at once, each with fields of its own; of more, those have that need a look."""
PAGE_RECORDS: Final = 50
"""The number of records of a group that one page shows, where the group has more."""
LOOK: Final = "look"
"""The key of the group that needs a look."""
_EXPLAINED: Final = frozenset({Fact.SHARED, Fact.MENTION})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseGroup:
    """Records that are alike.

    Args:
        key: What the address of a page calls it.
        title: What they have in common.
        total: How many there are.
        records: Those that are shown; none of a group that is folded.
        page: Which page of them, from 1.
        pages: How many pages they have.
        first: The number of the first record.
        last: The number of the last one.
        singly: Whether each has fields of its own.
        is_open: Whether they are shown at first.
    """

    key: str
    title: str
    total: int
    records: Sequence[RecordLine]
    page: int
    pages: int
    first: int
    last: int
    singly: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleasePage:
    """A page of what a release is decided on.

    Args:
        case: The case at a glance.
        groups: Its records.
    """

    case: CaseOverview
    groups: Sequence[ReleaseGroup]


def read_release(app: App, case_id: str, group: str = "", page: int = 1) -> ReleasePage:
    """Read a page of the records that a release decides on.

    Args:
        app: What it works with.
        case_id: The case.
        group: The key of the group that is shown of a case with many records; the first one by default.
        page: Which page of it, from 1; one beyond the last is the last.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        numbers: dict[tuple[str, str], list[int]] = defaultdict(list)
        for alike in file.planned.alike():
            numbers[_group_of(alike.one)].extend(alike.numbers)
        ordered = sorted(numbers.items(), key=lambda number: (number[0][0] != LOOK, number[0]))
        total = sum(map(len, numbers.values()))
        shown = group if any(key == group for (key, _), _ in ordered) else (ordered[0][0][0] if ordered else "")
        groups = list[ReleaseGroup]()
        for (key, title), these in ordered:
            is_shown = total <= SINGLY or key == shown
            pages = 1 if total <= SINGLY else -(-len(these) // PAGE_RECORDS)
            at = min(max(page, 1), pages) if key == shown else 1
            wanted = sorted(these) if pages == 1 else sorted(these)[(at - 1) * PAGE_RECORDS : at * PAGE_RECORDS]
            findings = file.planned.findings(file.planned.records(wanted)) if is_shown else []
            groups.append(
                ReleaseGroup(
                    key=key,
                    title=title,
                    total=len(these),
                    records=[record_line(finding, file.right) for finding in findings],
                    page=at,
                    pages=pages,
                    first=min(these),
                    last=max(these),
                    singly=key == LOOK or total <= SINGLY,
                    is_open=key == LOOK or len(ordered) == 1 or (total > SINGLY and key == group),
                )
            )
        return ReleasePage(case=overview(file, app.present, app.capabilities, in_sum=True), groups=groups)


def _group_of(plan_record: PlanRecord) -> tuple[str, str]:
    """Return the key and the title of a record's group; records that need review have one of their own."""
    if plan_record.attribution is Attribution.UNCLEAR or plan_record.facts & _EXPLAINED:
        return LOOK, "Look at these"
    return f"{plan_record.system} {plan_record.kind}", f"{plan_record.system}: {plan_record.kind}"


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
    """Return the filled fields by record kind, and the number of parts with another person."""
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
