"""Taking a person out of a ticket that has to stay: what the person wrote, and where the person is named."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import requests

from connectors.faults import request_id
from connectors.zendesk import markup
from connectors.zendesk.client import Api
from connectors.zendesk.conversations import Conversation
from connectors.zendesk.markup import is_readable
from connectors.zendesk.session import Session
from connectors.zendesk.shapes import PeopleList, Record, TicketFile
from connectors.zendesk.traces import MASK, NameTraces, with_name_parts
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef

_CC_LISTS: tuple[PeopleList, ...] = (
    "email_cc_ids",
    "collaborator_ids",
    "follower_ids",
)
_TEXT_FIELDS = ("subject", "external_id", "recipient")
_CLOSED = "its headline and fields name the person and cannot be changed, because the ticket is closed"
_CLOSED_HEADLINE = "its headline, which the person wrote, cannot be changed, because the ticket is closed"
_DONE = "What you wrote, and the places where you are named, were blacked out permanently."
_ONLY_COPIED = (
    "Nothing in the ticket was written by you or names you; a closed ticket keeps its list of readers, in which your "
    "profile stands by its number."
)


@dataclass(slots=True)
class RedactionWork:
    """The progress of redacting one ticket.

    Args:
        stays: What of the person is still readable, in words; then the ticket is not redacted.
        notes: What cannot be changed and is said beside the outcome.
        request_id: Of the last change.
    """

    stays: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    request_id: str = ""


def redact_tickets(session: Session, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
    """Redact tickets one by one; safe to repeat, since redacted text stays as it is."""
    for ref in refs:
        ticket = session.api.find(f"/tickets/{ref.ref}", "ticket")
        if ticket is None:
            yield Outcome(record=ref, kind=OutcomeKind.ERASED, reason="The ticket is gone already.")
        else:
            yield _Redactor(session, session.conversations.of(ticket)).run(ref)


class _Redactor:
    """The redaction of one ticket."""

    def __init__(self, session: Session, conversation: Conversation) -> None:
        self._api: Api = session.api
        self._conversation = conversation
        self._work = RedactionWork()
        names = [person.name for person in conversation.others]
        self._traces = NameTraces(with_name_parts(conversation.named, names), session.place.country)

    def run(self, ref: RecordRef) -> Outcome:
        # Files first: they can be redacted only as long as the ticket is not closed.
        for comment in self._conversation.comments:
            self._files(comment)
        for comment in self._conversation.comments:
            self._text(comment)
        self._fields()
        return self._outcome(ref)

    def _outcome(self, ref: RecordRef) -> Outcome:
        if self._work.stays:
            reason = f"Not all could be redacted: {', '.join(self._work.stays)}; delete the ticket or ask Zendesk."
            kind = OutcomeKind.FAILED
        else:
            also = f" What stays: {'; '.join(self._work.notes)}." if self._work.notes else ""
            reason = f"{self._done_words()}{also}"
            kind = OutcomeKind.RESIDUE if self._work.notes else OutcomeKind.REDACTED
        is_left = kind is OutcomeKind.RESIDUE
        return Outcome(record=ref, kind=kind, reason=reason, refused=is_left, request_id=self._work.request_id)

    def _done_words(self) -> str:
        """Return the completed work in words: in another's closed ticket that the person could read, there was none."""
        conversation = self._conversation
        is_own = conversation.is_the_subjects or any(map(conversation.is_own, conversation.comments))
        return _ONLY_COPIED if conversation.is_closed and not is_own and not self._work.request_id else _DONE

    def _files(self, comment: Record) -> None:
        own = self._conversation.is_own(comment)
        for file in comment.get("attachments") or ():
            if not file.get("size") or file.get("deleted"):
                continue
            if own:
                redact = self._redact_closed_file if self._conversation.is_closed else self._redact_file
                self._note(redact(comment, file), "a file of the person in a closed ticket")
            elif self._traces.stands_in(str(file.get("file_name") or "")):
                self._work.stays.append("another's file that bears the person's name")

    def _redact_file(self, comment: Record, file: TicketFile) -> requests.Response:
        path = f"/tickets/{self._conversation.id}/comments/{comment['id']}/attachments/{file['id']}/redact"
        return self._api.put(path, {}, allow=(422,))

    def _redact_closed_file(self, comment: Record, file: TicketFile) -> requests.Response:
        """The call for a file refuses in a closed ticket; the one for a comment works there too."""
        body = {"ticket_id": self._conversation.id, "external_attachment_urls": [file["content_url"]]}
        return self._api.put(f"/comment_redactions/{comment['id']}", body, allow=(422,))

    def _text(self, comment: Record) -> None:
        html = str(comment.get("html_body") or "")
        own = self._conversation.is_own(comment)
        marked = markup.wholly_marked(html) if own else markup.marked(html, self._traces.spans)
        if marked != html:
            body = {"ticket_id": self._conversation.id, "html_body": marked}
            answer = self._api.put(f"/comment_redactions/{comment['id']}", body, allow=(422,))
            self._note(answer, "a comment that changed meanwhile or that Zendesk does not let be redacted")
        if own and comment.get("data"):
            self._work.notes.append("the numbers in the entry of a call")

    def _note(self, answer: requests.Response, what: str) -> None:
        self._work.request_id = request_id(answer) or self._work.request_id
        if answer.status_code == 422:
            self._work.stays.append(what)

    # -- the ticket's own fields -------------------------------------------------------------------------------------

    def _fields(self) -> None:
        """Clean the fields and, where the person asked for the ticket, close it: an open one blocks the profile."""
        ticket = self._api.find(f"/tickets/{self._conversation.id}", "ticket")
        if ticket is None:
            return
        changes = self._changes(ticket)
        if self._conversation.is_closed:
            if changes.keys() - {*_CC_LISTS, "subject"} or self._traces.stands_in(str(ticket.get("subject") or "")):
                self._work.notes.append(_CLOSED)
            elif "subject" in changes:
                self._work.notes.append(_CLOSED_HEADLINE)
            return
        if self._conversation.is_the_subjects:
            changes["status"] = "closed"
        if changes:
            # Refused with 409, and tried again, if an agent changed the ticket since it was read.
            safely = {"safe_update": True, "updated_stamp": ticket["updated_at"]}
            answer = self._api.put(f"/tickets/{self._conversation.id}", {"ticket": changes | safely}, allow=(422,))
            self._note(answer, "the headline or a field, which Zendesk does not let be changed")
            if answer.status_code == 200:
                self._leave_copies(self._api.record(answer, "ticket"))

    def _changes(self, ticket: Record) -> dict[str, object]:
        """The fields that name the person, cleaned."""
        changes: dict[str, object] = {}
        for key in _TEXT_FIELDS:
            text = str(ticket.get(key) or "")
            if self._traces.stands_in(text):
                changes[key] = self._traces.masked(text) if key == "subject" else None
        headline = str(ticket.get("subject") or "")
        if self._conversation.wrote_headline and is_readable(headline):
            changes["subject"] = MASK * len(headline)
        tags = ticket.get("tags") or []
        if any(self._traces.stands_in(str(tag)) for tag in tags):
            changes["tags"] = [tag for tag in tags if not self._traces.stands_in(str(tag))]
        named = [
            item for item in ticket.get("custom_fields") or () if self._traces.stands_in(str(item.get("value") or ""))
        ]
        if named:
            changes["custom_fields"] = [{"id": item["id"], "value": None} for item in named]
        for key in _CC_LISTS:
            listed = ticket.get(key) or []
            if set(listed) & self._conversation.subject_ids:
                changes[key] = [item for item in listed if item not in self._conversation.subject_ids]
        return changes

    def _leave_copies(self, ticket: Record) -> None:
        """Accounts that have CCs and followers apart take the list as it is only by single actions."""
        left = set(ticket.get("email_cc_ids") or ()) & self._conversation.subject_ids
        if left:
            actions = [{"user_id": user_id, "action": "delete"} for user_id in sorted(left)]
            answer = self._api.put(f"/tickets/{ticket['id']}", {"ticket": {"email_ccs": actions}}, allow=(422,))
            self._note(answer, "the person in copy")
