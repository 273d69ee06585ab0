"""The keeper: starts again what was cut short, and waiting cases. Of several processes one has its role."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self
from uuid import uuid4

import httpx
from prefect.exceptions import PrefectException

from deployments.pool_types import PoolType
from deployments.runs.reconcile import Reconciler
from deployments.runs.restoring import DeploymentRestorer
from deployments.runs.starting import Starter
from rightsflow.config.settings import Settings
from rightsflow.domain.errors import RightsflowError
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


logger = logging.getLogger(__name__)

_SWEEP_SECONDS: Final = 16.0
_BUSY_SECONDS: Final = 2.0
"""While cases wait: batches under way take the next ones by themselves, and a look costs the worker as a step does."""
_IDLE_SECONDS: Final = 4.0
_FAULT_SECONDS: Final = 8.0
_FAULTS: Final = (httpx.HTTPError, PrefectException, RightsflowError, OSError)
"""A server or a case store that does not answer, or not in time: the next look finds the same work."""


class Sweeps(Protocol):
    """The keeper's duty every few seconds."""

    def sweep(self, *, worker_is_new: bool = False) -> int:
        """Look once; returns how much was done."""


class Restores(Protocol):
    """A further duty of the keeper, beside the sweep."""

    def sweep(self) -> int:
        """Look once; returns how much was done."""


class Starts(Protocol):
    """The keeper's duty every two seconds while cases wait."""

    def start(self) -> bool:
        """Start what there is room for; returns whether any waited."""


@dataclass(frozen=True, slots=True)
class Duties:
    """The duties of the keeper.

    Args:
        reconciler: Starts again what was cut short.
        starter: Starts waiting cases.
        restorer: Restores deployments.
        notices: Tells people of new work; ``None`` for no one.
    """

    reconciler: Sweeps
    starter: Starts
    restorer: Restores
    notices: Restores | None = None

    @classmethod
    def of(
        cls, store: Store, settings: Settings, pool_type: PoolType | None = None, notices: Restores | None = None
    ) -> Self:
        """Return the duties of a keeper that serves people.

        Args:
            store: The case store.
            settings: The configuration.
            pool_type: Who executes the runs; ``None`` where ``rightsflow service deploy`` said so.
            notices: Tells people of new work; ``None`` for no one.
        """
        imports = settings.imports
        starter = Starter(store, imports.batch_size, imports.batches_at_once)
        return cls(Reconciler(store), starter, DeploymentRestorer(settings, pool_type), notices)


class Keeper:
    """Keeps runs going.

    Args:
        store: The case store.
        duties: What it does.
        clock: Gives seconds that only grow.
        sweep_seconds: How often it looks for what was cut short.
    """

    def __init__(
        self,
        store: Store,
        duties: Duties,
        clock: Callable[[], float] = time.monotonic,
        sweep_seconds: float = _SWEEP_SECONDS,
    ) -> None:
        self._role = KeeperRole(store, clock)
        self._duties = duties
        self._clock = clock
        self._next_look = clock()
        self._sweep_seconds = sweep_seconds
        self._next_sweep = clock() + sweep_seconds
        self._is_at_fault = False

    def run(self, stop: threading.Event, alive: Path | None = None) -> None:
        """Keep on until told to stop.

        Args:
            stop: Set it to end.
            alive: A file that is touched after each look, so that its age shows a keeper that hangs.
        """
        try:
            seconds = 0.0
            while not stop.wait(seconds):
                seconds = self.look()
                if alive:
                    # A disk that takes nothing ends no keeper.
                    with suppress(OSError):
                        alive.touch(mode=0o600)
        except KeyboardInterrupt:
            return
        finally:
            self.end()

    def look(self) -> float:
        """Do what is due; returns for how many seconds nothing is."""
        now = self._clock()
        if now >= self._next_look:
            self._next_look = now + self._look(now)
        return max(self._next_look - now, 0.0)

    def sweep(self, *, worker_is_new: bool = False) -> None:
        """Look for runs that were cut short, no matter which process has the role: whose worker died, knows best.

        Args:
            worker_is_new: Whether no worker ran a moment ago.
        """
        try:
            self._duties.reconciler.sweep(worker_is_new=worker_is_new)
        except _FAULTS as error:
            logger.warning("looking for runs that were cut short failed (%s); it is tried again", type(error).__name__)

    def end(self) -> None:
        """Let another process take over."""
        try:
            self._role.give_back()
        except RightsflowError:
            # It ends by itself.
            return

    def _sweep(self) -> None:
        """Do what is done every few sweeps' seconds; what fails of it holds up no case."""
        try:
            self._duties.restorer.sweep()
            if self._duties.notices:
                self._duties.notices.sweep()
        finally:
            self._duties.reconciler.sweep()

    def _look(self, now: float) -> float:
        try:
            if not self._role.is_ours():
                return _IDLE_SECONDS
            if now >= self._next_sweep:
                self._next_sweep = now + self._sweep_seconds
                self._sweep()
            seconds = _BUSY_SECONDS if self._duties.starter.start() else _IDLE_SECONDS
        except _FAULTS as error:
            if not self._is_at_fault:
                logger.warning("server or case store do not answer (%s); they are waited for", type(error).__name__)
            self._is_at_fault = True
            return _FAULT_SECONDS
        if self._is_at_fault:
            logger.warning("server and case store answer again")
        self._is_at_fault = False
        return seconds
