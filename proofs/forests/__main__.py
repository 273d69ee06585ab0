"""``python -m proofs.forests``: random forests of records on three databases; of other people nothing goes or is given.

With ``--planted`` a copy of the code is played in which the rule is broken in one place, which has to be seen.
"""

from __future__ import annotations

import argparse
import logging
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from shutil import copytree, ignore_patterns
from tempfile import TemporaryDirectory
from typing import Final

import sqlalchemy as sa
from sqlalchemy.pool import NullPool

from proofs.forests.judging import Judgement, plant, play
from proofs.forests.world import draw
from tests.support.peers.mariadb import MariaServer, running_mariadb
from tests.support.peers.postgres import PostgresServer, running_postgres

_ROOT: Final = Path(__file__).parents[2]
_DATABASES: Final = ("sqlite", "postgresql", "mariadb")
PLANTED: Final = {
    "chain": (
        "rightsflow/domain/ownership.py",
        "if up & _ABOVE else OwnershipRuling(Standing.OTHER, is_inherited=True)\n    if claims.ag",
        "if up & _ABOVE else OwnershipRuling(Standing.MINE)\n    if claims.ag",
    ),
    "inheritance": (
        "rightsflow/domain/ownership.py",
        "    return not (claims.claim is Claim.OWN and not claims.names_others)",
        "    return False",
    ),
    "birth date": (
        "rightsflow/domain/chain_claims.py",
        "    if known.is_born_apart(named):\n        return RecordDoubt.OTHER_BIRTH_DATE\n",
        "",
    ),
    "placeholder": (
        "connectors/sql/persons.py",
        'return "" if placeholder is not None and text.strip() == str(placeholder).strip() else text',
        "return text",
    ),
}
"""By name, the file and the text of it that is replaced, and by what."""


def main() -> int:
    """Play forests and print what was seen; returns 1 where there was a harm, or a planted violation was not seen."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--forests", type=int, default=2000)
    arguments.add_argument("--first", type=int, default=0, help="the first seed")
    arguments.add_argument("--database", action="append", choices=_DATABASES, help="only this one; may be given again")
    arguments.add_argument("--planted", choices=("none", "all", *PLANTED), default="none")
    given = arguments.parse_args()
    logging.disable(logging.WARNING)
    if given.planted != "none":
        names = PLANTED if given.planted == "all" else [given.planted]
        unseen = [name for name in names if not is_seen(name, given.forests, given.first)]
        print("\n".join(f"{name}: {'not seen' if name in unseen else 'seen'}" for name in names))  # noqa: T201
        return int(bool(unseen))
    return _play(range(given.first, given.first + given.forests), given.database or _DATABASES)


_Opens = Callable[[Path], AbstractContextManager[str]]
"""Gives the address of an empty database for a forest; the folder is the forest's own."""


def _play(seeds: range, databases: Sequence[str]) -> int:
    counts, harms = Counter[str](), 0
    with ExitStack() as stack:
        opens = [_server(name, stack) for name in databases]
        for seed in seeds:
            judgement = _one(seed, opens[seed % len(opens)])
            harms += len(judgement.harms)
            counts.update(tied=judgement.tied, unclear=len(judgement.unclear), missed=len(judgement.missed))
            for one in (*judgement.harms, *(f"missed: {each}" for each in judgement.missed)):
                print(f"{databases[seed % len(databases)]} {seed} {one}", flush=True)  # noqa: T201
    print(f"{len(seeds)} forests, {harms} harms, {dict(counts)}")  # noqa: T201
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
        files = Path(folder) / "files"
        files.mkdir()
        forest = draw(seed)
        driven = url.replace("postgresql:", "postgresql+psycopg:").replace("mysql:", "mysql+pymysql:")
        engine = sa.create_engine(driven, poolclass=NullPool)
        plant(forest, engine, files)
        return play(forest, url, engine, files)


def is_seen(name: str, forests: int, first: int = 0) -> bool:
    """Play forests on SQLite with a copy of the code in which one place is broken; tells whether that was seen.

    Args:
        name: Of :data:`PLANTED`.
        forests: How many at most.
        first: The first seed.
    """
    path, before, after = PLANTED[name]
    with TemporaryDirectory() as folder:
        for part in ("rightsflow", "connectors", "proofs", "tests"):
            copytree(_ROOT / part, Path(folder) / part, ignore=ignore_patterns("__pycache__"))
        broken = Path(folder) / path
        text = broken.read_text()
        if before not in text:
            raise SystemExit(f"{path} no longer has what {name} replaces; bring the planted violation up to date.")
        broken.write_text(text.replace(before, after))
        run = [sys.executable, "-m", "proofs.forests", "--database", "sqlite"]
        run += ["--forests", str(forests), "--first", str(first)]
        environment = {**os.environ, "PYTHONPATH": folder}
        done = subprocess.run(
            run, cwd=folder, env=environment, capture_output=True, text=True, timeout=3600, check=False
        )
    return done.returncode == 1 and " harms" in done.stdout and ", 0 harms" not in done.stdout


if __name__ == "__main__":
    sys.exit(main())
