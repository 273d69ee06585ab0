"""How long one stays signed in: a page asks for it before the session ends, which goes on by that."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from deployments.desk.page import MEMBER, page
from deployments.desk.visit import Visit


@page("/session", needs=MEMBER)
def session(visit: Visit) -> Response:
    """How long the session goes on without a further request: in seconds for a page, in words for a person."""
    if "application/json" in visit.request.headers.get("accept", ""):
        return JSONResponse({"seconds": visit.seconds_left})
    return visit.show("session.html")
