"""The systems that a case concerns, its subject, and its state."""

from __future__ import annotations

from collections.abc import Collection

from rightsflow.cases.app import App
from rightsflow.domain.errors import BadInput
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store import CaseFile


def concerned_systems(file: CaseFile, app: App) -> list[str]:
    """The systems that a case concerns, in the order of the configuration: all, or those of the ordering controller.

    Args:
        file: The case file, open.
        app: What it works with.
    """
    return [
        configured_system for configured_system in configured_systems(app) if file.orders.concerns(configured_system)
    ]


def state_of(app: App, case_id: str) -> CaseState:
    """Return the case's state."""
    with app.store.case_file(case_id) as file:
        return file.state


def configured_systems(app: App) -> list[str]:
    """All systems, in the order of the configuration."""
    return list(app.connectors)


def systems_to_search(app: App, case_id: str) -> list[str]:
    """The systems that a case concerns, in the order of the configuration: all, or those of the ordering controller.

    Args:
        app: What it works with.
        case_id: The case.
    """
    with app.store.case_file(case_id) as file:
        return [
            configured_system
            for configured_system in configured_systems(app)
            if file.orders.concerns(configured_system)
        ]


def systems_with_records(app: App, case_id: str) -> list[str]:
    """The systems in which something was located, in the order of the configuration."""
    with app.store.case_file(case_id) as file:
        return in_order(app, file.findings.systems())


def in_order(app: App, systems: Collection[str]) -> list[str]:
    """Some systems in the order of the configuration, and processors that handed something over after them.

    Those that are no longer configured are left out.
    """
    return [
        configured_system
        for configured_system in (*configured_systems(app), *app.settings.asked)
        if configured_system in systems
    ]


def refuse_other_right(file: CaseFile, right: Right) -> None:
    """Refuse to handle a case by the flow of another right: an approved release is no approval of an erasure.

    Args:
        file: The case file, open.
        right: What the flow is for.

    Raises:
        BadInput: The case is about something else.
    """
    asked = file.right
    if asked is not right:
        raise BadInput(f"{file.case_id} is an {asked.value} request; start {asked.value}-request with it.")
