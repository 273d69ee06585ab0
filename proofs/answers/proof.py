"""Plays cases and judges everything that was written of them; the mutants have to be seen."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from time import perf_counter

from proofs.answers.cases.combinations import (
    BESIDE_FROM,
    DECLARED,
    DECLARED_BESIDE,
    TOGETHER_FROM,
    Combination,
    reached,
    target_of,
)
from proofs.answers.cases.playing import write_case
from proofs.answers.cases.world import World, a_world
from proofs.answers.checker import check
from proofs.answers.mutants import Mutant

MOST_CASES = 150
"""In how many cases a mutant has to be seen at the latest."""


@dataclass(slots=True)
class Result:
    """The result of the judgement of many cases.

    Args:
        cases: How many cases there were of which combination.
        texts: How many texts of each kind.
        lines: How many lines were judged.
        findings: What is wrong, each with the number of its case.
        seconds: How long it took.
    """

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
    """In which case a mutant is seen first, and by what; the number is 0 if it is not.

    Args:
        mutant: The change.
        numbers: The cases that are played until it is; by default those of the rights that it is about.
    """
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
