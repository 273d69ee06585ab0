"""The checks of progress for ``doctor``: slots of processes that are gone, and cases that do not move."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from rightsflow.domain.connector import Health
from rightsflow.domain.errors import RightsflowError
from rightsflow.store import Store
from rightsflow.store.queries.standstill import Standstill

_NAMED: Final = 3
"""The number of cases that a sentence names."""


def progress_health(store: Store) -> Health:
    """Report the cases that do not move although no person has to decide.

    Args:
        store: The case store.
    """
    try:
        seen, lines = store.standstill(), store.slots.lines()
    except RightsflowError as error:
        return Health(ok=False, detail=str(error))
    wrong = list(_wrong(seen))
    doubtful = [f"{case_id} has been at {step} {system} for over an hour." for case_id, step, system in seen.long_steps]
    doubtful += [
        f"{line.abandoned} slots of {system} belong to processes that are gone; the next step there clears them."
        for system, line in lines.items()
        if line.abandoned
    ]
    working = sum(line.alive for line in lines.values())
    detail = " ".join(wrong + doubtful) or f"No case stands still; {working} steps work at a system or wait for one."
    return Health(ok=not wrong, detail=detail, is_doubtful=bool(doubtful))


def _wrong(seen: Standstill) -> Iterator[str]:
    if seen.cut_short:
        names = ", ".join(seen.cut_short[:_NAMED]) + (" and others" if len(seen.cut_short) > _NAMED else "")
        yield (
            f"{len(seen.cut_short)} cases were cut short and no process works on them ({names}); "
            "start `rightsflow up` or the cluster's keeper, or run each with `rightsflow run`."
        )
    if seen.unstarted:
        waiting = f"{seen.unstarted} cases wait to be started and no keeper runs"
        yield f"{waiting}; start `rightsflow up` or `rightsflow keep`."
