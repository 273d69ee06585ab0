"""``python -m proofs.answers``: 2,000 random cases are judged, and every mutant has to be seen."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import perf_counter

from proofs.answers.checker import check
from proofs.answers.controllers import (
    BESIDE_FROM,
    DECLARED,
    DECLARED_BESIDE,
    DECLARED_TOGETHER,
    TOGETHER_FROM,
    Combination,
    World,
    a_world,
    reached,
    target_of,
)
from proofs.answers.later import write_case
from proofs.answers.mutants import MUTANTS, Mutant
from proofs.common import Adding, head, row, say, tell

MOST_CASES = 150
"""In how many cases a mutant has to be seen at the latest."""


@dataclass(slots=True)
class Result(Adding):
    """The result of the judgement of many cases."""

    cases: Counter[Combination] = field(default_factory=Counter)
    texts: Counter[str] = field(default_factory=Counter)
    lines: int = 0
    findings: list[tuple[int, str]] = field(default_factory=list)
    seconds: float = 0.0


def prove(numbers: Iterable[int]) -> Result:
    """Judge the cases of these numbers."""
    result, began = Result(), perf_counter()
    with tempfile.TemporaryDirectory() as folder, a_world(Path(folder)) as world:
        for number in numbers:
            try:
                judge_case(world, number, result)
            except Exception as error:  # noqa: BLE001 - a case that breaks is one finding, not the end of the others
                result.findings.append((number, f"it could not be played: {type(error).__name__}: {error}"))
    result.seconds = perf_counter() - began
    return result


def judge_case(world: World, number: int, result: Result) -> None:
    """Play one case and note what is wrong with what was written of it."""
    written = write_case(world, number)
    result.cases[reached(written[-1].case)] += 1
    for one in written:
        result.texts[one.kind.partition("/pages")[0]] += 1
        result.lines += one.text.count("\n")
        result.findings += [(number, what) for what in check(one.kind, one.text, one.case)]


def _fits(mutant: Mutant, target: Combination) -> bool:
    of_right = not mutant.rights or target.right in mutant.rights
    return of_right and (not mutant.ends or target.end in mutant.ends)


def catch(mutant: Mutant, numbers: Iterable[int] | None = None) -> tuple[int, str]:
    """In which case a mutant is seen first, and by what; the number is 0 if it is not."""
    many = MOST_CASES if mutant.together else 2 * len(DECLARED_BESIDE if mutant.rights else DECLARED)
    first = TOGETHER_FROM if mutant.together else BESIDE_FROM if mutant.rights else 0
    with tempfile.TemporaryDirectory() as folder, a_world(Path(folder)) as world:
        fitting = (one for one in numbers or range(first, first + many) if _fits(mutant, target_of(one)))
        for played, number in enumerate(islice(fitting, MOST_CASES), start=1):
            result = Result()
            with mutant.put_in():
                judge_case(world, number, result)
            # What is wrong without the change as well says nothing of it.
            if result.findings and not prove([number]).findings:
                return played, result.findings[0][1]
    return 0, ""


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
        total = Result()
        for one in results:
            total.add(one)
        total.seconds = perf_counter() - began
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
        tell(f"{played:,} cases")
        for number, what in one.findings:
            tell(f"case {number}: {what}")
        yield one


def _caught(number: int) -> tuple[int, str]:
    try:
        return catch(MUTANTS[number])
    except Exception as error:  # noqa: BLE001 - a change that breaks the product says nothing of the checker
        return 0, f"it breaks the product instead: {type(error).__name__}"


def _print_cases(total: Result) -> None:
    _print_coverage(total.cases)
    cases, texts = sum(total.cases.values()), sum(total.texts.values())
    say(f"\n{cases:,} cases, {texts:,} texts, {total.lines:,} lines in {total.seconds:.0f} s.")
    say(", ".join(f"{kind} {count:,}" for kind, count in sorted(total.texts.items())))
    say(f"\nFindings: {len(total.findings)}")
    seen = Counter(what[:160] for _, what in total.findings)
    first = {what[:160]: number for number, what in reversed(total.findings)}
    for what, count in seen.most_common(40):
        say(f"- {count} × (case {first[what]}) {what}")


def _print_coverage(cases: Counter[Combination]) -> None:
    """A row for each right, law and end; a column for each of extended and suspended, or not."""
    shapes = [(extended, suspended) for extended in (False, True) for suspended in (False, True)]
    say(head("right", "law", "end", "as usual", "suspended", "extended", "both"))
    for right, law, end in dict.fromkeys((one.right, one.law, one.end) for one in DECLARED):
        these = [Combination(right, law, end, *shape) for shape in shapes]
        cells = [f"{cases[one]:,}" if one in DECLARED else str(cases[one] or "–") for one in these]
        say(row(right, law, end, *cells))
    if missed := [one for one in DECLARED if not cases[one]]:
        say(f"\nNever occurred: {len(missed)} of {len(DECLARED)} combinations, the first {missed[0]}")
    for one in sorted(set(cases) - _EVERY):
        say(f"\nOccurred and is not declared: {one}")


def _is_complete(cases: Counter[Combination]) -> bool:
    """Whether every declared combination occurred, in a run that is long enough for all, and no other."""
    missed, other = set(DECLARED) - set(+cases), set(+cases) - _EVERY
    return not other and (not missed or cases.total() < _ENOUGH)


def _print_mutants(caught: list[tuple[int, str]]) -> None:
    if not caught:
        return
    say("", head("change", "seen after", "by"))
    for mutant, (played, finding) in zip(MUTANTS, caught, strict=True):
        seen = f"{played} case{'s' if played != 1 else ''}" if played else "**not seen**"
        say(row(mutant.what, seen, finding[:90].replace("|", "/")))
    say(f"\n{sum(bool(played) for played, _ in caught)} of {len(caught)} changes were seen.")


if __name__ == "__main__":
    sys.exit(main())
