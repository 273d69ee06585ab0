"""The real process of localstripe, behind a front that can fail and that knows one key only.

Where it differs from Stripe is told in :mod:`tests.integration.connectors.stripe.double`.
"""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
import requests
from stripe import RequestsClient, StripeClient

from deployments.ports import free_port
from tests.integration.connectors.stripe.double import KEY
from tests.support.peers.faulty import Fault, FaultyFront, running_front

SETTINGS = {
    "customers_by_metadata": "walk",
    "payment_method_types": ["card"],
    "unavailable": [
        "checkout_sessions",
        "credit_notes",
        "disputes",
        "payment_intents",
        "quotes",
        "setup_intents",
        "sources",
    ],
}
"""What has to be configured for localstripe."""

OUT_OF_ORDER = Fault(503, b'{"error": {"type": "api_error"}}', {"Stripe-Should-Retry": "false"})
_LONGEST_START = 120.0


@dataclass(frozen=True, slots=True)
class LocalStripe:
    direct: str
    front: FaultyFront

    @property
    def client(self) -> StripeClient:
        """A client for seeding, around the front."""
        return StripeClient(KEY, base_addresses={"api": self.direct}, http_client=RequestsClient())

    def clear(self) -> None:
        requests.delete(f"{self.direct}/_config/data", timeout=5).raise_for_status()


@contextmanager
def running_localstripe() -> Iterator[LocalStripe]:
    if importlib.util.find_spec("localstripe") is None:
        pytest.skip("localstripe is not installed: pip install localstripe")
    with tempfile.TemporaryDirectory() as scratch:
        port = free_port()
        command = [sys.executable, "-m", "localstripe", "--port", str(port), "--from-scratch"]
        process = subprocess.Popen(command, cwd=scratch, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            _wait_for(f"http://127.0.0.1:{port}", process)
            with running_front(f"http://127.0.0.1:{port}") as front:
                yield LocalStripe(f"http://127.0.0.1:{port}", front)
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _LONGEST_START
    while time.monotonic() < until and process.poll() is None:
        try:
            requests.get(url, timeout=1)
        except requests.ConnectionError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("localstripe did not start")
