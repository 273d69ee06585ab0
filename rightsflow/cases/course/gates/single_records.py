"""Decisions on single records at the approval gate: checked against the case, kept, and taken into the plan."""

from __future__ import annotations

from collections.abc import Sequence

from rightsflow.cases.app import App
from rightsflow.cases.facts.persons.bonds import other_cases
from rightsflow.cases.work.erasure.planning import decide_by_rules, plan_rules
from rightsflow.domain.attribution import Attribution
from rightsflow.domain.case.findings import Finding
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Verdict
from rightsflow.domain.gates.four_eyes import refuse_own_masks
from rightsflow.domain.gates.package_changes import (
    is_given,
    refuse_open_masks,
    refuse_open_taking_in,
    refuse_own_taking_in,
)
from rightsflow.domain.gates.record_decision_rules import (
    assign,
    refuse_empty_copy,
    refuse_loosened,
    refuse_names,
    refuse_open_questions,
)
from rightsflow.domain.rectification.changes import EMAIL, PHONE
from rightsflow.domain.rectification.corrections import refuse_undecided, wanted
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.store import CaseFile


def take_record_decisions(file: CaseFile, decision: Decision, app: App) -> None:
    """Take what was decided on single records into the case file and the plan, before the decision itself is.

    Args:
        file: The case file, open.
        decision: A decision at the approval gate.
        app: What it works with.

    Raises:
        BadInput: A decision on a record is not possible; nothing is changed.
    """
    if decision.verdict is not Verdict.APPROVED:
        if decision.records:
            raise BadInput("A request that is refused has no decisions on single records; leave them out.")
        return
    findings, rules = file.findings.all(), plan_rules(file, app)
    stated = {finding.ref for finding in findings if decision.records and rules.stated_class(finding) is not None}
    chosen = assign(decision.records, findings, file.right, app.today, stated)
    refuse_names(chosen.values(), file.identifiers.known())
    if file.right is Right.ACCESS:
        refuse_empty_copy(findings, chosen)
        _refuse_prepared(file, findings, decision)
        file.findings.decide(chosen, by=decision.by)
        return
    if file.right is Right.RECTIFICATION and not file.found_nothing:
        refuse_undecided(file.corrections.all())
        _refuse_beside_erasure(file)
    file.findings.decide(chosen, by=decision.by)
    _plan_again(file, decision, app)


def _refuse_beside_erasure(file: CaseFile) -> None:
    """Refuse that an address or number is corrected by which another request of the person knows what it erases.

    That one would take a record that no longer holds it for gone, and say so.
    """
    if not any(item.field in {EMAIL, PHONE} for item in wanted(file.corrections.all())):
        return
    apart = other_cases(file).apart
    if others := [text for text in file.identifiers.open_beside(ERASING) if text not in apart]:
        raise Conflict(
            f"{', '.join(others)}, which erases, is open for who has the same address or number, and may know them by "
            "what is corrected here; let it end first, or find out that it is another person's (rightsflow "
            "case other-person)."
        )


def _refuse_prepared(file: CaseFile, findings: Sequence[Finding], decision: Decision) -> None:
    """Refuse a release whose package lacks what was decided on it, or by one who decided that (four eyes)."""
    choices = file.masks.all()
    known = (
        {file.masks.hashes.of_record(finding.ref) for finding in findings if is_given(finding)} if choices else set()
    )
    refuse_open_masks(choice for choice in choices if choice.record in known)
    refuse_own_masks(decision.by, changed_by=file.masks.changed_by())
    refuse_open_taking_in(findings)
    refuse_own_taking_in(decision.by, taken_in_by=file.findings.taken_in.deciders())


def _plan_again(file: CaseFile, decision: Decision, app: App) -> None:
    """Plan anew what a decision concerns; the rest of the plan stays as it was shown."""
    concerned = [
        finding for finding in file.findings.all() if finding.decided is not None or _is_taken(finding, decision)
    ]
    planned = decide_by_rules(concerned, file, app, include_unclear=decision.include_unclear)
    refuse_loosened(concerned, planned)
    file.findings.plan(planned)
    refuse_open_questions(file.findings.all(), app.settings.controller.country)


def _is_taken(finding: Finding, decision: Decision) -> bool:
    return decision.include_unclear and finding.attribution is Attribution.UNCLEAR
