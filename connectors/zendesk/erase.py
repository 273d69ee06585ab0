"""Deleting tickets and profiles, first softly, then for good; and redacting the subject's part of a ticket."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, cast

import requests

from connectors.faults import request_id
from connectors.zendesk.client import Api, CustomField, PeopleList, Record, TicketFile, batches, joined
from connectors.zendesk.conversations import Conversation, Session
from connectors.zendesk.traces import MASK, NameTraces, is_readable, marked, wholly_marked, with_name_parts
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef, settled_together

_BLOCKED = (
    "Zendesk does not delete a person who is still the requester of a ticket that is not closed, or one it shares with "
    "another account; close, redact or delete those tickets first."
)
_BY_NOW: Final = "By now it is, or may be, another customer's too, so it was left as it is."
_RIGHTS_OF_OTHERS: Final = "Rights of others"
_STILL_THERE = "Zendesk reported the deletion as done, but not of this ticket; look at it there and try again."
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


def erase_tickets(session: Session, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
    """Delete tickets with their comments and files, unless another customer takes part in one by now.

    Safe to repeat at any point: a ticket that was only softly deleted when an earlier run ended goes on from there.
    """
    by_id: dict[int, RecordRef] = {}
    for ref in refs:
        conversation = session.conversations.find(int(ref.ref))
        if conversation is not None and conversation.others:
            yield _kept(ref)
        else:
            by_id[int(ref.ref)] = ref
    for batch in batches(list(by_id)):
        yield from settled_together(_erase_batch(session, {item: by_id[item] for item in batch}))


def _kept(ref: RecordRef) -> Outcome:
    return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=_BY_NOW, legal_basis=_RIGHTS_OF_OTHERS, refused=True)


def _erase_batch(session: Session, refs: dict[int, RecordRef]) -> list[Outcome]:
    api, ids = session.api, list(refs)
    soft = _bulk(session, "/tickets/destroy_many", ids)
    # A failed item is one that is gone already, or one that would not go; only a read can tell.
    kept = {
        ticket_id
        for ticket_id in ids
        if ticket_id not in soft and api.find(f"/tickets/{ticket_id}", "ticket") is not None
    }
    going = [ticket_id for ticket_id in ids if ticket_id not in kept]
    final = _bulk(session, "/deleted_tickets/destroy_many", going) if going else set()
    unsure = set(going) - final
    kept |= softly_deleted(api, unsure) if unsure else set()
    return [
        Outcome(record=refs[ticket_id], kind=OutcomeKind.FAILED, reason=_STILL_THERE)
        if ticket_id in kept
        else Outcome(record=refs[ticket_id], kind=OutcomeKind.ERASED, reason="Deleted permanently.")
        for ticket_id in ids
    ]


def _bulk(session: Session, path: str, ids: Sequence[int]) -> set[int]:
    """Run a bulk deletion to its end; return the ids that the job itself reports as deleted."""
    started = session.api.delete(path, {"ids": joined(ids)})
    if started is None:
        return set()
    settings = session.settings
    job = session.api.finish(started, poll_seconds=settings.job_poll_seconds, wait_seconds=settings.job_wait_seconds)
    return _gone(job, ids)


def _gone(job: Record, ids: Sequence[int]) -> set[int]:
    """Return the ids that a job deleted; "completed" can hide items that failed, and the results have three shapes."""
    results = job.get("results")
    if isinstance(results, dict):
        return set(ids) if len(ids) == 1 and results.get("success") is True else set()
    listed = [result for result in cast("Sequence[object]", results or ()) if isinstance(result, dict)]
    return {
        int(result["id"])
        for result in listed
        if result.get("success") is True and not result.get("error") and result.get("id")
    }


def softly_deleted(api: Api, ids: Collection[int]) -> set[int]:
    """Return the softly deleted tickets among some; there is no read by id, so the whole list is read."""
    wanted, found = set(ids), set()
    for row in api.by_cursor("/deleted_tickets", "deleted_tickets"):
        if int(row["id"]) in wanted:
            found.add(int(row["id"]))
        if found == wanted:
            break
    return found


def erase_users(session: Session, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
    """Delete profiles that are not another person's by now; safe to repeat between the soft and the final deletion."""
    for ref in refs:
        is_anothers = session.directory.one(int(ref.ref)).is_anothers(session.known)
        yield _kept(ref) if is_anothers else _erase_user(session.api, ref)


