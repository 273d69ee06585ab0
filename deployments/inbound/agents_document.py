"""The listener's interface for agents as an OpenAPI document: for them, and for tests that check it."""

from __future__ import annotations

from typing import Any, Final

from rightsflow.domain.agents.messages import VERSION
from rightsflow.domain.agents.requests import DrpReason, DrpStatus

_TEXT: Final[dict[str, object]] = {"type": "string"}
_INSTANT: Final[dict[str, object]] = {"type": "string", "format": "date-time"}
_WHY: Final = {
    400: "The message is not usable.",
    401: "The token is missing or not known.",
    403: "The message is not signed by the agent, or the token or request is another's.",
    404: "There is no such request or address.",
    408: "The body came too slowly.",
    409: "The message was taken before, or the request is final.",
    413: "The body is too large.",
    429: "Too many calls.",
    503: "It cannot be answered now.",
}
_ALWAYS: Final = (400, 404, 408, 413, 429, 503)


def agents_document(base_url: str) -> dict[str, Any]:
    """The document.

    Args:
        base_url: The address under which agents reach the listener.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Requests of authorised agents over the Data Rights Protocol",
            "version": VERSION,
            "description": "See https://github.com/consumer-reports-innovation-lab/data-rights-protocol. Each body is "
            "base64 of an Ed25519 signature followed by the message that it signs, a JSON object.",
        },
        "servers": [{"url": base_url}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, "schemas": _SCHEMAS},
    }


def _paths() -> dict[str, object]:
    agent = [{"name": "agent_id", "in": "path", "required": True, "schema": _TEXT}]
    request = [{"name": "request_id", "in": "path", "required": True, "schema": _TEXT}]
    pair = _call("Get a token.", "Token", (), is_signed=True) | {"security": []}
    # A failed set-up is answered without a body (section 2.05.1).
    pair["responses"] = {**_responses(pair), "403": {"description": "The message is not usable."}}
    return {
        "/v1/agent/{agent_id}": {
            "parameters": agent,
            "post": pair,
            "get": _call("Whether the token counts.", "Nothing", (401, 403)),
        },
        "/v1/data-rights-request": {
            "post": _call("Ask something for a person.", "Status", (401, 403, 409), is_signed=True)
        },
        "/v1/data-rights-request/{request_id}": {
            "parameters": request,
            "get": _call("Where a request stands.", "Status", (401, 403)),
            "delete": _call("Take a request back.", "Status", (401, 403, 409), is_signed=True),
        },
    }


def _responses(operation: dict[str, Any]) -> dict[str, object]:
    return dict(operation["responses"])


def _call(summary: str, answer: str, further: tuple[int, ...], *, is_signed: bool = False) -> dict[str, Any]:
    faults = {str(status): _json("Fault", _WHY[status]) for status in sorted({*_ALWAYS, *further})}
    found: dict[str, Any] = {"summary": summary, "responses": {"200": _json(answer, "It was done.")} | faults}
    if is_signed:
        found["requestBody"] = {"required": True, "content": {"text/plain": {"schema": _TEXT}}}
    return found


def _json(schema: str, description: str) -> dict[str, object]:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"description": description, "content": content}


def _object(required: dict[str, object], **further: object) -> dict[str, object]:
    # Nothing is said that this document does not name.
    return {
        "type": "object",
        "required": list(required),
        "properties": required | further,
        "additionalProperties": False,
    }


_SCHEMAS: Final[dict[str, object]] = {
    "Token": _object({"agent-id": _TEXT, "token": _TEXT}),
    "Nothing": _object({}),
    "Status": _object(
        {
            "request_id": {"type": "string", "format": "uuid"},
            "status": {"enum": [item.value for item in DrpStatus]},
            "received_at": _INSTANT,
        },
        agent_request_id=_TEXT,
        reason={"enum": [item.value for item in DrpReason]},
        expected_by=_INSTANT,
        processing_details=_TEXT,
        user_verification_url=_TEXT,
        expires_at=_INSTANT,
    ),
    "Fault": _object({"code": _TEXT, "message": _TEXT, "fatal": {"type": "boolean"}}, request_id=_TEXT),
}
