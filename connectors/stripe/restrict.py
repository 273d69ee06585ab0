"""Restriction: a key in the metadata of an object says that it is stored and used for nothing else (Art. 18 GDPR).

Stripe itself goes on as before: what reads its objects, such as an export or a mailing, has to heed the key.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from uuid import uuid4

from connectors.stripe.client import Answer, Calls, StripeRefusal, part_of
from connectors.stripe.kinds import KINDS, path_of
from connectors.stripe.outcomes import refused_by
from rightsflow.domain.records import MarkSeen, MarkState, Method, Outcome, OutcomeKind, RecordRef

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


def marks(calls: Calls, key: str, refs: Sequence[RecordRef]) -> Iterator[MarkSeen]:
    """Whether restricted objects bear the mark; one answer per ref.

    Args:
        calls: The calls of this operation.
        key: The metadata key.
        refs: The objects.
    """
    for ref in refs:
        thing = calls.find_with(path_of(ref), KINDS[ref.kind].expand)
        if thing is None or thing.get("deleted"):
            yield MarkSeen(record=ref, state=MarkState.GONE)
        else:
            is_marked = part_of(thing, "metadata").get(key, "") == VALUE
            yield MarkSeen(record=ref, state=MarkState.MARKED if is_marked else MarkState.UNMARKED)


def _marked(calls: Calls, key: str, ref: RecordRef, method: Method) -> Outcome:
    path, expand = path_of(ref), KINDS[ref.kind].expand
    thing = calls.find_with(path, expand)
    if thing is None or thing.get("deleted"):
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    restricts = method is Method.RESTRICT
    wanted = VALUE if restricts else ""
    request = ""
    if part_of(thing, "metadata").get(key, "") != wanted:
        answer = _written(calls, path, method.value, {"metadata": {key: wanted}})
        if isinstance(answer, StripeRefusal):
            return refused_by(ref, answer)
        request = answer.request_id
        if part_of(answer.data, "metadata").get(key, "") != wanted:
            return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=_NOT_TAKEN)
    done = OutcomeKind.RESTRICTED if restricts else OutcomeKind.RETAINED
    return Outcome(record=ref, kind=done, request_id=request)


def _written(calls: Calls, path: str, purpose: str, change: Mapping[str, object]) -> Answer | StripeRefusal:
    """Write the metadata; not taken for done where Stripe repeats an answer of before the mark was lost or lifted."""
    answer = calls.post(path, purpose, change)
    if isinstance(answer, StripeRefusal) or not answer.replayed:
        return answer
    # To write the same once more changes nothing, so that it may have a key of its own.
    return calls.post(path, f"{purpose} {uuid4().hex}", change)