def _erase_user(api: Api, ref: RecordRef) -> Outcome:
    soft = api.delete(f"/users/{ref.ref}", allow=(422,))
    if soft is not None and soft.status_code == 422:
        return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=_BLOCKED, refused=True, request_id=request_id(soft))
    # 404 here after an earlier run means: softly deleted, or gone for good. The next call settles it either way.
    final = api.delete(f"/deleted_users/{ref.ref}")
    return Outcome(
        record=ref,
        kind=OutcomeKind.ERASED,
        reason="Deleted permanently here; Zendesk's other products follow within 30 days.",
        request_id=request_id(final if final is not None else soft),
    )


def erase_suspended(session: Session, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
    """Delete suspended messages."""
    for ref in refs:
        answer = session.api.delete(f"/suspended_tickets/{ref.ref}")
        yield Outcome(record=ref, kind=OutcomeKind.ERASED, reason="Deleted.", request_id=request_id(answer))


def erase_recordings(session: Session, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
    """Delete the recordings of calls; the calls' entries go with their tickets."""
    for ref in refs:
        ticket_id, comment_id, call_id = ref.ref.split(":", 2)
        conversation = session.conversations.find(int(ticket_id))
        if conversation is not None and conversation.is_anothers_call(comment_id):
            yield _kept(ref)
            continue
        if not call_id:
            reason = "Zendesk names no call to this recording, so it cannot be asked to delete it; delete the ticket."
            yield Outcome(record=ref, kind=OutcomeKind.FAILED, reason=reason)
            continue
        answer = session.api.delete(f"/channels/voice/calls/{call_id}/recordings")
        yield Outcome(record=ref, kind=OutcomeKind.ERASED, reason="Deleted.", request_id=request_id(answer))


def leave_partner_recordings(_session: Session, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
    """Yield a refusal for each recording that a telephone partner holds."""
    reason = "The recording lies at a telephone partner and not in Zendesk; erase it there."
    yield from (Outcome(record=ref, kind=OutcomeKind.FAILED, reason=reason, refused=True) for ref in refs)


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
        # In another's ticket a declared field is emptied only where it names the subject.
        self._fields_of_theirs = session.settings.ticket_identifier_fields if conversation.is_the_subjects else {}
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
        text = wholly_marked(html) if own else marked(html, self._traces.spans)
        if text != html:
            body = {"ticket_id": self._conversation.id, "html_body": text}
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
        named = [item for item in ticket.get("custom_fields") or () if item.get("value") and self._names_them(item)]
        if named:
            changes["custom_fields"] = [{"id": item["id"], "value": None} for item in named]
        for key in _CC_LISTS:
            listed = ticket.get(key) or []
            if set(listed) & self._conversation.subject_ids:
                changes[key] = [item for item in listed if item not in self._conversation.subject_ids]
        return changes

    def _names_them(self, field: CustomField) -> bool:
        return field["id"] in self._fields_of_theirs or self._traces.stands_in(str(field.get("value")))

    def _leave_copies(self, ticket: Record) -> None:
        """Accounts that have CCs and followers apart take the list as it is only by single actions."""
        left = set(ticket.get("email_cc_ids") or ()) & self._conversation.subject_ids
        if left:
            actions = [{"user_id": user_id, "action": "delete"} for user_id in sorted(left)]
            answer = self._api.put(f"/tickets/{ticket['id']}", {"ticket": {"email_ccs": actions}}, allow=(422,))
            self._note(answer, "the person in copy")
