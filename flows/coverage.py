"""Each week systems are compared with the configuration: what is new there, and may hold personal data."""

from __future__ import annotations

from prefect import flow
from prefect.states import Completed, Failed

from flows.options import FLOW
from rightsflow.domain.errors import RightsflowError
from tasks.comparing import compare_systems
from tasks.prefect_io.kinds import AnyState


@flow(name="check-coverage", flow_run_name="check coverage", **FLOW)
def check_coverage() -> AnyState:
    """Look at every system for tables, columns, fields, brands, prefixes and keys that the configuration does not know.

    It runs by itself every Monday. One alert names what is new; the page Coverage of the desk lists what is open.
    """
    try:
        checked = compare_systems()
    except RightsflowError as error:
        return Failed(message=str(error))
    return Failed(message=checked.sentence) if checked.failed else Completed(message=checked.sentence)
