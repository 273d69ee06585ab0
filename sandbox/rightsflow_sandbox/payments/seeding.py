"""Fills localstripe with the accounts of a world, each object under its key and at its moment.

The web interface knows neither, so this runs inside localstripe's process and calls what its routes call.
"""

# ruff: noqa: SLF001 - localstripe has no public names

from __future__ import annotations

import random
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from localstripe import resources

from rightsflow_sandbox.payments.gaps import Dispute

_CURRENCY = "eur"
_DAY = 24 * 3600


class _Desk:
    """The source of objects' moments and, if planned, of their keys."""

    def __init__(self) -> None:
        self.now = 0
        self.planned: dict[str, str] = {}

    def at(self, moment: int, **planned: str) -> None:
        """Make the next objects at that moment (Unix time); the next one of a kind gets the planned key."""
        self.now, self.planned = moment, planned


def seed(data: Mapping[str, Any]) -> None:
    """Make every object of the data, which :func:`rightsflow_sandbox.payments.payments_data.seed_data` describes."""
    with _desk(int(data["seed"])) as desk:
        for plan in data["plans"]:
            desk.at(data["began_at"], product=f"prod_{plan['id']}")
            product = resources.Product(name=plan["name"], type="service")
            resources.Plan._api_create(**plan_params(plan, product.id))
        for account in data["accounts"]:
            _seed_account(desk, account)


def plan_params(plan: Mapping[str, Any], product: str) -> dict[str, Any]:
    """Return the parameters of a plan."""
    return {
        "id": plan["id"],
        "product": product,
        "nickname": plan["name"],
        "amount": plan["amount"],
        "interval": plan["interval"],
        "currency": _CURRENCY,
    }


@contextmanager
def _desk(seed_number: int) -> Iterator[_Desk]:
    """Replace localstripe's clock, keys and notifications by the desk's inside the block."""
    desk, original_init = _Desk(), resources.StripeObject.__init__
    original_time, original_notify = resources.time, resources.schedule_webhook

    def init(self: Any, id: str | None = None) -> None:  # noqa: A002 - localstripe passes it under this name
        original_init(self, id or desk.planned.pop(self.object, None))

    random.seed(seed_number)
    resources.StripeObject.__init__ = init
    resources.time = SimpleNamespace(time=lambda: desk.now)
    resources.schedule_webhook = lambda _event: None
    try:
        yield desk
    finally:
        resources.StripeObject.__init__ = original_init
        resources.time, resources.schedule_webhook = original_time, original_notify
        random.seed(time.time_ns())
        # Old events have left the provider's event log, which reaches back 30 days.
        for key in [key for key in resources.store if key.startswith("event:")]:
            del resources.store[key]


def _seed_account(desk: _Desk, account: Mapping[str, Any]) -> None:
    billing = {name: account[name] for name in ("name", "email", "phone", "address")}
    desk.at(account["opened_at"], payment_method=account["card"])
    card = {"number": account["card_number"], "exp_month": 12, "exp_year": 2031, "cvc": "123"}
    method = resources.PaymentMethod._api_create(type="card", billing_details=billing, card=card)
    desk.at(account["opened_at"], customer=account["id"])
    customer = resources.Customer._api_create(
        **billing,
        metadata={"customer_id": account["customer_id"]},
        payment_method=method.id,
        invoice_settings={"default_payment_method": method.id},
    )
    for payment in account["payments"]:
        _seed_payment(desk, customer, method, payment)
    # Bills come before contracts: localstripe puts a running subscription on every later invoice of the customer.
    for bill in account["bills"]:
        _seed_bill(desk, customer, bill)
    for contract in account["contracts"]:
        _seed_contract(desk, customer, contract)


def _seed_payment(desk: _Desk, customer: Any, method: Any, payment: Mapping[str, Any]) -> None:
    order = {"order": payment["order"]}
    desk.at(payment["paid_at"], payment_intent=payment["intent"], charge=payment["charge"])
    intent = resources.PaymentIntent._api_create(
        amount=payment["amount"], currency=_CURRENCY, customer=customer.id, payment_method=method.id, metadata=order
    )
    intent.description, intent.receipt_email = payment["description"], customer.email
    intent._confirm(on_failure_now=intent._report_failure)
    charge = intent.latest_charge
    charge.description, charge.receipt_email, charge.metadata = intent.description, customer.email, dict(order)
    if payment["refund"]:
        desk.at(payment["paid_at"] + 3 * _DAY, refund=payment["refund"])
        resources.Refund._api_create(charge=charge.id, amount=payment["refunded"])
    if payment["dispute"]:
        desk.at(payment["paid_at"] + 6 * _DAY, dispute=payment["dispute"])
        Dispute(charge=charge.id)


def _seed_bill(desk: _Desk, customer: Any, bill: Mapping[str, Any]) -> None:
    desk.at(bill["issued_at"], invoice=bill["invoice"])
    resources.InvoiceItem._api_create(
        amount=bill["amount"], currency=_CURRENCY, customer=customer.id, description=bill["description"]
    )
    # Its route for invoices knows those of subscriptions only.
    invoice = resources.Invoice(customer=customer.id, description=bill["description"], date=bill["issued_at"])
    invoice._finalize()
    if bill["paid"]:
        desk.at(bill["issued_at"] + 5 * _DAY)
        resources.Invoice._api_pay_invoice(invoice.id)
    else:
        invoice.collection_method = "send_invoice"


def _seed_contract(desk: _Desk, customer: Any, contract: Mapping[str, Any]) -> None:
    desk.at(contract["started_at"], subscription=contract["subscription"])
    resources.Subscription._api_create(customer=customer.id, items=[{"plan": contract["plan"]}])
    if contract["ended_at"]:
        desk.at(contract["ended_at"])
        resources.Subscription._api_delete(contract["subscription"])
