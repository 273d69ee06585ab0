"""Turns the world's accounts into what the payment provider's process is filled with."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from rightsflow_sandbox.world.model import PaymentAccount
from rightsflow_sandbox.world.words import PLANS
from rightsflow_sandbox.world.world import World


def seed_data(world: World) -> dict[str, Any]:
    """Return the payment provider's initial data, JSON-compatible, moments as Unix time.

    Returns:
        ``seed``, ``began_at``, ``plans`` and ``accounts``; the latter with the fields of
        :class:`~rightsflow_sandbox.world.model.PaymentAccount`, the address as the provider names its parts.
    """
    return {
        "seed": world.seed,
        "began_at": int(min(account.opened_at for account in world.accounts).timestamp()),
        "plans": [
            {"id": key, "name": name, "amount": amount, "interval": interval}
            for key, (name, amount, interval) in PLANS.items()
        ],
        "accounts": [_account(account) for account in world.accounts],
    }


def _account(account: PaymentAccount) -> dict[str, Any]:
    fields: dict[str, Any] = _plain(asdict(account))
    fields["address"] = {
        "line1": fields.pop("street"),
        "postal_code": fields.pop("postal_code"),
        "city": fields.pop("city"),
        "country": fields.pop("country"),
    }
    return fields


def _plain(value: Any) -> Any:
    """Return data with moments as Unix time and tuples as lists."""
    if isinstance(value, datetime):
        return int(value.timestamp())
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, (list, tuple)) else value
