"""The store's keys, as the commands reach them: what there is, and the change of the master key."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime

from rightsflow.store.database import Database
from rightsflow.store.rotation import (
    KeyLine,
    Rotated,
    cases_by_wrapper,
    change_master_key,
    conclude,
    key_lines,
    rewrap_cases,
)
from rightsflow.vault import MasterKey


class KeyChanges:
    """The keys of one store.

    Args:
        database: Where they lie, wrapped.
        now: Gives the present instant (aware).
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def lines(self) -> tuple[list[KeyLine], Mapping[str, int]]:
        """The keys without their secrets, and how many cases each master key wraps, by its fingerprint."""
        with self._database.transaction() as session:
            return key_lines(session), cases_by_wrapper(session)

    def change(self, load: Callable[[], MasterKey], put_new: Callable[[], None]) -> MasterKey:
        """Let a new master key take the old one's place; as :func:`rightsflow.store.rotation.change_master_key`."""
        return change_master_key(self._database, self._now(), load, put_new)

    def rewrap(self, master: MasterKey) -> Iterator[int]:
        """Rewrap keys wrapped by another master key; yield the number of cases after each batch."""
        return rewrap_cases(self._database, master)

    def conclude(self, master: MasterKey, drop_before: Callable[[], None], *, actor: str) -> Rotated:
        """Note the rotation and drop the key before; as :func:`rightsflow.store.rotation.conclude`."""
        return conclude(self._database, master, self._now(), drop_before, actor=actor)
