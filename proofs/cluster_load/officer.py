"""The person who releases packages: decides as soon as a case waits for it, whatever does not answer meanwhile."""

from __future__ import annotations

import contextvars
import threading
import time
from contextlib import suppress
from typing import Final, Self

import httpx
from prefect.exceptions import PrefectException
from sqlalchemy import select

from flows.suspended import resume_all
from rightsflow.app import current_app, current_store
from rightsflow.cases.gates.gates import record_decision
from rightsflow.domain.case.states import CaseState
from rightsflow.domain.errors import Conflict, RightsflowError
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.store.tables import CaseRow

AWAY: Final = (RightsflowError, httpx.HTTPError, PrefectException, OSError)
"""What a database or a server that is away looks like."""
_LOOK_SECONDS: Final = 1.0
_RESUME_SECONDS: Final = 30.0
"""For how long it is tried to resume a run after its decision; afterwards the keeper does."""


class Officer:
    """Approves each case once; a context manager."""

    def __init__(self) -> None:
        self.decided = 0
        self.faults = 0
        self._to_resume: dict[str, float] = {}
        self._stop = threading.Event()
        # With the context goes which server is talked to.
        working = contextvars.copy_context()
        self._thread = threading.Thread(target=working.run, args=(self._work,), daemon=True)

    def __enter__(self) -> Self:
        """Begin."""
        self._thread.start()
        return self

    def __exit__(self, *fault: object) -> None:
        """End."""
        self._stop.set()
        self._thread.join(30)

    def _work(self) -> None:
        while not self._stop.wait(_LOOK_SECONDS):
            try:
                self._look()
            except AWAY:
                self.faults += 1

    def _look(self) -> None:
        for case_id in _awaiting():
            # Decided already by a call whose answer was lost.
            with suppress(Conflict):
                decision = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
                record_decision(current_app(), case_id, decision)
                self.decided += 1
            self._to_resume[case_id] = time.monotonic() + _RESUME_SECONDS
        for case_id, until in list(self._to_resume.items()):
            # Its run may reach the gate, and be suspended, a moment after the case file shows it.
            if resume_all(case_id, Gate.APPROVAL) or time.monotonic() > until:
                del self._to_resume[case_id]


def _awaiting() -> list[str]:
    with current_store().database.reading() as session:
        return list(session.scalars(select(CaseRow.id).where(CaseRow.state == CaseState.AWAITING_APPROVAL.value)))
