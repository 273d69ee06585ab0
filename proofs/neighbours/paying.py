"""The payment provider: customers who pay with cards of one number, for each other and with each other's addresses."""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import requests

from proofs.neighbours.drawn import Resident, Town
from proofs.neighbours.judging import Record, System
from proofs.strangers.planted import Marks, Row, Snapshot
from rightsflow_sandbox.inspection.inspector import PAYMENT_KINDS
from rightsflow_sandbox.processes import start

NAME = "payments"
_CARDS = ("4242424242424242", "4000056655665556", "4000002760000016")
_READY_SECONDS = 60.0
_BEGAN = datetime(2026, 1, 2, 12, tzinfo=UTC)
SECTION = """
[systems.payments]
connector         = "stripe"
api_key           = "file:{key}"
api_base          = "{url}"
unavailable       = ["checkout_sessions", "credit_notes", "quotes"]
guests            = true
purposes          = ["payment of orders", "accounting"]
categories        = ["contact data", "payment data"]
source            = "the data subject"
recipients        = "none"
retention         = "8 years after the end of the year for vouchers"
transfers         = "none"
backup_days = 0
"""
"""What an operator writes for it."""


@contextmanager
def running(town: Town, marks: Marks, folder: Path) -> Iterator[tuple[System, str]]:
    """Serve localstripe with the town's accounts; gives its side of the proof and its section of the configuration.

    Args:
        town: Everybody.
        marks: Where what is planted is noted.
        folder: For its files.
    """
    key, secret, data = folder / "payments-key", f"rk_test_{secrets.token_hex(16)}", folder / "accounts.json"
    key.write_text(secret, encoding="utf-8")
    accounts = [_Accounts(town, marks).of(person) for person in town.people]
    seed = {"seed": town.dice.randint(1, 10**6), "began_at": int(_BEGAN.timestamp()) - 10**8, "plans": []}
    data.write_text(json.dumps(seed | {"accounts": accounts}), encoding="utf-8")
    options = ["--data", str(data), "--state", str(folder / "localstripe.pickle")]
    served = start(NAME, "rightsflow_sandbox.payments", options, folder / "payments.log", {"PAYMENTS_API_KEY": secret})
    try:
        served.wait_until_ready("/v1/balance", time.monotonic() + _READY_SECONDS)
        _pay_for_each_other(town, accounts, served.url, secret)
        yield _system(town, served.url, secret), SECTION.format(key=key, url=served.url)
    finally:
        served.stop()


class _Accounts:
    """Draws them."""

    def __init__(self, town: Town, marks: Marks) -> None:
        self._town, self._dice, self._marks = town, town.dice, marks

    def of(self, person: Resident) -> dict[str, Any]:
        """A person's account, with payments of the last years and of long ago."""
        dice = self._dice
        payments = [self._payment(person, number) for number in range(dice.randint(0, 3))]
        street = self._marks.plant(NAME, f"{person.number}: street", [person.number])
        return {
            "id": f"cus_{_key(dice)}",
            "customer_id": person.customer,
            "name": person.name,
            "email": person.emails[-1],
            "phone": person.phones[-1],
            "address": {"line1": f"{street} 1", "postal_code": "10115", "city": "Berlin", "country": "DE"},
            "card": f"pm_{_key(dice)}",
            "card_number": dice.choice(_CARDS),
            "opened_at": int((_BEGAN - timedelta(days=11 * 365)).timestamp()),
            "payments": sorted(payments, key=lambda one: int(one["paid_at"])),
            "bills": [],
            "contracts": [],
        }

    def _payment(self, person: Resident, number: int) -> dict[str, Any]:
        dice = self._dice
        what = self._marks.plant(NAME, f"{person.number}: payment {number}", [person.number])
        refund = dice.random() < 0.2
        return {
            "charge": f"ch_{_key(dice)}",
            "intent": f"pi_{_key(dice)}",
            "amount": 100 * dice.randint(1, 90),
            # Some are vouchers that have to be kept, of others the period is over.
            "paid_at": int((_BEGAN - timedelta(days=dice.choice((20, 400, 3650)))).timestamp()),
            "description": f"Kettle {what}",
            "order": f"ED-{dice.randint(100000, 999999)}",
            "refunded": 50 if refund else 0,
            "refund": f"re_{_key(dice)}" if refund else "",
            "dispute": "",
        }


def _key(dice: Random) -> str:
    return f"{dice.getrandbits(96):024x}"


def _pay_for_each_other(town: Town, accounts: list[dict[str, Any]], url: str, secret: str) -> None:
    """Receipts that went to another person, as where one buys a present."""
    for account in accounts:
        for payment in account["payments"]:
            if town.dice.random() < 0.3:
                other = town.dice.choice(town.people)
                answer = requests.post(
                    f"{url}/v1/charges/{payment['charge']}",
                    data={"receipt_email": other.emails[-1]},
                    auth=(secret, ""),
                    timeout=20,
                )
                answer.raise_for_status()


def _system(town: Town, url: str, secret: str) -> System:
    """Whose its things are: an object is its customer's, also where another person got the receipt."""

    def snapshot() -> Snapshot:
        held: dict[str, dict[str, str]] = {}
        for kind in PAYMENT_KINDS:
            answer = requests.get(f"{url}/v1/{kind}s", params={"limit": "100000"}, auth=(secret, ""), timeout=60)
            answer.raise_for_status()
            for one in answer.json()["data"]:
                held[f"{kind.replace('_', '-')}/{one['id']}"] = {
                    name: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
                    for name, value in one.items()
                }
        return held

    whose = _owners(town, snapshot())
    return System(NAME, snapshot, lambda place, _row: whose.get(place, frozenset()), _record)


def _owners(town: Town, held: Snapshot) -> dict[str, frozenset[int]]:
    numbers = {one.customer: one.number for one in town.people}
    payers = {
        row["id"]: frozenset({numbers[json.loads(row["metadata"])["customer_id"]]})
        for place, row in held.items()
        if place.startswith("customer/")
    }
    charges = {row["id"]: row["customer"] for place, row in held.items() if place.startswith("charge/")}
    return {
        place: payers.get(row["id"] if place.startswith("customer/") else _customer(row, charges), frozenset())
        for place, row in held.items()
    }


def _customer(row: Row, charges: dict[str, str]) -> str:
    return row["customer"] if row.get("customer", "null") != "null" else charges.get(row.get("charge", ""), "")


def _record(place: str, row: Row) -> Record | None:
    return place.partition("/")[0], row["id"]
