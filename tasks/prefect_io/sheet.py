"""The case sheet as an artifact in Prefect's UI, kept current."""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Final
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import ArtifactCreate
from prefect.runtime import flow_run

from rightsflow.cases.overview.case_sheet import read_overview, render_sheet
from rightsflow.cases.overview.overview import CaseOverview
from tasks.composition import current_app


def update_case_sheet(case_id: str, *, interim: bool = False) -> None:
    """Keep the case's sheet current: the newest artifact under the case id's key; Prefect keeps the ones before.

    Args:
        case_id: The case.
        interim: Whether more is to come soon: then a sheet that is a few seconds old serves.
    """
    if _is_due(_key(case_id), interim=interim):
        publish_sheet(read_overview(current_app(), case_id))


def publish_sheet(case: CaseOverview) -> None:
    """Make a case's sheet, as of now, the newest artifact under the case id's key.

    Args:
        case: The case at a glance, just read.
    """
    _is_due(_key(case.case_id), interim=False)
    run_id, sheet = flow_run.get_id(), render_sheet(case, current_app())
    key, run = case.case_id.lower(), UUID(run_id) if run_id else None
    description = f"Case sheet of {case.case_id}"
    with get_client(sync_client=True) as client:
        client.create_artifact(
            ArtifactCreate(key=key, type="markdown", data=sheet, description=description, flow_run_id=run)
        )


_INTERIM_SECONDS: Final = 3.0
_REMEMBERED: Final = 1_000
_written: OrderedDict[str, float] = OrderedDict()
"""When the sheets of the last runs were written, or their first interim state was reached."""


def _key(case_id: str) -> str:
    return f"{case_id.lower()} {flow_run.get_id()}"


def _is_due(key: str, *, interim: bool) -> bool:
    now = time.monotonic()
    before = _written.setdefault(key, now)
    if interim and now - before < _INTERIM_SECONDS:
        return False
    _written[key] = now
    while len(_written) > _REMEMBERED:
        _written.popitem(last=False)
    return True
