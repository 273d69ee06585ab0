"""Places of fields in Stripe's objects, by the words of a correction, as its documents let them be changed.

An address is one parameter: each change sends all of its parts, so that none is lost, whether Stripe merges the parts
or replaces the old address.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, cast

from connectors.stripe.client import Object
from rightsflow.domain.rectification.change import EMAIL, NAME, PHONE

_ADDRESS: Final = {
    "street": "line1",
    "address addition": "line2",
    "postal code": "postal_code",
    "city": "city",
    "state": "state",
    "country": "country",
}
_DELIVERY: Final = {f"delivery {word}": ("shipping", "address", part) for word, part in _ADDRESS.items()}
OF_CUSTOMER: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        NAME: ("name",),
        EMAIL: ("email",),
        PHONE: ("phone",),
        "business name": ("business_name",),
        "description": ("description",),
        **{word: ("address", part) for word, part in _ADDRESS.items()},
        "delivery name": ("shipping", "name"),
        "delivery phone": ("shipping", "phone"),
        **_DELIVERY,
    }
)
"""The fields of a customer object that can be changed; further fields are in its metadata."""


def value_at(thing: Object, place: tuple[str, ...]) -> object:
    """Return the value at a place of an object; ``None`` if a part above it is empty.

    Args:
        thing: The object.
        place: The names that lead there.
    """
    found: object = thing
    for name in place:
        found = cast("Object", found).get(name) if isinstance(found, dict) else None
    return found


def params_for(thing: Object, place: tuple[str, ...], value: object) -> Object:
    """Return the parameter that sets a value at a place and leaves its neighbours unchanged.

    Args:
        thing: The object, as it was read.
        place: The names that lead there.
        value: What is to stand there; an empty text unsets it.
    """
    first, *rest = place
    if not rest:
        return {first: value}
    beside = {name: item for name, item in _kept(thing.get(first)).items() if name != rest[0]}
    return {first: beside | params_for(_part(thing, first), tuple(rest), value)}


def _part(thing: Object, name: str) -> Object:
    found = thing.get(name)
    return found if isinstance(found, dict) else {}


def _kept(value: object) -> Object:
    """The filled parts of an object, as they are sent again."""
    if not isinstance(value, dict):
        return {}
    kept = {name: _kept(item) if isinstance(item, dict) else item for name, item in value.items()}
    return {name: item for name, item in kept.items() if item not in (None, "", {})}
