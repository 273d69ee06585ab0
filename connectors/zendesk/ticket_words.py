"""Zendesk's field names and codes in words, for the copy that the person gets.

Source: Zendesk's API reference (tickets, users, user identities) and help centre, "About ticket statuses".
"""

from __future__ import annotations

from rightsflow.domain.vocabulary.field_words import FieldWords

_LABELS = {
    "allow_attachments": "Attachments allowed",
    "allow_channelback": "Can be answered in the channel it came from",
    "author": "Written by",
    "body": "Text",
    "call_duration": "Length in seconds",
    "content_type": "Kind of file",
    "created_at": "Created at",
    "custom_fields": "Fields of the helpdesk",
    "deliverable_state": "Can be reached",
    "due_at": "Due at",
    "file_name": "Name of the file",
    "external_id": "Number in our other systems",
    "from_messaging_channel": "Came by messenger",
    "has_incidents": "Other tickets depend on it",
    "iana_time_zone": "Time zone",
    "is_public": "Has entries that you can see",
    "locale": "Language",
    "metadata": "Technical data",
    "public": "Visible to you in the helpdesk",
    "only_private_comments": "May write internal notes only",
    "report_csv": "May download reports",
    "satisfaction_rating": "Your rating",
    "score": "Rating",
    "shared_phone_number": "Number used by several people",
    "ticket_restriction": "Tickets you can see",
    "undeliverable_count": "Messages that came back",
    "time_zone": "Time zone",
    "transcription_status": "State of the transcript",
    "transcription_text": "Transcript",
    "updated_at": "Last changed at",
    "user_fields": "Further fields",
    "via": "Came in",
}
_CODES = {
    "status": {
        "new": "New, not taken up yet",
        "open": "In work at our side",
        "pending": "Waiting for your answer",
        "hold": "Waiting for a third party",
        "solved": "Solved, can be reopened",
        "closed": "Closed for good",
    },
    "priority": {"low": "Low", "normal": "Normal", "high": "High", "urgent": "Urgent"},
    "type": {
        "question": "Question",
        "incident": "Incident",
        "problem": "Problem",
        "task": "Task",
        "email": "E-mail address",
        "phone_number": "Phone number",
    },
    "channel": {
        "web": "Web form or helpdesk page",
        "email": "E-mail",
        "voice": "Telephone",
        "chat": "Chat",
        "api": "Another program",
        "mobile": "App",
        "sms": "Text message",
        "native_messaging": "Messenger on the website",
    },
    "role": {"end-user": "Customer", "agent": "Employee", "admin": "Administrator"},
    "score": {"good": "Good", "bad": "Bad", "offered": "Asked, not answered", "unoffered": "Not asked"},
    "deliverable_state": {"deliverable": "Yes", "undeliverable": "No, messages come back"},
    "ticket_restriction": {"requested": "Your own", "organization": "Those of your organisation"},
}

WORDS = FieldWords(labels=_LABELS, codes=_CODES)
"""The words for tickets, messages and profiles."""
