"""Giving the data of a person's records: what is the person's, and of shared records the person's part."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

from connectors.zendesk.client import CallEntry, Record, TicketFile
from connectors.zendesk.conversations import Conversation, Session
from connectors.zendesk.kinds import CALL, CATEGORIES, FILES_OF_OTHERS, PARTNER_CALL, SUSPENDED, TICKET, USER
from connectors.zendesk.people import ZendeskUser
from connectors.zendesk.traces import NameTraces, searchable
from rightsflow.domain.identifiers import IdentifierKind
from rightsflow.domain.vocabulary.records import Blob, Document, Part, RecordRef

_EXCERPT = 120
"""Characters given on each side of a place where the person is named in another's ticket."""

_NOT_FOR_THE_PERSON = frozenset(
    {
        "url",
        "authenticity_token",
        "photo",
        "custom_role_id",
        "role_type",
        "default_group_id",
        "locale_id",
        "permanently_deleted",
        "raw_subject",
        "description",  # the first comment says it
        "fields",  # the same as custom_fields
        "assignee_id",
        "submitter_id",
        "requester_id",
        "group_id",
        "collaborator_ids",
        "follower_ids",
        "email_cc_ids",
        "brand_id",
        "ticket_form_id",
        "custom_status_id",
        "forum_topic_id",
        "problem_id",
        "sharing_agreement_ids",
        "followup_ids",
        "generated_timestamp",
        "result_type",
    }
)
"""Addresses of the interface, doubles, and the keys of employees and of the desk's own set-up."""

_MAY_BE_ANOTHERS = (
    "The call was made from or to a number that another person in the ticket uses too, so that it may be theirs; the "
    "recording is not handed out and stays as it is."
)
_MALWARE = "malware_found"
_SOUND = {"audio/wav": ".wav", "audio/x-wav": ".wav", "audio/mpeg": ".mp3", "audio/mp3": ".mp3", "audio/ogg": ".ogg"}
"""File name extensions of sound, of which Python's own table knows few."""


