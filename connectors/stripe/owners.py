"""Whom an object names, and what the plan has to know of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from connectors.stripe.client import Object
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, parse_leniently
from rightsflow.domain.vocabulary.records import Fact

ACTIVE = frozenset({"active", "trialing", "past_due", "unpaid", "paused"})
"""States of a subscription in which something runs on that a deletion would end."""

ENDED = frozenset({"canceled", "incomplete_expired"})
"""States of a subscription from which nothing can start again."""

OPEN_DISPUTE = frozenset({"needs_response", "under_review"})
_NO_VOUCHER = frozenset({"draft", "requires_payment_method", "requires_confirmation", "requires_action", "canceled"})


def is_open_dispute(dispute: Object) -> bool:
    """Return whether a dispute is still open; an inquiry (``warning_…``) counts until it is closed."""
    status = str(dispute.get("status", ""))
    return status in OPEN_DISPUTE or (status.startswith("warning_") and status != "warning_closed")


MANDATED: Final = frozenset({"sepa_debit", "bacs_debit", "acss_debit", "au_becs_debit", "nz_bank_account"})
"""The types of payment method that collect by a mandate."""


def facts_of(kind: str, thing: Object) -> frozenset[Fact]:
    """Return the facts for the plan that follow from the object alone."""
    return _FACTS.get(kind, _none)(thing)


def _none(_thing: Object) -> frozenset[Fact]:
    return frozenset()


def _voucher(thing: Object) -> frozenset[Fact]:
    return frozenset() if thing.get("status") in _NO_VOUCHER else frozenset({Fact.ACCOUNTING})


def _invoice(thing: Object) -> frozenset[Fact]:
    return _voucher(thing) | ({Fact.OPEN_INVOICE} if thing.get("status") == "open" else set())


def _dispute(thing: Object) -> frozenset[Fact]:
    return frozenset({Fact.ACCOUNTING} | ({Fact.OPEN_DISPUTE} if is_open_dispute(thing) else set()))


def _subscription(thing: Object) -> frozenset[Fact]:
    return frozenset({Fact.ACTIVE_CONTRACT} if thing.get("status") in ACTIVE else set())


def _payment_method(thing: Object) -> frozenset[Fact]:
    return frozenset({Fact.MANDATE} if thing.get("type") in MANDATED and thing.get("customer") else set())


_FACTS: dict[str, Callable[[Object], frozenset[Fact]]] = {
    "charge": _voucher,
    "refund": _voucher,
    "credit-note": _voucher,
    "payment-intent": _voucher,
    "invoice": _invoice,
    "payment-method": _payment_method,
    "dispute": _dispute,
    "subscription": _subscription,
}


def occurred_on(thing: Object, timezone: str) -> date | None:
    """The object's date where the controller is; Stripe counts seconds since 1970 in UTC."""
    created = thing.get("created")
    return datetime.fromtimestamp(created, ZoneInfo(timezone)).date() if isinstance(created, int) else None


class Naming:
    """Reads identifiers out of Stripe's objects.

    Args:
        country: ISO 3166-1 alpha-2 code, in which national phone numbers are read.
        metadata_key: The metadata key under which the controller's customer id stands.
        issuer: The system whose account ids the ids of customer objects are.
        birth_date_key: The metadata key of customers under which the date of birth stands; empty where none does.
    """

    def __init__(self, country: str, metadata_key: str, issuer: str, birth_date_key: str = "") -> None:
        self._country = country
        self._metadata_key = metadata_key
        self._birth_date_key = birth_date_key
        self.issuer = issuer

    def customer(self, customer: Object) -> Identifiers:
        """Return all identifiers by which a customer object names its person."""
        named = [("email", IdentifierKind.EMAIL), ("phone", IdentifierKind.PHONE), ("name", IdentifierKind.NAME)]
        found = [self._parse(kind, customer.get(key)) for key, kind in named]
        found.append(self._parse(IdentifierKind.ACCOUNT_ID, customer.get("id")))
        return self._present(found) | self.metadata(customer) | self._born_on(customer)

    def contact(self, details: object) -> Identifiers:
        """Return the identifiers in billing details, or in the customer details of a checkout session."""
        if not isinstance(details, dict):
            return frozenset()
        named = [("email", IdentifierKind.EMAIL), ("phone", IdentifierKind.PHONE), ("name", IdentifierKind.NAME)]
        return self._present(self._parse(kind, details.get(key)) for key, kind in named)

    def payer(self, thing: Object) -> Identifiers:
        """Return the identifiers of the actual or intended payer in the object itself; receipts may go to anybody."""
        invoice = {key: thing.get(f"customer_{key}") for key in ("email", "phone", "name")}
        contacts = (thing.get("billing_details"), thing.get("customer_details"), invoice)
        return self.metadata(thing).union(*map(self.contact, contacts))

    def email(self, raw: object) -> Identifiers:
        """A single e-mail field."""
        return self._present([self._parse(IdentifierKind.EMAIL, raw)])

    def account(self, customer_id: str) -> Identifiers:
        """The id of a customer object."""
        return self._present([self._parse(IdentifierKind.ACCOUNT_ID, customer_id)])

    def metadata(self, thing: Object) -> Identifiers:
        """The controller's customer id in the metadata."""
        metadata = thing.get("metadata")
        raw = metadata.get(self._metadata_key) if isinstance(metadata, dict) else None
        return self._present([self._parse(IdentifierKind.CUSTOMER_ID, raw)])

    def _born_on(self, customer: Object) -> Identifiers:
        """The date of birth in the metadata of a customer; a payment's may be a recipient's."""
        metadata = customer.get("metadata")
        raw = metadata.get(self._birth_date_key) if self._birth_date_key and isinstance(metadata, dict) else None
        return self._present([self._parse(IdentifierKind.BIRTH_DATE, raw)])

    def _parse(self, kind: IdentifierKind, raw: object) -> Identifier | None:
        return parse_leniently(kind, raw, country=self._country, issuer=self.issuer)

    @staticmethod
    def _present(found: Iterable[Identifier | None]) -> Identifiers:
        return frozenset(identifier for identifier in found if identifier is not None)


def naming_of(country: str, settings: StripeSettings, system: str) -> Naming:
    """Return the reader of identifiers in objects.

    Args:
        country: ISO 3166-1 alpha-2 code, in which national phone numbers are read.
        settings: The account's section.
        system: Its name in the configuration.
    """
    return Naming(country, settings.customer_id_metadata, system, settings.birth_date_metadata)
