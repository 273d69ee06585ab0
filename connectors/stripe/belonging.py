"""The owner of an object, by a fresh read: its account may have become another customer's since."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final
from zoneinfo import ZoneInfo

from connectors.stripe.client import Calls, Object
from connectors.stripe.kinds import CHARGE, CHECKOUT_SESSION, CUSTOMER, PAYMENT_INTENT, of_customer
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.chain_claims import standing_now
from rightsflow.domain.identifiers import Identifier, IdentifierKind, Identifiers, parse_leniently, strong
from rightsflow.domain.ownership import Standing
from rightsflow.domain.vocabulary.records import Fact, Outcome, OutcomeKind, RecordRef

ACTIVE = frozenset({"active", "trialing", "past_due", "unpaid", "paused"})
"""States of a subscription in which something runs on that a deletion would end."""

ENDED = frozenset({"canceled", "incomplete_expired"})
"""States of a subscription from which nothing can start again."""

OPEN_DISPUTE = frozenset({"needs_response", "under_review"})
_NO_VOUCHER = frozenset({"draft", "requires_payment_method", "requires_confirmation", "requires_action", "canceled"})
_BY_NOW: Final = "By now it belongs to another customer, so it was left as it is."
_RIGHTS_OF_OTHERS: Final = "Rights of others"
_FOUND_ALONE: Final = frozenset({CHARGE.name, CHECKOUT_SESSION.name, PAYMENT_INTENT.name})
"""The kinds that are also found without their customer, so that a person may have decided whose one is."""


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
        metadata_keys: The metadata keys under which identifiers stand, each with its kind.
        issuer: The system whose account ids the ids of customer objects are.
        birth_date_key: The metadata key of customers under which the date of birth stands; empty where none does.
    """

    def __init__(
        self, country: str, metadata_keys: Mapping[str, IdentifierKind], issuer: str, birth_date_key: str = ""
    ) -> None:
        self._country = country
        self._metadata_keys = metadata_keys
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
        """The controller's customer id in the metadata, and what else names the person there."""
        metadata = thing.get("metadata")
        held = metadata if isinstance(metadata, dict) else {}
        return self._present(self._parse(kind, held.get(key)) for key, kind in self._metadata_keys.items())

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
    """Return the reader of identifiers in objects."""
    keys = {settings.customer_id_metadata: IdentifierKind.CUSTOMER_ID, **settings.identifier_metadata}
    return Naming(country, keys, system, settings.birth_date_metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerChain:
    """Judges objects for one subject, by the rule of :mod:`rightsflow.domain.ownership`."""

    calls: Calls
    naming: Naming
    known: Identifiers = field(repr=False)
    _read: dict[str, Object] = field(default_factory=dict)

    def is_anothers(self, ref: RecordRef, thing: Object) -> bool:
        """Return whether an object now belongs to another person."""
        chain = list(self._chain(ref, thing))
        if ref.kind not in _FOUND_ALONE and standing_now(chain[1:], self.known) is Standing.OTHER:
            return True
        return standing_now(chain, self.known) is Standing.OTHER

    def kept(self, ref: RecordRef) -> Outcome:
        """Return the outcome of an object that was left because it now belongs to another person."""
        return Outcome(
            record=ref, kind=OutcomeKind.RETAINED, reason=_BY_NOW, legal_basis=_RIGHTS_OF_OTHERS, refused=True
        )

    def _chain(self, ref: RecordRef, thing: Object) -> Iterator[Identifiers]:
        if ref.kind == CUSTOMER.name:
            yield self._of_customer(thing)
            return
        yield self.naming.payer(thing)
        if charge := _id_of(thing.get("charge")):
            thing = self._found(f"{CHARGE.path}/{charge}")
            yield self.naming.payer(thing)
        if customer := _id_of(thing.get("customer")):
            yield self._of_customer(self._found(of_customer(customer)))

    def _found(self, path: str) -> Object:
        if path not in self._read:
            self._read[path] = self.calls.find(path) or {}
        return self._read[path]

    def _of_customer(self, customer: Object) -> Identifiers:
        """Return the identifiers of a customer, without its own id unless the subject has it."""
        named = self.naming.customer(customer)
        own = frozenset(identifier for identifier in strong(named) if identifier.kind is IdentifierKind.ACCOUNT_ID)
        return named if own & self.known else named - own


def _id_of(value: object) -> str:
    return str(value.get("id") or "") if isinstance(value, dict) else str(value or "")
