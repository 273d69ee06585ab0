"""Wording of orders in OpenDSR 2.0: in answers and callbacks, without data of the person. Pure."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from rightsflow.domain.deadlines.receipt import end_of_day
from rightsflow.domain.orders.order import Order

VERSION: Final = "2.0"


class OrderWords:
    """The words of one installation.

    Args:
        base_url: The address under which controllers reach it.
        zone: The zone in which its days are counted.
    """

    def __init__(self, base_url: str, zone: ZoneInfo) -> None:
        self._base = base_url
        self._zone = zone

    def receipt(self, order: Order, body: bytes) -> dict[str, object]:
        """Return the receipt of a request.

        Args:
            order: What it became.
            body: Its bytes.
        """
        encoded = base64.b64encode(body).decode()
        return self._common(order) | {"received_time": instant(order.received_at), "encoded_request": encoded}

    def cancelled(self, order: Order, at: datetime) -> dict[str, object]:
        """Return the confirmation that a request was cancelled.

        Args:
            order: The order.
            at: When that was received (aware).
        """
        return {
            "controller_id": order.controller_id,
            "subject_request_id": order.request_id,
            "received_time": instant(at),
            "api_version": VERSION,
        }

    def status(self, order: Order) -> dict[str, object]:
        """Return the status of a request.

        Args:
            order: The order.
        """
        return self._status(order) | {"api_version": VERSION}

    def callback(self, order: Order, url: str) -> dict[str, object]:
        """The same as a controller is told it at an address of its own.

        Args:
            order: The order.
            url: The address.
        """
        return self._status(order) | {"status_callback_url": url}

    def _status(self, order: Order) -> dict[str, object]:
        said = self._common(order) | {"request_status": order.status.value}
        if not order.is_completed:
            return said
        url = f"{self._base}/requests/{order.request_id}/results"
        return said | {"results_url": url, "results_count": order.results}

    def _common(self, order: Order) -> dict[str, object]:
        return {
            "controller_id": order.controller_id,
            "expected_completion_time": instant(end_of_day(order.due_on, self._zone)),
            "subject_request_id": order.request_id,
        }


def instant(at: datetime) -> str:
    """An instant as the specification writes it (RFC 3339).

    Args:
        at: The instant (aware).
    """
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
