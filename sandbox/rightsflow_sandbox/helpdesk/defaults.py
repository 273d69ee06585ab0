"""The API's records with every field in the recorded order, and the values they have when nothing was said."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

Record = dict[str, Any]
"""A record as the API shows it."""

MADE_AT: Final = "2024-01-01T00:00:00Z"
"""The creation time of a record without ``created_at``."""

USER: Final[Mapping[str, object]] = {
    "id": 0,
    "name": "",
    "email": None,
    "created_at": MADE_AT,
    "updated_at": None,
    "time_zone": "Berlin",
    "iana_time_zone": "Europe/Berlin",
    "phone": None,
    "shared_phone_number": None,
    "photo": None,
    "locale_id": 8,
    "locale": "de",
    "organization_id": None,
    "role": "end-user",
    "verified": True,
    "external_id": None,
    "tags": [],
    "alias": None,
    "active": True,
    "shared": False,
    "shared_agent": False,
    "last_login_at": None,
    "two_factor_auth_enabled": None,
    "signature": None,
    "details": None,
    "notes": None,
    "role_type": None,
    "custom_role_id": None,
    "moderator": False,
    "ticket_restriction": "requested",
    "only_private_comments": False,
    "restricted_agent": True,
    "suspended": False,
    "default_group_id": None,
    "report_csv": False,
    "user_fields": {},
}
STAFF: Final[Mapping[str, object]] = {"ticket_restriction": None, "restricted_agent": False, "moderator": True}
"""The fields that differ in agents and administrators."""

IDENTITY: Final[Mapping[str, object]] = {
    "id": 0,
    "user_id": 0,
    "type": "email",
    "value": "",
    "verified": True,
    "primary": False,
    "created_at": MADE_AT,
    "updated_at": None,
}
TICKET: Final[Mapping[str, object]] = {
    "id": 0,
    "external_id": None,
    "via": {"channel": "web", "source": {"from": {}, "to": {}, "rel": None}},
    "created_at": MADE_AT,
    "updated_at": None,
    "generated_timestamp": 0,
    "type": None,
    "subject": "",
    "raw_subject": None,
    "description": "",
    "priority": None,
    "status": "open",
    "recipient": None,
    "requester_id": None,
    "submitter_id": None,
    "assignee_id": None,
    "organization_id": None,
    "group_id": None,
    "collaborator_ids": [],
    "follower_ids": [],
    "email_cc_ids": [],
    "forum_topic_id": None,
    "problem_id": None,
    "has_incidents": False,
    "is_public": True,
    "due_at": None,
    "tags": [],
    "custom_fields": [],
    "satisfaction_rating": None,
    "sharing_agreement_ids": [],
    "custom_status_id": None,
    "followup_ids": [],
    "ticket_form_id": None,
    "brand_id": None,
    "allow_channelback": False,
    "allow_attachments": True,
    "from_messaging_channel": False,
}
COMMENT: Final[Mapping[str, object]] = {
    "id": 0,
    "ticket_id": 0,
    "type": "Comment",
    "author_id": None,
    "body": "",
    "html_body": None,
    "public": True,
    "attachments": [],
    "audit_id": None,
    "via": {"channel": "web", "source": {"from": {}, "to": {}, "rel": None}},
    "created_at": MADE_AT,
    "metadata": {"system": {}, "custom": {}},
}
ATTACHMENT: Final[Mapping[str, object]] = {
    "id": 0,
    "file_name": "",
    "content_type": "application/octet-stream",
    "width": None,
    "height": None,
    "inline": False,
    "deleted": False,
    "malware_access_override": False,
    "malware_scan_result": "malware_not_found",
    "thumbnails": [],
}
VOICE: Final[Mapping[str, object]] = {
    "from": None,
    "to": None,
    "recording_url": None,
    "started_at": None,
    "call_duration": None,
    "answered_by_id": None,
    "location": None,
    "transcription_text": None,
    "recorded": True,
    "recording_type": "call",
    "call_id": None,
    "transcription_status": None,
}
ORGANIZATION: Final[Mapping[str, object]] = {
    "id": 0,
    "name": "",
    "external_id": None,
    "created_at": MADE_AT,
    "updated_at": None,
    "domain_names": [],
    "details": None,
    "notes": None,
    "tags": [],
    "organization_fields": {},
}
MEMBERSHIP: Final[Mapping[str, object]] = {
    "id": 0,
    "user_id": 0,
    "organization_id": 0,
    "organization_name": None,
    "default": None,
    "view_tickets": True,
    "created_at": MADE_AT,
    "updated_at": None,
}
SUSPENDED: Final[Mapping[str, object]] = {
    "id": 0,
    "author": {"id": None, "email": None, "name": None},
    "brand_id": None,
    "cause": "Detected as spam",
    "cause_id": 0,
    "content": "",
    "created_at": MADE_AT,
    "error_messages": None,
    "message_id": None,
    "recipient": None,
    "subject": "",
    "ticket_id": None,
    "updated_at": None,
    "via": {"channel": "email", "source": {"from": {}, "to": {}, "rel": None}},
}
RATING: Final[Mapping[str, object]] = {
    "id": 0,
    "ticket_id": None,
    "requester_id": None,
    "assignee_id": None,
    "group_id": None,
    "score": "good",
    "comment": None,
    "reason": None,
    "reason_id": None,
    "created_at": MADE_AT,
    "updated_at": None,
}


def fresh(base: Mapping[str, object]) -> Record:
    """Return a copy of a record with lists and objects of its own."""
    return {key: copy.deepcopy(value) if isinstance(value, (dict, list)) else value for key, value in base.items()}


def stamp(moment: datetime) -> str:
    """Return an instant as the API writes it: UTC, whole seconds, ``Z``."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant(text: str) -> datetime:
    """Return the instant that :func:`stamp` wrote.

    Raises:
        ValueError: The text is no such instant.
    """
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
