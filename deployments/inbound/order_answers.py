"""Answers over OpenDSR: objects and bytes that are signed, what is taken here, and faults that quote nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from connectors.opendsr.signing import Signer
from deployments.inbound.calls import PRIVATE
from rightsflow.domain.orders.order import VERSION
from rightsflow.domain.processors.opendsr import IDENTITY_TYPES, RAW, REQUEST_TYPES


def signed(signer: Signer, said: Mapping[str, object], status: int = 200) -> Response:
    """An object, signed.

    Args:
        signer: Signs it.
        said: What it says.
        status: The HTTP status.
    """
    return signed_bytes(signer, json.dumps(said).encode(), status)


def signed_bytes(signer: Signer, body: bytes, status: int = 200) -> Response:
    """Bytes of JSON, signed as they are.

    Args:
        signer: Signs them.
        body: The bytes.
        status: The HTTP status.
    """
    headers = {**PRIVATE, **signer.as_processor(body)}
    return Response(body, status, headers, media_type="application/json")


def discovery(base_url: str) -> dict[str, object]:
    """Return the requests and identifiers accepted here.

    Args:
        base_url: The address under which controllers reach it.
    """
    identities = [{"identity_type": name, "identity_format": RAW} for name in sorted(IDENTITY_TYPES.values())]
    return {
        "api_version": VERSION,
        "supported_identities": identities,
        "supported_subject_request_types": list(REQUEST_TYPES.values()),
        "processor_certificate": f"{base_url}/certificate.pem",
    }


def fault(status: int, text: str, reason: str = "") -> dict[str, Any]:
    """Return a fault in the form of the specification.

    Args:
        status: The HTTP status.
        text: Why, in words for the caller.
        reason: Which part of the request; empty for none.
    """
    said: dict[str, Any] = {"code": status, "message": text}
    if reason:
        said["errors"] = [{"domain": "request", "reason": reason, "message": text}]
    return {"error": said}
