"""``python -m proofs.answers``: 2,000 random cases are judged, and every planted change has to be seen."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import perf_counter

from proofs.answers.checker import check
from proofs.answers.controllers import DECLARED, STARTS, Combination, World, a_world, reached, target_of
from proofs.answers.later import write_case
from proofs.answers.mutants import MUTANTS, Mutant
from proofs.common import Adding, head, row, say, tell

MOST_CASES = 150
"""In how many cases a change has to be seen at the latest."""
_CHUNK = 50
_FEWER = 6
"""So many times fewer cases are of the rights beside access and erasure, and of two requests beside each other."""


@dataclass(slots=True)
class Result(Adding):
    """What came of many cases."""

    cases: Counter[Combination] = field(default_factory=Counter)
    texts: int = 0
    lines: int = 0
    findings: list[tuple[int, str]] = field(default_factory=list)


def prove(numbers: Iterable[int]) -> Result:
    result = Result()
    with tempfile.TemporaryDirectory() as folder, a_world(Path(folder)) as world:
        for number in numbers:
            try:
                judge_case(world, number, result)
            except Exception as error:  # noqa: BLE001 - a case that breaks is one finding, not the end of the others
                result.findings.append((number, f"it could not be played: {type(error).__name__}: {error}"))
    return result


def judge_case(world: World, number: int, result: Result) -> None:
    written = write_case(world, number)
    result.cases[reached(written[-1].case)] += 1
    for one in written:
        result.texts, result.lines = result.texts + 1, result.lines + one.text.count("\n")
        result.findings += [(number, what) for what in check(one.kind, one.text, one.case)]


def catch(mutant: Mutant, numbers: Iterable[int] | None = None) -> tuple[int, str]:
    """Return the first case that shows a change, and by what; the number is 0 if none does."""
    group = "together" if mutant.together else "beside" if mutant.rights else "main"
    every = numbers or range(STARTS[group], STARTS[group] + max(MOST_CASES, 2 * len(DECLARED[group])))
    with tempfile.TemporaryDirectory() as folder, a_world(Path(folder)) as world:
        fitting = (one for one in every if mutant.fits(target_of(one)))
        for played, number in enumerate(islice(fitting, MOST_CASES), start=1):
            result = Result()
            with mutant.put_in():
                judge_case(world, number, result)
            # What is wrong without the change as well says nothing of it.
            if result.findings and not prove([number]).findings:
                return played, result.findings[0][1]
    return 0, ""


def _caught(number: int) -> tuple[int, str]:
    try:
        return catch(MUTANTS[number])
    except Exception as error:  # noqa: BLE001 - a change that breaks the product says nothing of the checker
        return 0, f"it breaks the product instead: {type(error).__name__}: {error}"


def main() -> int:
    """Run the proof and print its tables; returns 1 if something is wrong or a change is not seen."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--cases", type=int, default=2_000)
    arguments.add_argument("--first", type=int, default=0, help="the number of the first case")
    arguments.add_argument("--no-mutants", action="store_true")
    given, began, total = arguments.parse_args(), perf_counter(), Result()
    counts = {group: given.cases if group == "main" else given.cases // _FEWER for group in STARTS}
    numbers = [start + given.first + one for group, start in STARTS.items() for one in range(counts[group])]
    with ProcessPoolExecutor(os.cpu_count() or 1) as pool:
        for one in pool.map(prove, (numbers[at : at + _CHUNK] for at in range(0, len(numbers), _CHUNK))):
            total.add(one)
            tell(f"{total.cases.total():,} cases, {len(total.findings)} findings")
        is_complete = _print_cases(total, perf_counter() - began)
        caught = list(pool.map(_caught, range(0 if given.no_mutants else len(MUTANTS))))
    say("", head("change", "seen after cases", "by"))
    for mutant, (played, finding) in zip(MUTANTS, caught, strict=False):
        say(row(mutant.what, played or "**not seen**", finding[:90].replace("|", "/")))
    say(f"\n{sum(bool(played) for played, _ in caught)} of {len(caught)} changes were seen.")
    return int(bool(total.findings) or not all(played for played, _ in caught) or not is_complete)


def _print_cases(total: Result, seconds: float) -> bool:
    """Print what was judged and found; whether each combination occurred, if there are cases enough, and no other."""
    say(f"{total.cases.total():,} cases, {total.texts:,} texts, {total.lines:,} lines in {seconds:.0f} s.")
    seen = Counter(what[:160] for _, what in total.findings)
    first = {what[:160]: number for number, what in reversed(total.findings)}
    say(*(f"- {count} × (case {first[what]}) {what}" for what, count in seen.most_common(40)))
    missed = [one for one in DECLARED["main"] if not total.cases[one]]
    other = sorted(set(total.cases) - {one for each in DECLARED.values() for one in each})
    is_long = total.cases.total() >= 2 * len(DECLARED["main"])
    say(
        *(f"Never occurred: {one}" for one in missed if is_long),
        *(f"Occurred and is not declared: {one}" for one in other),
    )
    say(f"Findings: {len(total.findings)}")
    return not other and not (missed and is_long)


if __name__ == "__main__":
    sys.exit(main())
