"""Restriction: a key in the metadata of an object says that it is stored and used for nothing else (Art. 18 GDPR).

Stripe itself goes on as before: what reads its objects, such as an export or a mailing, has to heed the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from connectors.stripe.client import Calls, StripeRefusal, part_of
from connectors.stripe.kinds import KINDS, path_of
from connectors.stripe.outcomes import refused_by
from rightsflow.domain.records import Method, Outcome, OutcomeKind, RecordRef

VALUE = "yes"
_GONE = "It is not there any more."
_NOT_TAKEN = "Stripe answered without the mark; look at the object there."


def mark_each(calls: Calls, key: str, refs: Sequence[RecordRef], method: Method) -> Iterator[Outcome]:
    """Mark objects as restricted, or take the mark away; one outcome per ref.

    Args:
        calls: The calls of this operation.
        key: The metadata key.
        refs: The objects.
        method: ``RESTRICT`` or ``LIFT``.
    """
    for ref in refs:
        yield _marked(calls, key, ref, method)


def _marked(calls: Calls, key: str, ref: RecordRef, method: Method) -> Outcome:
    path, expand = path_of(ref), KINDS[ref.kind].expand
    thing = calls.find_with(path, expand)
    if thing is None or thing.get("deleted"):
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    restricts = method is Method.RESTRICT
    wanted = VALUE if restricts else ""
    request = ""
    if part_of(thing, "metadata").get(key, "") != wanted:
        answer = calls.post(path, method.value, {"metadata": {key: wanted}})
        if isinstance(answer, StripeRefusal):
            return refused_by(ref, answer)
        request = answer.request_id
        fresh = calls.get(path) if answer.replayed else answer.data
        if part_of(fresh, "metadata").get(key, "") != wanted:
            return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=_NOT_TAKEN)
    done = OutcomeKind.RESTRICTED if restricts else OutcomeKind.RETAINED
    return Outcome(record=ref, kind=done, request_id=request)
