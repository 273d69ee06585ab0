"""The remaining time of a session: a page asks for it before the session ends, which prolongs the session."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from deployments.desk.page import MEMBER, page
from deployments.desk.visit import Visit


@page("/session", needs=MEMBER)
def session(visit: Visit) -> Response:
    """Return the session's time without a further request: in seconds for a page, in words for a person."""
    if "application/json" in visit.request.headers.get("accept", ""):
        return JSONResponse({"seconds": visit.seconds_left})
    return visit.show("session.html")
