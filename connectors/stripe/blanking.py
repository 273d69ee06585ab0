"""Blanking: fields of a payment that the books do not need are unset where Stripe lets them be (Art. 17(3) GDPR).

What Stripe documents as changeable of a payment: the address that its receipt goes to, the description, and metadata.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from connectors.stripe.client import Calls, Object, StripeRefusal
from connectors.stripe.kinds import CLEARED, path_of
from rightsflow.domain.records import Outcome, OutcomeKind, RecordRef
from rightsflow.domain.rectification.change import EMAIL, in_words
from rightsflow.domain.wording import listed

PAYMENT_FIELDS: Final[Mapping[str, str]] = MappingProxyType({EMAIL: "receipt_email", "description": "description"})
"""The fields of a payment and of a charge that can be unset, by the words of the configuration."""
_GONE: Final = "It is not there any more."


def blank_each(calls: Calls, refs: Sequence[RecordRef], fields: Collection[str]) -> Iterator[Outcome]:
    """Unset fields of payments that are kept, and read each afresh; one outcome per ref.

    Args:
        calls: The calls of this operation.
        refs: The payments, all of one kind.
        fields: What is to be blanked, in the words of the configuration.
    """
    for ref in refs:
        yield _blanked(calls, ref, sorted(fields))


def _blanked(calls: Calls, ref: RecordRef, fields: Sequence[str]) -> Outcome:
    path = path_of(ref)
    thing = calls.find(path)
    if thing is None:
        return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
    request = ""
    for name in _filled(thing, fields):
        params = {PAYMENT_FIELDS[name]: CLEARED}
        for purpose in ("blank", "blank again"):
            answer = calls.post(path, purpose, params)
            if isinstance(answer, StripeRefusal) or not answer.replayed:
                break
        request = answer.request_id
    fresh = calls.get(path) if request else thing
    left = [in_words(name) for name in _filled(fresh, fields)]
    said = f"{listed(left)}, since Stripe did not take it." if left else ""
    return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=said, refused=bool(left), request_id=request)


def _filled(thing: Object, fields: Sequence[str]) -> list[str]:
    return [name for name in fields if thing.get(PAYMENT_FIELDS.get(name, "")) not in {None, ""}]
