"""The disks that Rightsflow writes to, as ``doctor`` shows them: free space, and whether they can be written."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fsspec.core import split_protocol
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from rightsflow.config.environment import Environment
from rightsflow.domain.connector import Health
from rightsflow.files.disks import DiskState, try_disk

_MEND: Final = "free space there"


def disks_health(environment: Environment) -> Health:
    """Look at each place on this machine.

    Args:
        environment: Where they are.
    """
    states = {place: try_disk(folder, f"{place} {folder}") for place, folder in _places(environment).items()}
    if faults := [state.fault for state in states.values() if state.fault]:
        return Health(ok=False, detail=" ".join(dict.fromkeys(faults)))
    scarce = [place for place, state in states.items() if state.is_scarce]
    detail = f"{_figures(states)}."
    if scarce:
        detail += f" Little is left for {', '.join(scarce)}; {_MEND}."
    return Health(ok=True, detail=detail, is_doubtful=bool(scarce))


def _figures(states: Mapping[str, DiskState]) -> str:
    by_figure: dict[str, list[str]] = {}
    for place, state in states.items():
        by_figure.setdefault(state.free_text, []).append(place)
    text = "; ".join(f"{', '.join(places)}: {figure}" for figure, places in by_figure.items())
    return text[0].upper() + text[1:]


def _places(environment: Environment) -> dict[str, Path]:
    found = {"the home": environment.folder}
    try:
        url = make_url(environment.case_store_url)
    except ArgumentError:
        url = None
    if url is not None and url.get_backend_name() == "sqlite" and url.database:
        found["the case store"] = Path(url.database).absolute().parent
    protocol, folder = split_protocol(environment.work_location)
    if protocol in {None, "file", "local"}:
        found["the working copies"] = Path(str(folder)).absolute()
    return found | {"temporary files": Path(tempfile.gettempdir())}
