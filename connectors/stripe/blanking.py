"""Blanking: fields of a payment that the books do not need are unset where Stripe lets them be (Art. 17(3) GDPR).

What Stripe documents as changeable of a payment: the address that its receipt goes to, the description, where the goods
went, and metadata. Who paid, and with what (``billing_details``, ``payment_method_details``), stays until a redaction.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from connectors.stripe.clearing import emptied
from connectors.stripe.client import Calls, Object, StripeRefusal
from connectors.stripe.customer_chain import CustomerChain
from connectors.stripe.field_places import params_for, value_at
from connectors.stripe.kinds import CLEARED, KINDS, path_of
from connectors.stripe.verify import filled
from rightsflow.domain.rectification.change import EMAIL, PHONE, in_words
from rightsflow.domain.vocabulary.records import Outcome, OutcomeKind, RecordRef
from rightsflow.domain.wording import listed

DELIVERY: Final = "delivery address"
_PLACES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        EMAIL: ("receipt_email",),
        "description": ("description",),
        PHONE: ("shipping", "phone"),
        DELIVERY: ("shipping",),
    }
)
"""The fields of a payment and of a charge that can be unset, by the words of the configuration."""
_GONE: Final = "It is not there any more."


@dataclass(frozen=True, slots=True)
class Blanking:
    """Unsets fields of retained payments.

    Args:
        calls: The calls of this operation.
        belonging: Whose a payment is now.
        metadata: The metadata keys of further fields.
        fields: What is to be blanked, in the words of the configuration.
    """

    calls: Calls
    belonging: CustomerChain
    metadata: Mapping[str, str]
    fields: Collection[str]

    def carry_out(self, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
        """Unset the fields, and read each payment afresh; one outcome per ref.

        Args:
            refs: The payments, all of one kind.
        """
        yield from map(self._blanked, refs)

    def _blanked(self, ref: RecordRef) -> Outcome:
        path = path_of(ref)
        thing = self.calls.find(path)
        if thing is None:
            return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
        if self.belonging.is_anothers(ref, thing):
            return self.belonging.kept(ref)
        request = ""
        for name in self._filled(thing):
            if request:
                # The state after the change before: a delivery address is sent with all of its parts.
                thing = self.calls.get(path)
            params = self._params(ref, thing, name)
            for purpose in ("blank", "blank again"):
                answer = self.calls.post(path, purpose, params)
                if isinstance(answer, StripeRefusal) or not answer.replayed:
                    break
            request = answer.request_id
        fresh = self.calls.get(path) if request else thing
        left = [in_words(name) for name in self._filled(fresh)]
        said = f"{listed(left)}, since Stripe did not take it." if left else ""
        return Outcome(record=ref, kind=OutcomeKind.RETAINED, reason=said, refused=bool(left), request_id=request)

    def _place(self, name: str) -> tuple[str, ...]:
        key = self.metadata.get(name)
        return ("metadata", key) if key else _PLACES[name]

    def _filled(self, thing: Object) -> list[str]:
        return [name for name in sorted(self.fields) if filled({name: value_at(thing, self._place(name))}, [name])]

    def _params(self, ref: RecordRef, thing: Object, name: str) -> Object:
        place = self._place(name)
        if place[0] == "metadata":
            return {"metadata": {place[1]: CLEARED}}
        if name == DELIVERY:
            return {"shipping": emptied(KINDS[ref.kind], "shipping", thing["shipping"])}
        return params_for(thing, place, CLEARED)
