"""Emptying what can be emptied of an object that stays."""

from __future__ import annotations

from collections.abc import Callable, Container
from dataclasses import dataclass, field

from connectors.stripe.client import Calls, Object, StripeRefusal, part_of
from connectors.stripe.kinds import CHARGE, CLEARED, PAYMENT_METHOD, Kind
from connectors.stripe.verify import REDACTED, filled


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
    """Return the value that is sent to empty a field.

    Args:
        kind: What the object is.
        name: The field.
        value: What it holds.
    """
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
