"""Emptying what can be emptied of an object that stays (Art. 17(3) GDPR).

What Stripe documents as changeable of a payment: the address that its receipt goes to, the description, where the goods
went, and metadata. Who paid, and with what (``billing_details``, ``payment_method_details``), stays until a redaction.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from connectors.stripe.belonging import CustomerChain
from connectors.stripe.client import Calls, Object, StripeRefusal, part_of
from connectors.stripe.kinds import CHARGE, CLEARED, KINDS, PAYMENT_METHOD, Kind, path_of
from connectors.stripe.rectify import params_for, value_at
from connectors.stripe.verify import REDACTED, filled
from rightsflow.domain.rectification.changes import EMAIL, PHONE, in_words
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


@dataclass(slots=True)
class Cleared:
    """The result of clearing an object's fields.

    Args:
        thing: The object as it is now.
        stuck: Fields that Stripe would not empty.
        refusal: Why it would not change the object at all.
        request_id: Stripe's id of the last change; empty where none was needed.
    """

    thing: Object
    stuck: list[str] = field(default_factory=list)
    refusal: StripeRefusal | None = None
    request_id: str = ""


def clear(calls: Calls, path: str, kind: Kind, thing: Object, keep_metadata: Container[str] = ()) -> Cleared:
    """Empty all fields that hold something and can be emptied, and the metadata.

    Only filled fields are sent, so a repeat finds nothing to do. Where Stripe replays the stored answer of the last
    24 hours although the fields were filled anew since, the change is asked for again under another key.

    Args:
        calls: The calls of this operation.
        path: The object's address.
        kind: What it is.
        thing: The object, read afresh.
        keep_metadata: Metadata keys that are left.
    """
    done = Cleared(thing)
    purpose = "clear"
    while params := _params(kind, done.thing, keep_metadata, done.stuck):
        answer = calls.post(path, purpose, params)
        if isinstance(answer, StripeRefusal):
            if answer.param not in params:
                done.refusal = answer
                return done
            done.stuck.append(answer.param)
            continue
        done.request_id = answer.request_id
        done.thing = calls.get(path) if answer.replayed else answer.data
        if purpose != "clear" or not answer.replayed:
            break
        purpose = "clear again"
    done.stuck += list(_params(kind, done.thing, keep_metadata, done.stuck))
    return done


def _params(kind: Kind, thing: Object, keep_metadata: Container[str], stuck: list[str]) -> dict[str, object]:
    fields = [name for name in filled(thing, kind.clearable) if name not in stuck]
    params = {name: emptied(kind, name, thing[name]) for name in fields}
    metadata = part_of(thing, "metadata")
    unset = {
        key: CLEARED for key, value in metadata.items() if value not in {"", REDACTED} and key not in keep_metadata
    }
    if unset and "metadata" not in stuck:
        params["metadata"] = unset
    return params


def emptied(kind: Kind, name: str, value: object) -> object:
    """Return the value that is sent to empty a field."""
    return _EMPTIED.get((kind.name, name), _unset)(value)


def _unset(_value: object) -> object:
    return CLEARED


def _unset_each(value: object) -> object:
    fields = value if isinstance(value, dict) else {}
    return {key: CLEARED for key, inner in fields.items() if filled({key: inner}, [key])}


def _overwritten(value: object) -> object:
    """Return the same shape with Stripe's own word for redacted text; a charge's shipping cannot be unset."""
    if isinstance(value, dict):
        return {key: _overwritten(inner) for key, inner in value.items() if inner and key != "country"}
    return REDACTED


_EMPTIED: dict[tuple[str, str], Callable[[object], object]] = {
    (CHARGE.name, "shipping"): _overwritten,
    (PAYMENT_METHOD.name, "billing_details"): _unset_each,
}
"""The ways of emptying fields that cannot simply be unset."""


@dataclass(frozen=True, slots=True)
class Blanking:
    """Unsets fields of retained payments.

    Args:
        belonging: Whose a payment is now.
        metadata: The metadata keys of further fields.
        fields: What is to be blanked, in the words of the configuration.
    """

    belonging: CustomerChain
    metadata: Mapping[str, str]
    fields: Collection[str]

    def carry_out(self, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
        """Unset the fields, and read each payment afresh; one outcome per ref."""
        yield from map(self._blanked, refs)

    def _blanked(self, ref: RecordRef) -> Outcome:
        path = path_of(ref)
        thing = self.belonging.calls.find(path)
        if thing is None:
            return Outcome(record=ref, kind=OutcomeKind.NOT_HELD, reason=_GONE)
        if self.belonging.is_anothers(ref, thing):
            return self.belonging.kept(ref)
        request = ""
        for name in self._filled(thing):
            if request:
                # The state after the change before: a delivery address is sent with all of its parts.
                thing = self.belonging.calls.get(path)
            params = self._params(ref, thing, name)
            for purpose in ("blank", "blank again"):
                answer = self.belonging.calls.post(path, purpose, params)
                if isinstance(answer, StripeRefusal) or not answer.replayed:
                    break
            request = answer.request_id
        fresh = self.belonging.calls.get(path) if request else thing
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
