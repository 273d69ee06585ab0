"""The listener's interface as an OpenAPI document: for controllers, and for tests that check the listener."""

from __future__ import annotations

from typing import Any, Final

from rightsflow.domain.orders.order import MOST_CALLBACKS, MOST_EXCLUSIONS, MOST_IDENTITIES
from rightsflow.domain.processors.opendsr import EXTENSION, IDENTITY_TYPES, RAW, REQUEST_TYPES, OpenDsrStatus

_TEXT: Final[dict[str, object]] = {"type": "string"}
_INSTANT: Final[dict[str, object]] = {"type": "string", "format": "date-time"}
_DAY: Final[dict[str, object]] = {"type": "string", "format": "date"}
_COUNT: Final[dict[str, object]] = {"type": "integer", "minimum": 0}
_ID: Final[dict[str, object]] = {"type": "string", "format": "uuid"}
_TYPES: Final = list(REQUEST_TYPES.values())


def interface_document(base_url: str) -> dict[str, Any]:
    """Return the interface document.

    Args:
        base_url: The address under which controllers reach the listener.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Orders of controllers over OpenDSR 2.0",
            "version": "2.0",
            "description": "See https://github.com/opengdpr/OpenDSR; answers are signed as its section on signatures "
            "says, by RSASSA-PKCS1-v1_5 with SHA-256.",
        },
        "servers": [{"url": base_url}],
        "security": [{"token": []}],
        "paths": _paths(),
        "components": {"securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}, "schemas": _SCHEMAS},
    }


def _paths() -> dict[str, object]:
    found = [{"name": "request_id", "in": "path", "required": True, "schema": _TEXT}]
    return {
        "/discovery": {"get": _open("What is taken.", {"200": _json("Discovery", "What is taken.")})},
        "/certificate.pem": {"get": _open("The certificate.", {"200": _bytes("application/x-pem-file")})},
        "/requests": {"post": _call("Send a request.", {"201": _json("Receipt", "It was received.")}, "Request")},
        "/requests/{request_id}": {
            "parameters": found,
            "get": _call("Where a request stands.", {"200": _json("Status", "Where it stands.")}),
            "delete": _call("Cancel a request.", {"202": _json("Cancelled", "It is cancelled.")}),
        },
        "/requests/{request_id}/results": {
            "parameters": found,
            "get": _call("The certificate.", {"200": _json("Certificate", "What became of the records.")}),
        },
        "/requests/{request_id}/package": {
            "parameters": found,
            "get": _call("The package of an access request.", {"200": _bytes("application/octet-stream")}),
        },
        "/opendsr_callbacks": {
            "post": _open("Tell of a change.", {"202": _json("Nothing", "It was heard.")}, "Callback", (403,))
        },
    }


_ALWAYS: Final = (400, 408, 413, 429, 503)
_KNOWN: Final = (401, 403, 404, 409)
_WHY: Final = {
    400: "The request is not usable.",
    401: "The token is missing or not known.",
    403: "The signature is missing or does not fit.",
    404: "There is no such request of yours.",
    408: "The body came too slowly.",
    409: "The request is in another state.",
    413: "The body is too large.",
    429: "Too many calls.",
    503: "It cannot be answered now.",
}


def _call(summary: str, answers: dict[str, object], body: str = "") -> dict[str, object]:
    return _operation(summary, answers, body, (*_ALWAYS, *_KNOWN))


def _open(summary: str, answers: dict[str, object], body: str = "", further: tuple[int, ...] = ()) -> dict[str, object]:
    """Return a call that needs no token."""
    return _operation(summary, answers, body, (*_ALWAYS, *further)) | {"security": []}


def _operation(summary: str, answers: dict[str, object], body: str, faults: tuple[int, ...]) -> dict[str, object]:
    found: dict[str, object] = {
        "summary": summary,
        "responses": answers | {str(status): _json("Fault", _WHY[status]) for status in sorted(faults)},
    }
    if body:
        found["requestBody"] = {"required": True, "content": _content(body)}
    return found


def _json(schema: str, description: str) -> dict[str, object]:
    return {"description": description, "content": _content(schema)}


def _content(schema: str) -> dict[str, object]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}


def _bytes(media_type: str) -> dict[str, object]:
    return {"description": "The file.", "content": {media_type: {}}}


def _object(required: dict[str, object], **further: object) -> dict[str, object]:
    return {"type": "object", "required": list(required), "properties": required | further}


def _list(items: dict[str, object], most: int | None = None, least: int = 0) -> dict[str, object]:
    bounds = {"minItems": least} | ({"maxItems": most} if most else {})
    return {"type": "array", "items": items, **bounds}


_COMMON: Final = {"controller_id": _TEXT, "expected_completion_time": _INSTANT, "subject_request_id": _ID}
_STATUS: Final = {"request_status": {"enum": [item.value for item in OpenDsrStatus]}}
_IDENTITY: Final = _object(
    {
        "identity_type": {"enum": sorted(IDENTITY_TYPES.values())},
        "identity_value": {"type": "string", "minLength": 1},
        "identity_format": {"const": RAW},
    }
)
_EXCLUSION: Final = _object(
    {"category": {"type": "string", "minLength": 1}, "provision": {"type": "string", "minLength": 1}},
    until={"type": ["string", "null"], "format": "date"},
    ends_when={"type": ["string", "null"]},
)
_OURS: Final = {
    "type": "object",
    "properties": {
        "exclusions": _list(_EXCLUSION, MOST_EXCLUSIONS),
        "due_on": _DAY,
        "processor_domain": _TEXT,
    },
}
_SCHEMAS: Final[dict[str, object]] = {
    "Discovery": _object(
        {
            "api_version": _TEXT,
            "supported_identities": _list(_object({"identity_type": _TEXT, "identity_format": _TEXT})),
            "supported_subject_request_types": _list({"enum": _TYPES}),
            "processor_certificate": _TEXT,
        }
    ),
    "Request": _object(
        {
            "regulation": {"const": "gdpr"},
            "subject_request_id": _ID,
            "subject_request_type": {"enum": _TYPES},
            "subject_identities": _list(_IDENTITY, MOST_IDENTITIES, 1),
            "submitted_time": _INSTANT,
        },
        api_version={"type": "string", "pattern": "^2\\."},
        status_callback_urls=_list({"type": "string", "format": "uri"}, MOST_CALLBACKS),
        extensions={"type": "object", "properties": {EXTENSION: _OURS}},
    ),
    "Receipt": _object({**_COMMON, "received_time": _INSTANT, "encoded_request": _TEXT}),
    "Status": _object({**_COMMON, **_STATUS}, api_version=_TEXT, results_url=_TEXT, results_count=_COUNT),
    "Callback": _object({**_COMMON, **_STATUS, "status_callback_url": _TEXT}, results_url=_TEXT, results_count=_COUNT),
    "Cancelled": _object(
        {"controller_id": _TEXT, "received_time": _INSTANT, "subject_request_id": _ID}, api_version=_TEXT
    ),
    "Certificate": _object(
        {
            "certificate": _TEXT,
            "format": {"type": "integer"},
            "processor": _TEXT,
            "controller_id": _TEXT,
            "subject_request_id": _ID,
            "subject_request_type": {"enum": _TYPES},
            "received_time": _INSTANT,
            "completed_time": _INSTANT,
            "verified_time": {"type": ["string", "null"]},
            "systems_searched": _COUNT,
            "records": _list({"type": "object"}),
            "processors_open": _COUNT,
            "tasks_open": _COUNT,
            "package": {"type": ["object", "null"]},
        }
    ),
    "Nothing": {"type": "object"},
    "Fault": _object(
        {
            "error": _object(
                {"code": {"type": "integer"}},
                message=_TEXT,
                errors=_list(_object({}, domain=_TEXT, reason=_TEXT, message=_TEXT)),
            )
        }
    ),
}
