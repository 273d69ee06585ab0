"""``python -m tests.proofs.answers``: 2,000 random cases are judged, and every mutant has to be seen."""

from __future__ import annotations

import argparse
import os
import sys
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

from tests.proofs.answers.mutants import MUTANTS
from tests.proofs.answers.proof import Result, catch, prove


def main() -> int:
    """Run the proof and print its tables; returns 1 if something is wrong or a mutant is not seen."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=2_000)
    arguments.add_argument("--first", type=int, default=0, help="the number of the first case")
    arguments.add_argument("--no-mutants", action="store_true")
    given = arguments.parse_args()
    workers = os.cpu_count() or 1
    numbers = range(given.first, given.first + given.cases)
    with ProcessPoolExecutor(workers) as pool:
        results = list(pool.map(prove, (numbers[start::workers] for start in range(workers))))
        caught = list(pool.map(_caught, range(0 if given.no_mutants else len(MUTANTS))))
    total = _joined(results)
    _print_cases(total)
    _print_mutants(caught)
    return int(bool(total.findings) or not all(played for played, _ in caught))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _caught(number: int) -> tuple[int, str]:
    return catch(MUTANTS[number])


def _joined(results: list[Result]) -> Result:
    total = Result(seconds=max(one.seconds for one in results))
    for one in results:
        total.cases.update(one.cases)
        total.texts.update(one.texts)
        total.lines += one.lines
        total.findings += one.findings
    return total


def _print_cases(total: Result) -> None:
    _say("| right | law | end | cases |\n|---|---|---|---:|")
    for (right, law, state), count in sorted(total.cases.items()):
        _say(f"| {right} | {law} | {state} | {count:,} |")
    cases, texts = sum(total.cases.values()), sum(total.texts.values())
    _say(f"\n{cases:,} cases, {texts:,} texts, {total.lines:,} lines in {total.seconds:.0f} s.")
    _say(", ".join(f"{kind} {count:,}" for kind, count in sorted(total.texts.items())))
    _say(f"\nFindings: {len(total.findings)}")
    seen = Counter(what[:160] for _, what in total.findings)
    first = {what[:160]: number for number, what in reversed(total.findings)}
    for what, count in seen.most_common(40):
        _say(f"- {count} × (case {first[what]}) {what}")


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
