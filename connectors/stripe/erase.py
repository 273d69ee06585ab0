"""Erasing: what is done to each kind, as data, what stands against it, and the sentences of the outcomes.

Source: Stripe's documentation of customer deletion and of redaction jobs. A deletion would silently cancel running
subscriptions; a redaction loses an open dispute; transactions can be redacted 90 days after their creation only, many
records in one job.

A sentence says how a record is, not what this run did to it: the run before may have done it and been killed before it
could say so, and the person is then to read the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast
from urllib.parse import quote

from connectors.stripe.belonging import ACTIVE, ENDED, CustomerChain, is_open_dispute
from connectors.stripe.blanking import Cleared, clear
from connectors.stripe.client import PREVIEW_VERSION, Answer, Calls, Object, StripeRefusal, part_of
from connectors.stripe.jobs import RedactionJobs
from connectors.stripe.kinds import (
    CHARGE,
    CUSTOMER,
    DISPUTE,
    INVOICE,
    KINDS,
    PAYMENT_INTENT,
    PAYMENT_METHOD,
    SUBSCRIPTION,
    Kind,
    of_customer,
    path_of,
)
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.vocabulary.records import Method, Outcome, OutcomeKind, RecordRef

REDACTABLE_AFTER = timedelta(days=90)

UNFINISHED: dict[str, frozenset[str]] = {
    "checkout-session": frozenset({"open"}),
    "setup-intent": frozenset({"requires_payment_method", "requires_confirmation", "requires_action", "processing"}),
    "payment-intent": frozenset(
        {
            "requires_payment_method",
            "requires_confirmation",
            "requires_action",
            "requires_capture",
            "processing",
        }
    ),
    "charge": frozenset({"pending"}),
    "invoice": frozenset({"draft", "open"}),
}
"""States in which an object is not final."""
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
    "too_many_objects": "too many objects refer to it for one job",
}
_NEVER_DELETED = "it never deletes payments; they can only be redacted, by a redaction job 90 days after the payment"
Root = tuple[str, str]
"""The word for the type in a job, and the id."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason why Stripe would not comply.

    Args:
        reason: A clause without personal data, to follow "because".
        until: The last day of the obstacle, where that is known.
    """

    reason: str
    until: date | None = None


def _created(thing: Object) -> datetime:
    return datetime.fromtimestamp(int(cast("int", thing.get("created") or 0)), UTC)


_RUNNING: tuple[tuple[Kind, str, Callable[[Object], bool]], ...] = (
    (SUBSCRIPTION, "a subscription is running", lambda thing: thing.get("status") in ACTIVE),
    (INVOICE, "an invoice is open", lambda thing: thing.get("status") == "open"),
)


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


@dataclass(frozen=True, slots=True)
class StripeErasure:
    """The means of an erasure.

    Args:
        calls: The calls of this operation.
        settings: The account.
        now: The present moment.
        belonging: Whose an object is now.
        jobs: Redaction jobs, where the settings allow them.
    """

    calls: Calls
    settings: StripeSettings
    now: datetime
    belonging: CustomerChain
    jobs: RedactionJobs | None

    def running_under(self, customer: str) -> Iterator[str]:
        """Yield a clause for each thing that still runs under a customer."""
        for kind, says, runs in _RUNNING:
            things = self.calls.listing(kind.path, {"customer": customer, **kind.list_params})
            if any(runs(thing) for thing in things):
                yield says
        charges = self.calls.listing(CHARGE.path, {"customer": customer})
        if any(self._disputed({"charge": str(charge.get("id"))}) for charge in charges):
            yield "a dispute is open"

    def obstacle_to_redaction(self, kind: Kind, thing: Object) -> Obstacle | None:
        """Return the obstacle to redacting a transaction now, or ``None``."""
        redactable = _created(thing) + REDACTABLE_AFTER
        if redactable > self.now:
            return Obstacle("it is younger than 90 days", redactable.date())
        if thing.get("status") in UNFINISHED.get(kind.name, frozenset()):
            return Obstacle("it is not final yet (open, pending or unfinished)")
        filtered = {CHARGE.name: "charge", PAYMENT_INTENT.name: "payment_intent"}.get(kind.name)
        if filtered and self._disputed({filtered: str(thing.get("id"))}):
            return Obstacle("a dispute about it is open, and would be lost")
        return None

    def obstacle_to_redacting_customer(self, customer: Object) -> Obstacle | None:
        """Return the obstacle to redacting a customer: a job would include payments that have to be retained."""
        redactable = _created(customer) + REDACTABLE_AFTER
        if redactable > self.now:
            return Obstacle("it is younger than 90 days", redactable.date())
        for kind in (CHARGE, INVOICE, PAYMENT_INTENT):
            if kind.listed_as not in self.settings.unavailable:
                for _ in self.calls.listing(kind.path, {"customer": str(customer.get("id"))}):
                    return Obstacle("payments or invoices refer to it")
        return None

    def _disputed(self, about: dict[str, str]) -> bool:
        if DISPUTE.listed_as in self.settings.unavailable:
            return False
        return any(is_open_dispute(dispute) for dispute in self.calls.listing(DISPUTE.path, about))


Handler = Callable[[StripeErasure, RecordRef, Object], Outcome]


def erase_each(step: StripeErasure, refs: Sequence[RecordRef], method: Method) -> Iterator[Outcome]:
    """Yield an outcome per record, all of one kind; each record's state is read before any change."""
    if step.jobs is not None and refs and KINDS[refs[0].kind] is not CUSTOMER and KINDS[refs[0].kind].job_objects:
        yield from _redact_each(step, step.jobs, refs, method)
        return
    for ref in refs:
        kind = KINDS[ref.kind]
        thing = step.calls.find_with(path_of(ref), kind.expand)
        if thing is None or thing.get("deleted"):
            yield erased(ref)
        elif step.belonging.is_anothers(ref, thing):
            yield step.belonging.kept(ref)
        else:
            yield handler_of(kind, method)(step, ref, thing)


