"""Restriction: a key in the metadata of an object says that it is stored and used for nothing else (Art. 18 GDPR).

Stripe itself goes on as before: what reads its objects, such as an export or a mailing, has to heed the key. A second
key names the case, so that a mark that came back is told from one that a colleague put.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from uuid import uuid4

from connectors.stripe.client import Answer, Calls, StripeRefusal, part_of
from connectors.stripe.erase import refused_by
from connectors.stripe.kinds import KINDS, path_of
from rightsflow.domain.vocabulary.records import (
    ANOTHER_CASES,
    MarkSeen,
    MarkState,
    Method,
    Outcome,
    OutcomeKind,
    RecordRef,
)
from rightsflow.domain.vocabulary.states import is_case_id

VALUE = "yes"
_CASE: Final = "_case"
_LONGEST_KEY: Final = 40
_GONE = "It is not there any more."
_NOT_TAKEN = "Stripe answered without the mark; look at the object there."


def mark_each(
    calls: Calls, key: str, refs: Sequence[RecordRef], method: Method, case_id: str = ""
) -> Iterator[Outcome]:
    """Mark objects as restricted, or take the mark away unless it names another case; one outcome per ref.

    Args:
        calls: The calls of this operation.
        key: The metadata key.
        refs: The objects.
        method: ``RESTRICT`` or ``LIFT``.
        case_id: The case in whose name that is done; empty where none is named.
    """
    for ref in refs:
        yield _marked(calls, key, ref, method, case_id)


def case_key(key: str) -> str:
    """The metadata key that names the case beside a mark."""
    return f"{key[: _LONGEST_KEY - len(_CASE)]}{_CASE}"


def marks(calls: Calls, key: str, refs: Sequence[RecordRef]) -> Iterator[MarkSeen]:
    """Tell whether restricted objects have the mark; one answer per ref."""
    for ref in refs:
        thing = calls.find_with(path_of(ref), KINDS[ref.kind].expand)
        if thing is None or thing.get("deleted"):
            yield MarkSeen(record=ref, state=MarkState.GONE)
        else:
            metadata = part_of(thing, "metadata")
            state = MarkState.MARKED if metadata.get(key, "") == VALUE else MarkState.UNMARKED
            yield MarkSeen(record=ref, state=state, case_id=_case_in(metadata, key))


def _marked(calls: Calls, key: str, ref: RecordRef, method: Method, case_id: str) -> Outcome:
    path, expand = path_of(ref), KINDS[ref.kind].expand
    thing = calls.find_with(path, expand)
    if thing is None or thing.get("deleted"):
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    restricts, held = method is Method.RESTRICT, part_of(thing, "metadata")
    if not restricts and case_id and _case_in(held, key) not in {"", case_id}:
        return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=ANOTHER_CASES)
    wanted = {key: VALUE if restricts else "", case_key(key): case_id if restricts else ""}
    request = ""
    if change := {name: value for name, value in wanted.items() if held.get(name, "") != value}:
        answer = _written(calls, path, method.value, {"metadata": change})
        if isinstance(answer, StripeRefusal):
            return refused_by(ref, answer)
        request = answer.request_id
        if part_of(answer.data, "metadata").get(key, "") != wanted[key]:
            return Outcome(record=ref, kind=OutcomeKind.FAILED, reason=_NOT_TAKEN)
    done = OutcomeKind.RESTRICTED if restricts else OutcomeKind.RETAINED
    return Outcome(record=ref, kind=done, request_id=request)


def _case_in(metadata: Mapping[str, object], key: str) -> str:
    """The case that an object's metadata names beside the mark; empty where none does."""
    named = str(metadata.get(case_key(key), ""))
    return named if is_case_id(named) else ""


def _written(calls: Calls, path: str, purpose: str, change: Mapping[str, object]) -> Answer | StripeRefusal:
    """Write the metadata; not taken for done where Stripe repeats an answer of before the mark was lost or lifted."""
    answer = calls.post(path, purpose, change)
    if isinstance(answer, StripeRefusal) or not answer.replayed:
        return answer
    # To write the same once more changes nothing, so that it may have a key of its own.
    return calls.post(path, f"{purpose} {uuid4().hex}", change)
