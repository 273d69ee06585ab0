"""The overwritten values that SQLite retains, and their clearing.

The Prefect server's database holds the intake form until the intake flow overwrites it. SQLite leaves the old value
in its write-ahead log until the log is written over, which may take days on a quiet machine. Copying the log into the
database and cutting it to nothing removes it there; in the database itself ``secure_delete`` puts zeros in the place of
old values where SQLite was built with it (Debian's and its kin are), and a rebuild does so elsewhere.
"""

from __future__ import annotations

import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

logger = logging.getLogger(__name__)

_LOCK_WAIT_SECONDS: Final = 1.0
_OFFLINE_LOCK_WAIT_SECONDS: Final = 10.0


def clear_log(database: Path, lock_wait: float = _LOCK_WAIT_SECONDS) -> bool:
    """Cut the write-ahead log to nothing, also while the server runs; returns whether nothing is left in it.

    Args:
        database: The database file.
        lock_wait: For how many seconds to wait for readers and writers.
    """
    log = database.with_name(f"{database.name}-wal")
    if not log.exists() or not log.stat().st_size:
        return True
    try:
        with closing(sqlite3.connect(database, timeout=lock_wait)) as connection:
            busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        logger.warning("the log of %s could not be cut (%s); it is tried again", database.name, type(error).__name__)
        return False
    return not busy


def clear_all(database: Path, is_secure: Callable[[], bool] | None = None) -> None:
    """Clear log and free space of a database that no one uses.

    Args:
        database: The database file; it need not exist.
        is_secure: Says whether SQLite overwrote what it deleted; :func:`deletes_securely` by default.
    """
    if not database.exists():
        return
    if not (is_secure or deletes_securely)():
        try:
            with closing(sqlite3.connect(database, timeout=_OFFLINE_LOCK_WAIT_SECONDS)) as connection:
                connection.execute("VACUUM")
        except sqlite3.Error as error:
            logger.warning("%s could not be rebuilt (%s)", database.name, type(error).__name__)
    clear_log(database, _OFFLINE_LOCK_WAIT_SECONDS)


def deletes_securely() -> bool:
    """Return True if this SQLite overwrites deleted data by default; the server uses the same library."""
    with closing(sqlite3.connect(":memory:")) as connection:
        return bool(connection.execute("PRAGMA secure_delete").fetchone()[0] == 1)


class Clearing:
    """Clears a database of what was overwritten, now and then in the background.

    Args:
        clear: Clears it; returns whether nothing is left.
        seconds: How long to wait after it was cleared.
        seconds_if_not: How long to wait where it could not be cleared wholly.
    """

    def __init__(self, clear: Callable[[], bool], seconds: float, seconds_if_not: float) -> None:
        self._clear = clear
        self._seconds = {True: seconds, False: seconds_if_not}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="clearing", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop, and wait until it has."""
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        cleared = False
        while not self._ended.wait(self._seconds[cleared]):
            cleared = self._clear()
