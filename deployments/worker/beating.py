"""Tell the server that a run's process lives, in the words of Prefect's own heartbeats."""

from __future__ import annotations

import prefect
from prefect.client.schemas.objects import FlowRun
from prefect.events import emit_event
from prefect.events.related import tags_as_related_resources
from prefect.events.schemas.events import RelatedResource


def beat(run: FlowRun) -> None:
    """Send one heartbeat; automations that look for zombies wait for these.

    Args:
        run: A run that is executed.
    """
    related = [_related("flow", run.flow_id)]
    if run.deployment_id:
        related.append(_related("deployment", run.deployment_id))
    emit_event(
        event="prefect.flow-run.heartbeat",
        resource={
            "prefect.resource.id": f"prefect.flow-run.{run.id}",
            "prefect.resource.name": run.name,
            "prefect.version": prefect.__version__,
        },
        related=[*related, *tags_as_related_resources(set(run.tags))],
    )


def _related(kind: str, identity: object) -> RelatedResource:
    return RelatedResource.model_validate(
        {"prefect.resource.id": f"prefect.{kind}.{identity}", "prefect.resource.role": kind}
    )
