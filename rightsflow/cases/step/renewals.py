"""The leases that this process holds, renewed by one thread: all of them in one transaction each time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from rightsflow.cases.step.giving_back import GIVING_BACK
from rightsflow.domain.errors import RightsflowError
from rightsflow.store import Store
from rightsflow.store.core.context import LEASE_TIME

logger = logging.getLogger(__name__)

_EVERY_SECONDS: Final = LEASE_TIME.total_seconds() / 3
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

    def __init__(self, every_seconds: float = _EVERY_SECONDS) -> None:
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
