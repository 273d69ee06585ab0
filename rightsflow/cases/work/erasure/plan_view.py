"""The plan of an erasure as its page shows it. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.personal_data import scope_lines
from rightsflow.cases.work.erasure.plan import PlanNote, bound_with, decisions_of, notes_on, replanned
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.board import Light, light
from rightsflow.domain.case.findings import Planned
from rightsflow.domain.case.record_decisions import RecordDecision
from rightsflow.domain.erasure.plan_by_request import is_left
from rightsflow.domain.erasure.plan_groups import (
    CONSEQUENCES,
    RUNS_ON,
    AlikeRecords,
    Look,
    PlanGroup,
    PlanRecord,
    Traces,
    does,
    foretold,
    grouped,
    means,
    preflight,
    whose,
    with_standard,
)
from rightsflow.domain.gates.decisions import Decision, Gate
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.domain.wording import counted
from rightsflow.store import CaseFile

PAGE_RECORDS: Final = 50
"""The number of records on a page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """A group in the table of contents.

    Args:
        key: Names it in an address.
        title: What its records have in common.
        look: Why they need a look; ``None`` of matters of course.
        records: How many.
        noted: On how many of them something is noted.
    """

    key: str
    title: str
    look: Look | None
    records: int
    noted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SumLine:
    """The number of records of a system and kind that share one fate and provision.

    Args:
        system: The system's name.
        title: Its kind, in words for people.
        does: What happens.
        legal_basis: The provision, where they are kept.
        until: The days on which the keeping ends, the first and the last.
        records: How many.
    """

    system: str
    title: str
    does: str
    legal_basis: str
    until: tuple[date, date] | None
    records: int


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class ShownRecord:
    """A record on the page.

    Args:
        record: What happens to it, with what is noted.
        title: Its kind, in words for people.
        does: What happens to it.
        traces: What links it to the person.
        means: What comes of that for the record.
        consequences: What has to be known before.
        residue: What stays behind; empty if nothing.
        noted: What is noted on it, if anything is.
    """

    record: PlanRecord
    title: str
    does: str
    traces: Traces
    means: str
    consequences: tuple[str, ...]
    residue: str
    noted: RecordDecision | None

    @property
    def is_left(self) -> bool:
        """True if the record stays unchanged, since no one could attribute it."""
        return is_left(self.record.attribution, self.record.legal_basis)

    @property
    def whose(self) -> str:
        """To whom it is attributed, and why."""
        return whose(self.record, self.traces)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class AlikeShown:
    """Standard records of one system, kind and fate, shown as one.

    Args:
        records: The records, in the order of their numbers.
    """

    records: Sequence[ShownRecord]

    @property
    def one(self) -> ShownRecord:
        """The first of them."""
        return self.records[0]

    @property
    def occurred(self) -> tuple[date, date] | None:
        """The first and the last date in their system."""
        return _span([shown.record.occurred_on for shown in self.records if shown.record.occurred_on])

    @property
    def until(self) -> tuple[date, date] | None:
        """The days on which the keeping ends, the first and the last."""
        return _span([shown.record.until for shown in self.records if shown.record.until])

    @property
    def whose(self) -> list[str]:
        """To whom they are attributed, and why; each sentence once."""
        vias: dict[Traces, list[int]] = {}
        for shown in self.records:
            vias.setdefault(replace(shown.traces, via=()), []).extend(shown.traces.via)
        alike = (replace(traces, via=tuple(dict.fromkeys(via))) for traces, via in vias.items())
        return [*dict.fromkeys(whose(self.one.record, traces) for traces in alike)]


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class PlanPage:
    """A page of a plan.

    Args:
        case_id: The case.
        right: What was asked for.
        state: Where it stands.
        light: The urgency of the case.
        due_on: The last day of the law.
        work_to_on: The target date.
        opened_by: Who opened it.
        read: What an approval is bound by, as of now.
        noted: What it is bound by of the notes.
        proposal: A refusal that was proposed, or ``None``.
        sums: All records, counted.
        groups: The groups, what needs a look first.
        group: The key of the one that is shown; empty where there is no record.
        records: The records on this page.
        page: Its number, from 1.
        pages: How many the group has.
        notes: What is noted.
        total: How many records the plan has.
        manual_steps: What a person does by hand, by system and step.
        runs_on: What depends on the records, such as a ticket that is not solved: system, and words with their number.
        consequences: What an erasure means for the person, in the sentences of the letters.
        scope_lines: What a narrowed request is about.
    """

    case_id: str
    right: Right
    state: CaseState
    light: Light
    due_on: date
    work_to_on: date
    opened_by: str
    read: str
    noted: str
    proposal: Decision | None
    sums: Sequence[SumLine]
    groups: Sequence[GroupLine]
    group: str
    records: Sequence[ShownRecord]
    page: int
    pages: int
    notes: Sequence[PlanNote]
    total: int
    manual_steps: Sequence[tuple[str, str]]
    runs_on: Sequence[tuple[str, str]]
    consequences: Sequence[str]
    scope_lines: Sequence[str]

    @property
    def shown(self) -> GroupLine | None:
        """The group that is shown."""
        return next((group for group in self.groups if group.key == self.group), None)

    @property
    def fates(self) -> list[tuple[str, int]]:
        """The fates with their number of records, the most frequent first."""
        counts: Counter[str] = Counter()
        for item in self.sums:
            counts[item.does] += item.records
        return counts.most_common()

    @property
    def shared(self) -> ShownRecord | None:
        """A record for all of this page, where one sentence says of all what comes of the plan; it is said once."""
        said = {
            (record.means, record.record.legal_basis, record.record.reason, record.is_left) for record in self.records
        }
        return self.records[0] if len(said) == 1 and len(self.records) > 1 else None

    @property
    def alike(self) -> list[AlikeShown]:
        """The records on this page by system, kind and fate."""
        alike: dict[tuple[str, str, str], list[ShownRecord]] = {}
        for shown in self.records:
            alike.setdefault((shown.record.system, shown.title, shown.does), []).append(shown)
        return [AlikeShown(records=records) for _, records in sorted(alike.items())]

    @property
    def open_questions(self) -> int:
        """The number of records whose question no note answers."""
        return sum(group.records - group.noted for group in self.groups if group.look is Look.TO_ANSWER)