def handler_of(kind: Kind, method: Method) -> Handler:
    """Return the handler for a record of this kind."""
    return _HANDLERS.get((kind.name, method), _DEFAULTS[method])


def clear_fields(step: StripeErasure, ref: RecordRef, thing: Object, obstacle: Obstacle | None = None) -> Outcome:
    """Redact as far as fields can be emptied."""
    return cleared(ref, _cleared(step, ref, thing), obstacle)


def never_deleted(_step: StripeErasure, ref: RecordRef, _thing: Object) -> Outcome:
    """Return the outcome of deleting a record that Stripe never deletes."""
    return refused(ref, Obstacle(_NEVER_DELETED))


def _cleared(step: StripeErasure, ref: RecordRef, thing: Object) -> Cleared:
    kind = KINDS[ref.kind]
    keep = () if kind in _KEEPS_NOTHING else step.settings.keep_metadata
    return clear(step.calls, path_of(ref), kind, thing, keep)


def _detach(step: StripeErasure, ref: RecordRef, thing: Object) -> Outcome:
    """Empty the billing details while they can be changed, then detach it for good."""
    if "/" in ref.ref:
        return _deleted(ref, step.calls.delete(path_of(ref)))
    if not thing.get("customer"):
        return detached(ref)
    _cleared(step, ref, thing)
    answer = step.calls.post(f"{path_of(ref)}/detach", "detach")
    return refused_by(ref, answer) if isinstance(answer, StripeRefusal) else detached(ref, answer.request_id)


def _cancel(step: StripeErasure, ref: RecordRef, thing: Object) -> Outcome:
    """Empty the description while it can be changed, then cancel without a final invoice."""
    done = _cleared(step, ref, thing)
    if thing.get("status") in ENDED:
        return ended(ref, done.request_id)
    answer = step.calls.delete(path_of(ref))
    if isinstance(answer, StripeRefusal):
        return refused_by(ref, answer)
    return ended(ref, answer.request_id if answer else "")


def _delete_draft(step: StripeErasure, ref: RecordRef, thing: Object) -> Outcome:
    """Delete an invoice that was never issued; an issued one stays."""
    if thing.get("status") == "open":
        return refused(ref, Obstacle("the invoice is open; have it paid or voided first"))
    if thing.get("status") != "draft":
        return never_deleted(step, ref, thing)
    return _deleted(ref, step.calls.delete(path_of(ref)))


def _delete_customer(step: StripeErasure, ref: RecordRef, thing: Object) -> Outcome:
    """Empty the profile, so that the copy in the event of its deletion holds nothing, then delete it."""
    running = list(step.running_under(ref.ref))
    if running:
        return refused(ref, Obstacle(f"{' and '.join(running)}, which the deletion would end or orphan"))
    _empty_profile(step, ref, thing)
    if step.jobs is not None and step.obstacle_to_redacting_customer(thing) is None:
        result = step.jobs.redact({CUSTOMER.job_objects: [ref.ref]})
        if ref.ref in result.redacted:
            return by_job(ref, result.redacted[ref.ref])
    return _deleted(ref, step.calls.delete(path_of(ref)))


