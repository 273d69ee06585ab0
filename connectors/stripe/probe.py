"""Probing: is Stripe there, is the key good, of the right mode, with the rights it needs and no more; and samples."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import cast

from connectors.stripe.belonging import Naming
from connectors.stripe.client import PAGE_SIZE, Calls, Object
from connectors.stripe.kinds import CUSTOMER, KINDS, PAYMENT_METHOD, of_customer
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.connector import Health, Sample
from rightsflow.domain.errors import RightsflowError
from rightsflow.domain.identifiers import IdentifierKind

_NOBODY = "rightsflow_probe"
"""The id of no object: whether something may be changed shows without changing anybody's data."""
_CONTACT = frozenset({IdentifierKind.EMAIL, IdentifierKind.PHONE})


def probe(calls: Calls, settings: StripeSettings, key: str) -> Health:
    """Look at the account through the key.

    Args:
        calls: The calls of this operation.
        settings: The account.
        key: The key, of which only the prefix is looked at.

    Raises:
        RightsflowError: The first thing that does not work.
    """
    page = calls.get(CUSTOMER.path, {"limit": 1})
    live = "_live_" in key
    if any(
        item.get("livemode") is not live for item in cast("list[Object]", page.get("data", [])) if "livemode" in item
    ):
        return Health(
            ok=False, detail="The API key and the account are in different modes; use a key of the right mode."
        )
    if key.startswith("rk_"):
        _check_rights(calls, settings)
    mode = "live" if live else "test"
    return Health(ok=True, detail=f"Stripe answers in {mode} mode.", excessive_rights=tuple(_excessive(key)))


def _check_rights(calls: Calls, settings: StripeSettings) -> None:
    """Read each list and try to change no one: a right that is missing answers 403."""
    for kind in KINDS.values():
        if kind.listed_as in settings.unavailable:
            continue
        if kind is PAYMENT_METHOD:
            # Stripe gives no list of all of them.
            calls.try_to_read(kind.path, {"customer": _NOBODY, "limit": 1})
        else:
            calls.get(kind.path, {"limit": 1})
        calls.try_to_change(f"{kind.path}/{_NOBODY}")
    if "sources" not in settings.unavailable:
        calls.try_to_read(of_customer(_NOBODY, "/sources"), {"limit": 1})


def _excessive(key: str) -> Iterator[str]:
    if key.startswith("sk_"):
        yield "a secret key may do everything in the account, payouts included; use a restricted key (rk_…)"


def unhealthy(error: RightsflowError) -> Health:
    """The answer for an account that cannot be worked with; the error's sentence names how to fix it."""
    return Health(ok=False, detail=str(error.args[0]))


def samples(calls: Calls, settings: StripeSettings, naming: Naming) -> Iterator[Sample]:
    """Yield a sample for e-mail addresses and numbers, and one for a configured metadata key; one call."""
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
            readable=sum(
                any(item.kind is IdentifierKind.CUSTOMER_ID for item in naming.metadata(customer))
                for customer in customers
            ),
        )
