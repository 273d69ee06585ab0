"""The flows that a worker runs: those of the catalogue in its own installation, found by name.

Anyone who can write to Prefect's API can change a deployment there: its entry point, its path, its pull steps, its job
variables. Our worker holds the master key. So it takes nothing of that from the server but two names.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

from tasks.prefect_io.kinds import AnyFlow

UNKNOWN: Final = (
    "The worker runs the flows of its own catalogue only, and this deployment is not in it; "
    "start one that Rightsflow created."
)
"""The message of a run that ends as failed since its flow is unknown."""


def known_flow(flow: str, deployment: str) -> AnyFlow | None:
    """The flow of our catalogue that a run is of; ``None`` where there is none.

    Args:
        flow: The name of its flow on the server.
        deployment: The name of its deployment there; empty where it has none.
    """
    known = _catalogue().get(flow)
    return known[0] if known and deployment in known[1] else None


@cache
def _catalogue() -> Mapping[str, tuple[AnyFlow, frozenset[str]]]:
    """Each flow with the name of its deployment."""
    # Late: Prefect's server loads the worker's module too, and has no use for the flows.
    from deployments.catalogue import CATALOGUE  # noqa: PLC0415

    return {flow.name: (flow, frozenset({flow.name})) for flow, _ in CATALOGUE}
