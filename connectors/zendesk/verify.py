"""Verification after an erasure, by reads of the records themselves and never through the search index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

from connectors.zendesk.client import Record
from connectors.zendesk.conversations import Conversation, Session, people_of, texts_of
from connectors.zendesk.erase import softly_deleted
from connectors.zendesk.kinds import CALL, PARTNER_CALL, SUSPENDED, TICKET, USER
from connectors.zendesk.people import ERASED_NAME
from connectors.zendesk.traces import NameTraces, is_readable
from rightsflow.domain.erasure.residue import ResidueTrail, fields_left, left
from rightsflow.domain.vocabulary.records import Presence, PresenceState, RecordRef

_TECHNICAL: tuple[Literal["via", "metadata", "data"], ...] = ("via", "metadata", "data")
_WORDS = {
    "address": "the sender's address in the technical data of a message",
    "name": "the sender's name in the technical data of a message",
    "phone": "the number in the technical data of a message",
    "from": "the number in the entry of a call",
    "to": "the number in the entry of a call",
    "external_id": "the customer id",
    "text": "the text of the ticket",
    "profile": "the link to your profile",
}


class ZendeskVerifier:
    """A verification of some records."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._api = session.api
        settings = session.settings
        fields = {*settings.account_id_fields, *settings.identifier_fields}
        ids = frozenset({"external_id", settings.customer_id_field, *fields})
        self._trail = ResidueTrail(
            known=session.known,
            country=session.place.country,
            id_fields=ids,
            linking=(("external_id",),),
            structure=frozenset({"id", "url"}),
        )

    def run(self, refs: Sequence[RecordRef]) -> Iterator[Presence]:
        """Yield an answer per record."""
        tickets = {int(ref.ref): ref for ref in refs if ref.kind == TICKET}
        gone = {ticket for ticket in tickets if self._session.conversations.find(ticket) is None}
        trashed = softly_deleted(self._api, gone) if gone else set()
        by_kind = {USER: self._user, SUSPENDED: self._suspended, CALL: self._recording, PARTNER_CALL: self._recording}
        for ref in refs:
            if ref.kind != TICKET:
                yield by_kind[ref.kind](ref)
            elif int(ref.ref) in trashed:
                yield _present(ref, "The ticket is deleted only softly and can be restored.")
            elif int(ref.ref) in gone:
                yield left(ref, ())
            else:
                yield self._ticket(ref)

    def _user(self, ref: RecordRef) -> Presence:
        user = self._api.find(f"/users/{ref.ref}", "user")
        deleted = self._api.find(f"/deleted_users/{ref.ref}", "deleted_user")
        if user is not None and user.get("active", True):
            return _present(ref, "The profile is still there.")
        if deleted is not None and not _is_blank(deleted):
            return _present(ref, "The profile is deleted only softly.")
        if user is not None and not _is_blank(user):
            # Permanent deletion renames the profile some time later.
            return _unknown(ref, "Zendesk has not yet blanked the deleted profile; verify again in some days.")
        # Zendesk's answer about a permanently deleted profile.
        fields = (*fields_left(user or {}, self._trail), *fields_left(deleted or {}, self._trail))
        return left(ref, tuple(dict.fromkeys(fields)), _WORDS)

    def _ticket(self, ref: RecordRef) -> Presence:
        conversation = self._session.conversations.find(int(ref.ref))
        if conversation is None:
            return _unknown(ref, "The ticket was removed while it was read; verify again.")
        if seen := self._readable(conversation):
            return _present(ref, seen)
        gone = {person.id for person in conversation.people.values() if person.is_gone}
        if any(comment.get("author_id") in gone and _is_left(comment) for comment in conversation.comments):
            # It might be the subject's; no one can decide that any more.
            return _unknown(ref, "A comment by a deleted person is still readable; look whose it was.")
        return left(ref, self._unchangeable(conversation), _WORDS, remains=True)

    def _readable(self, conversation: Conversation) -> str:
        """Return where data of the subject that a redaction removes can still be read; empty if nowhere."""
        if conversation.is_the_subjects and not conversation.is_closed:
            return "The person is still the requester of an open ticket."
        if conversation.wrote_headline and is_readable(str(conversation.ticket.get("subject") or "")):
            return "The headline that the person wrote is still readable in the ticket."
        if any(_is_left(comment) for comment in conversation.comments if conversation.is_own(comment)):
            return "A comment or a file of the person is still readable in the ticket."
        if conversation.is_the_subjects and self._session.directory.in_ticket(conversation.ticket):
            return "A field with an identifier of the person is still filled in the ticket."
        traces = NameTraces(conversation.named, self._session.place.country)
        is_named = traces.named_in(texts_of(conversation.ticket, conversation.comments))
        return "The person is still named in the ticket." if is_named else ""

    def _unchangeable(self, conversation: Conversation) -> tuple[str, ...]:
        """The fields that no redaction reaches and that lead back: technical data, and the person's own profile.

        The texts too, in spellings in which the redaction does not look for the person.
        """
        trail = replace(self._trail, known=conversation.named)
        kept = [{key: comment[key] for key in _TECHNICAL if comment.get(key)} for comment in conversation.comments]
        texts = list(texts_of(conversation.ticket, conversation.comments))
        fields = fields_left({"via": conversation.ticket.get("via"), "comments": kept, "text": texts}, trail)
        by_profile = ("profile",) if conversation.subject_ids & people_of(conversation.ticket) else ()
        return (*fields, *by_profile)

    def _suspended(self, ref: RecordRef) -> Presence:
        is_gone = self._api.find_suspended(ref.ref) is None
        return left(ref, ()) if is_gone else _present(ref, "The message is still there.")

    def _recording(self, ref: RecordRef) -> Presence:
        ticket_id, comment_id, _ = ref.ref.split(":", 2)
        conversation = self._session.conversations.find(int(ticket_id))
        if conversation is None and ref.kind == PARTNER_CALL:
            return _unknown(ref, "The link went with its ticket; ask the partner.")
        for comment in conversation.comments if conversation else ():
            url = str((comment.get("data") or {}).get("recording_url") or "")
            if str(comment["id"]) == comment_id and url and self._api.media_type(url) is not None:
                return _present(ref, "The recording can still be fetched.")
        return left(ref, ())


def _present(ref: RecordRef, detail: str) -> Presence:
    return Presence(record=ref, state=PresenceState.PRESENT, detail=detail)


def _unknown(ref: RecordRef, detail: str) -> Presence:
    return Presence(record=ref, state=PresenceState.UNKNOWN, detail=detail)


def _is_blank(user: Record) -> bool:
    """Return whether Zendesk has removed the person from a deleted profile."""
    return not user.get("email") and not user.get("phone") and user.get("name") == ERASED_NAME


def _is_left(comment: Record) -> bool:
    """Return whether any of a comment can still be read: its text in any of its forms, or a file."""
    texts = (str(comment.get(key) or "") for key in ("html_body", "plain_body", "body"))
    return any(is_readable(text) for text in texts) or any(
        file.get("size") and not file.get("deleted") for file in comment.get("attachments") or ()
    )
