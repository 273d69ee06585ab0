"""What the tests of the call centre share: ways into its systems, and waiting for other processes."""

from __future__ import annotations

import socket
import time
import tomllib
from datetime import date
from threading import Event

import requests
import stripe

from connectors.registry import ControllerPlace
from connectors.sql import CONNECTOR as SQL
from connectors.stripe import CONNECTOR as STRIPE
from connectors.zendesk import CONNECTOR as ZENDESK
from rightsflow.config.secret_references import SecretRef
from rightsflow.config.sections.section import validate

TODAY = date(2026, 11, 24)
CUSTOMERS = 40
TYPES = {"zendesk": ZENDESK, "stripe": STRIPE, "sql": SQL}


def payments_of(center):
    return stripe.StripeClient(center.inspector.payments_key, base_addresses={"api": center.payments_url})


def helpdesk_of(center):
    """A session of the API, signed in by the OAuth client's credentials."""
    section = tomllib.loads(center.systems_toml())["systems"]["helpdesk"]
    form = {
        "grant_type": "client_credentials",
        "client_id": section["client_id"],
        "client_secret": SecretRef(section["client_secret"]).reveal(),
        "scope": "read write",
    }
    token = requests.post(f"{center.helpdesk_url}/oauth/tokens", json=form, timeout=10).json()["access_token"]
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def connectors_of(center):
    """The three connectors, as the written configuration makes them."""
    sections = tomllib.loads(center.systems_toml())["systems"]
    return [
        TYPES[section["connector"]].build(
            system,
            validate(TYPES[section["connector"]].settings, section, system),
            ControllerPlace("DE", "Europe/Berlin"),
        )
        for system, section in sections.items()
    ]


def is_listening(url):
    port = int(url.rpartition(":")[2])
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def until(condition, seconds=15.0):
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        Event().wait(0.05)
    return condition()
