"""Work on a case alone: a lease that is renewed while the work goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import uuid4

from rightsflow.cases.app import App
from rightsflow.cases.step.giving_back import GIVING_BACK
from rightsflow.cases.step.renewals import RENEWALS
from rightsflow.store import CaseFile


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