def waits_for_plan(app: App, case_id: str) -> bool:
    """Return True if a case waits at the approval gate with an erasure plan.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        waits = file.state is CaseState.AWAITING_APPROVAL
        return waits and file.right.has_plan and not file.found_nothing


def read_plan(app: App, case_id: str, group: str = "", page: int = 1) -> PlanPage:
    """Read a page of a plan.

    Args:
        app: What it works with.
        case_id: The case.
        group: The key of the group that is shown; the first one by default.
        page: Which page of it, from 1; one beyond the last is the last.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        records, read = file.planned.alike(), file.planned.digest()
        notes, groups = notes_on(file, read), with_standard(grouped(records))
        decisions = decisions_of(notes)
        shown = next((item for item in groups if item.key == group), groups[0] if groups else None)
        pages = max(1, -(-len(shown.numbers) // PAGE_RECORDS)) if shown else 1
        page = min(max(page, 1), pages)
        numbers = shown.numbers[(page - 1) * PAGE_RECORDS : page * PAGE_RECORDS] if shown else ()
        return PlanPage(
            case_id=file.case_id,
            right=file.right,
            state=file.state,
            light=light(file.work_to_on, file.due_on, app.today, closed=file.is_closed, refused=file.is_refused),
            due_on=file.due_on,
            work_to_on=file.work_to_on,
            opened_by=file.opened_by,
            read=read,
            noted=bound_with(file, notes),
            proposal=file.decisions.at(Gate.DOSSIER),
            sums=_sums(records, app),
            groups=[_line(item, decisions) for item in groups],
            group=shown.key if shown else "",
            records=_shown(file, app, file.planned.records(numbers), decisions),
            page=page,
            pages=pages,
            notes=notes,
            total=sum(len(record.numbers) for record in records),
            manual_steps=_manual_steps(records, app) if file.right in ERASING else (),
            runs_on=_runs_on(records),
            consequences=_consequences(records, app) if file.right is Right.ERASURE else (),
            scope_lines=scope_lines(file),
        )


def _runs_on(records: Sequence[AlikeRecords]) -> list[tuple[str, str]]:
    mine = ((record.one, len(record.numbers)) for record in records if record.one.attribution is Attribution.SUBJECT)
    return [(runs_on.system, counted(runs_on.records, *RUNS_ON[runs_on.fact])) for runs_on in preflight(mine)]


def _consequences(records: Sequence[AlikeRecords], app: App) -> tuple[str, ...]:
    return foretold([record.one for record in records if record.one.attribution is Attribution.SUBJECT], app.profiles)


def _line(group: PlanGroup, decisions: Mapping[str, RecordDecision]) -> GroupLine:
    noted = sum(str(number) in decisions for number in group.numbers) if decisions else 0
    return GroupLine(key=group.key, title=group.title, look=group.look, records=len(group.numbers), noted=noted)


def _sums(records: Sequence[AlikeRecords], app: App) -> list[SumLine]:
    sums: dict[tuple[str, str, str, str], list[AlikeRecords]] = {}
    for alike in records:
        finding = alike.one
        sums.setdefault((finding.system, finding.kind, does(finding), finding.legal_basis), []).append(alike)
    return [
        SumLine(
            system=system,
            title=_title(app, system, kind),
            does=what,
            legal_basis=basis,
            until=_span([day for item in these if item.until for day in item.until]),
            records=sum(len(item.numbers) for item in these),
        )
        for (system, kind, what, basis), these in sorted(sums.items())
    ]


def _span(days: Sequence[date]) -> tuple[date, date] | None:
    return (min(days), max(days)) if days else None


def _title(app: App, system: str, kind: str) -> str:
    known = app.capabilities.get(system)
    return next((item.title for item in known.kinds if item.name == kind), kind) if known else kind


def _shown(
    file: CaseFile, app: App, these: Sequence[PlanRecord], decisions: Mapping[str, RecordDecision]
) -> list[ShownRecord]:
    traces = file.planned.traces(these)

    def shown(plan_record: PlanRecord) -> ShownRecord:
        return ShownRecord(
            record=plan_record,
            title=_title(app, plan_record.system, plan_record.kind),
            does=does(plan_record),
            traces=traces[plan_record.number],
            means=means(plan_record),
            consequences=tuple(CONSEQUENCES[fact] for fact in sorted(plan_record.facts)),
            residue=_residue(app, plan_record) if plan_record.method else "",
            noted=decisions.get(str(plan_record.number)),
        )

    return [shown(plan_record) for plan_record in _as_noted(file, app, these, decisions)]


def _as_noted(
    file: CaseFile, app: App, these: Sequence[PlanRecord], decisions: Mapping[str, RecordDecision]
) -> list[PlanRecord]:
    """Return the records with the plan that the approval will make of those with a note."""
    renewed = replanned(file, app, decisions)
    return [
        _replanned(plan_record, renewed[plan_record.number]) if plan_record.number in renewed else plan_record
        for plan_record in these
    ]


def _replanned(plan_record: PlanRecord, planned: Planned) -> PlanRecord:
    return plan_record._replace(
        method=planned.method,
        planned=planned.expected,
        until=planned.until,
        ends_when=planned.ends_when,
        reason=planned.reason,
        legal_basis=planned.legal_basis,
        question=planned.question,
        note=planned.note,
    )


def _residue(app: App, plan_record: PlanRecord) -> str:
    known = app.capabilities.get(plan_record.system)
    return next((kind.residue for kind in known.kinds if kind.name == plan_record.kind), "") if known else ""


def _manual_steps(records: Sequence[AlikeRecords], app: App) -> list[tuple[str, str]]:
    concerned = {(alike.one.system, alike.one.kind) for alike in records}
    return [
        (system, kind.manual_step)
        for system, known in app.capabilities.items()
        for kind in known.kinds
        if kind.manual_step and (system, kind.name) in concerned
    ]
