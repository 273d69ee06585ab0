"""The role of the keeper: of several processes one has it, and another takes it over when that one is gone."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final
from uuid import uuid4

from rightsflow.store import Store
from rightsflow.store.coordination.leases import KEEPER
from rightsflow.store.core.context import LEASE_TIME

_LEASE_SECONDS: Final = LEASE_TIME.total_seconds()


class KeeperRole:
    """This process's hold on the role.

    Args:
        store: Where it is noted who has it.
        clock: Gives seconds that only grow.
    """

    def __init__(self, store: Store, clock: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._clock = clock
        self._holder = uuid4().hex
        self._until = 0.0

    def is_ours(self) -> bool:
        """Return True if this process has the role; a free role is taken, and renewed in time.

        Raises:
            Transient: The case store does not answer.
        """
        now = self._clock()
        # Not each time: an idle keeper is not to write every second.
        if now < self._until - _LEASE_SECONDS * 2 / 3:
            return True
        is_ours = self._store.take_role(KEEPER, self._holder)
        self._until = now + _LEASE_SECONDS if is_ours else 0.0
        return is_ours

    def give_back(self) -> None:
        """Let another process take it over at once.

        Raises:
            Transient: The case store does not answer.
        """
        if self._until:
            self._until = 0.0
            self._store.release_role(KEEPER, self._holder)
