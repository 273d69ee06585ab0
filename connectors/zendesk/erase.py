"""Deleting tickets and profiles: first softly, then for good."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Final, cast

from connectors.faults import request_id
from connectors.zendesk.client import Api, batches, joined
from connectors.zendesk.session import Session
from connectors.zendesk.shapes import Record
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef, settled_together

_BLOCKED = (
    "Zendesk does not delete a person who is still the requester of a ticket that is not closed, or one it shares with "
    "another account; close, redact or delete those tickets first."
)
_BY_NOW: Final = "By now it is, or may be, another customer's too, so it was left as it is."
_RIGHTS_OF_OTHERS: Final = "Rights of others"
_STILL_THERE = "Zendesk reported the deletion as done, but not of this ticket; look at it there and try again."


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
