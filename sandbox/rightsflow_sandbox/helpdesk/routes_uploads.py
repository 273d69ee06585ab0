"""Uploads: a file is sent first and belongs to a comment once a comment names its token."""

from __future__ import annotations

import base64
import json
import secrets
from datetime import timedelta
from typing import Final

from rightsflow_sandbox.helpdesk.calls import Call, Endpoint, Reply
from rightsflow_sandbox.helpdesk.defaults import ATTACHMENT, Record, fresh, stamp
from rightsflow_sandbox.helpdesk.errors import ApiError, not_found, parameter_missing
from rightsflow_sandbox.helpdesk.rendering import show_attachment

LARGEST: Final = 50 * 1024 * 1024
LIFETIME: Final = timedelta(days=3)


def upload(call: Call) -> Reply:
    """Store a file. The answer is JSON with the content type of plain text, as recorded."""
    name = call.query.get("filename", "")
    if not name:
        raise parameter_missing("filename")
    if len(call.raw) > LARGEST:
        raise ApiError(413, {"error": "AttachmentTooLarge", "description": "The file is larger than 50 MB"})
    state, token = call.state, secrets.token_hex(16)
    own: Record = {"id": state.next_id(), "file_name": name, "content_base64": base64.b64encode(call.raw).decode()}
    own["content_type"] = call.headers.get("content-type", ATTACHMENT["content_type"])
    state.uploads[token] = fresh(ATTACHMENT) | own
    shown = show_attachment(state, state.uploads[token])
    body = {"token": token, "expires_at": stamp(state.now() + LIFETIME), "attachments": [shown], "attachment": shown}
    headers = {"Location": shown["url"]}
    return Reply(json.dumps({"upload": body}).encode(), status=201, content_type="text/plain", headers=headers)


def withdraw(call: Call) -> Reply:
    """Delete a file that no comment has."""
    if call.state.uploads.pop(str(call.params["token"]), None) is None:
        raise not_found()
    return Reply(status=204)


ENDPOINTS = (
    Endpoint("POST", "uploads", upload, scope="tickets", binary=True),
    Endpoint("DELETE", "uploads/{token}", withdraw, scope="tickets"),
)
