"""The kinds of record, in the order in which they are erased, with the words and classes of tickets.

Source: Zendesk's API reference (tickets, users, user identities) and help centre, "About ticket statuses".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from connectors.zendesk.settings import TicketRule, ZendeskSettings
from rightsflow.domain.connector import Capabilities, RecordKind, Withheld
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.rectification.changes import EMAIL, NAME, PHONE
from rightsflow.domain.vocabulary.field_words import FieldWords
from rightsflow.domain.vocabulary.records import DocumentClass, Fact, Method

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
CALL = "call-recording"
PARTNER_CALL = "partner-recording"
TICKET = "ticket"
SUSPENDED = "suspended-ticket"
USER = "user"

CATEGORIES = {
    CALL: "call recordings",
    PARTNER_CALL: "call recordings",
    TICKET: "service tickets",
    SUSPENDED: "service tickets",
    USER: "contact data",
}
"""In the words of the record of processing."""

_ERASE = frozenset({Method.ERASE})

_INTERNAL = Withheld(
    what="the helpdesk's internal keys of employees, groups, forms and brands, and addresses of its interface",
    reason="They name employees and the helpdesk's own set-up; who wrote something is given by role.",
)
FILES_OF_OTHERS = Withheld(
    what="files that other customers attached to tickets in which you take part as well",
    reason="They are theirs, and a file cannot be masked reliably.",
    unit="file",
)

OWN_FIELDS = frozenset({NAME, EMAIL, PHONE})
"""The fields of a profile that can be corrected without a setting."""
_AS_SAID = "What was said and written in it stays as it was said; it is no statement of ours on what is right."

_CANNOT_FIND = (
    "Customer and account ids of digits alone in other people's tickets, since an order may have the same number.",
    "Tickets of other people that mention the person by nothing but a name or a telephone number.",
    (
        "Profiles by a phone number alone that is written there without its area code, with an extension or other "
        "digits after it, or in other digits than 0 to 9."
    ),
    "Changes of the last minutes, which Zendesk's search has not taken up yet.",
)

KINDS = (
    RecordKind(
        name=CALL,
        title="call recordings of Zendesk Talk",
        methods=_ERASE,
        calls={Method.ERASE: "DELETE /api/v2/channels/voice/calls/{id}/recordings"},
        residue="The call's row in the Talk statistics keeps its length and time, without a number.",
        found_through=frozenset({TICKET}),
    ),
    RecordKind(
        name=PARTNER_CALL,
        title="call recordings of a telephone partner, linked in a ticket",
        methods=frozenset(),
        manual_step="Erase the recording at the telephone partner; Zendesk holds only the link to it.",
    ),
    RecordKind(
        name=TICKET,
        words=WORDS,
        title="service tickets",
        methods=frozenset({Method.ERASE, Method.REDACT}),
        calls={
            Method.ERASE: "DELETE /api/v2/tickets/destroy_many, then /api/v2/deleted_tickets/destroy_many, 100 at once",
            Method.REDACT: "PUT /api/v2/comment_redactions/{id} for each comment, and its attachments' redact",
        },
        withheld=(_INTERNAL, FILES_OF_OTHERS),
        residue=(
            "An erased ticket leaves its number as an empty row in Zendesk's exports; a redacted one keeps the "
            "sender's addresses in the technical data of the person's comments and the numbers in a call's entry; "
            "the archived originals of e-mails are redacted by Zendesk in the background."
        ),
        manual_step=(
            "Side conversations and the comments of satisfaction ratings are read out and cleaned in Zendesk itself; "
            "tickets that an agent deleted in the last 30 days are looked for under Deleted tickets, since that list "
            "does not say whose they are."
        ),
    ),
    RecordKind(
        name=SUSPENDED,
        title="suspended messages",
        methods=_ERASE,
        calls={Method.ERASE: "DELETE /api/v2/suspended_tickets/{id}"},
        document=DocumentClass.NONE,
        words=WORDS,
    ),
    RecordKind(
        name=USER,
        is_profile=True,
        blocked_by={TICKET: Fact.OPEN_TICKET},
        blocked_note=(
            "Zendesk will refuse to delete this person: a ticket of theirs that is not closed stays. Close it there "
            "first, or keep the profile as long as the ticket."
        ),
        words=WORDS,
        title="customer profiles",
        methods=_ERASE,
        calls={Method.ERASE: "DELETE /api/v2/users/{id}, then /api/v2/deleted_users/{id}"},
        document=DocumentClass.NONE,
        withheld=(_INTERNAL,),
        residue=(
            "The audit log (Enterprise) keeps what agents did to the profile and cannot be changed; Zendesk's other "
            "products finish the deletion within 30 days."
        ),
        manual_step=(
            "Help Center posts and comments, custom object records and profiles of the events API that name the person "
            "are removed in Zendesk itself."
        ),
    ),
)
"""The profile comes last: the others are found through it, and open tickets block its deletion."""


def _restrictable(kind: RecordKind) -> RecordKind:
    """The kind as it is where tickets and profiles can be tagged as restricted."""
    if kind.name not in {TICKET, USER}:
        return kind
    call = f"PUT /api/v2/{kind.name}s/{{id}} with the tag, then a read"
    return replace(kind, methods=kind.methods | {Method.RESTRICT}, calls={**kind.calls, Method.RESTRICT: call})


def _rectifiable(kind: RecordKind, further: frozenset[str]) -> RecordKind:
    """Return the kind with its correctable fields: profiles only; written and spoken words stay as they are."""
    if kind.name != USER:
        return replace(kind, fixed=_AS_SAID)
    calls = {**kind.calls, Method.RECTIFY: "PUT /api/v2/users/{id} or its identities, then a read"}
    return replace(kind, methods=kind.methods | {Method.RECTIFY}, calls=calls, fields=OWN_FIELDS | further)


def _blankable(kind: RecordKind, fields: frozenset[str]) -> RecordKind:
    """Return the kind with the fields that can be emptied while it is retained: fields of tickets."""
    if kind.name != TICKET or not fields:
        return kind
    calls = {**kind.calls, Method.BLANK: "PUT /api/v2/tickets/{id} with the fields empty, then a read"}
    return replace(kind, methods=kind.methods | {Method.BLANK}, calls=calls, blankable=fields)


def capabilities(settings: ZendeskSettings) -> Capabilities:
    """Return the connector's capabilities for an account with these settings."""
    issuers = frozenset(settings.account_id_fields.values())
    searches = {IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.CUSTOMER_ID}
    searches |= {*settings.identifier_fields.values(), *settings.ticket_identifier_fields.values()}
    if issuers:
        searches |= {IdentifierKind.ACCOUNT_ID}
    kinds = tuple(map(_restrictable, KINDS)) if settings.restricted_tag else KINDS
    return Capabilities(
        kinds=tuple(
            _blankable(_rectifiable(kind, frozenset(settings.rectify)), frozenset(settings.ticket_fields))
            for kind in kinds
        ),
        searches=frozenset(kind.value for kind in searches),
        calls_per_minute=settings.calls_per_minute,
        account_issuers=issuers,
        cannot_find=_CANNOT_FIND,
        has_tickets=True,
        has_new_texts=True,
    )


def document_class(ticket: Mapping[str, object], rules: Iterable[TicketRule]) -> DocumentClass | None:
    """Return the class of the first matching rule; ``None`` if no rule matches."""
    return next((rule.document_class for rule in rules if _fits(ticket, rule)), None)


def _fits(ticket: Mapping[str, object], rule: TicketRule) -> bool:
    conditions = (
        rule.form is None or ticket.get("ticket_form_id") == rule.form,
        rule.brand is None or ticket.get("brand_id") == rule.brand,
        not rule.tag or rule.tag in _list(ticket.get("tags")),
        rule.field is None or rule.value in _values(ticket, rule.field),
    )
    return all(conditions)


def _values(ticket: Mapping[str, object], field: int) -> list[str]:
    """Return the values of a custom field; a multi-select field has a list of values."""
    fields = (item for item in _list(ticket.get("custom_fields")) if isinstance(item, dict) and item.get("id") == field)
    given = next((item.get("value") for item in fields), None)
    return [str(item) for item in (given if isinstance(given, list) else [given]) if item is not None]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
