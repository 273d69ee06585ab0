"""Erasing: what is done to each kind, as data, one record after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from urllib.parse import quote

from connectors.stripe.clearing import Cleared, clear
from connectors.stripe.client import Answer, Calls, Object, StripeRefusal, part_of
from connectors.stripe.customer_chain import CustomerChain
from connectors.stripe.jobs import RedactionJobs
from connectors.stripe.kinds import (
    CUSTOMER,
    INVOICE,
    KINDS,
    PAYMENT_METHOD,
    SUBSCRIPTION,
    Kind,
    of_customer,
    path_of,
)
from connectors.stripe.obstacles import Obstacle, Obstacles
from connectors.stripe.outcomes import by_job, cleared, detached, ended, erased, refused, refused_by
from connectors.stripe.owners import ENDED
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.vocabulary.records import Method, Outcome, RecordRef

_NEVER_DELETED = "it never deletes payments; they can only be redacted, by a redaction job 90 days after the payment"


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

    @property
    def obstacles(self) -> Obstacles:
        """The obstacles to an erasure."""
        return Obstacles(self.calls, self.settings, self.now)


Handler = Callable[[StripeErasure, RecordRef, Object], Outcome]


def erase_each(step: StripeErasure, refs: Sequence[RecordRef], method: Method) -> Iterator[Outcome]:
    """Yield an outcome per record; each record's state is read before any change."""
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
    running = list(step.obstacles.to_deletion(ref.ref))
    if running:
        return refused(ref, Obstacle(f"{' and '.join(running)}, which the deletion would end or orphan"))
    _empty_profile(step, ref, thing)
    if step.jobs is not None and step.obstacles.to_redaction_of_customer(thing) is None:
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
