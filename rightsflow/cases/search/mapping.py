"""The check of a system's mapping: a search whose mapping reads nothing finds nothing and proves nothing.

The connectors' samples are requested once an hour in each process, as soon as all of a system's mappings are proven; so
a case rarely pays for them. They cost one call (``stripe``), two (``zendesk``), a query for each identity column
(``sql``) or the reading of objects until each setting is proven (``s3``).
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from rightsflow.domain.connector import Connector, Sample
from rightsflow.domain.errors import Misconfigured

VALID_FOR: Final = timedelta(hours=1)
"""The time for which a system's proven mappings are trusted."""


@dataclass(frozen=True, slots=True)
class _Proof:
    connector: Connector
    at: datetime
    samples: tuple[Sample, ...]


@dataclass(slots=True)
class Mappings:
    """The mappings that this process has proven. Thread-safe."""

    _proofs: dict[str, _Proof] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def check(self, connector: Connector, now: datetime) -> tuple[Sample, ...]:
        """The samples of a system, of which none is wrong.

        Args:
            connector: The system.
            now: The present instant (aware).

        Raises:
            Misconfigured: A mapping reads nothing of what is there.
            ConnectorError: The system did not answer.
        """
        with self._lock:
            proof = self._proofs.get(connector.system)
        # A clock that was set back makes it older than it is, never younger.
        if proof and proof.connector is connector and timedelta() <= now - proof.at < VALID_FOR:
            return proof.samples
        samples = tuple(connector.samples())
        if wrong := next((sample for sample in samples if sample.is_wrong), None):
            raise Misconfigured(wrong_sentence(connector.system, wrong))
        if not any(sample.is_unproven for sample in samples):
            with self._lock:
                self._proofs[connector.system] = _Proof(connector, now, samples)
        return samples


def wrong_sentence(system: str, sample: Sample) -> str:
    """Return the advice on a mapping that reads none of the stored values."""
    return f"{str(sample).rstrip('.')}; correct what [systems.{system}] in rightsflow.toml says of them."


def unproven_sentence(systems: Sequence[str]) -> str:
    """Return the advice for a search that found nothing and had no stored value to be checked with.

    Args:
        systems: The systems; at least one.
    """
    sections = ", ".join(f"[systems.{system}]" for system in systems)
    return (
        f"Nothing is stored where {sections} in rightsflow.toml looks for identifiers, so a search that finds nothing "
        "proves nothing; correct the section, or set may_be_empty = true there once a person has checked it."
    )


def counts_of(samples: Sequence[Sample]) -> list[dict[str, str | int]]:
    """The samples as the ledger keeps them: numbers, and settings by name."""
    return [{"what": sample.what, "looked_at": sample.looked_at, "readable": sample.readable} for sample in samples]
