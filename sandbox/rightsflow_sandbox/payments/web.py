"""Makes localstripe's web interface behave as Stripe's documents say: keys, request ids, repeated requests, errors."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web
from localstripe import errors

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def fill_app(app: web.Application, api_key: str) -> None:
    """Change localstripe's web application: one key instead of any, request ids, idempotency keys, error codes.

    Args:
        app: The application.
        api_key: The only key that is let in, which may be a restricted one.
    """
    from localstripe import server  # noqa: PLC0415 - builds its routes when it is imported

    server.get_api_key = lambda request: api_key if hmac.compare_digest(_given_key(request), api_key.encode()) else None
    kept: dict[str, tuple[str, int, bytes]] = {}

    @web.middleware
    async def middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await _once(request, handler, kept)
        except (web.HTTPNotFound, web.HTTPMethodNotAllowed):
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            fault = {"type": "invalid_request_error", "message": message}
            response = web.json_response({"error": fault}, status=404)
        response.headers["Request-Id"] = f"req_{secrets.token_hex(7)}"
        return response

    app.middlewares.insert(0, middleware)
    original = errors.UserError.to_response

    def to_response(self: Any) -> Any:
        if self.code == 404:
            self.body["error"].setdefault("code", "resource_missing")
        return original(self)

    errors.UserError.to_response = to_response


def _given_key(request: web.Request) -> bytes:
    """Return the key of a request, by either of the two ways that Stripe takes it."""
    kind, _, value = request.headers.get("Authorization", "").partition(" ")
    if kind != "Basic":
        return value.encode()
    try:
        return base64.b64decode(value, validate=True).partition(b":")[0]
    except binascii.Error:
        return b""


async def _once(request: web.Request, handler: Handler, kept: dict[str, tuple[str, int, bytes]]) -> web.StreamResponse:
    """Answer a request with a known idempotency key as the first time."""
    key = request.headers.get("Idempotency-Key", "")
    if request.method != "POST" or not key:
        return await handler(request)
    asked = hashlib.sha256(request.path.encode() + b"\n" + await request.read()).hexdigest()
    if key not in kept:
        response = await handler(request)
        body = response.body if isinstance(response, web.Response) and isinstance(response.body, bytes) else b""
        kept[key] = (asked, response.status, body)
        return response
    first, status, body = kept[key]
    if first != asked:
        fault = {"type": "idempotency_error", "message": "Keys for idempotent requests can only be used once."}
        return web.json_response({"error": fault}, status=400)
    headers = {"Idempotent-Replayed": "true"}
    return web.Response(body=body, status=status, content_type="application/json", headers=headers)
