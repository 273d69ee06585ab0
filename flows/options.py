"""The options that all flows share."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final, TypedDict


class FlowOptions(TypedDict):
    """The options of Prefect's ``flow`` that all of ours have."""

    persist_result: bool
    result_storage: Path
    log_prints: bool
    validate_parameters: bool


BATCH_TAG: Final = "batch"
"""The tag of a run that works on many cases, which workers share out among them."""

# Nothing of a run is kept by Prefect: neither its result nor what it prints (rule 2 of the design). Without a storage
# of its own, each run would ask the server for the default one, which it never uses.
# What does not fit a parameter's type is refused by the server; Prefect's own check in the run would log the value.
FLOW: Final[FlowOptions] = {
    "persist_result": False,
    "result_storage": Path(os.devnull),
    "log_prints": False,
    "validate_parameters": False,
}
