"""Coverage of an account: metadata keys of customers and payments that look like an identity or free text.

Stripe has no list of metadata keys, so the newest page of each list is read (https://docs.stripe.com/metadata, read on
2026-12-01).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice

from connectors.stripe.client import PAGE_SIZE, Calls
from connectors.stripe.kinds import KINDS, PAYMENT_METHOD
from connectors.stripe.settings import StripeSettings
from rightsflow.domain.coverage import PlaceKind, SystemPlace, looks_like


def uncovered(calls: Calls, settings: StripeSettings) -> Iterator[SystemPlace]:
    """Yield the metadata keys that the configuration does not name.

    Args:
        calls: The calls of this operation.
        settings: The account.
    """
    known = {settings.customer_id_metadata, settings.birth_date_metadata, settings.restricted_metadata}
    known |= {*settings.identifier_metadata, *settings.keep_metadata}
    known |= {*settings.rectify.values(), *settings.blank_metadata.values()}
    values: defaultdict[str, list[str]] = defaultdict(list)
    for kind in KINDS.values():
        # Stripe gives no list of all payment methods.
        if kind is PAYMENT_METHOD or kind.listed_as in settings.unavailable:
            continue
        for thing in islice(calls.listing(kind.path), PAGE_SIZE):
            metadata = thing.get("metadata")
            for key, value in metadata.items() if isinstance(metadata, dict) else ():
                values[key].append(str(value))
    for key in sorted(values.keys() - known):
        if sort := looks_like(key, values[key]):
            lines = f'identifier_metadata = {{ "{key}" = "…" }}   # or keep_metadata = ["{key}"]'
            yield SystemPlace(kind=PlaceKind.METADATA_KEY, name=key, looks_like=sort, lines=lines)
