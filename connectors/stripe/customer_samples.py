"""Checking on stored customers that the settings read the identifiers that a search relies on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from connectors.stripe.client import PAGE_SIZE, Calls
from connectors.stripe.kinds import CUSTOMER
from connectors.stripe.owners import Naming
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.connector import Sample
from rightsflow.domain.identifiers import IdentifierKind

_CONTACT = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE})


def samples(calls: Calls, settings: StripeSettings, naming: Naming) -> Iterator[Sample]:
    """Yield a sample for e-mail addresses and numbers, and one for a configured metadata key; one call.

    Args:
        calls: The calls of this operation.
        settings: The account.
        naming: Reads identifiers out of objects.
    """
    customers = list(islice(calls.listing(CUSTOMER.path), PAGE_SIZE))
    contacts = sum(
        any(identifier.kind in _CONTACT for identifier in naming.customer(customer)) for customer in customers
    )
    yield Sample(what="customers with an e-mail address or a phone number", looked_at=len(customers), readable=contacts)
    # Accounts without customer ids need not say so: the key has a default.
    if "customer_id_metadata" in settings.model_fields_set:
        yield Sample(
            what=f"customers with the metadata key {settings.customer_id_metadata}",
            looked_at=len(customers),
            readable=sum(bool(naming.metadata(customer)) for customer in customers),
        )
