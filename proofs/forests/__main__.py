"""``python -m proofs.forests``: random forests of records on three databases; nothing of others goes or is given."""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import Final

from proofs.common import say, tell
from proofs.forests.judging import Judgement, planted_and_played
from proofs.forests.world import draw
from tests.support.peers.mariadb import MariaServer, running_mariadb
from tests.support.peers.postgres import PostgresServer, running_postgres

ROOT: Final = Path(__file__).parents[2]
_LONGEST_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Violation:
    """A place where the rule is broken."""

    path: str
    before: str
    after: str

    def broken(self, root: Path) -> str:
        text = (root / self.path).read_text()
        if text.count(self.before) != 1:
            raise ValueError(f"{self.path} does not have once what is replaced there; bring the violation up to date.")
        return text.replace(self.before, self.after)


PLANTED: Final = {
    "chain": Violation(
        "rightsflow/domain/ownership.py",
        "_of_several(above) if up & _ABOVE else _below_anothers(claims, above)",
        "_of_several(above) if up & _ABOVE else OwnershipRuling(Standing.MINE)",
    ),
    "inheritance": Violation(
        "rightsflow/domain/ownership.py",
        "    return not (claims.claim is Claim.OWN and not claims.names_others)",
        "    return False",
    ),
    "birth date": Violation(
        "rightsflow/domain/chain_claims.py",
        "    if known.is_born_apart(named):\n        return RecordDoubt.OTHER_BIRTH_DATE\n",
        "",
    ),
    "placeholder": Violation(
        "connectors/sql/persons.py",
        "*([] if placeholder is None else [str(placeholder).strip()])",
        "",
    ),
    "part": Violation(
        "connectors/sql/persons.py",
        "ways = [(), *settings.every_part]",
        "ways = [()]",
    ),
    "last door": Violation(
        "connectors/sql/erase.py",
        "if deletes and belonging.is_shared_by_now(rows, row):",
        "if False:",
    ),
}
"""The violations by name."""


def sight(name: str, forests: int, first: int = 0) -> str:
    """Play forests on SQLite with a copy of the code in which one place is broken; return the first that shows it."""
    violation = PLANTED[name]
    with TemporaryDirectory() as folder:
        for part in ("rightsflow", "connectors"):
            copytree(ROOT / part, Path(folder) / part, ignore=ignore_patterns("__pycache__"))
        (Path(folder) / violation.path).write_text(violation.broken(ROOT))
        run = [sys.executable, "-P", "-m", "proofs.forests", "--database", "sqlite", "--until-seen"]
        run += ["--forests", str(forests), "--first", str(first)]
        environment = {**os.environ, "PYTHONPATH": f"{folder}{os.pathsep}{ROOT}"}
        done = subprocess.run(
            run, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=_LONGEST_SECONDS, check=False
        )
    *lines, last = done.stdout.splitlines() or [""]
    if " forests, " not in last:
        raise RuntimeError(f"The forests with {name} were not played to the end: {done.stderr[-2000:]}")
    return lines[-1] if lines else ""


_EACH: Final = 100
"""After how many forests the progress is told."""
_DATABASES: Final = ("sqlite", "postgresql", "mariadb")


def main() -> int:
    """Play forests and print what was seen; returns 1 where there was a harm, or a planted violation was not seen."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--forests", type=int, default=2000)
    arguments.add_argument("--first", type=int, default=0, help="the first seed")
    arguments.add_argument("--database", action="append", choices=_DATABASES, help="only this one; may be given again")
    arguments.add_argument("--planted", choices=("none", "all", *PLANTED), default="none")
    arguments.add_argument("--until-seen", action="store_true", help="end after the first forest with a harm or a miss")
    given = arguments.parse_args()
    logging.disable(logging.WARNING)
    if given.planted != "none":
        return _show_planted([*PLANTED] if given.planted == "all" else [given.planted], given.forests, given.first)
    seeds = range(given.first, given.first + given.forests)
    return _play(seeds, given.database or _DATABASES, given.until_seen)


def _show_planted(names: Sequence[str], forests: int, first: int) -> int:
    seen = {name: sight(name, forests, first) for name in names}
    for name, line in seen.items():
        say(f"{name}: {f'seen, {line}' if line else 'not seen'}")
    return int(not all(seen.values()))


_Opens = Callable[[Path], AbstractContextManager[str]]
"""Gives the address of an empty database for a forest; the folder is the forest's own."""


def _play(seeds: range, databases: Sequence[str], until_seen: bool = False) -> int:
    counts, harms, played = Counter[str](), 0, 0
    with ExitStack() as stack:
        opens = [_server(name, stack) for name in databases]
        for seed in seeds:
            judgement = _one(seed, opens[seed % len(opens)])
            harms, played = harms + len(judgement.harms), played + 1
            counts.update(tied=judgement.tied, missed=len(judgement.missed))
            for one in (*judgement.harms, *(f"missed: {each}" for each in judgement.missed)):
                say(f"{databases[seed % len(databases)]} {seed} {one}")
            if until_seen and (harms or counts["missed"]):
                break
            if not played % _EACH:
                tell(f"{played} of {len(seeds)}")
    say(f"{played} forests, {harms} harms, {dict(counts)}")
    return int(bool(harms or counts["missed"]))


def _server(name: str, stack: ExitStack) -> _Opens:
    if name == "sqlite":
        return lambda folder: nullcontext(f"sqlite:///{folder / 'forest.db'}")
    if name == "postgresql":
        return partial(_database, stack.enter_context(running_postgres()))
    return partial(_database, stack.enter_context(running_mariadb()))


@contextmanager
def _database(server: PostgresServer | MariaServer, _folder: Path) -> Iterator[str]:
    with server.database() as database:
        yield database.url()


def _one(seed: int, opens: _Opens) -> Judgement:
    with TemporaryDirectory() as folder, opens(Path(folder)) as url:
        return planted_and_played(draw(seed), url, Path(folder))


if __name__ == "__main__":
    sys.exit(main())
