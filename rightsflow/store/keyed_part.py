"""The common base of the case store's parts that encrypt data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy.orm import Session

from rightsflow.store.database import Database
from rightsflow.vault import Keyring


class KeyedPart:
    """A part of the case store that encrypts its data or computes keyed hashes of them.

    Args:
        database: Where it lies.
        now: Gives the present instant (aware).
        keyring: Gives the store's keys in an open transaction.
    """

    def __init__(self, database: Database, now: Callable[[], datetime], keyring: Callable[[Session], Keyring]) -> None:
        self._database = database
        self._now = now
        self._keyring = keyring
