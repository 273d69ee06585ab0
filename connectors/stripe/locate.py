"""Locating: the customers that match, the objects of those that are the subject's, and guests' payments.

Stripe's list filter is case-sensitive but always up to date; its search does not mind the case but lags behind by up to
a minute, and is not there for merchants in India. So both are asked; where search is not available, all customers are
walked and compared here.

Stripe has no object for a guest, so checkout sessions and charges are compared. One that names the subject and belongs
to another person's customer is reported with that customer: whose it is, is decided by both. Only checkout sessions can
be filtered by e-mail address on the server. Charges have to be walked, one read for a hundred of them; Stripe allocates
500 reads for a payment, averaged over 30 days, so ``guests_days`` bounds the walk.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from connectors.registry import ControllerPlace
from connectors.stripe.belonging import facts_of, naming_of, occurred_on
from connectors.stripe.client import Calls, Object
from connectors.stripe.kinds import (
    CHARGE,
    CHECKOUT_SESSION,
    CUSTOMER,
    DISPUTE,
    KINDS,
    PAYMENT_INTENT,
    PAYMENT_METHOD,
    REFUND,
    Kind,
    of_customer,
    path_of,
    source_ref,
)
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.attribution import claims
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, of_kind, strong
from rightsflow.domain.languages import language_on_file
from rightsflow.domain.spellings.fields import email_spellings, phone_spellings
from rightsflow.domain.vocabulary.records import Fact, Located, RecordRef

_LAST_DIGITS = 4

_SEARCHABLE: Final = frozenset(
    {IdentifierKind.EMAIL, IdentifierKind.PHONE, IdentifierKind.CUSTOMER_ID, IdentifierKind.ACCOUNT_ID}
)


def searchable(settings: StripeSettings) -> frozenset[IdentifierKind]:
    """Return the kinds of identifier by which an account can be searched.

    Args:
        settings: The account.
    """
    return _SEARCHABLE.union(settings.identifier_metadata.values())


_NO_PARAMS: Mapping[str, str] = MappingProxyType({})
_SEEN_ON_CUSTOMER = frozenset({Fact.OPEN_INVOICE, Fact.OPEN_DISPUTE, Fact.ACTIVE_CONTRACT})


class StripeLocator:
    """Walks from identifiers to records.

    Args:
        calls: The calls of this operation.
        system: The system's name in the configuration.
        settings: The account.
        place: Where the controller is.
    """

    def __init__(self, calls: Calls, system: str, settings: StripeSettings, place: ControllerPlace) -> None:
        self._calls = calls
        self._system = system
        self._settings = settings
        self._place = place
        self.naming = naming_of(place.country, settings, system)

    def customers(self, known: Identifiers) -> Iterator[Located]:
        """Yield the matching customers, and the records below those that are the subject's.

        Of a deleted customer the payments are still there and found by its id; they are then roots of their own.
        """
        for customer in self._matching(known):
            key, owner = str(customer["id"]), self.naming.customer(customer)
            if customer.get("deleted"):
                yield from self.belongings(key, via=None, owner=self.naming.account(key))
                continue
            profile = replace(self.located(CUSTOMER, customer, owner=owner), language=_language(customer))
            below = list(self.belongings(key, via=profile.record)) if claims(owner, known) else []
            facts = frozenset(fact for belonging in below for fact in belonging.facts) & _SEEN_ON_CUSTOMER
            yield replace(profile, facts=profile.facts | facts)
            yield from below

    def _matching(self, known: Identifiers) -> Iterator[Object]:
        """Each customer that names one of the identifiers, once, as it is now.

        A deleted customer comes as its ``deleted: true`` object: it is no longer held itself, but its payments are.
        """
        sought = frozenset(identifier for identifier in known if identifier.kind in searchable(self._settings))
        asked = of_kind(sought, IdentifierKind.ACCOUNT_ID, issuer=self.naming.issuer)
        seen: set[str] = set()
        for candidate in self._candidates(sought):
            key = str(candidate.get("id", ""))
            if not key or key in seen:
                continue
            if key in asked if candidate.get("deleted") else self.naming.customer(candidate) & sought:
                seen.add(key)
                yield candidate

    def _candidates(self, sought: Identifiers) -> Iterator[Object]:
        for key in of_kind(sought, IdentifierKind.ACCOUNT_ID, issuer=self.naming.issuer):
            if set(key) <= {"."}:
                continue  # An address of dots would lead to the list above it.
            found = self._calls.find(of_customer(key))
            if found is not None and found.get("object") == "customer":
                yield found
        if not sought - frozenset(identifier for identifier in sought if identifier.kind is IdentifierKind.ACCOUNT_ID):
            return
        if self._settings.customers_by_metadata == "walk":
            yield from self._calls.listing(CUSTOMER.path)
        else:
            yield from self._by_searching(sought)

    def _by_searching(self, sought: Identifiers) -> Iterator[Object]:
        for email in of_kind(sought, IdentifierKind.EMAIL):
            for spelling in email_spellings(email):
                yield from self._calls.listing(CUSTOMER.path, {"email": spelling})
        for query in self._queries(sought):
            for hit in self._calls.searching(f"{CUSTOMER.path}/search", query):
                # The index may show what was; the object itself says what is.
                fresh = self._calls.find(of_customer(str(hit.get("id", ""))))
                if fresh is not None and not fresh.get("deleted"):
                    yield fresh

    def _queries(self, sought: Identifiers) -> Iterator[str]:
        for email in of_kind(sought, IdentifierKind.EMAIL):
            yield f"email:{quoted(email)}"
        for number in of_kind(sought, IdentifierKind.PHONE):
            for spelling in phone_spellings(number):
                yield f"phone:{quoted(spelling)}"
            # Whatever the spelling is, its last digits mostly stand together; what comes is compared normalised.
            yield f"phone~{quoted(number[-_LAST_DIGITS:])}"
        for customer_id in of_kind(sought, IdentifierKind.CUSTOMER_ID):
            yield f"metadata[{quoted(self._settings.customer_id_metadata)}]:{quoted(customer_id)}"

        for key, kind in self._settings.identifier_metadata.items():
            spellings = (spelling for value in of_kind(sought, kind) for spelling in kind.spellings(value))
            yield from (f"metadata[{quoted(key)}]:{quoted(spelling)}" for spelling in spellings)

    def belongings(
        self, customer: str, *, via: RecordRef | None, owner: Identifiers = frozenset()
    ) -> Iterator[Located]:
        """Yield all records that are listed under a customer."""
        for kind in KINDS.values():
            if kind.filtered_by == CUSTOMER.name and kind is not PAYMENT_METHOD and self._has(kind.listed_as):
                for thing in self._listed(kind, CUSTOMER.name, customer, kind.list_params):
                    located = self.located(kind, thing, via=via, owner=owner)
                    yield from self.with_charges_own(located) if kind is CHARGE else [located]
        if via is not None:
            yield from self._payment_methods(customer, via)

    def with_charges_own(self, charge: Located) -> Iterator[Located]:
        """A charge with its refunds and disputes; an open dispute shows on the charge too."""
        below = [
            self.located(kind, thing, via=charge.record)
            for kind in (REFUND, DISPUTE)
            if self._has(kind.listed_as)
            for thing in self._listed(kind, kind.filtered_by, charge.record.ref)
        ]
        disputed = frozenset(fact for item in below for fact in item.facts) & {Fact.OPEN_DISPUTE}
        yield replace(charge, facts=charge.facts | disputed)
        yield from below

    def located(
        self,
        kind: Kind,
        thing: Object,
        *,
        via: RecordRef | None = None,
        owner: Identifiers = frozenset(),
        ref: str = "",
    ) -> Located:
        """Return an object as a finding, with the owner that it names itself."""
        key = ref or str(thing.get("id") or "")
        if not key:
            raise self._calls.unexpected("an object without id")
        return Located(
            record=RecordRef(self._system, kind.name, key),
            category=kind.title,
            owner=owner | (frozenset() if kind is CUSTOMER else self.naming.payer(thing)),
            via=via,
            occurred_on=occurred_on(thing, self._place.timezone),
            facts=facts_of(kind.name, thing),
        )

    def _payment_methods(self, customer: str, via: RecordRef) -> Iterator[Located]:
        """Attached payment methods and legacy cards; the list of the former may show the latter again."""
        legacy: set[str] = set()
        if self._has("sources"):
            for source in self._calls.listing(of_customer(customer, "/sources")):
                key = str(source.get("id") or "")
                legacy.add(key)
                yield self.located(PAYMENT_METHOD, source, via=via, ref=source_ref(customer, key))
        types: Iterable[dict[str, str]] = [{"type": type_} for type_ in self._settings.payment_method_types] or [{}]
        for chosen in types:
            for method in self._listed(PAYMENT_METHOD, CUSTOMER.name, customer, chosen):
                if method.get("id") not in legacy:
                    yield self.located(PAYMENT_METHOD, method, via=via)

    def _listed(self, kind: Kind, field: str, key: str, params: Mapping[str, str] = _NO_PARAMS) -> Iterator[Object]:
        """Yield the entries of a list that name the object it is filtered by; the server may ignore the filter."""
        for thing in self._calls.listing(kind.path, {field: key, **params}):
            named = thing.get(field)
            if (named.get("id") if isinstance(named, dict) else named) == key:
                yield thing

    def _has(self, listed_as: str) -> bool:
        return listed_as not in self._settings.unavailable


def _language(customer: Object) -> str:
    """The language that the customer prefers: Stripe orders ``preferred_locales`` by preference."""
    preferred = customer.get("preferred_locales")
    return language_on_file(preferred[0]) if isinstance(preferred, list) and preferred else ""


def quoted(value: str) -> str:
    """A value for Stripe's search language; without it a name could add clauses to the query."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


