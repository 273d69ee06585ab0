"""Mutants against the tests: a copy of both, and for every mutant a fork of a process that has the libraries loaded."""

from __future__ import annotations

import importlib.util
import os
import resource
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from proofs.mutation.operators import Mutant

ROOT = Path(__file__).parents[2]
CLOCK = Path("rightsflow/domain/deadlines")
TESTS = Path("tests/unit/domain/deadlines")
WORKED_DATES = ("table", "gdpr", "other_laws")
LEFT_OUT = "speed"  # measures processor time, which two processes share
SECONDS = 20
"""Of processor time for one mutant, which is several times what the tests take; a mutant that loops ends by it."""
MEMORY = 4 * 2**30


def copied(folder: Path) -> Path:
    """A copy of the domain and of the clock's tests.

    Args:
        folder: Where to; it becomes the root of the copy.
    """
    (folder / TESTS).mkdir(parents=True)
    shutil.copytree(ROOT / "rightsflow", folder / "rightsflow", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (ROOT / TESTS).glob("*.*"):
        shutil.copy(file, folder / TESTS)
    for package in list(TESTS.parents)[:-1]:
        (folder / package / "__init__.py").touch()
    (folder / "pytest.ini").write_text("[pytest]\naddopts = -p no:cacheprovider\nxfail_strict = true\n")
    return folder


def survivors(mutants: Sequence[Mutant | None], folder: Path, processes: int) -> Iterator[tuple[Mutant | None, bool]]:
    """Run the tests against each mutant and say whether it lives through them, in the order in which they end.

    Args:
        mutants: The mutants; ``None`` is the program as it is.
        folder: The copy.
        processes: How many run at a time.
    """
    running: dict[int, Mutant | None] = {}
    for mutant in mutants:
        if len(running) == processes:
            yield _ended(running)
        running[_started(mutant, folder)] = mutant
    while running:
        yield _ended(running)


def warm_up() -> None:
    """Load what every run needs and no mutant changes, so that the forks share it."""
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
    return int(any(_fails(files, pytest.main) for files in _stages(mutant.module if mutant else "")))


def _stages(module: str) -> Iterator[list[str]]:
    """The module's own tests and the tables of worked dates, which catch most, and then all the others."""
    every = {file.stem.removeprefix("test_"): str(file) for file in sorted(TESTS.glob("test_*.py"))}
    first = [name for name in every if name in {module, *WORKED_DATES}]
    yield [every[name] for name in first]
    yield [file for name, file in every.items() if name not in {*first, LEFT_OUT}]


def _fails(files: list[str], run: Callable[[list[str]], int]) -> bool:
    return run(["-x", "-q", "--no-header", "--tb=no", *files]) != 0


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
