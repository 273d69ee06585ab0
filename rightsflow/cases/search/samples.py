"""The identifiers that a search's mappings found in stored values, read from the ledger. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from rightsflow.audit.ledger import Entry
from rightsflow.domain.connector import Sample
from rightsflow.domain.vocabulary.events import CaseEvent, StepName

Samples = Mapping[str, tuple[Sample, ...]]
"""The samples of each system, by its name in the configuration."""


def samples_of(entries: Iterable[Entry]) -> Samples:
    """Return the samples of each system's last search.

    Args:
        entries: The case's ledger, oldest first.
    """
    last: dict[str, tuple[Sample, ...]] = {}
    for entry in entries:
        said = entry.details
        if entry.event == CaseEvent.STEP_DONE and said.get("step") == StepName.LOCATE:
            last[str(said["system"])] = _samples(said.get("sampled") or ())
    return last


def proven(samples: Samples) -> frozenset[str]:
    """The systems of which every mapping was seen to find identifiers; without a stored value nothing is proven.

    Args:
        samples: As :func:`samples_of` gives them.
    """
    return frozenset(system for system, seen in samples.items() if seen and all(item.readable for item in seen))


def _samples(rows: Sequence[Mapping[str, Any]]) -> tuple[Sample, ...]:
    return tuple(
        Sample(what=str(row["what"]), looked_at=int(row["looked_at"]), readable=int(row["readable"])) for row in rows
    )
