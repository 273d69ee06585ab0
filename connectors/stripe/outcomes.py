"""The sentences of the outcomes, in plain words and without personal data.

A sentence says how a record is, not what this run did to it: the run before may have done it and been killed before it
could say so, and the person is then to read the same.
"""

from __future__ import annotations

from connectors.stripe.clearing import Cleared
from connectors.stripe.client import StripeRefusal
from connectors.stripe.obstacles import Obstacle
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef

UNCHANGEABLE: dict[str, str] = {
    "payment-intent": "the details of the payment method",
    "charge": "the billing and card details",
    "checkout-session": "the customer details",
    "invoice": "the name and address on a finalised invoice",
    "credit-note": "the name and address of its invoice",
    "refund": "the destination details",
    "dispute": "the evidence that was submitted",
}
"""The parts that Stripe lets no one change in records of each kind."""

_JOB_CODES: dict[str, str] = {
    "invalid_cascading_source": "it is part of another object that has to be redacted first",
    "invalid_file_purpose": "a file that belongs to it cannot be redacted",
    "invalid_state": "it is not final (an open invoice or dispute, an unfinished payment)",
    "locked_by_other_job": "another redaction job works on it",
    "too_many_objects": "too many objects hang on it for one job",
}


def erased(record: RecordRef, request_id: str = "") -> Outcome:
    """Return the outcome of a deleted record, whenever it was deleted."""
    return Outcome(record=record, kind=OutcomeKind.ERASED, reason="It is deleted at Stripe.", request_id=request_id)


def redacted(record: RecordRef, reason: str, request_id: str = "", *, partly: bool = False) -> Outcome:
    """Return the outcome of a record whose removable data are gone; ``partly`` if data of the person had to stay."""
    kind = OutcomeKind.RESIDUE if partly else OutcomeKind.REDACTED
    return Outcome(record=record, kind=kind, reason=reason, refused=partly, request_id=request_id)


def detached(record: RecordRef, request_id: str = "") -> Outcome:
    """A payment method belongs to no customer, now or since before."""
    return redacted(record, "It is detached from the customer and cannot be used again.", request_id)


def ended(record: RecordRef, request_id: str = "") -> Outcome:
    """A subscription has ended, now or before."""
    return redacted(record, "It has ended; Stripe keeps it without contact data.", request_id)


def by_job(record: RecordRef, request_id: str = "") -> Outcome:
    """A redaction job has removed everything."""
    return redacted(record, "Stripe has redacted it with its events and request logs.", request_id)


def cleared(record: RecordRef, done: Cleared, obstacle: Obstacle | None = None) -> Outcome:
    """Return the outcome of a record whose clearable fields are empty; the remaining fields are named."""
    if done.refusal is not None:
        return refused_by(record, done.refusal)
    stays = [part for part in (UNCHANGEABLE.get(record.kind, ""), ", ".join(sorted(set(done.stuck)))) if part]
    reason = "The fields that can be emptied are empty."
    if stays:
        reason = f"The fields that can be emptied are empty; Stripe lets no one change {' nor '.join(stays)}."
    if obstacle is not None:
        reason += f" It cannot be redacted by a job now because {obstacle.reason}."
    return redacted(record, reason, done.request_id, partly=bool(stays))


def refused(record: RecordRef, obstacle: Obstacle, request_id: str = "") -> Outcome:
    """Return the outcome of a record that Stripe refuses, or would change in an unwanted way."""
    return Outcome(
        record=record,
        kind=OutcomeKind.RETAINED,
        reason=f"Stripe keeps it because {obstacle.reason}.",
        until=obstacle.until,
        refused=True,
        request_id=request_id,
    )


def refused_by(record: RecordRef, refusal: StripeRefusal) -> Outcome:
    """Stripe answered 400 to a change of this object."""
    code = f" (code {refusal.code})" if refusal.code else ""
    return refused(record, Obstacle(f"it does not allow the change{code}"), refusal.request_id)


def job_obstacle(code: str) -> Obstacle:
    """Return the obstacle for the code with which the validation of a redaction job failed."""
    return Obstacle(_JOB_CODES.get(code, f"its redaction failed (code {code})"))
