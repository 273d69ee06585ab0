"""Rectification: fields of the person's own customer object get the right value where the wrong one stands (Art. 16).

Finalised invoices and payments keep what stood there when they were made; they are vouchers. An address is one
parameter: each change sends all of its parts, so that none is lost, whether Stripe merges the parts or replaces the old
address.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, cast

from connectors.stripe.belonging import Naming
from connectors.stripe.client import Calls, Object, StripeRefusal
from connectors.stripe.kinds import CUSTOMER, path_of
from rightsflow.domain.attribution import claims
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.rectification.changes import (
    EMAIL,
    NAME,
    PHONE,
    Change,
    FieldEnd,
    FieldStanding,
    became,
    gone,
    known_after,
)
from rightsflow.domain.vocabulary.records import Outcome, Presence, PresenceState, RecordRef

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
_STILL_WRONG: Final = "A value that was to be corrected is still in the customer object."


def value_at(thing: Object, place: tuple[str, ...]) -> object:
    """Return the value at a place of an object; ``None`` if a part above it is empty."""
    found: object = thing
    for name in place:
        found = cast("Object", found).get(name) if isinstance(found, dict) else None
    return found


def params_for(thing: Object, place: tuple[str, ...], value: object) -> Object:
    """Return the parameter that sets a value at a place and leaves its neighbours unchanged.

    Args:
        thing: The object, as it was read.
        place: The names that lead there.
        value: The new value; an empty text unsets it.
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


@dataclass(frozen=True, slots=True)
class Rectifying:
    """Corrects customer objects.

    Args:
        calls: The calls of this operation.
        naming: Reads whom an object names.
        country: In which country national phone numbers are read (ISO 3166-1 alpha-2).
        metadata: The metadata keys of further fields.
        changes: What is to be corrected.
        known: The subject's identifiers.
    """

    calls: Calls
    naming: Naming
    country: str
    metadata: Mapping[str, str]
    changes: Sequence[Change]
    known: Identifiers

    def carry_out(self, refs: Sequence[RecordRef]) -> Iterator[Outcome]:
        """Correct objects, and read each afresh; one outcome per ref."""
        yield from map(self._correct, refs)

    def still_wrong(self, refs: Sequence[RecordRef]) -> Iterator[Presence]:
        """Tell whether each object still has a wrong value; one answer per ref."""
        for ref in refs:
            thing = self.calls.find(path_of(ref)) if ref.kind == CUSTOMER.name else None
            is_theirs = thing is not None and not thing.get("deleted") and self._is_theirs(thing)
            wrong = is_theirs and any(self._standing(thing or {}, item) is FieldStanding.WRONG for item in self._mine)
            state = PresenceState.PRESENT if wrong else PresenceState.ABSENT
            yield Presence(record=ref, state=state, detail=_STILL_WRONG if wrong else "")

    @property
    def _mine(self) -> list[Change]:
        return [change for change in self.changes if change.field in OF_CUSTOMER.keys() | self.metadata.keys()]

    def _correct(self, ref: RecordRef) -> Outcome:
        path = path_of(ref)
        thing = self.calls.find(path)
        if thing is None or thing.get("deleted"):
            return gone([ref])[0]
        if not self._is_theirs(thing):
            return became(ref, dict.fromkeys(self._mine, FieldEnd.OTHERS))
        ends, request = dict[Change, FieldEnd](), ""
        for item in self._mine:
            if request:
                # The state after the change before: an address is sent with all of its parts.
                thing = self.calls.get(path)
            ends[item], sent = self._write(path, thing, item)
            request = sent or request
        if request:
            fresh = self.calls.get(path)
            for entry in self._mine:
                if ends[entry] is FieldEnd.DONE and self._standing(fresh, entry) is not FieldStanding.RIGHT:
                    ends[entry] = FieldEnd.NOT_TAKEN
        return became(ref, ends, request)

    def _is_theirs(self, thing: Object) -> bool:
        known = known_after(self.known, self.changes, self.country)
        return claims(self.naming.customer(thing), known)

    def _present(self, thing: Object, change: Change) -> object:
        return value_at(thing, self._place(change))

    def _place(self, change: Change) -> tuple[str, ...]:
        key = self.metadata.get(change.field)
        return ("metadata", key) if key else OF_CUSTOMER[change.field]

    def _standing(self, thing: Object, change: Change) -> FieldStanding:
        return change.standing(self._present(thing, change), self.country)

    def _write(self, path: str, thing: Object, change: Change) -> tuple[FieldEnd, str]:
        standing = self._standing(thing, change)
        if standing is not FieldStanding.WRONG:
            return (FieldEnd.DONE if standing is FieldStanding.RIGHT else FieldEnd.ANOTHER), ""
        written = change.written(self._present(thing, change))
        place = self._place(change)
        params = {"metadata": {place[1]: written}} if place[0] == "metadata" else params_for(thing, place, written)
        answer = self.calls.post(path, "rectify", params)
        if isinstance(answer, StripeRefusal):
            return FieldEnd.NOT_TAKEN, answer.request_id
        if answer.replayed and self._standing(self.calls.get(path), change) is FieldStanding.WRONG:
            answer = self.calls.post(path, "rectify again", params)
            if isinstance(answer, StripeRefusal):
                return FieldEnd.NOT_TAKEN, answer.request_id
        return FieldEnd.DONE, answer.request_id