class Extractor:
    """An extraction."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._api = session.api
        self._traces = NameTraces(frozenset(searchable(session.known)), session.place.country)

    def run(self, refs: Sequence[RecordRef]) -> Iterator[Part]:
        """Yield the parts of these records; deleted records are skipped."""
        by_kind = {
            USER: self._user,
            TICKET: self._ticket,
            CALL: self._recording,
            PARTNER_CALL: self._recording,
            SUSPENDED: self._suspended,
        }
        # Recordings come next to their tickets, so that each ticket is read once.
        for ref in sorted(refs, key=lambda item: (item.ref.partition(":")[0], item.kind)):
            yield from by_kind[ref.kind](ref)

    # -- profiles --------------------------------------------------------------------------------------------------

    def _user(self, ref: RecordRef) -> Iterator[Part]:
        person = self._session.directory.one(int(ref.ref))
        if person.is_gone or person.is_anothers(self._session.known):
            return
        content: dict[str, object] = {
            "user": _for_the_person(person.record),
            "identities": [_for_the_person(identity) for identity in person.identities],
        }
        if person.record.get("active", True):
            rows = self._api.by_cursor(f"/users/{person.id}/organization_memberships", "organization_memberships")
            content["organizations"] = [row["organization_name"] for row in rows if row.get("organization_name")]
        yield self._document(ref, content)
        photo = person.record.get("photo")
        if isinstance(photo, dict):
            yield from self._files(ref, [photo])

    # -- tickets ---------------------------------------------------------------------------------------------------

    def _ticket(self, ref: RecordRef) -> Iterator[Part]:
        conversation = self._session.conversations.find(int(ref.ref))
        if conversation is None:
            return
        if conversation.is_the_subjects:
            content, comments = self._whole(conversation)
        else:
            content, comments = self._part_of_anothers(conversation)
        given = sum(_has_bytes(file) for item in comments for file in item.get("attachments") or ())
        there = sum(_has_bytes(file) for item in conversation.comments for file in item.get("attachments") or ())
        document = self._document(ref, content, others=conversation.others)
        yield replace(document, withheld={FILES_OF_OTHERS.what: there - given} if there > given else {})
        for comment in comments:
            yield from self._files(ref, comment.get("attachments") or ())

    def _whole(self, conversation: Conversation) -> tuple[dict[str, object], list[Record]]:
        """The person's own ticket: all of it, and the files that are certainly the person's."""
        content: dict[str, object] = {
            "ticket": _for_the_person(conversation.ticket),
            "comments": [self._comment(conversation, comment) for comment in conversation.comments],
        }
        files = [
            comment for comment in conversation.comments if not conversation.others or conversation.is_own(comment)
        ]
        return content, files

    def _part_of_anothers(self, conversation: Conversation) -> tuple[dict[str, object], list[Record]]:
        """Return another person's ticket: the person's own texts in it, and the places that name the person."""
        own = [comment for comment in conversation.comments if conversation.is_own(comment)]
        ticket = conversation.ticket
        content: dict[str, object] = {
            "ticket": {key: conversation.ticket.get(key) for key in ("id", "created_at", "status")}
            | self._fields(ticket),
            "part": "This ticket is another person's: it is given as far as it is about you.",
            "comments": [self._comment(conversation, comment) for comment in own],
            "mentions": [
                found for comment in conversation.comments if comment not in own for found in self._excerpts(comment)
            ],
        }
        return content, own

    def _fields(self, ticket: Record) -> dict[str, object]:
        """Return the declared fields of another person's ticket that hold an identifier of the person."""
        held = self._session.directory.in_ticket(ticket) & self._session.known
        return {"identifiers": sorted(item.value for item in held)} if held else {}

    def _excerpts(self, comment: Record) -> Iterator[dict[str, object]]:
        text = str(comment.get("plain_body") or comment.get("body") or "")
        for start, end in self._traces.spans(text):
            excerpt = text[max(0, start - _EXCERPT) : end + _EXCERPT]
            yield {"created_at": comment.get("created_at"), "public": comment.get("public"), "excerpt": excerpt}

    def _comment(self, conversation: Conversation, comment: Record) -> dict[str, object]:
        own = conversation.is_own(comment)
        given: dict[str, object] = {
            "created_at": comment.get("created_at"),
            "author": _role(conversation, comment),
            "public": comment.get("public"),
            "channel": (comment.get("via") or {}).get("channel"),
            "body": comment.get("plain_body") or comment.get("body"),
            "attachments": [_file(item) for item in comment.get("attachments") or ()],
        }
        if own:
            # The place where the person wrote from; that of other people is not the person's data.
            given["metadata"] = (comment.get("metadata") or {}).get("system")
            given["via"] = comment.get("via")
        recorded = {recording.comment["id"] for recording in conversation.recordings()}
        if comment.get("data") and (own or not conversation.others or comment["id"] in recorded):
            given["call"] = _call(comment["data"])
        return given

    # -- recordings, suspended messages, files -----------------------------------------------------------------------

    def _recording(self, ref: RecordRef) -> Iterator[Part]:
        ticket_id, _, key = ref.ref.partition(":")
        conversation = self._session.conversations.find(int(ticket_id))
        comment_id = key.partition(":")[0]
        recording = conversation.recording(comment_id) if conversation else None
        if recording is not None and recording.is_shared:
            yield self._document(ref, {"note": _MAY_BE_ANOTHERS})
            return
        media_type = self._api.media_type(recording.url) if recording else None
        if recording is not None and media_type is not None:
            yield Blob(
                record=ref,
                category=CATEGORIES[ref.kind],
                name=f"call-{comment_id}{_SOUND.get(media_type, '.bin')}",
                media_type=media_type,
                open=partial(self._api.stream, recording.url),
                metadata=_call(recording.call),
            )

    def _suspended(self, ref: RecordRef) -> Iterator[Part]:
        message = self._api.find_suspended(ref.ref)
        if message is None:
            return
        files = message.get("attachments") or ()
        given = _for_the_person(message) | {"attachments": [_file(file) for file in files]}
        yield self._document(ref, {"suspended_ticket": given})
        yield from self._files(ref, files)

    def _files(self, ref: RecordRef, attachments: Iterable[TicketFile]) -> Iterator[Part]:
        for attachment in attachments:
            # Redacted files are empty; infected ones are withheld by Zendesk and named in the document.
            if not _has_bytes(attachment):
                continue
            yield Blob(
                record=ref,
                category=CATEGORIES[ref.kind],
                name=PurePosixPath(str(attachment.get("file_name") or "")).name or f"attachment-{attachment['id']}",
                media_type=str(attachment.get("content_type") or "application/octet-stream"),
                open=partial(self._api.stream, str(attachment["content_url"])),
                metadata={"size": attachment["size"]},
            )

    def _document(self, ref: RecordRef, content: dict[str, object], others: Iterable[ZendeskUser] = ()) -> Document:
        kinds = {IdentifierKind.NAME, IdentifierKind.EMAIL, IdentifierKind.PHONE}
        names = {identifier.value for person in others for identifier in person.identifiers if identifier.kind in kinds}
        # The stored form of a number is also the form in the texts.
        names |= {str(person.record["phone"]) for person in others if person.record.get("phone")}
        known = {item.value for item in self._session.known}
        return Document(record=ref, category=CATEGORIES[ref.kind], content=content, others=frozenset(names - known))


def _for_the_person(record: Record) -> dict[str, object]:
    """Return a record without technical fields, and with its time zone once."""
    doubles = {"time_zone"} if record.get("iana_time_zone") else set()  # Zendesk's own name of the same zone
    return {key: value for key, value in record.items() if key not in _NOT_FOR_THE_PERSON | doubles}


def _role(conversation: Conversation, comment: Record) -> str:
    """Return a comment's author by role: employees are not named, and the telephone system's entries have no author."""
    if conversation.is_a_call(comment):
        return "telephone system"
    if conversation.is_own(comment):
        return "you"
    author = conversation.people.get(int(comment.get("author_id") or 0))
    return "another person" if author is not None and author.is_customer else "agent"


def _has_bytes(attachment: TicketFile) -> bool:
    return bool(
        attachment.get("size") and not attachment.get("deleted") and attachment.get("malware_scan_result") != _MALWARE
    )


def _file(attachment: TicketFile) -> dict[str, object]:
    given = {key: attachment.get(key) for key in ("file_name", "content_type", "size")}
    if attachment.get("malware_scan_result") == _MALWARE:
        given["withheld"] = "Malware was found in this file."
    return given


def _call(data: CallEntry) -> dict[str, object]:
    """Return a call's entry without the link to the bytes and the employee who answered."""
    return {key: value for key, value in data.items() if key not in {"recording_url", "answered_by_id"}}
