"""``python -m proofs.mutation``: a table of the mutants and, of those no test catches, the line and the change."""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from proofs.mutation.equivalent import EQUIVALENT
from proofs.mutation.operators import Mutant, enumerations, mutants
from proofs.mutation.running import CLOCK, ROOT, copied, survivors, warm_up


def all_mutants() -> list[Mutant]:
    """Every mutant of every module of the clock."""
    sources = {file.stem: file.read_text(encoding="utf-8") for file in sorted((ROOT / CLOCK).glob("[!_]*.py"))}
    enums = enumerations([*sources.values()])
    return [mutant for module, source in sources.items() for mutant in mutants(module, source, enums)]


def sampled(mutants: list[Mutant], number: int, seed: int) -> list[Mutant]:
    """Some of the mutants, in their order; the same ones for the same seed.

    Args:
        mutants: All of them.
        number: How many to draw; all where there are fewer.
        seed: What the draw begins with.
    """
    drawn = random.Random(seed).sample(range(len(mutants)), min(number, len(mutants)))
    return [mutants[index] for index in sorted(drawn)]


def main() -> int:
    """Run them and print what came of it; 0 where every mutant is caught or explained."""
    options = argparse.ArgumentParser(prog="python -m proofs.mutation", description=__doc__)
    options.add_argument("modules", nargs="*", help="only these modules, for example due course")
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--sample", type=int, metavar="N", help="only N of them, drawn at random")
    options.add_argument("--seed", type=int, default=1, help="draws another sample (1 if left out)")
    given = options.parse_args()
    everything = all_mutants()
    chosen = [mutant for mutant in everything if not given.modules or mutant.module in given.modules]
    if given.sample is not None:
        chosen = sampled(chosen, given.sample, given.seed)
    started = time.monotonic()
    warm_up()
    with tempfile.TemporaryDirectory() as folder:
        copy = copied(Path(folder))
        if not dict(survivors([None], copy, 1))[None]:
            sys.stdout.write("The tests fail without any mutant; mend that first.\n")
            return 2
        living = _living(survivors(chosen, copy, given.processes), len(chosen))
    return _report(everything, chosen, living, time.monotonic() - started)


def _living(ended: Iterable[tuple[Mutant | None, bool]], number: int) -> list[Mutant]:
    """The mutants that lived; each, and every hundredth that ended, is printed to stderr at once."""
    living: list[Mutant] = []
    for index, (mutant, lives) in enumerate(ended, start=1):
        if mutant and lives:
            living.append(mutant)
            said = "equivalent" if mutant.key in EQUIVALENT else "missed"
            sys.stderr.write(f"{said}: {mutant}\n")
        if index % 100 == 0 or index == number:
            sys.stderr.write(f"{index} of {number} tried, {len(living)} lived\n")
        sys.stderr.flush()
    return living


def _report(everything: list[Mutant], chosen: list[Mutant], living: list[Mutant], seconds: float) -> int:
    tried, alive = (Counter(mutant.module for mutant in lot) for lot in (chosen, living))
    unexplained = sorted((mutant for mutant in living if mutant.key not in EQUIVALENT), key=lambda one: one.line)
    missed = Counter(mutant.module for mutant in unexplained)
    rows = [
        (name, tried[name], tried[name] - alive[name], alive[name] - missed[name], missed[name])
        for name in sorted(tried)
    ]
    head = ("module", "mutants", "caught", "equivalent", "missed")
    for row in (head, *rows, ("all", *(sum(column) for column in zip(*(row[1:] for row in rows), strict=True)))):
        sys.stdout.write("".join(f"{cell!s:>12}" if index else f"{cell:14}" for index, cell in enumerate(row)) + "\n")
    caught = {mutant.key for mutant in chosen} - {mutant.key for mutant in living}
    refuted = [f"{where}: {old}  →  {new}" for where, old, new in sorted(EQUIVALENT.keys() & caught)]
    stale = [
        f"{where}: {old}  →  {new}" for where, old, new in sorted(EQUIVALENT.keys() - {one.key for one in everything})
    ]
    for title, lines in (
        ("Missed by every test:", [str(one) for one in sorted(unexplained, key=lambda one: (one.module, one.line))]),
        ("Explained as equivalent, but a test catches them:", refuted),
        ("Explained as equivalent, but no such mutant is left:", stale),
    ):
        if lines:
            sys.stdout.write("\n".join(["", title, *(f"  {line}" for line in lines)]) + "\n")
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    sys.stdout.write(
        f"\n{len(chosen)} mutants in {seconds:.0f} seconds, {used.ru_utime + used.ru_stime:.0f} of processor time\n"
    )
    return 1 if unexplained or refuted or stale else 0


if __name__ == "__main__":
    sys.exit(main())
