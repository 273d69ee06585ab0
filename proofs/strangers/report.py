"""The table of the proof."""

from __future__ import annotations

from collections.abc import Iterator

from proofs.strangers.oracle import Verdict
from proofs.strangers.proof import Proof
from rightsflow.domain.request import Right

_HEAD = (
    "system",
    "rows, files, versions",
    "given",
    "not given",
    "erased",
    "not erased",
    "of these named in the answer",
    "kept: shared or unclear",
    "others' bytes handed out",
    "others' bytes changed",
)


def table(proof: Proof) -> Iterator[str]:
    """One row for each system, and one for all."""
    yield f"| {' | '.join(_HEAD)} |"
    yield f"|{'---|' * len(_HEAD)}"
    everything = Verdict()
    for name, (number, _) in proof.sizes.items():
        verdict = Verdict()
        for right in Right:
            verdict.add(proof.verdicts.get((right, name), Verdict()))
        everything.add(verdict)
        yield _row(name, number, verdict)
    yield _row("**all**", sum(number for number, _ in proof.sizes.values()), everything)


def summary(proof: Proof) -> Iterator[str]:
    """What was done, and how long it took."""
    people, subjects = len(proof.world.population.people), len(proof.world.population.subjects)
    size = sum(size for _, size in proof.sizes.values())
    yield f"{people} people, {subjects} of whom asked; {len(proof.world.marks.by_word)} marks; {size / 1e6:.1f} MB."
    for right in Right:
        if proof.cases[right]:
            seconds = proof.seconds[right] / proof.cases[right]
            yield f"{proof.cases[right]} {right.value} cases, {seconds:.1f} s each."
    yield from (f"- {fault}" for fault in proof.faults)


def _row(name: str, number: int, verdict: Verdict) -> str:
    cells = (name, number, verdict.given, verdict.withheld, verdict.erased, verdict.left, verdict.named, verdict.kept)
    return f"| {' | '.join(map(str, (*cells, verdict.disclosed, verdict.changed)))} |"
