"""Looking again after an erasure, by reads of the records themselves and never through the search index."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.zendesk.api import Record
from connectors.zendesk.conversations import Conversation, texts_of
from connectors.zendesk.deletion import softly_deleted
from connectors.zendesk.kinds import CALL, PARTNER_CALL, SUSPENDED, TICKET, USER
from connectors.zendesk.markup import is_readable
from connectors.zendesk.people import ERASED_NAME
from connectors.zendesk.session import Session
from connectors.zendesk.traces import Traces
from rightsflow.records import Presence, PresenceState, RecordRef

_Seen = tuple[PresenceState, str]

_ABSENT: _Seen = (PresenceState.ABSENT, "")


class Looker:
    """One look at what became of some records.

    Args:
        session: The operation's means.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._api = session.api

    def run(self, refs: Sequence[RecordRef]) -> Iterator[Presence]:
        """One answer per record."""
        tickets = {int(ref.ref): ref for ref in refs if ref.kind == TICKET}
        gone = {one for one in tickets if self._session.conversations.find(one) is None}
        trashed = softly_deleted(self._api, gone) if gone else set()
        by_kind = {USER: self._user, SUSPENDED: self._suspended, CALL: self._recording, PARTNER_CALL: self._recording}
        for ref in refs:
            if ref.kind != TICKET:
                state, detail = by_kind[ref.kind](ref)
            elif int(ref.ref) in trashed:
                state, detail = PresenceState.PRESENT, "The ticket is deleted only softly and can be restored."
            elif int(ref.ref) in gone:
                state, detail = _ABSENT
            else:
                state, detail = self._ticket(int(ref.ref))
            yield Presence(record=ref, state=state, detail=detail)

    def _user(self, ref: RecordRef) -> _Seen:
        user = self._api.find(f"/users/{ref.ref}", "user")
        deleted = self._api.find(f"/deleted_users/{ref.ref}", "deleted_user")
        if user is not None and user.get("active", True):
            return PresenceState.PRESENT, "The profile is still there."
        if deleted is not None and not _is_blank(deleted):
            return PresenceState.PRESENT, "The profile is deleted only softly."
        if user is not None and not _is_blank(user):
            # Permanent deletion renames the profile some time later.
            return PresenceState.UNKNOWN, "Zendesk has not yet blanked the deleted profile; look again in some days."
        return _ABSENT

    def _ticket(self, ticket_id: int) -> _Seen:
        conversation = self._session.conversations.find(ticket_id)
        if conversation is None:
            return PresenceState.UNKNOWN, "The ticket went away while it was looked at; look again."
        if conversation.is_the_subjects and not conversation.is_closed:
            return PresenceState.PRESENT, "The person is still the requester of an open ticket."
        own = [one for one in conversation.comments if conversation.is_own(one)]
        if any(_is_left(one) for one in own):
            return PresenceState.PRESENT, "A comment or a file of the person is still readable in the ticket."
        traces = Traces(conversation.named, self._session.place.country)
        if traces.named_in(texts_of(conversation.ticket, conversation.comments)):
            return PresenceState.PRESENT, "The person is still named in the ticket."
        return self._strangers(conversation)

    def _strangers(self, conversation: Conversation) -> _Seen:
        """Comments of people who are gone for good might be the subject's; nobody can tell any more."""
        gone = {person.id for person in conversation.people.values() if person.is_gone}
        if any(comment.get("author_id") in gone and _is_left(comment) for comment in conversation.comments):
            return PresenceState.UNKNOWN, "A comment by a deleted person is still readable; look whose it was."
        return _ABSENT

    def _suspended(self, ref: RecordRef) -> _Seen:
        if self._api.find_suspended(ref.ref) is None:
            return _ABSENT
        return PresenceState.PRESENT, "The message is still there."

    def _recording(self, ref: RecordRef) -> _Seen:
        ticket_id, comment_id, _ = ref.ref.split(":", 2)
        conversation = self._session.conversations.find(int(ticket_id))
        if conversation is None:
            partner = ref.kind == PARTNER_CALL
            return (PresenceState.UNKNOWN, "The link went with its ticket; ask the partner.") if partner else _ABSENT
        for comment in conversation.comments:
            url = str((comment.get("data") or {}).get("recording_url") or "")
            if str(comment["id"]) == comment_id and url and self._api.media_type(url) is not None:
                return PresenceState.PRESENT, "The recording can still be fetched."
        return _ABSENT


def _is_blank(user: Record) -> bool:
    """Whether Zendesk has taken the person out of a deleted profile."""
    return not user.get("email") and not user.get("phone") and user.get("name") == ERASED_NAME


def _is_left(comment: Record) -> bool:
    """Whether anything of a comment can still be read: its text in any of its forms, or a file."""
    texts = (str(comment.get(key) or "") for key in ("html_body", "plain_body", "body"))
    return any(is_readable(text) for text in texts) or any(
        file.get("size") and not file.get("deleted") for file in comment.get("attachments") or ()
    )
