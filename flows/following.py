"""The follow-up: every hour it keeps what the answers to erasures promised."""

from __future__ import annotations

from prefect import flow
from prefect.states import Completed, Failed

from flows.options import FLOW
from rightsflow.domain.errors import RightsflowError
from tasks.following import follow_up_erasures
from tasks.prefect_io.kinds import AnyState


@flow(name="follow-up", flow_run_name="follow up erasures", **FLOW)
def follow_up() -> AnyState:
    """Erase records whose retention is over, once that is approved, and read again what was erased days ago.

    It runs by itself every hour. Run it now to see an approval carried out at once.
    """
    try:
        return Completed(message=follow_up_erasures().sentence)
    except RightsflowError as error:
        return Failed(message=str(error))
