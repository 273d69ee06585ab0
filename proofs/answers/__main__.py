"""``python -m proofs.answers``: 2,000 random cases are judged, and every mutant has to be seen."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from time import perf_counter

from proofs.answers.cases.combinations import (
    BESIDE_FROM,
    DECLARED,
    DECLARED_BESIDE,
    DECLARED_TOGETHER,
    TOGETHER_FROM,
    Combination,
)
from proofs.answers.mutants import MUTANTS
from proofs.answers.proof import Result, catch, prove


def main() -> int:
    """Run the proof and print its tables; returns 1 if something is wrong or a mutant is not seen."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=2_000)
    arguments.add_argument("--first", type=int, default=0, help="the number of the first case")
    arguments.add_argument("--no-mutants", action="store_true")
    given = arguments.parse_args()
    workers = os.cpu_count() or 1
    beside = range(BESIDE_FROM + given.first, BESIDE_FROM + given.first + given.cases // _FEWER)
    together = range(TOGETHER_FROM + given.first, TOGETHER_FROM + given.first + given.cases // _FEWER)
    numbers = [*range(given.first, given.first + given.cases), *beside, *together]
    began = perf_counter()
    with ProcessPoolExecutor(workers) as pool:
        results = list(_told(pool.map(prove, (numbers[at : at + _CHUNK] for at in range(0, len(numbers), _CHUNK)))))
        total = _joined(results, perf_counter() - began)
        _print_cases(total)
        caught = list(pool.map(_caught, range(0 if given.no_mutants else len(MUTANTS))))
    _print_mutants(caught)
    unseen = not all(played for played, _ in caught)
    return int(bool(total.findings) or unseen or not _is_complete(total.cases))


_CHUNK = 50
_FEWER = 6
"""So many times fewer cases are of the rights beside access and erasure, and of two requests beside each other."""
_EVERY = {*DECLARED, *DECLARED_BESIDE, *DECLARED_TOGETHER}
_ENOUGH = 2 * len(DECLARED)
"""From how many cases on each combination has to have occurred."""


def _told(results: Iterable[Result]) -> Iterator[Result]:
    """The results as they come in, each with what was found in it, so that a long run can be followed."""
    played = 0
    for one in results:
        played += sum(one.cases.values())
        sys.stderr.write(f"{played:,} cases\n")
        sys.stderr.writelines(f"case {number}: {what}\n" for number, what in one.findings)
        yield one


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _caught(number: int) -> tuple[int, str]:
    try:
        return catch(MUTANTS[number])
    except Exception as error:  # noqa: BLE001 - a change that breaks the product says nothing of the checker
        return 0, f"it breaks the product instead: {type(error).__name__}"


def _joined(results: list[Result], seconds: float) -> Result:
    total = Result(seconds=seconds)
    for one in results:
        total.cases.update(one.cases)
        total.texts.update(one.texts)
        total.lines += one.lines
        total.findings += one.findings
    return total


def _print_cases(total: Result) -> None:
    _print_coverage(total.cases)
    cases, texts = sum(total.cases.values()), sum(total.texts.values())
    _say(f"\n{cases:,} cases, {texts:,} texts, {total.lines:,} lines in {total.seconds:.0f} s.")
    _say(", ".join(f"{kind} {count:,}" for kind, count in sorted(total.texts.items())))
    _say(f"\nFindings: {len(total.findings)}")
    seen = Counter(what[:160] for _, what in total.findings)
    first = {what[:160]: number for number, what in reversed(total.findings)}
    for what, count in seen.most_common(40):
        _say(f"- {count} × (case {first[what]}) {what}")


def _print_coverage(cases: Counter[Combination]) -> None:
    """A row for each right, law and end; a column for each of extended and suspended, or not."""
    shapes = [(extended, suspended) for extended in (False, True) for suspended in (False, True)]
    _say("| right | law | end | as usual | suspended | extended | both |\n|---|---|---|---:|---:|---:|---:|")
    for right, law, end in dict.fromkeys((one.right, one.law, one.end) for one in DECLARED):
        these = [Combination(right, law, end, *shape) for shape in shapes]
        cells = [f"{cases[one]:,}" if one in DECLARED else str(cases[one] or "–") for one in these]
        _say(f"| {right} | {law} | {end} | {' | '.join(cells)} |")
    if missed := [one for one in DECLARED if not cases[one]]:
        _say(f"\nNever occurred: {len(missed)} of {len(DECLARED)} combinations, the first {missed[0]}")
    for one in sorted(set(cases) - _EVERY):
        _say(f"\nOccurred and is not declared: {one}")


def _is_complete(cases: Counter[Combination]) -> bool:
    """Whether every declared combination occurred, in a run that is long enough for all, and no other."""
    missed, other = set(DECLARED) - set(+cases), set(+cases) - _EVERY
    return not other and (not missed or cases.total() < _ENOUGH)


def _print_mutants(caught: list[tuple[int, str]]) -> None:
    if not caught:
        return
    _say("\n| change | seen after | by |\n|---|---:|---|")
    for mutant, (played, finding) in zip(MUTANTS, caught, strict=True):
        seen = f"{played} case{'s' if played != 1 else ''}" if played else "**not seen**"
        _say(f"| {mutant.what} | {seen} | {finding[:90].replace('|', '/')} |")
    _say(f"\n{sum(bool(played) for played, _ in caught)} of {len(caught)} changes were seen.")


if __name__ == "__main__":
    sys.exit(main())
