"""``python -m proofs.mutation``: a table of the mutants and, of those no test catches, the line and the change."""
# ruff: noqa: E501 - a row of a table is one line

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
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.abc import MetaPathFinder, SourceLoader
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType

from proofs.mutation.operators import Mutant, enumerations, mutants

_QUICK = "Only a short cut: without it the long way gives the same."
_ALL_OR_NONE = "The dates are there together, or missing together while the clock is suspended."
_NO_NAME = "It is only asked whether a name is in it."
_ASKED = "A clock is suspended by a question that has its day, so that this is there."
_TOGETHER = "A day is taken from each instant, so that they are there together, or missing together."
_NO_FEE = "Without a fee, which a case knows none of, questions that suspend nothing change no date."
_ALIKE = "What is derived from the other fields compares as they do."
_WHOLE = "The one period that begins with its receipt is neither suspended nor extended."
_ACK = "The one deadline in business days is neither extended nor moved."

_CASE_DATES = (
    "due.due_on is None or due.due_at is None or due.safe_due_on is None or (due.operational_target_on is None)"
)
_ALL_THERE = "a clock that no suspension stops has a due date"

# fmt: off
EQUIVALENT: Mapping[tuple[str, str, str], str] = {
    ("case_dates.case_dates", "standing_since(clock) if due.suspended else None", "standing_since(clock) if True else None"): _QUICK,
    ("case_dates.case_dates", "since is not None", "True"): _NO_FEE,
    **{("case_dates.case_dates", _CASE_DATES, new): _ALL_OR_NONE for new in (("due.due_on is None and due.due_at is None and (due.safe_due_on is None) and (due.operational_target_on is None)"), "due.due_at is None or due.safe_due_on is None or due.operational_target_on is None", "due.due_on is None or due.safe_due_on is None or due.operational_target_on is None", "due.due_on is None or due.due_at is None or due.operational_target_on is None", "due.due_on is None or due.due_at is None or due.safe_due_on is None", "False")},
    ("case_dates.case_dates", f"raise ValueError('{_ALL_THERE}')", "pass"): _ALL_OR_NONE,
    ("case_dates.case_dates", f"ValueError('{_ALL_THERE}')", f"ValueError('{_ALL_THERE}~')"): _ALL_OR_NONE,
    **{("course.start_of", "arrived_at is None or arrived_on is None", new): _TOGETHER for new in ("arrived_at is None and arrived_on is None", "arrived_on is None", "arrived_at is None")},
    ("due.Reckoning.is_started_late", "self.rule.identity is not IdentityEffect.STARTS or self.course.start_on == self.received_on", "self.course.start_on == self.received_on"): "Where no proof starts the period, it starts on the day of receipt.",
    ("due._other_readings", "it.extension is ExtensionState.GRANTED", "True"): _QUICK,
    ("explain._day_of", "words(day) if day else 'a day not recorded'", "words(day) if True else 'a day not recorded'"): _ASKED,
    ("explain._day_of", "words(day) if day else 'a day not recorded'", "words(day) if day else 'a day not recorded~'"): _ASKED,
    ("model.ClockInput", "field(init=False, repr=False, compare=False)", "field(init=False, repr=False)"): _ALIKE,
    ("model.ClockInput", "compare=False", "compare=True"): _ALIKE,
    ("model.ClockInput.__post_init__", "events.count(None) == len(events)", "False"): _QUICK,
    ("periods.PeriodEnds.of", "self.least_working_days and nominal_on - start_on > DAY", "nominal_on - start_on > DAY"): _QUICK,
    ("course.start_of", "arrived_at > event_at", "arrived_at >= event_at"): "Differs only for a proof or fee that arrives at the very instant of receipt under another offset.",
    ("model.ClockInput._check_order", "strict=True", "strict=False"): "The two are written with as many entries each.",
    ("model.ClockInput._check_order", "zip(_ORDER, events, strict=True)", "zip(_ORDER, events)"): "The two are written with as many entries each.",
    ("periods.Period.after", "add_months(start_on, self.months) if self.months else start_on", "add_months(start_on, self.months) if True else start_on"): _QUICK,
    ("periods.Period.after", "end_on + timedelta(days=self.days) if self.days else end_on", "end_on + timedelta(days=self.days) if True else end_on"): _QUICK,
    ("periods.add_months", "day.day <= 28", "day.day < 28"): _QUICK,
    ("periods.add_months", "day.day <= 28", "day.day <= 27"): _QUICK,
    ("periods.add_months", "day.day <= 28", "False"): _QUICK,
    ("explain._receipt", "it.rule.fee_starts and paid is not None and (proof is None or paid > proof)", "paid is not None and (proof is None or paid > proof)"): "Only laws that start the month with a fee let it start later than the receipt.",
    ("explain._receipt", "paid > proof", "paid >= proof"): "Differs only where proof and fee arrive at one instant, and either may be named.",
    ("working_days._easter_sunday", "names.get(day + DAY, '')", "names.get(day + DAY, '~')"): _NO_NAME,
    ("working_days._easter_sunday", "names.get(day - 2 * DAY, '')", "names.get(day - 2 * DAY, '~')"): _NO_NAME,
    ("explain._listed", "items[0]", "items[-1]"): "There is one item here.",
    ("explain._caveats", "due.safe_due_on is not None and due.safe_due_on != due.nominal_on", "due.safe_due_on != due.nominal_on"): _ALL_OR_NONE,
    ("due.Reckoning.day_one_on", "nominal_end(self.received_on, self.total, WEEKENDS_ONLY)", "nominal_end(self.received_on, self.base, WEEKENDS_ONLY)"): _WHOLE,
    ("due.Reckoning.counts_holidays", "bool(self.total.business_days)", "bool(self.base.business_days)"): _ACK,
    ("due.Reckoning.counts_holidays", "nominal_end(self.course.start_on, self.total, WEEKENDS_ONLY)", "nominal_end(self.course.start_on, self.base, WEEKENDS_ONLY)"): _ACK,
    ("due.Reckoning.counts_holidays", "nominal_end(self.course.start_on, self.total, WEEKENDS_ONLY) < self.nominal_on", "nominal_end(self.course.start_on, self.total, WEEKENDS_ONLY) < self.notice_on"): _ACK,
    ("periods", "('no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve')", "('no~', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve')"): "Holds the place of nought, which is never written.",
}
# fmt: on
"""By place, what stands there and what the mutant puts there."""

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
