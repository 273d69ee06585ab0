"""The home of a fresh Prefect server: to make its database takes as long as the rest of its start.

The first server of the session migrates in earnest; the others, those of other processes of the tests too, begin with
a copy of what it made.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

DATABASE, MEMO = "prefect.db", "memo_store.toml"


@contextmanager
def migrated(home: Path, kept_in: Path) -> Iterator[None]:
    """Start a server on an empty home within the block; its database is migrated already, if one ever was.

    Args:
        home: The server's home, with its SQLite file.
        kept_in: A folder that all processes of the tests share.
    """
    with (kept_in / f"{DATABASE}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (kept_in / DATABASE).exists():
            yield
            _keep(home, kept_in)
            return
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in (MEMO, DATABASE):
        shutil.copyfile(kept_in / name, home / name)
    yield


def _keep(home: Path, kept_in: Path) -> None:
    """Copy a database that is in use, whole; with what the server noted of it, which spares it the same checks."""
    shutil.copyfile(home / MEMO, kept_in / MEMO)
    made = kept_in / f"{DATABASE}.{os.getpid()}"
    with closing(sqlite3.connect(home / DATABASE)) as source, closing(sqlite3.connect(made)) as target:
        source.backup(target)
    made.rename(kept_in / DATABASE)
