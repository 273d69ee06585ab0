"""The register of processors and of systems that are searched by hand, and the record of each: how reliable it is."""

from __future__ import annotations

from collections import Counter

from starlette.responses import Response

from deployments.desk.page import page
from deployments.desk.visit import Visit
from rightsflow.cases.course.orders import all_orders
from rightsflow.domain.accounts import Permission
from rightsflow.domain.processors.scorecard import scorecard


@page("/processors", needs=Permission.READ_CASES)
def processor_register(visit: Visit) -> Response:
    """Show the processors and recipients, the open proofs, and the orders of controllers."""
    app = visit.app
    waiting = Counter(instruction.processor for instruction in app.store.work.open_instructions())
    scores = scorecard(app.store.work.all_instructions(), app.today, app.settings.controller.zone)
    return visit.show(
        "processor_register.html",
        register=app.settings.processors,
        by_hand=app.settings.by_hand,
        open_ones={key: waiting[key] for key in app.settings.asked},
        scores=scores,
        orders=all_orders(app),
        today=app.today,
    )
