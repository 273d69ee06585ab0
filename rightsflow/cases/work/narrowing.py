"""Narrow a request to its wording: the words are stored encrypted, records outside are left out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.personal_data import NARROWED, narrowing_of
from rightsflow.cases.facts.people import acting
from rightsflow.cases.work.erasure.plan import decide_by_rules
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.errors import Conflict
from rightsflow.domain.request import NOT_ASKED_FOR, Narrowing, read_narrowing
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.store import CaseFile

_BEFORE_WORK: Final = frozenset({CaseState.RECEIVED, CaseState.IDENTITY_PENDING, CaseState.IN_PROGRESS})


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedNarrowing:
    """The scope of a request, as typed; all empty where nothing narrows it.

    Args:
        categories: Categories of the record of processing, separated by commas.
        since: The first day, like ``2026-05-01``.
        until: The last day.
    """

    categories: str = ""
    since: str = ""
    until: str = ""


def categories_of(app: App) -> list[str]:
    """Return the categories by which a request can be narrowed: those of the record of processing.

    Args:
        app: What it works with.
    """
    return sorted({category for section in app.systems.values() for category in section.categories})


def narrow(app: App, case_id: str, typed: TypedNarrowing, *, by: str) -> str:
    """Narrow an access or erasure request to what the person asked for; returns what that means in a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        typed: What it is about.
        by: Who records it.

    Raises:
        BadInput: There is no such case, nothing is named, or a category or a day cannot be read.
        Conflict: The case is of another right, is narrowed already, or is past its approval.
    """
    recorder = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        narrowed = narrow_file(file, app, typed, by=recorder)
        if narrowed is None:
            raise Conflict("Nothing is named that would narrow the request; give categories, or a period.")
        return f"{file.case_id} is about {narrowed.words}; other records are left out, and the answer says so."


def narrow_file(file: CaseFile, app: App, typed: TypedNarrowing, *, by: str) -> Narrowing | None:
    """Narrow the request of an open case file; ``None`` where nothing narrows it.

    Args:
        file: The case file, open.
        app: What it works with.
        typed: What it is about.
        by: Who records it.

    Raises:
        BadInput: A category or a day cannot be read.
        Conflict: The case is of another right, is narrowed already, or is past its approval.
    """
    narrowed = read_narrowing(typed.categories.split(","), typed.since, typed.until, categories_of(app))
    if narrowed is None:
        return None
    if file.right not in {Right.ACCESS, Right.ERASURE}:
        raise Conflict("Only a request for access or erasure is narrowed to categories and a period.")
    if file.state not in {*_BEFORE_WORK, CaseState.AWAITING_APPROVAL}:
        raise Conflict(f"{file.case_id} is {file.state.value}; what is approved is not narrowed any more.")
    if narrowing_of(file) is not None:
        raise Conflict("The request is narrowed already; what the person asks for besides is a new request.")
    file.outbox.keep_secret(NARROWED, json.dumps([narrowed.categories, typed.since.strip(), typed.until.strip()]))
    file.ledger.append(
        CaseEvent.REQUEST_NARROWED,
        actor=by,
        categories=list(narrowed.categories),
        since=typed.since.strip(),
        until=typed.until.strip(),
    )
    leave_out_what_is_outside(file, by=by)
    if file.right.has_plan and file.state is CaseState.AWAITING_APPROVAL:
        file.findings.plan(decide_by_rules(file.findings.all(), file, app, include_unclear=False))
    return narrowed


def leave_out_what_is_outside(file: CaseFile, *, by: str = "") -> None:
    """Leave out the records that a narrowed request is not about; what a person decided on one alone goes before.

    Args:
        file: The case file, open.
        by: Who recorded that; empty once a search ended.
    """
    narrowed = narrowing_of(file)
    if narrowed is None:
        return
    outside = RecordDecision(act=RecordAct.LEAVE_OUT, ground=NOT_ASKED_FOR)
    # Of what bears no date a copy does no harm, and an erasure cannot be undone.
    these = [
        finding
        for finding in file.findings.all()
        if _is_outside(finding, narrowed, if_undated=file.right is Right.ACCESS)
    ]
    if these:
        file.findings.decide({finding.ref: outside for finding in these}, by=by)


def _is_outside(finding: Finding, narrowed: Narrowing, *, if_undated: bool) -> bool:
    is_open = finding.decided is None and finding.attribution is Attribution.SUBJECT
    return is_open and not narrowed.covers(finding.category, finding.occurred_on, if_undated=if_undated)
