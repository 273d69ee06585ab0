"""``python -m proofs.forests``: random forests of records on three databases; of other people nothing goes or is given.

With ``--planted`` a copy of the code is played in which the rule is broken in one place, which has to be seen.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from proofs.forests.judging import Judgement, planted_and_played
from proofs.forests.planted import PLANTED, sight
from proofs.forests.world import draw
from tests.support.peers.mariadb import MariaServer, running_mariadb
from tests.support.peers.postgres import PostgresServer, running_postgres

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
        _say(f"{name}: {f'seen, {line}' if line else 'not seen'}")
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
                _say(f"{databases[seed % len(databases)]} {seed} {one}")
            if until_seen and (harms or counts["missed"]):
                break
            if not played % _EACH:
                print(f"{played} of {len(seeds)}", file=sys.stderr, flush=True)  # noqa: T201
    _say(f"{played} forests, {harms} harms, {dict(counts)}")
    return int(bool(harms or counts["missed"]))


def _say(line: str) -> None:
    print(line, flush=True)  # noqa: T201


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
