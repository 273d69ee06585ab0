"""The API's view of the state: addresses added, inner fields left out."""

from __future__ import annotations

import hashlib
import re
from html import unescape
from typing import Final

from rightsflow_sandbox.helpdesk.defaults import Record
from rightsflow_sandbox.helpdesk.state import HelpdeskState

_DELETED_USER_FIELDS: Final = (
    "active",
    "created_at",
    "email",
    "id",
    "locale",
    "locale_id",
    "name",
    "organization_id",
    "phone",
    "photo",
    "role",
    "shared_phone_number",
    "time_zone",
    "updated_at",
)
_TAG = re.compile(r"<[^>]*>")
_BREAK = re.compile(r"<br\s*/?>|</p>|</div>", re.IGNORECASE)


def plain(markup: str) -> str:
    """Return the text of a comment's HTML."""
    return unescape(_TAG.sub("", _BREAK.sub("\n", markup))).strip("\n")


def api_url(state: HelpdeskState, path: str) -> str:
    """Return the address of a record; always under the account's own host."""
    return f"{state.site.account_url}/api/v2/{path}.json"


def show_user(state: HelpdeskState, user: Record) -> Record:
    """Return a user."""
    return {"id": user["id"], "url": api_url(state, f"users/{user['id']}")} | user


def show_deleted_user(state: HelpdeskState, user: Record) -> Record:
    """Return a deleted user, with fewer fields."""
    shown = {field: user[field] for field in _DELETED_USER_FIELDS}
    return shown | {"active": False, "url": api_url(state, f"deleted_users/{user['id']}")}


def show_identity(state: HelpdeskState, identity: Record) -> Record:
    """Return an identity."""
    path = f"users/{identity['user_id']}/identities/{identity['id']}"
    return {"id": identity["id"], "url": api_url(state, path)} | identity


def show_ticket(state: HelpdeskState, ticket: Record, *, fields: bool = True) -> Record:
    """Return a ticket; its description is its first comment.

    Args:
        state: The helpdesk.
        ticket: The ticket.
        fields: Whether the second copy of the custom fields is shown, which cursor pages leave out.
    """
    shown = {"url": api_url(state, f"tickets/{ticket['id']}")} | ticket
    thread = state.comments.get(ticket["id"])
    if thread:
        shown["description"] = thread[0]["body"]
    if fields:
        shown["fields"] = ticket["custom_fields"]
    return shown


def show_comment(state: HelpdeskState, comment: Record) -> Record:
    """Return a comment with its attachments."""
    shown = {key: value for key, value in comment.items() if key not in {"ticket_id", "recording_base64"}}
    shown["plain_body"] = plain(comment["html_body"])
    shown["attachments"] = [show_attachment(state, one) for one in comment["attachments"]]
    if "data" in comment:
        shown |= _voice(state, comment)
    return shown


def _voice(state: HelpdeskState, comment: Record) -> Record:
    data = dict(comment["data"])
    if comment.get("recording_base64") and not data["recording_url"]:
        data["recording_url"] = (
            f"{state.site.account_url}/api/v2/channels/voice/calls/{data['call_id']}/twilio/recording"
        )
    return {
        "data": data,
        "formatted_from": data["from"],
        "formatted_to": data["to"],
        "transcription_visible": bool(data["transcription_text"]),
    }


def attachment_token(state: HelpdeskState, attachment: Record) -> str:
    """Return the token with which anybody may read an attachment's content."""
    return hashlib.sha256(f"{state.secret} {attachment['id']}".encode()).hexdigest()[:32]


def show_attachment(state: HelpdeskState, attachment: Record) -> Record:
    """Return an attachment; ``content_url`` is on another host than the API."""
    token = attachment_token(state, attachment)
    content_url = f"{state.site.content_url}/attachments/token/{token}/{attachment['id']}"
    shown = {"url": api_url(state, f"attachments/{attachment['id']}"), "id": attachment["id"]} | attachment
    encoded = shown.pop("content_base64", None) or ""
    shown["size"] = len(encoded) * 3 // 4 - encoded.count("=")
    return shown | {"content_url": content_url, "mapped_content_url": content_url}


def show(state: HelpdeskState, kind: str, record: Record) -> Record:
    """Any other record: its fields and its address.

    Args:
        state: The helpdesk.
        kind: The path below ``/api/v2``.
        record: The record.
    """
    return {"id": record["id"], "url": api_url(state, f"{kind}/{record['id']}")} | record