def _empty_profile(step: StripeErasure, ref: RecordRef, thing: Object) -> Cleared:
    done = _cleared(step, ref, thing)
    for tax_id in cast("list[Object]", part_of(thing, "tax_ids").get("data", [])):
        step.calls.delete(of_customer(ref.ref, f"/tax_ids/{quote(str(tax_id.get('id')), safe='')}"))
    return done


def _clear_customer(step: StripeErasure, ref: RecordRef, thing: Object) -> Outcome:
    return cleared(ref, _empty_profile(step, ref, thing))


def _deleted(ref: RecordRef, answer: Answer | StripeRefusal | None) -> Outcome:
    if isinstance(answer, StripeRefusal):
        return refused_by(ref, answer)
    return erased(ref, answer.request_id if answer else "")


_KEEPS_NOTHING: tuple[Kind, ...] = (CUSTOMER, PAYMENT_METHOD, SUBSCRIPTION)
"""Kinds that are no records of a payment, so that no metadata of theirs is kept for the books."""

_HANDLERS: dict[tuple[str, Method], Handler] = {
    (PAYMENT_METHOD.name, Method.ERASE): _detach,
    (SUBSCRIPTION.name, Method.ERASE): _cancel,
    (INVOICE.name, Method.ERASE): _delete_draft,
    (CUSTOMER.name, Method.ERASE): _delete_customer,
    (CUSTOMER.name, Method.REDACT): _clear_customer,
}

_DEFAULTS: dict[Method, Handler] = {Method.ERASE: never_deleted, Method.REDACT: clear_fields}


def _redact_each(
    step: StripeErasure, jobs: RedactionJobs, refs: Sequence[RecordRef], method: Method
) -> Iterator[Outcome]:
    """Yield an outcome per record: old enough and final ones go into a job, the others are handled as without jobs."""
    waiting: list[tuple[RecordRef, Object, Root]] = []
    for ref in refs:
        kind = KINDS[ref.kind]
        thing = step.calls.find(path_of(ref), version=PREVIEW_VERSION)
        if thing is None:
            yield erased(ref)
        elif part_of(thing, "redaction").get("status") == "redacted":
            yield by_job(ref)
        elif step.belonging.is_anothers(ref, thing):
            yield step.belonging.kept(ref)
        elif obstacle := step.obstacle_to_redaction(kind, thing):
            yield _otherwise(step, ref, thing, method, obstacle)
        else:
            waiting.append((ref, thing, _root(kind, thing)))
    if waiting:
        yield from _in_jobs(step, jobs, waiting, method)


def _in_jobs(
    step: StripeErasure, jobs: RedactionJobs, waiting: Sequence[tuple[RecordRef, Object, Root]], method: Method
) -> Iterator[Outcome]:
    roots: dict[str, list[str]] = {}
    for word, item in dict.fromkeys(root for _, _, root in waiting):
        roots.setdefault(word, []).append(item)
    result = jobs.redact(roots)
    for ref, thing, (_, root) in waiting:
        if root in result.redacted:
            yield by_job(ref, result.redacted[root])
        else:
            obstacle = job_obstacle(result.failed.get(root, "failed"))
            erases = method is Method.ERASE
            yield refused(ref, obstacle) if erases else clear_fields(step, ref, thing, obstacle)


def _otherwise(step: StripeErasure, ref: RecordRef, thing: Object, method: Method, obstacle: Obstacle) -> Outcome:
    """Return the outcome of a record that no job may include now."""
    if method is Method.REDACT:
        return clear_fields(step, ref, thing, obstacle)
    if thing.get("status") in {"draft", "open"}:
        return handler_of(KINDS[ref.kind], method)(step, ref, thing)
    return refused(ref, obstacle)


def _root(kind: Kind, thing: Object) -> Root:
    """Return the root of a job: a charge is redacted together with its payment, never without it."""
    payment = thing.get("payment_intent")
    if kind is CHARGE and isinstance(payment, str):
        return PAYMENT_INTENT.job_objects, payment
    return kind.job_objects, str(thing.get("id"))
