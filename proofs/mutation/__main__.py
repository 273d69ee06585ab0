"""``python -m proofs.mutation``: a table of the mutants and, of those no test catches, the line and the change."""

from __future__ import annotations

import argparse
import importlib.util
import os
import random
import resource
import shutil
import sys
import tempfile
import time
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from proofs.mutation.operators import Mutant, enumerations, mutants

_SAME = tomllib.loads(Path(__file__).with_name("equivalent.toml").read_text(encoding="utf-8"))["same"]
EQUIVALENT = {(where, old, new): one["because"] for one in _SAME for where, old, new in one["mutants"]}
"""By place, what is written there and what the mutant puts there: why that changes no result."""

ROOT = Path(__file__).parents[2]
CLOCK = Path("rightsflow/domain/deadlines")
TESTS = Path("tests/unit/domain/deadlines")
WORKED_DATES = ("table", "gdpr", "other_laws")
LEFT_OUT = "speed"  # measures processor time, which two processes share
SECONDS = 20
"""Of processor time for one mutant, which is several times what the tests take; a mutant that loops ends by it."""
MEMORY = 4 * 2**30


def copied(folder: Path) -> Path:
    (folder / TESTS).mkdir(parents=True)
    shutil.copytree(ROOT / "rightsflow", folder / "rightsflow", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (ROOT / TESTS).glob("*.*"):
        shutil.copy(file, folder / TESTS)
    for package in list(TESTS.parents)[:-1]:
        (folder / package / "__init__.py").touch()
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\nxfail_strict = true\n")
    return folder


def survivors(mutants: Sequence[Mutant | None], folder: Path, processes: int) -> Iterator[tuple[Mutant | None, bool]]:
    running: dict[int, Mutant | None] = {}
    for mutant in mutants:
        if len(running) == processes:
            yield _ended(running)
        running[_started(mutant, folder)] = mutant
    while running:
        yield _ended(running)


def warm_up() -> None:
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    import dateutil.relativedelta  # noqa: F401
    import holidays
    import hypothesis.strategies
    import pytest  # noqa: F401

    hypothesis.settings.register_profile("mutants", derandomize=True, database=None, deadline=None)
    hypothesis.settings.load_profile("mutants")
    for country in holidays.list_supported_countries():
        holidays.country_holidays(country, years=2026)


def _started(mutant: Mutant | None, folder: Path) -> int:
    if process := os.fork():
        return process
    code = 1
    try:
        code = _run(mutant, folder)
    finally:
        os._exit(code)


def _ended(running: dict[int, Mutant | None]) -> tuple[Mutant | None, bool]:
    process, status = os.wait()
    return running.pop(process), status == 0


def _run(mutant: Mutant | None, folder: Path) -> int:
    import pytest

    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    quiet = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):
        os.dup2(quiet, stream)
    for name in [name for name in sys.modules if name.partition(".")[0] in {"rightsflow", "tests"}]:
        del sys.modules[name]
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    if mutant is not None:
        sys.meta_path.insert(0, _Changed(mutant))
    return int(
        any(
            (pytest.main(["-x", "-q", "--no-header", "--tb=no", *files]) != 0)
            for files in _stages(mutant.module if mutant else "")
        )
    )


def _stages(module: str) -> Iterator[list[str]]:
    every = {file.stem.removeprefix("test_"): str(file) for file in sorted(TESTS.glob("test_*.py"))}
    first = [name for name in every if name in {module, *WORKED_DATES}]
    yield [every[name] for name in first]
    yield [file for name, file in every.items() if name not in {*first, LEFT_OUT}]


class _Changed(MetaPathFinder, SourceLoader):  # type: ignore[misc]
    """Gives one module of the copy another source."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = ".".join((*CLOCK.parts, mutant.module))

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return importlib.util.spec_from_loader(fullname, self) if fullname == self.name else None

    def get_filename(self, fullname: str) -> str:
        return f"{fullname}, changed"

    def get_data(self, path: str) -> bytes:
        return self.mutant.source.encode()


def all_mutants() -> list[Mutant]:
    sources = {file.stem: file.read_text(encoding="utf-8") for file in sorted((ROOT / CLOCK).glob("[!_]*.py"))}
    enums = enumerations([*sources.values()])
    return [mutant for module, source in sources.items() for mutant in mutants(module, source, enums)]


def sampled(mutants: list[Mutant], number: int, seed: int) -> list[Mutant]:
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
