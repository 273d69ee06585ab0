"""Events ``rightsflow.case.*`` for automations; they hold the case id and words of ours, no personal data."""

from __future__ import annotations

from typing import Any, Final

from prefect.events import Event, emit_event

from rightsflow.domain.gates.decisions import Gate
from tasks.prefect_io.bare_run import naming_the_run_alone

_AWAITING_DECISION: Final = "awaiting-decision"


def announce(what: str, case_id: str, **details: str) -> None:
    """Emit an event on a case.

    Args:
        what: The event's last word, for example ``"answered"``.
        case_id: The case, the event's resource.
        **details: Words, counts and dates.
    """
    with naming_the_run_alone():
        emit_event(**_described(what, case_id, details))


def announce_gate(case_id: str, gate: Gate) -> None:
    """Emit the event that a decision is awaited, from within the case's run.

    Args:
        case_id: The case, the event's resource.
        gate: The gate at which it waits.
    """
    announce(_AWAITING_DECISION, case_id, gate=gate.value)


def awaiting_decision(case_id: str, gate: Gate) -> dict[str, Any]:
    """Return the same event as the server's API takes it, for a run that no worker has begun.

    Args:
        case_id: The case, the event's resource.
        gate: The gate at which it waits.
    """
    return Event(**_described(_AWAITING_DECISION, case_id, {"gate": gate.value})).model_dump(mode="json")


def _described(what: str, case_id: str, details: dict[str, str]) -> dict[str, Any]:
    return {
        "event": f"rightsflow.case.{what}",
        "resource": {"prefect.resource.id": f"rightsflow.case.{case_id}", "prefect.resource.name": case_id},
        "payload": details,
    }
