"""Which systems a case concerns, what it is about, and where it stands."""

from __future__ import annotations

from rightsflow.case import CaseState
from rightsflow.errors import BadInput
from rightsflow.request import Right
from tasks.locating import may_skip_review
from tasks.runtime import open_store, runtime


def state_of(case_id: str) -> CaseState:
    """Where the case stands."""
    with runtime().store.case_file(case_id) as file:
        return file.state


def found_nothing(case_id: str) -> bool:
    """Whether the search of all systems ended without a record that is, or may be, the person's."""
    with runtime().store.case_file(case_id) as file:
        return file.found_nothing


def goes_without_review(case_id: str) -> bool:
    """Whether "nothing held" goes out without a person's decision, by the controller's policy."""
    current = runtime()
    with current.store.case_file(case_id) as file:
        return bool(may_skip_review(file, current))


def configured_systems() -> list[str]:
    """All systems, in the order of the configuration."""
    return list(runtime().connectors)


def systems_with_records(case_id: str) -> list[str]:
    """The systems in which something was located, in the order of the configuration."""
    with runtime().store.case_file(case_id) as file:
        involved = file.findings.systems()
    return [system for system in configured_systems() if system in involved]


def refuse_other_right(case_id: str, right: Right) -> None:
    """Refuse to handle a case by the flow of another right: an approved release is no approval of an erasure.

    Args:
        case_id: The case.
        right: What the flow is for.

    Raises:
        BadInput: The case is about something else, or there is no such case.
    """
    with open_store().case_file(case_id) as file:
        asked = file.right
    if asked is not right:
        raise BadInput(f"{case_id} is an {asked.value} request; start {asked.value}-request with it.")
