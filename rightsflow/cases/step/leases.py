"""Leases on cases: renewed by one thread, all in one transaction, and given back even after the store failed.

A lease, a role or a place before a system ends by itself where no one renews it, a minute later. As long as the process
lives that is a minute in which no one else works on the case, or at the system: too long where a database was started
again within seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from rightsflow.cases.app import App
from rightsflow.domain.errors import RightsflowError
from rightsflow.store import CaseFile, Store
from rightsflow.store.core.context import LEASE_TIME

_RETRIED_EVERY: Final = 2.0

GiveBack = Callable[[], None]
"""Gives something back that has a name which no one else's ever has, so that it does no harm later."""


class GivingBack:
    """Gives back now or later. Its thread ends when nothing is left.

    Args:
        every_seconds: How often it is tried again.
        clock: Gives seconds that only grow.
    """

    def __init__(self, every_seconds: float = _RETRIED_EVERY, clock: Callable[[], float] = time.perf_counter) -> None:
        self._every, self._clock = every_seconds, clock
        self._lock = threading.Lock()
        self._left: list[tuple[float, GiveBack]] = []
        self._is_running = False

    def give_back(self, what: str, give_back: GiveBack) -> None:
        """Give something back, or try it again until it has ended by itself.

        Args:
            what: What it is, for the log.
            give_back: Gives it back.
        """
        try:
            give_back()
        except RightsflowError as error:
            logger.warning("%s could not be given back: %s; it is tried again", what, error)
            with self._lock:
                self._left.append((self._clock() + LEASE_TIME.total_seconds(), give_back))
                if self._is_running:
                    return
                self._is_running = True
            threading.Thread(target=self._try_until_done, daemon=True, name="giving back").start()

    def try_again(self) -> bool:
        """Try once more with what is left; returns whether anything is left then."""
        with self._lock:
            tried = list(self._left)
        over = [item for item in tried if self._clock() >= item[0] or _is_done(item[1])]
        with self._lock:
            self._left = [item for item in self._left if item not in over]
            self._is_running = self._is_running and bool(self._left)
            return bool(self._left)

    def _try_until_done(self) -> None:
        time.sleep(self._every)
        while self.try_again():
            time.sleep(self._every)


def _is_done(give_back: GiveBack) -> bool:
    try:
        give_back()
    except RightsflowError:
        return False
    return True


GIVING_BACK: Final = GivingBack()
"""The instance of this process."""


logger = logging.getLogger(__name__)

_RENEWED_EVERY: Final = LEASE_TIME.total_seconds() / 3
_AGAIN_SECONDS: Final = 2.0
"""After which time it is tried again where the case store did not answer: what ends meanwhile, others take over."""


@dataclass(slots=True)
class _Held:
    """The leases in one case store: cases and roles, each by its holder."""

    cases: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)


class Renewals:
    """Renews what is held until it is given back. Its thread ends when nothing is held any more.

    Args:
        every_seconds: How often.
    """

    def __init__(self, every_seconds: float = _RENEWED_EVERY) -> None:
        self._every = every_seconds
        self._changing = threading.Condition()
        self._held: dict[Store, _Held] = {}
        self._is_running = False

    def keep_case(self, store: Store, case_id: str, holder: str) -> None:
        """Keep the right to work on a case.

        Args:
            store: The case store.
            case_id: The case.
            holder: By what it is known who works on it.
        """
        with self._changing:
            self._held.setdefault(store, _Held()).cases[holder] = case_id
            self._run()

    def keep_role(self, store: Store, name: str, holder: str) -> None:
        """Keep a role.

        Args:
            store: The case store.
            name: The role.
            holder: By what it is known who has it.
        """
        with self._changing:
            self._held.setdefault(store, _Held()).roles[holder] = name
            self._run()

    def end(self, store: Store, holder: str) -> None:
        """Renew something no longer; the caller gives it back.

        Args:
            store: The case store.
            holder: By what it is known who has it.
        """
        with self._changing:
            held = self._held.get(store, _Held())
            held.cases.pop(holder, None)
            held.roles.pop(holder, None)
            if not (held.cases or held.roles):
                self._held.pop(store, None)

    def renew(self) -> float:
        """Renew all that is held; returns after how many seconds it is due again."""
        with self._changing:
            held = [(store, dict(item.cases), dict(item.roles)) for store, item in self._held.items()]
        renewed = [_renew(store, cases, roles) for store, cases, roles in held]
        return self._every if all(renewed) else _AGAIN_SECONDS

    def _run(self) -> None:
        if not self._is_running:
            self._is_running = True
            threading.Thread(target=self._renew_all, daemon=True, name="leases").start()

    def _renew_all(self) -> None:
        pause = self._every
        while True:
            with self._changing:
                self._changing.wait(pause)
                if not self._held:
                    self._is_running = False
                    return
            pause = self.renew()


def _renew(store: Store, cases: dict[str, str], roles: dict[str, str]) -> bool:
    try:
        store.renew_leases(cases, roles)
    except RightsflowError as error:
        # The next renewal may go through; if none does, the leases end and another process may take over.
        logger.warning("%d leases could not be renewed: %s", len(cases) + len(roles), error)
        return False
    return True


RENEWALS: Final = Renewals()
"""The instance of this process."""


@contextmanager
def holding_role(store: Store, name: str) -> Iterator[None]:
    """Have a role inside the block, by which others see that this process is alive.

    Args:
        store: The case store.
        name: The role.

    Raises:
        Transient: The case store does not answer.
    """
    holder = uuid4().hex
    store.take_role(name, holder)
    RENEWALS.keep_role(store, name, holder)
    try:
        yield
    finally:
        RENEWALS.end(store, holder)
        GIVING_BACK.give_back("a role", lambda: store.release_role(name, holder))


@dataclass(slots=True)
class TakenLease:
    """The right to work on a case.

    Args:
        holder: By what it is known.
        is_over: Whether it was given back.
    """

    holder: str
    is_over: bool = False

    def give_back(self, file: CaseFile) -> None:
        """Give it back in the transaction that ends the work; what comes after it says that it is over.

        Args:
            file: The case file, open.
        """
        file.lease.release(self.holder)


@contextmanager
def alone_on(
    app: App, case_id: str, *, has_run: bool = False, read: Callable[[CaseFile, TakenLease], None] | None = None
) -> Iterator[TakenLease]:
    """Hold the case's lease.

    Args:
        app: What it works with.
        case_id: The case.
        has_run: Whether it is for a run that Prefect keeps; that is noted, so that a lost one is started again.
        read: Reads what the work needs first, in the transaction in which the lease is taken.

    Raises:
        BadInput: There is no such case.
        Conflict: Another run works on the case.
    """
    store, hold = app.store, TakenLease(uuid4().hex)
    with store.working_file(case_id, hold.holder) as file:
        if has_run:
            file.bulk.note_run()
        if read:
            read(file, hold)
    RENEWALS.keep_case(store, case_id, hold.holder)
    try:
        yield hold
    finally:
        RENEWALS.end(store, hold.holder)
        if not hold.is_over:
            GIVING_BACK.give_back("a lease", lambda: store.release_lease(case_id, hold.holder))
