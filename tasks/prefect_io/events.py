"""Events ``rightsflow.case.*`` for automations; they hold the case id and words of ours, no personal data."""

from __future__ import annotations

from prefect.events import emit_event

from tasks.prefect_io.bare_run import naming_the_run_alone


def announce(what: str, case_id: str, **details: str) -> None:
    """Emit an event on a case.

    Args:
        what: The event's last word, for example ``"awaiting-decision"``.
        case_id: The case, the event's resource.
        **details: Words, counts and dates.
    """
    with naming_the_run_alone():
        emit_event(
            event=f"rightsflow.case.{what}",
            resource={"prefect.resource.id": f"rightsflow.case.{case_id}", "prefect.resource.name": case_id},
            payload=dict(details),
        )
