"""Makes what the payment provider holds: customer objects with cards, payments, invoices and subscriptions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from random import Random

from rightsflow_sandbox.world.chance import Chance, token
from rightsflow_sandbox.world.model import Bill, CardPayment, Contract, Customer, PaymentAccount
from rightsflow_sandbox.world.names import CITIES, STREETS
from rightsflow_sandbox.world.words import PLANS, PRODUCTS

_CARDS = ("4242424242424242", "4000056655665556", "4000002760000016")
"""Numbers of the provider's test cards; they belong to no one."""

_PAYMENTS = (0, 1, 1, 2, 2, 3, 4)
_BILLS = (0, 0, 0, 1, 2)
_CONTRACTS = (0, 0, 0, 1)
_REFUNDED = 0.1
_ENDED = 0.3


def make_accounts(chance: Chance, person: Customer, *, email: str = "", phone: str = "") -> Iterator[PaymentAccount]:
    """Make a person's customer objects, one per customer id.

    Args:
        chance: Where the randomness comes from.
        person: Whose they are.
        email: The address given at the till, where it is not the helpdesk's.
        phone: The number given at the till, where it is not the helpdesk's.
    """
    for customer_id, account in zip(person.customer_ids, person.accounts, strict=True):
        random = chance.stream("account", customer_id)
        postal_code, city, country = random.choice(CITIES[person.language])
        yield PaymentAccount(
            id=account,
            owner=person.customer_id,
            customer_id=customer_id,
            name=person.name,
            email=email or person.email,
            phone=phone or person.phone,
            street=f"{random.choice(STREETS[person.language])} {random.randint(1, 120)}",
            postal_code=postal_code,
            city=city,
            country=country,
            card=token(random, "pm_"),
            card_number=random.choice(_CARDS),
            opened_at=person.since,
            payments=tuple(
                sorted(_payments(chance, random, person, random.choice(_PAYMENTS)), key=lambda one: one.paid_at)
            ),
            bills=tuple(sorted(_bills(chance, random, person), key=lambda one: one.issued_at)),
            contracts=tuple(_contracts(chance, random, person)),
        )


def make_payment(chance: Chance, random: Random, oldest_days: int, newest_days: int = 2) -> CardPayment:
    """Make one payment between so many and so many days before today."""
    product, price = random.choice(PRODUCTS)
    return CardPayment(
        charge=token(random, "ch_"),
        intent=token(random, "pi_"),
        amount=price,
        paid_at=chance.moment(random, oldest_days, newest_days),
        description=product,
        order=f"ED-{random.randint(100000, 999999)}",
    )


def make_bill(chance: Chance, random: Random, oldest_days: int, newest_days: int, *, paid: bool) -> Bill:
    """Make one invoice issued between so many and so many days before today."""
    product, price = random.choice(PRODUCTS)
    return Bill(
        invoice=token(random, "in_"),
        amount=price,
        issued_at=chance.moment(random, oldest_days, newest_days),
        description=product,
        paid=paid,
    )


def _payments(chance: Chance, random: Random, person: Customer, number: int) -> Iterator[CardPayment]:
    for _ in range(number):
        payment = make_payment(chance, random, chance.days_since(person.since))
        yield refunded(payment, random) if random.random() < _REFUNDED else payment


def refunded(payment: CardPayment, random: Random) -> CardPayment:
    """Return the same payment with half of it refunded."""
    return replace(payment, refunded=payment.amount // 2, refund=token(random, "re_"))


def _bills(chance: Chance, random: Random, person: Customer) -> Iterator[Bill]:
    for _ in range(random.choice(_BILLS)):
        yield make_bill(chance, random, chance.days_since(person.since), 30, paid=True)


def _contracts(chance: Chance, random: Random, person: Customer) -> Iterator[Contract]:
    for _ in range(random.choice(_CONTRACTS)):
        started_at = chance.moment(random, min(300, chance.days_since(person.since)), 40)
        ended_at = started_at + timedelta(days=35) if random.random() < _ENDED else None
        yield Contract(
            subscription=token(random, "sub_"),
            plan=random.choice(sorted(PLANS)),
            started_at=started_at,
            ended_at=ended_at,
        )
