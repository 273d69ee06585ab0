"""Extracting: one document per record, read afresh and complete, as the person gets to read it.

Money has its currency, times are in the controller's zone, and no bearer links are given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import TypeGuard
from zoneinfo import ZoneInfo

from connectors.stripe.belonging import CustomerChain
from connectors.stripe.client import Calls, Object
from connectors.stripe.kinds import KINDS, is_own_record, path_of
from rightsflow.domain.vocabulary.records import Document, RecordRef

# Source: "Supported currencies" in Stripe's documentation. Amounts of ISK and UGX have no decimals either, but Stripe
# takes and gives them with two, so they are not listed.
_DECIMALS = {
    **dict.fromkeys(
        ("bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"), 0
    ),
    **dict.fromkeys(("bhd", "jod", "kwd", "omr", "tnd"), 3),
}

_MONEY = re.compile(
    r"amount|amount_.+|.+_amount|subtotal|subtotal_.+|total|total_excluding_tax|tax|fee|net|balance|.+_balance"
)
_TIME = re.compile(r"created|date|.+_date|.+_at|.+_(start|end)|start|end|due_by|available_on|billing_cycle_anchor")
_EARLIEST = 100_000_000
"""Smaller whole numbers under such a key are no times (seconds since 1970, so 1973 and later)."""

_BEARER = re.compile(r"(.+_)?urls?|invoice_pdf|client_secret|links")
"""Anyone who has these links may read or pay; they would be secrets in an access package."""

_PLUMBING = frozenset({"livemode", "has_more"})
_VERBATIM = frozenset({"metadata"})
"""Fields that the controller wrote itself, given as they are: a link in them is data."""


def readable(thing: Mapping[str, object], timezone: str) -> dict[str, object]:
    """The content of a document.

    Args:
        thing: The object as Stripe gave it, its inner lists complete.
        timezone: IANA name of the zone in which times are written.
    """
    return _object(thing, str(thing.get("currency") or ""), ZoneInfo(timezone))


def money(amount: int, currency: str) -> str:
    """An amount in the currency's smallest unit, with its decimals, for example ``"19.99 EUR"``."""
    decimals = _DECIMALS.get(currency, 2)
    return f"{Decimal(amount).scaleb(-decimals):.{decimals}f} {currency.upper()}"


def _object(thing: Mapping[str, object], currency: str, zone: ZoneInfo) -> dict[str, object]:
    currency = str(thing.get("currency") or currency).lower()
    content: dict[str, object] = {}
    for key, value in thing.items():
        if key in _PLUMBING or _BEARER.fullmatch(key):
            continue
        content[key] = _verbatim(value) if key in _VERBATIM else _value(key, value, currency, zone)
        if _is_number(value) and currency and _MONEY.fullmatch(key):
            content[f"{key}_readable"] = money(value, currency)
    return content


def _verbatim(value: object) -> object:
    return dict(value) if isinstance(value, Mapping) else value or {}


def _value(key: str, value: object, currency: str, zone: ZoneInfo) -> object:
    if is_own_record(value):
        return value.get("id")
    if isinstance(value, dict):
        if value.get("object") == "list":
            return _value(key, value.get("data", []), currency, zone)
        return _object(value, currency, zone)
    if isinstance(value, list):
        return [_value(key, item, currency, zone) for item in value]
    if _is_number(value) and value >= _EARLIEST and _TIME.fullmatch(key):
        return datetime.fromtimestamp(value, zone).isoformat()
    return value


def _is_number(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def documents(belonging: CustomerChain, refs: Sequence[RecordRef], timezone: str) -> Iterator[Document]:
    """Yield the documents of these records; deleted records and other people's are skipped.

    Args:
        belonging: Whose an object is now.
        refs: The records.
        timezone: IANA name of the zone in which times are written.
    """
    calls = belonging.calls
    for ref in refs:
        kind = KINDS[ref.kind]
        thing = calls.find_with(path_of(ref), kind.expand)
        if thing is None or thing.get("deleted") or belonging.is_anothers(ref, thing):
            continue
        yield Document(record=ref, category=kind.title, content=readable(_complete(calls, thing), timezone))


def _complete(calls: Calls, thing: Object) -> Object:
    """Return the object with its inner lists complete, of which Stripe returns the first ten items."""
    return {key: _completed(calls, value) for key, value in thing.items()}


def _completed(calls: Calls, value: object) -> object:
    if not isinstance(value, dict) or value.get("object") != "list" or not value.get("has_more"):
        return value
    path = str(value.get("url", ""))
    if not path.startswith("/v1/"):
        raise calls.unexpected("a list without an address")
    return {**value, "data": list(calls.listing(path)), "has_more": False}
