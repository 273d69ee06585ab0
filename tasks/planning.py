"""The plan of an erasure by the rules of the configuration."""

from __future__ import annotations

from rightsflow.findings import Finding, Planned
from rightsflow.plan import PlanRules, plan_erasure
from tasks.runtime import Runtime


def decide_by_rules(findings: list[Finding], current: Runtime, *, include_unclear: bool) -> list[Planned]:
    """What is meant to be done with each record, in the same order.

    Args:
        findings: The records.
        current: The runtime.
        include_unclear: Whether records of unclear attribution are treated as the subject's.
    """
    rules = PlanRules(
        country=current.settings.controller.country,
        law=current.settings.controller.law,
        today=current.today,
        include_unclear=include_unclear,
        capabilities={system: connector.capabilities for system, connector in current.connectors.items()},
    )
    return plan_erasure(findings, rules)
