"""Locating: the customers that match, and all that hangs on those that are the subject's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType

from connectors.registry import ControllerPlace
from connectors.stripe.client import Calls, Object
from connectors.stripe.customers import Customers
from connectors.stripe.kinds import (
    CHARGE,
    CUSTOMER,
    DISPUTE,
    KINDS,
    PAYMENT_METHOD,
    REFUND,
    Kind,
    of_customer,
    source_ref,
)
from connectors.stripe.owners import facts_of, naming_of, occurred_on
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.attribution import claims
from rightsflow.domain.identifiers import Identifiers
from rightsflow.domain.languages import language_on_file
from rightsflow.domain.vocabulary.records import Fact, Located, RecordRef

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
        for customer in Customers(self._calls, self._settings, self.naming).matching(known):
            key, owner = str(customer["id"]), self.naming.customer(customer)
            if customer.get("deleted"):
                yield from self.belongings(key, via=None, owner=self.naming.account(key))
                continue
            profile = replace(self.located(CUSTOMER, customer, owner=owner), language=_language(customer))
            below = list(self.belongings(key, via=profile.record)) if claims(owner, known) else []
            facts = frozenset(fact for belonging in below for fact in belonging.facts) & _SEEN_ON_CUSTOMER
            yield replace(profile, facts=profile.facts | facts)
            yield from below

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
