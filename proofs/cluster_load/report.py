"""The table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from proofs.cluster_load.load import Outcome


def report(outcome: Outcome) -> list[str]:
    """The lines of the table, and what is not as it has to be.

    Args:
        outcome: The result of the run.
    """
    rows = [f"| {name} | {value} |" for name, value in _rows(outcome)]
    end = [f"FAULT: {fault}" for fault in outcome.faults] or ["Everything is as it has to be."]
    return ["| | |", "|---|---|", *rows, "", *end]


def _rows(outcome: Outcome) -> Iterator[tuple[str, str]]:
    sizes, results = outcome.sizes, outcome.results
    ends = Counter(case.state for case in results.cases)
    yield "imported requests", f"{sizes.cases:,} in two files, {sizes.workers} workers"
    yield "answered, nothing held, anything else", _ends(ends)
    yield "cases with another number of answer letters than one, steps done twice", _none(outcome, "letter", "Steps")
    yield "cases without a task run, left failed at last", f"{_none(outcome, 'no task run')}, {results.runs['Failed']}"
    yield "time", f"{outcome.seconds:,.0f} s, {sizes.cases / outcome.seconds:.2f} cases a second"
    total = sum(outcome.cost.values())
    yield "CPU seconds a case, all processes", f"{total / sizes.cases:.2f} ({_parts(outcome)})"
    for outage, gap in outcome.outages:
        yield f"{outage.what}: longest time without a closed case", f"{gap:.1f} s"
    yield "cases worked on again, attempts at steps made good", f"{results.again:,}, {results.failed_on_the_way:,}"
    order, over = outcome.order, outcome.overtaking
    yield (
        "pairs in which the less urgent was taken, began first",
        (f"{order.handed:,}, {order.began:,} of {order.pairs:,} ({order.began / max(order.pairs, 1):.3%})"),
    )
    yield (
        "more urgent second file",
        (
            f"{over.cases} cases, the last began {over.seconds:.0f} s after the import; {over.others} others began "
            f"meanwhile, {over.others_handed} of which had not been taken already"
        ),
    )
    yield "calls of the helpdesk, 429 after the first minute", f"{outcome.calls:,}, {outcome.refused[0]}"


def _ends(ends: Counter[str]) -> str:
    known = ends["answered"], ends["nothing held"]
    return f"{known[0]:,}, {known[1]:,}, {ends.total() - sum(known):,}"


def _none(outcome: Outcome, *words: str) -> str:
    """``0`` where no fault speaks of it, else what the faults say."""
    return " ".join(fault for fault in outcome.faults if any(word in fault for word in words)) or "none"


def _parts(outcome: Outcome) -> str:
    parts = sorted(outcome.cost.items(), key=lambda one: -one[1])
    return ", ".join(
        f"{role} {used / outcome.sizes.cases:.2f}" for role, used in parts if used >= 0.005 * sum(outcome.cost.values())
    )
