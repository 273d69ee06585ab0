"""Which systems a case concerns, and where it stands."""

from __future__ import annotations

from rightsflow.case import CaseState
from tasks.runtime import runtime


def state_of(case_id: str) -> CaseState:
    """Where the case stands."""
    with runtime().store.case_file(case_id) as file:
        return file.state


def configured_systems() -> list[str]:
    """All systems, in the order of the configuration."""
    return list(runtime().connectors)


def systems_with_records(case_id: str) -> list[str]:
    """The systems in which something was located, in the order of the configuration."""
    with runtime().store.case_file(case_id) as file:
        involved = file.findings.systems()
    return [system for system in configured_systems() if system in involved]
