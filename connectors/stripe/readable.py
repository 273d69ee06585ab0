"""An object as the person gets to read it: money with its currency, times in the controller's zone, no bearer links."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import TypeGuard
from zoneinfo import ZoneInfo

from connectors.stripe.kinds import is_own_record

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
