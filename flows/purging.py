"""The daily, automatic purge of expired data."""

from __future__ import annotations

from prefect import flow
from prefect.states import Completed, Failed

from flows.options import FLOW
from rightsflow.domain.errors import RightsflowError
from tasks.prefect_io.kinds import AnyState
from tasks.purging import purge_what_is_over


@flow(name="purge-expired", flow_run_name="purge what is over", **FLOW)
def purge_expired() -> AnyState:
    """Remove working copies whose day has come, cases whose evidence period is over, and what else has expired.

    It runs by itself every day. The command `rightsflow service purge --dry-run` lists what it would remove.
    """
    try:
        return Completed(message=purge_what_is_over().sentence)
    except RightsflowError as error:
        return Failed(message=str(error))
