"""Work on a case alone: a lease that is renewed while the work goes on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar, overload
from uuid import uuid4

from rightsflow.cases.app import App
from rightsflow.domain.errors import RightsflowError
from rightsflow.store import CaseFile
from rightsflow.store.coordination.leases import LEASE_TIME

logger = logging.getLogger(__name__)


T = TypeVar("T")


@overload
def alone_on(app: App, case_id: str, *, has_run: bool = False) -> AbstractContextManager[None]: ...


@overload
def alone_on(
    app: App, case_id: str, *, has_run: bool = False, read: Callable[[CaseFile], T]
) -> AbstractContextManager[T]: ...


@contextmanager
def alone_on(
    app: App, case_id: str, *, has_run: bool = False, read: Callable[[CaseFile], T] | None = None
) -> Iterator[Any]:
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
    store, holder = app.store, uuid4().hex
    with store.working_file(case_id, holder) as file:
        if has_run:
            file.bulk.note_run()
        seen = read(file) if read else None
    stop = threading.Event()
    renewal = threading.Thread(target=_renew, args=(app, case_id, holder, stop), daemon=True, name="case lease")
    renewal.start()
    try:
        yield seen
    finally:
        stop.set()
        renewal.join()
        store.release_lease(case_id, holder)


def _renew(app: App, case_id: str, holder: str, stop: threading.Event) -> None:
    while not stop.wait(LEASE_TIME.total_seconds() / 3):
        try:
            app.store.renew_lease(case_id, holder)
        except RightsflowError as error:
            # The next renewal may go through; if none does, the lease ends and another run may take over.
            logger.warning("the lease of %s could not be renewed: %s", case_id, error)
