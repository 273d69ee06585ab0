"""The ledger is sealed every night, and its seals are published."""

from __future__ import annotations

from prefect import flow
from prefect.states import Completed, Failed

from flows.options import FLOW
from rightsflow.domain.errors import RightsflowError
from tasks.prefect_io.kinds import AnyState
from tasks.sealing import publish_seals, seal_heads


@flow(name="seal-ledger", flow_run_name="seal ledger", **FLOW)
def seal_ledger() -> AnyState:
    """Seal the heads of all chains of the ledger, and publish the seals that are not published yet.

    It runs by itself every night at half past one. A second run on the same day seals nothing, but publishes what is
    left; the command `rightsflow ledger seal` seals at any time.
    """
    try:
        sealed = seal_heads()
        behind = publish_seals()
    except RightsflowError as error:
        return Failed(message=str(error))
    if behind:
        return Failed(message=" ".join([sealed, *behind]))
    return Completed(message=sealed)
