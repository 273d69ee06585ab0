"""Looking again after an erasure: by reading each object afresh, never by search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from connectors.stripe_payments.api import Calls, Object
from connectors.stripe_payments.kinds import CUSTOMER, PAYMENT_METHOD, SUBSCRIPTION, path_of
from connectors.stripe_payments.owners import ENDED
from connectors.stripe_payments.traces import where_readable
from rightsflow.identifiers import Identifiers
from rightsflow.records import Presence, PresenceState, RecordRef

REDACTED = "[redacted]"
"""What a redaction job of Stripe leaves in place of a text."""

_SHOWN_FIELDS = 6
_NAMES_NOBODY = frozenset({"country"})


def look_again(calls: Calls, refs: Sequence[RecordRef], known: Identifiers, country: str) -> Iterator[Presence]:
    """One answer per record.

    Args:
        calls: The calls of this operation.
        refs: The records.
        known: The subject's identifiers.
        country: ISO 3166-1 alpha-2 code, in which national phone numbers are read.
    """
    for ref in refs:
        thing = calls.find(path_of(ref))
        if thing is None or thing.get("deleted"):
            yield Presence(record=ref, state=PresenceState.ABSENT)
            continue
        why = _KEPT.get(ref.kind, _nothing)(thing) or _readable(thing, known, country)
        state = PresenceState.PRESENT if why else PresenceState.ABSENT
        yield Presence(record=ref, state=state, detail=why)


def filled(thing: Object, fields: Sequence[str]) -> list[str]:
    """Those of the fields that hold a text that was not cleared or redacted; ``metadata`` among them."""
    return [field for field in fields if _holds_text(thing.get(field))]


def _holds_text(value: object) -> bool:
    if isinstance(value, dict):
        return any(_holds_text(inner) for key, inner in value.items() if key not in _NAMES_NOBODY)
    if isinstance(value, list):
        return any(_holds_text(inner) for inner in value)
    return isinstance(value, str) and value not in {"", REDACTED}


def _readable(thing: Object, known: Identifiers, country: str) -> str:
    fields = where_readable(thing, known, country)
    if not fields:
        return ""
    more = f" and {len(fields) - _SHOWN_FIELDS} more" if len(fields) > _SHOWN_FIELDS else ""
    return f"The subject's data are still in {', '.join(fields[:_SHOWN_FIELDS])}{more}."


def _nothing(_thing: Object) -> str:
    return ""


def _customer(thing: Object) -> str:
    fields = filled(thing, [*CUSTOMER.clearable, "metadata"])
    return f"The customer is still there, with {', '.join(fields)}." if fields else ""


def _payment_method(thing: Object) -> str:
    return "The payment method is still attached to the customer." if thing.get("customer") else ""


def _subscription(thing: Object) -> str:
    return "" if thing.get("status") in ENDED else "The subscription has not ended."


_KEPT: dict[str, Callable[[Object], str]] = {
    CUSTOMER.name: _customer,
    PAYMENT_METHOD.name: _payment_method,
    SUBSCRIPTION.name: _subscription,
}
"""Kinds that have to be gone, or at rest, beyond what the known identifiers show."""
