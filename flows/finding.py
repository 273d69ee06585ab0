"""Each hour the texts that customers wrote are read for requests that are no case yet."""

from __future__ import annotations

from prefect import flow
from prefect.states import Completed, Failed

from flows.options import FLOW
from rightsflow.domain.errors import RightsflowError
from tasks.finding import read_new_texts
from tasks.prefect_io.kinds import AnyState


@flow(name="find-requests", flow_run_name="find requests", **FLOW)
def find_requests() -> AnyState:
    """Read the texts that arrived since the last round, and list each that holds a data subject's request.

    It runs by itself every hour. The page Unopened requests of the desk lists what was found; one alert names the new
    ones, and those whose month is half over or over.
    """
    try:
        found = read_new_texts()
    except RightsflowError as error:
        return Failed(message=str(error))
    return Failed(message=found.sentence) if found.failed else Completed(message=found.sentence)
