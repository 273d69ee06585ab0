"""A case as one of many: whose turn it is, and that it yields its slot while a system does not answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.core.context import Context

_TO_DO: Final = frozenset({CaseState.IN_PROGRESS, CaseState.EXECUTING, CaseState.REFUSED})
"""The states in which no person is waited for at a gate, and the answer is still to be written."""


class Bulk:
    """A case as one of many. One that has no run of its own in Prefect is worked on by batches, whenever it has a turn.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    @property
    def makes_room(self) -> bool:
        """True if a run on the case ends instead of waiting long for a system, and resumes later."""
        return self._context.row.in_bulk

    @property
    def turn(self) -> datetime | None:
        """The instant (aware) at which the case's turn came or comes; ``None`` if nothing is left to do on the case."""
        return self._context.row.start_at

    def note_run(self) -> None:
        """Note that the case has a run in Prefect."""
        self._context.row.has_run = True

    def note_batch(self) -> None:
        """Note that it is worked on by batches, and has no run of its own that anything would have to look for."""
        self._context.row.has_run = False

    def make_room(self, system: str) -> None:
        """Note for which system the work would have waited."""
        self._context.row.waits_for = system

    def note_moved(self, to: CaseState) -> None:
        """Give a case to the next batch after a person's decision; a case with a turn keeps it.

        A case with a run of its own goes on by that.

        Args:
            to: Where it stands now.
        """
        row = self._context.row
        if to in _TO_DO and row.in_bulk and not row.has_run and row.start_at is None:
            row.start_at = self._context.now

    def start_again(self) -> None:
        """Let the keeper restart work that ended before the answer: the run in Prefect if any, else a batch."""
        row = self._context.row
        if (row.has_run or row.in_bulk) and not CaseState(row.state).is_settled:
            row.start_at = self._context.now

    def rest(self, turn: datetime | None) -> None:
        """Note that nothing is left to do on it until something happens.

        Args:
            turn: The turn in which the work began; one that it was given since stays.
        """
        if self._context.row.start_at == turn:
            self._context.row.start_at = None

    def wait_again(self, pause: timedelta) -> bool:
        """Give the case another turn if it had paused; return whether it did.

        Args:
            pause: For how long it is left at least.
        """
        if self._context.row.waits_for:
            self.try_again(pause)
        return bool(self._context.row.waits_for)

    def try_again(self, pause: timedelta) -> None:
        """Give the case another turn.

        Args:
            pause: For how long it is left at least.
        """
        self._context.row.start_at = self._context.now + pause