class Guests:
    """The search for a guest's payments.

    Args:
        calls: The calls of this operation.
        locator: Makes findings of objects.
        settings: The account.
        now: The present moment, from which ``guests_days`` counts back.
    """

    def __init__(self, calls: Calls, locator: StripeLocator, settings: StripeSettings, now: datetime) -> None:
        self._calls = calls
        self._locator = locator
        self._settings = settings
        self._now = now
        self._customers: dict[str, Object | None] = {}

    def matching(self, known: Identifiers, listed: set[RecordRef]) -> Iterator[Located]:
        """Sessions and charges that name a known e-mail address or customer id and were not listed before."""
        sought = frozenset(
            identifier for identifier in strong(known) if identifier.kind is not IdentifierKind.ACCOUNT_ID
        )
        if not sought:
            return
        for session in [*self._sessions(sought, listed), *self._charges(sought, listed)]:
            if session.record not in listed:
                listed.add(session.record)
                yield session

    def _sessions(self, sought: Identifiers, listed: Container[RecordRef]) -> Iterator[Located]:
        if CHECKOUT_SESSION.listed_as in self._settings.unavailable:
            return
        for email in of_kind(sought, IdentifierKind.EMAIL):
            for spelling in email_spellings(email):
                for session in self._calls.listing(CHECKOUT_SESSION.path, {"customer_details": {"email": spelling}}):
                    finding = self._locator.located(CHECKOUT_SESSION, session)
                    # A list is a claim to be checked: a filter may be ignored.
                    if finding.owner & sought and finding.record not in listed:
                        yield from self._with_customer(session, finding)

    def _charges(self, sought: Identifiers, listed: Container[RecordRef]) -> Iterator[Located]:
        days = self._settings.guests_days
        window = {"created": {"gt": int((self._now - timedelta(days=days)).timestamp())}} if days else {}
        for charge in self._calls.listing(CHARGE.path, window):
            payer = self._locator.naming.payer(charge)
            receipt = self._locator.naming.email(charge.get("receipt_email"))
            if not (payer | receipt) & sought:
                continue
            finding = self._finding(charge, payer, receipt, sought)
            if finding.record in listed:
                continue
            *above, finding = self._with_customer(charge, finding)
            yield from above
            yield from self._locator.with_charges_own(finding)
            yield from self._intent(charge, finding)

    def _intent(self, charge: Object, finding: Located) -> Iterator[Located]:
        """The payment that a charge belongs to; it repeats the receipt's address."""
        intent = charge.get("payment_intent")
        if not isinstance(intent, str) or PAYMENT_INTENT.listed_as in self._settings.unavailable:
            return
        record = RecordRef(finding.record.system, PAYMENT_INTENT.name, intent)
        found = self._calls.find(path_of(record))
        if found is not None:
            yield from self._with_customer(found, self._locator.located(PAYMENT_INTENT, found, via=finding.record))

    def _finding(self, charge: Object, payer: Identifiers, receipt: Identifiers, sought: Identifiers) -> Located:
        """Return a guest's charge as a finding; a different payer makes it shared, and no proof of an alias."""
        is_payer = bool(payer & sought) or not strong(payer)
        owner = payer | (receipt & sought) if is_payer else receipt & sought
        shared = frozenset() if is_payer else frozenset({Fact.SHARED})
        located = self._locator.located(CHARGE, charge)
        return replace(located, owner=owner, facts=located.facts | shared)

    def _with_customer(self, thing: Object, finding: Located) -> Iterator[Located]:
        """The customer behind a payment, and then the payment; of a deleted one nothing is left that names anybody."""
        key = str(thing.get("customer") or "")
        if key and key not in self._customers:
            self._customers[key] = self._calls.find(of_customer(key))
        customer = self._customers.get(key)
        if customer is None or customer.get("deleted"):
            yield finding
            return
        above = self._locator.located(CUSTOMER, customer, owner=self._locator.naming.customer(customer))
        yield replace(above, is_context=True)
        yield replace(finding, above=(above.record,))
