"""Which systems a case concerns, what it is about, and where it stands."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.search.locating import may_skip_review
from rightsflow.domain.case.states import CaseState
from rightsflow.domain.errors import BadInput
from rightsflow.domain.request import Right


def state_of(app: App, case_id: str) -> CaseState:
    """Where the case stands."""
    with app.store.case_file(case_id) as file:
        return file.state


def found_nothing(app: App, case_id: str) -> bool:
    """Whether the search of all systems ended without a record that is, or may be, the person's."""
    with app.store.case_file(case_id) as file:
        return file.found_nothing


def goes_without_review(app: App, case_id: str) -> bool:
    """Whether "nothing held" goes out without a person's decision, by the controller's policy."""
    with app.store.case_file(case_id) as file:
        return bool(may_skip_review(file, app))


def configured_systems(app: App) -> list[str]:
    """All systems, in the order of the configuration."""
    return list(app.connectors)


def systems_with_records(app: App, case_id: str) -> list[str]:
    """The systems in which something was located, in the order of the configuration."""
    with app.store.case_file(case_id) as file:
        involved = file.findings.systems()
    return [system for system in configured_systems(app) if system in involved]


def refuse_other_right(app: App, case_id: str, right: Right) -> None:
    """Refuse to handle a case by the flow of another right: an approved release is no approval of an erasure.

    Args:
        app: What it works with.
        case_id: The case.
        right: What the flow is for.

    Raises:
        BadInput: The case is about something else, or there is no such case.
    """
    with app.store.case_file(case_id) as file:
        asked = file.right
    if asked is not right:
        raise BadInput(f"{case_id} is an {asked.value} request; start {asked.value}-request with it.")
