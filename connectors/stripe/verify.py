"""Verification after an erasure: by reading each object afresh, never by search."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from connectors.stripe.belonging import ENDED
from connectors.stripe.client import Calls, Object, part_of
from connectors.stripe.kinds import (
    CHARGE,
    CUSTOMER,
    INVOICE,
    KINDS,
    PAYMENT_METHOD,
    SUBSCRIPTION,
    is_own_record,
    of_customer,
    path_of,
)
from rightsflow.domain.erasure.residue import ResidueTrail, fields_left, left
from rightsflow.domain.errors import Misconfigured, Permanent, Refused
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.vocabulary.records import Presence, PresenceState, RecordRef

REDACTED = "[redacted]"
"""The text that a redaction job of Stripe leaves in place of another."""

_NAMES_NOBODY = frozenset({"country"})
_ID_FIELDS = frozenset({"customer", "metadata", "client_reference_id"})
_LINKING = (
    # Every payment with the card or account bears the same, with the payer's name beside it.
    ("fingerprint",),
    ("brand", "exp_month", "exp_year", "last4"),
    ("bank_name", "last4"),
    ("bank_code", "last4"),
)
_STRUCTURE = frozenset({"id", "object", "livemode"})
_WORDS: Final = {
    "brand": "the card's brand",
    "exp_month": "its month of expiry",
    "exp_year": "its year of expiry",
    "fingerprint": "the card's or account's fingerprint",
    "last4": "the last four digits",
    "customer": "the id of the customer account",
    "bank_name": "the bank's name",
    "bank_code": "the bank's code",
}
_NAMES = {
    CHARGE.name: ("billing_details", "receipt_email", "shipping"),
    INVOICE.name: ("customer_name", "customer_email", "customer_address", "customer_phone", "customer_shipping"),
}
"""The fields in which records of payments name the customer, long after the customer object is deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StripeVerifier:
    """Fresh reads of some records.

    Args:
        calls: The calls of this operation.
        known: The subject's identifiers.
        country: ISO 3166-1 alpha-2 code, in which national phone numbers are read.
        keep_metadata: Metadata keys that an erasure leaves in records of payments.
        redaction_jobs: Whether a redaction job can take more out of a record than emptying its fields.
    """

    calls: Calls
    known: Identifiers
    country: str
    keep_metadata: Container[str] = ()
    redaction_jobs: bool = False
    _named: dict[str, bool] = field(default_factory=dict)

    def run(self, refs: Sequence[RecordRef]) -> Iterator[Presence]:
        """Yield an answer per record."""
        trail = ResidueTrail(
            known=self.known,
            country=self.country,
            id_fields=_ID_FIELDS,
            linking=_LINKING,
            structure=_STRUCTURE,
            blanks=frozenset({REDACTED}),
        )
        for ref in refs:
            thing = self.calls.find(path_of(ref))
            if thing is None or thing.get("deleted"):
                yield left(ref, ())
            elif kept := _KEPT.get(ref.kind, _nothing)(thing):
                yield Presence(record=ref, state=PresenceState.PRESENT, detail=kept)
            else:
                yield self._remains(ref, thing, trail)

    def _remains(self, ref: RecordRef, thing: Object, trail: ResidueTrail) -> Presence:
        fields = fields_left(_readable(thing), trail)
        if "customer" in fields and not self._leads_to_a_name(str(thing["customer"])):
            fields = tuple(item for item in fields if item != "customer")
        return left(ref, fields, _WORDS, may_go=self._may_go(ref, thing, fields), remains=True)

    def _may_go(self, ref: RecordRef, thing: Object, fields: Sequence[str]) -> bool:
        """Return whether Stripe lets one of the fields be removed."""
        roots = {item.partition(".")[0] for item in fields} - {"customer"}
        if self.redaction_jobs and KINDS[ref.kind].job_objects:
            return bool(roots)
        clearable = {*KINDS[ref.kind].clearable, "metadata"} - ({"metadata"} if self._keeps_all(thing) else set())
        return bool(roots & clearable)

    def _keeps_all(self, thing: Object) -> bool:
        """Return whether the metadata consist only of those that an erasure leaves."""
        return all(key in self.keep_metadata for key in part_of(thing, "metadata"))

    def _leads_to_a_name(self, customer: str) -> bool:
        """Return whether the customer object, or a payment with its id, still names the person; in doubt, yes."""
        if customer not in self._named:
            try:
                self._named[customer] = self._shows_a_name(customer)
            except (Misconfigured, Permanent, Refused):
                self._named[customer] = True
        return self._named[customer]

    def _shows_a_name(self, customer: str) -> bool:
        profile = self.calls.find(of_customer(customer))
        if profile is not None and not profile.get("deleted") and _customer(profile):
            return True
        listed = ((kind, self.calls.listing(KINDS[kind].path, {"customer": customer})) for kind in _NAMES)
        return any(filled(thing, _NAMES[kind]) for kind, things in listed for thing in things)


def filled(thing: Object, fields: Sequence[str]) -> list[str]:
    """Return the fields with a text that was not cleared or redacted, ``metadata`` included."""
    return [name for name in fields if _holds_text(thing.get(name))]


def _holds_text(value: object) -> bool:
    if isinstance(value, dict):
        return any(_holds_text(inner) for key, inner in value.items() if key not in _NAMES_NOBODY)
    if isinstance(value, list):
        return any(_holds_text(inner) for inner in value)
    return isinstance(value, str) and value not in {"", REDACTED}


def _readable(value: object) -> object:
    """Return an object's own content: without expanded records, and without the keys of metadata."""
    if isinstance(value, dict):
        return {
            key: list(inner.values()) if key == "metadata" and isinstance(inner, dict) else _readable(inner)
            for key, inner in value.items()
            if not is_own_record(inner)
        }
    if isinstance(value, list):
        return [_readable(inner) for inner in value if not is_own_record(inner)]
    return value


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
