"""Obstacles to deleting a customer or redacting a transaction, in plain words.

Source: Stripe's documentation of customer deletion and of redaction jobs. A deletion would silently cancel running
subscriptions; a redaction loses an open dispute; transactions can be redacted 90 days after their creation only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import cast

from connectors.stripe.client import Calls, Object
from connectors.stripe.kinds import CHARGE, DISPUTE, INVOICE, PAYMENT_INTENT, SUBSCRIPTION, Kind
from connectors.stripe.owners import ACTIVE, is_open_dispute
from connectors.stripe.settings import StripeSettings

REDACTABLE_AFTER = timedelta(days=90)

UNFINISHED: dict[str, frozenset[str]] = {
    "checkout-session": frozenset({"open"}),
    "setup-intent": frozenset({"requires_payment_method", "requires_confirmation", "requires_action", "processing"}),
    "payment-intent": frozenset(
        {
            "requires_payment_method",
            "requires_confirmation",
            "requires_action",
            "requires_capture",
            "processing",
        }
    ),
    "charge": frozenset({"pending"}),
    "invoice": frozenset({"draft", "open"}),
}
"""States in which an object is not final."""


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A reason why Stripe would not comply.

    Args:
        reason: A clause without personal data, to follow "because".
        until: The last day it stands, where that is known.
    """

    reason: str
    until: date | None = None


class Obstacles:
    """Looks for obstacles.

    Args:
        calls: The calls of this operation.
        settings: The account.
        now: The present moment.
    """

    def __init__(self, calls: Calls, settings: StripeSettings, now: datetime) -> None:
        self._calls = calls
        self._settings = settings
        self._now = now

    def to_deletion(self, customer: str) -> Iterator[str]:
        """Yield a clause for each thing that still runs under a customer."""
        for kind, says, runs in _RUNNING:
            things = self._calls.listing(kind.path, {"customer": customer, **kind.list_params})
            if any(runs(thing) for thing in things):
                yield says
        charges = self._calls.listing(CHARGE.path, {"customer": customer})
        if any(self._disputed({"charge": str(charge.get("id"))}) for charge in charges):
            yield "a dispute is open"

    def to_redaction(self, kind: Kind, thing: Object) -> Obstacle | None:
        """Return the obstacle to redacting a transaction now, or ``None``."""
        redactable = _created(thing) + REDACTABLE_AFTER
        if redactable > self._now:
            return Obstacle("it is younger than 90 days", redactable.date())
        if thing.get("status") in UNFINISHED.get(kind.name, frozenset()):
            return Obstacle("it is not final yet (open, pending or unfinished)")
        filtered = {CHARGE.name: "charge", PAYMENT_INTENT.name: "payment_intent"}.get(kind.name)
        if filtered and self._disputed({filtered: str(thing.get("id"))}):
            return Obstacle("a dispute about it is open, and would be lost")
        return None

    def to_redaction_of_customer(self, customer: Object) -> Obstacle | None:
        """Return the obstacle to redacting a customer: a job would include payments that have to be retained."""
        redactable = _created(customer) + REDACTABLE_AFTER
        if redactable > self._now:
            return Obstacle("it is younger than 90 days", redactable.date())
        for kind in (CHARGE, INVOICE, PAYMENT_INTENT):
            if kind.listed_as not in self._settings.unavailable:
                for _ in self._calls.listing(kind.path, {"customer": str(customer.get("id"))}):
                    return Obstacle("payments or invoices hang on it")
        return None

    def _disputed(self, about: dict[str, str]) -> bool:
        if DISPUTE.listed_as in self._settings.unavailable:
            return False
        return any(is_open_dispute(dispute) for dispute in self._calls.listing(DISPUTE.path, about))


def _created(thing: Object) -> datetime:
    return datetime.fromtimestamp(int(cast("int", thing.get("created") or 0)), UTC)


_RUNNING: tuple[tuple[Kind, str, Callable[[Object], bool]], ...] = (
    (SUBSCRIPTION, "a subscription is running", lambda thing: thing.get("status") in ACTIVE),
    (INVOICE, "an invoice is open", lambda thing: thing.get("status") == "open"),
)
