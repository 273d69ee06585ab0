"""Payments without a customer: Stripe has no object for a guest, so checkout sessions and charges are compared.

One that names the subject and belongs to another person's customer is reported with that customer: whose it is, is
decided by both.

Only checkout sessions can be filtered by e-mail address on the server. Charges have to be walked, one read for a
hundred of them; Stripe allocates 500 reads for a payment, averaged over 30 days, so ``guests_days`` bounds the walk.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from connectors.stripe.client import Calls, Object
from connectors.stripe.kinds import CHARGE, CHECKOUT_SESSION, CUSTOMER, PAYMENT_INTENT, of_customer, path_of
from connectors.stripe.locate import StripeLocator
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.identifiers import IdentifierKind, Identifiers, of_kind, strong
from rightsflow.domain.spellings import email_spellings
from rightsflow.domain.vocabulary.records import Fact, Located, RecordRef


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
        """Sessions and charges that name a known e-mail address or customer id and were not listed before.

        Args:
            known: What is known of the subject.
            listed: What was found through customers already.
        """
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
