"""Looks straight into the three systems, past the connectors, so that a demonstration or a test can judge those."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from rightsflow_sandbox.telephony.cdr import CDR, engine_for

Record = dict[str, Any]

PAYMENT_KINDS = (
    "customer",
    "payment_method",
    "payment_intent",
    "charge",
    "refund",
    "dispute",
    "invoice",
    "subscription",
)
"""The payment provider's kinds of object that belong to a person."""

_SECONDS = 30.0
_EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspector:
    """Reads everything a system holds.

    Args:
        helpdesk_url: The helpdesk's process, with its own switches open.
        payments_url: The payment provider's process.
        payments_key: Its secret key.
        database_url: SQLAlchemy URL of the call detail records.
        recordings: The folder of the recordings.
    """

    helpdesk_url: str
    payments_url: str
    payments_key: str
    database_url: str
    recordings: Path

    def helpdesk(self) -> dict[str, list[Record]]:
        """Return the helpdesk's whole state, by list."""
        answer = requests.get(f"{self.helpdesk_url}/__sandbox/dump", timeout=_SECONDS)
        answer.raise_for_status()
        dump: dict[str, list[Record]] = answer.json()
        return dump

    def payments(self) -> dict[str, list[Record]]:
        """Return the payment provider's objects, by kind."""
        return {kind: self._objects(kind) for kind in PAYMENT_KINDS}

    def calls(self) -> list[Record]:
        """Return all call detail records."""
        engine = engine_for(self.database_url)
        try:
            with engine.connect() as connection:
                return [dict(row) for row in connection.execute(select(CDR)).mappings()]
        finally:
            engine.dispose()

    def recording_digests(self) -> dict[str, str]:
        """Return the SHA-256 of every recording by its bare name."""
        found = sorted(self.recordings.rglob("*.wav"))
        return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}

    def _objects(self, kind: str) -> list[Record]:
        answer = requests.get(
            f"{self.payments_url}/v1/{kind}s",
            params={"limit": str(_EVERYTHING), **({"status": "all"} if kind == "subscription" else {})},
            auth=(self.payments_key, ""),
            timeout=_SECONDS,
        )
        answer.raise_for_status()
        objects: list[Record] = answer.json()["data"]
        return objects
