"""The plan of an erasure by the rules of the configuration."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from rightsflow.cases.app import App
from rightsflow.cases.facts.persons.bonds import other_cases
from rightsflow.cases.work.rectification.room import without_room
from rightsflow.domain.case.findings import Finding, Planned
from rightsflow.domain.erasure.dates import PROVISION, blocked_until
from rightsflow.domain.erasure.plan import plan_erasure
from rightsflow.domain.erasure.plan_rules import PlanRules
from rightsflow.domain.rectification.corrections import concerned
from rightsflow.domain.vocabulary.records import DocumentClass, KindAt, OutcomeKind, RecordRef
from rightsflow.domain.vocabulary.rights import ERASING, Right
from rightsflow.store import CaseFile


def decide_by_rules(findings: list[Finding], file: CaseFile, app: App, *, include_unclear: bool) -> list[Planned]:
    """Plan each record by the rules, in the same order.

    Args:
        findings: The records.
        file: Their case file, open.
        app: What it works with.
        include_unclear: Whether records of unclear attribution are treated as the subject's.
    """
    return plan_erasure(findings, plan_rules(file, app, include_unclear=include_unclear))


def plan_rules(file: CaseFile, app: App, *, include_unclear: bool = False) -> PlanRules:
    """The rules by which a plan is made now.

    Args:
        file: The case file, open.
        app: What it works with.
        include_unclear: Whether records of unclear attribution are treated as the subject's.
    """
    controller = app.settings.controller
    blocked_to = blocked_until(controller.country, app.today)
    rules = PlanRules(
        country=controller.country,
        law=controller.law,
        today=app.today,
        include_unclear=include_unclear,
        capabilities=app.capabilities,
        sector=controller.sector,
        financial_year=controller.bookkeeping_year,
        oss=controller.oss,
        classes={name: section.document_classes for name, section in app.systems.items()},
        holds=file.legal_holds.scopes(),
        blocked_until=blocked_to,
        blocked_before=_blocked_before(file, app) if blocked_to else {},
        right=file.right,
        ground=file.ground,
        corrected=concerned(file.corrections.all()) if file.right is Right.RECTIFICATION else frozenset(),
        without_room=without_room(file),
        needed_by_orders=file.findings.needed_by_orders() if file.right in ERASING else frozenset(),
        needed=app.settings.retention.needed_by_class,
        uses={name: section.uses for name, section in app.systems.items()},
        given=frozenset(item.kind for item in file.identifiers.known()),
    )
    return replace(rules, completes=rules.completed_by(file.findings.referred_to(_completed(app))))


def _completed(app: App) -> set[KindAt]:
    """The kinds of documents that another record completes, or may complete."""
    return {
        KindAt(system, kind.name)
        for system, capabilities in app.capabilities.items()
        for kind in capabilities.kinds
        if kind.document is not DocumentClass.NONE and not {*kind.completed_by.values()} <= {False}
    }


def _blocked_before(file: CaseFile, app: App) -> dict[RecordRef, date]:
    """Until when other cases of the same person have records blocked already."""
    found: dict[RecordRef, date] = {}
    for other in other_cases(file).same:
        for finding in file.beside(other).findings.all():
            is_blocked = finding.outcome is OutcomeKind.RESTRICTED and finding.legal_basis == PROVISION
            if is_blocked and finding.until is not None and finding.until >= app.today:
                found[finding.ref] = min(finding.until, found.get(finding.ref, finding.until))
    return found


def renew_questions(file: CaseFile, app: App) -> None:
    """Plan anew what was left to a person: the configuration may state a class by now that was missing before.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    asked = [finding for finding in file.findings.all() if finding.question is not None]
    if asked:
        file.findings.plan(decide_by_rules(asked, file, app, include_unclear=False))
