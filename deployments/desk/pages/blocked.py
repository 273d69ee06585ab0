"""Blocked records of a case (Art. 32 LOPDGDD): their list, and a look at them for a court or an authority."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from deployments.desk.page import page
from deployments.desk.pages.case import SHADES, read_case
from deployments.desk.pages.form_fields import beside
from deployments.desk.visit import Visit, Wrong
from rightsflow.cases.work.erasure.plan_records import MOST_LOOKED_AT, SeenRecord, blocked_records, look_at_blocked
from rightsflow.domain.accounts import Permission


@page("/cases/{case_id}/blocked", needs=Permission.READ_BLOCKED)
def blocked(visit: Visit) -> Response:
    """Show the blocked records, without their content."""
    return _shown(visit, {})


@blocked.act("/look", needs=Permission.READ_BLOCKED)
def look(visit: Visit) -> Response:
    """Show blocked records once; the ledger gets the recipient and the reason, encrypted."""
    visit.needed({"authority": "Say which court or authority asks.", "reason": "Say for what."})
    ticked = visit.chosen("record")
    if not ticked or not all(item.isdecimal() for item in ticked):
        raise Wrong({"records": "Tick the records to look at."})
    with beside("records"):
        seen = look_at_blocked(
            visit.app,
            read_case(visit).case_id,
            [int(item) for item in ticked],
            authority=visit.typed("authority"),
            reason=visit.typed("reason"),
            by=visit.actor,
        )
    return _shown(visit, seen)


def _shown(visit: Visit, seen: Mapping[int, SeenRecord]) -> Response:
    case = read_case(visit)
    return visit.show(
        "blocked.html",
        case=case,
        shade=case.light.value,
        shades=SHADES,
        records=blocked_records(visit.app, case.case_id),
        seen=seen,
        most=MOST_LOOKED_AT,
    )
