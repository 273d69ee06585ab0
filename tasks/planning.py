"""The plan of an erasure by the rules of the configuration."""

from __future__ import annotations

from rightsflow.findings import Finding, Planned
from rightsflow.plan import PlanRules, plan_erasure
from rightsflow.store import CaseFile
from tasks.runtime import Runtime


def decide_by_rules(findings: list[Finding], current: Runtime, *, include_unclear: bool) -> list[Planned]:
    """What is meant to be done with each record, in the same order.

    Args:
        findings: The records.
        current: The runtime.
        include_unclear: Whether records of unclear attribution are treated as the subject's.
    """
    return plan_erasure(findings, plan_rules(current, include_unclear=include_unclear))


def plan_rules(current: Runtime, *, include_unclear: bool = False) -> PlanRules:
    """The rules by which a plan is made now.

    Args:
        current: The runtime.
        include_unclear: Whether records of unclear attribution are treated as the subject's.
    """
    controller = current.settings.controller
    return PlanRules(
        country=controller.country,
        law=controller.law,
        today=current.today,
        include_unclear=include_unclear,
        capabilities=current.capabilities,
        sector=controller.sector,
        financial_year=controller.bookkeeping_year,
        oss=controller.oss,
        classes={name: section.document_classes for name, section in current.systems.items()},
    )


def renew_questions(file: CaseFile, current: Runtime) -> None:
    """Plan anew what was left to a person: the configuration may state a class by now that was missing before.

    Args:
        file: The case file, open.
        current: The runtime.
    """
    asked = [one for one in file.findings.all() if one.question is not None]
    if asked:
        file.findings.plan(decide_by_rules(asked, current, include_unclear=False))
