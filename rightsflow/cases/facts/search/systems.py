"""The systems that a case concerns, its subject, and its state."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from rightsflow.audit.ledger import Entry
from rightsflow.cases.app import App
from rightsflow.domain.connector import Capabilities, Sample
from rightsflow.domain.errors import BadInput, Misconfigured
from rightsflow.domain.vocabulary.events import CaseEvent, StepName
from rightsflow.domain.vocabulary.records import KindAt, RecordRef
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


def insist_on_kinds(records: Iterable[RecordRef | KindAt], systems: Mapping[str, Capabilities], whose: str) -> None:
    """Make sure that every record is of a system and a kind that are still configured.

    Args:
        records: The records, or their kinds.
        systems: What each configured system's connector declares.
        whose: Which case holds them, for the sentence.

    Raises:
        Misconfigured: One is not. It would be passed over in silence, as if it were not held.
    """
    for system, kind in sorted({(record.system, record.kind) for record in records}):
        if system not in systems:
            raise Misconfigured(
                f"{whose} holds records of the kind {kind} in the system {system}, which the configuration no longer "
                f"names; restore [systems.{system}]."
            )
        if kind not in {item.name for item in systems[system].kinds}:
            raise Misconfigured(
                f"{whose} holds records of the kind {kind} in the system {system}, which its section no longer names; "
                f"restore the kind in [systems.{system}]."
            )


Samples = Mapping[str, tuple[Sample, ...]]
"""The samples of each system, by its name in the configuration."""


def samples_of(entries: Iterable[Entry]) -> Samples:
    """Return the samples of each system's last search.

    Args:
        entries: The case's ledger, oldest first.
    """
    last: dict[str, tuple[Sample, ...]] = {}
    for entry in entries:
        said = entry.details
        if entry.event == CaseEvent.STEP_DONE and said.get("step") == StepName.LOCATE:
            last[str(said["system"])] = _samples(said.get("sampled") or ())
    return last


def proven(samples: Samples) -> frozenset[str]:
    """The systems of which every mapping was seen to find identifiers; without a stored value nothing is proven.

    Args:
        samples: As :func:`samples_of` gives them.
    """
    return frozenset(system for system, seen in samples.items() if seen and all(item.readable for item in seen))


def _samples(rows: Sequence[Mapping[str, Any]]) -> tuple[Sample, ...]:
    return tuple(
        Sample(what=str(row["what"]), looked_at=int(row["looked_at"]), readable=int(row["readable"])) for row in rows
    )
