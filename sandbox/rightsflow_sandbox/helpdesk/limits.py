"""Rate limits: the account's calls per minute, and those of single endpoints in their own windows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Final

from rightsflow_sandbox.helpdesk.errors import too_many_requests

PLANS: Final[Mapping[str, int]] = {
    "team": 200,
    "growth": 400,
    "professional": 400,
    "enterprise": 700,
    "enterprise-plus": 2500,
}
"""Calls per minute of the whole account, by plan of the Suite."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A budget of calls in a number of seconds."""

    total: int
    seconds: int = 60


PUBLISHED: Final[Mapping[str, Budget]] = {
    "tickets-index": Budget(100),
    "tickets-update": Budget(100),
    "per-ticket-updates": Budget(30, 600),
    "tickets-destroy": Budget(400),
    "deleted-tickets-index": Budget(10),
    "deleted-tickets-destroy": Budget(1000),
    "deleted-users-destroy": Budget(700, 600),
    "create-update-user": Budget(5),
    "users-update": Budget(1, 1),
    "search-index": Budget(2500),
    "search-export": Budget(100),
    "incremental-exports": Budget(10),
}
"""The limits of single endpoints that the vendor publishes."""


@dataclass(slots=True)
class _Window:
    opened_at: datetime
    used: int = 0


@dataclass(slots=True)
class Limits:
    """The rate limits; without arguments there are none, and the headers show an Enterprise account.

    Args:
        account_per_minute: Calls per minute of the whole account, or ``None`` for no limit.
        endpoints: Budgets by the name in ``zendesk-ratelimit-<name>``; those not named are not limited.
    """

    account_per_minute: int | None = None
    endpoints: Mapping[str, Budget] = field(default_factory=dict)
    _windows: dict[str, _Window] = field(default_factory=dict)

    @classmethod
    def published(cls, plan: str) -> Limits:
        """Return the limits of one plan as the vendor publishes them.

        Args:
            plan: A key of :data:`PLANS`.
        """
        return cls(account_per_minute=PLANS[plan], endpoints=PUBLISHED)

    def spend_call(self, now: datetime) -> dict[str, str]:
        """Count one call against the account and return the headers of every answer.

        Raises:
            ApiError: 429, with the headers as well.
        """
        total = self.account_per_minute or PLANS["enterprise"]
        used, resets = self._count("", Budget(total), now)
        headers = {
            "X-Rate-Limit": str(total),
            "X-Rate-Limit-Remaining": str(max(total - used, 0)),
            "ratelimit-limit": str(total),
            "ratelimit-remaining": str(max(total - used, 0)),
            "ratelimit-reset": str(resets),
        }
        if self.account_per_minute is not None and used > total:
            refusal = too_many_requests(resets)
            refusal.headers.update(headers)
            raise refusal
        return headers

    def spend(self, name: str, now: datetime, *, key: str = "") -> dict[str, str]:
        """Count one call against an endpoint and return its header; empty for an endpoint without a limit.

        Args:
            name: The endpoint's name.
            now: The present instant.
            key: What the limit is counted by, such as one ticket; empty for the whole account.

        Raises:
            ApiError: 429.
        """
        budget = self.endpoints.get(name) or PUBLISHED.get(name)
        if budget is None:
            return {}
        used, resets = self._count(f"{name} {key}", budget, now)
        left = max(budget.total - used, 0)
        header = {f"zendesk-ratelimit-{name}": f"total={budget.total}; remaining={left}; resets={resets}"}
        if name in self.endpoints and used > budget.total:
            refusal = too_many_requests(resets)
            refusal.headers.update(header)
            raise refusal
        return header

    def _count(self, key: str, budget: Budget, now: datetime) -> tuple[int, int]:
        """Add one to a window, opening a new one when the last has passed; return (used, seconds to its end)."""
        window = self._windows.get(key)
        if window is None or (now - window.opened_at).total_seconds() >= budget.seconds:
            window = self._windows[key] = _Window(opened_at=now)
        window.used += 1
        left = budget.seconds - (now - window.opened_at).total_seconds()
        return window.used, max(ceil(left), 1)
