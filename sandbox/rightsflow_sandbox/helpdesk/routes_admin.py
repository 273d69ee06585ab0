"""The sandbox's own switches under ``/__sandbox``, without credentials; the helpdesk itself has none of these."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rightsflow_sandbox.helpdesk.background import settle
from rightsflow_sandbox.helpdesk.faults import OrderedFault
from rightsflow_sandbox.helpdesk.loading import dump_helpdesk
from rightsflow_sandbox.helpdesk.state import HelpdeskState

PREFIX = "/__sandbox/"
_FIELDS = frozenset({"method", "path", "times", "action", "status", "body", "retry_after", "headers"})


def _canonical(document: Any) -> Response:
    """Return JSON with sorted keys and no spaces, so that equal states have equal bytes."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Response(text, media_type="application/json")


def admin_routes(state: HelpdeskState) -> list[Route]:
    """Return the admin routes: order and withdraw faults, finish jobs, read the log of requests and the whole state."""

    async def add_fault(request: Request) -> Response:
        try:
            given = await request.json()
            fault = OrderedFault(**{key: value for key, value in given.items() if key in _FIELDS})
        except (ValueError, TypeError, AttributeError, re.error) as problem:
            return JSONResponse({"error": f"This is no fault: {type(problem).__name__}."}, status_code=400)
        state.faults.add(fault)
        return JSONResponse({"ordered": True}, status_code=201)

    async def clear_faults(_: Request) -> Response:
        state.faults.clear()
        return Response(status_code=204)

    async def settle_all(_: Request) -> Response:
        with state.lock:
            settle(state, everything=True)
        return Response(status_code=204)

    async def requests(_: Request) -> Response:
        return _canonical({"requests": state.journal.as_json()})

    async def clear_requests(_: Request) -> Response:
        state.journal.clear()
        return Response(status_code=204)

    async def dump(_: Request) -> Response:
        with state.lock:
            return _canonical(dump_helpdesk(state))

    switches: list[tuple[str, str, Callable[[Request], Any]]] = [
        ("POST", "faults", add_fault),
        ("DELETE", "faults", clear_faults),
        ("POST", "settle", settle_all),
        ("GET", "requests", requests),
        ("DELETE", "requests", clear_requests),
        ("GET", "dump", dump),
    ]
    return [Route(PREFIX + name, endpoint, methods=[method]) for method, name, endpoint in switches]
