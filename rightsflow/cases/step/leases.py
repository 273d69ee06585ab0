"""Work on a case alone: a lease that is renewed while the work goes on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from rightsflow.cases.app import App
from rightsflow.domain.errors import Conflict, RightsflowError
from rightsflow.store.coordination.leases import LEASE_TIME

logger = logging.getLogger(__name__)


@contextmanager
def alone_on(app: App, case_id: str, *, has_run: bool = False) -> Iterator[None]:
    """Hold the case's lease.

    Args:
        app: What it works with.
        case_id: The case.
        has_run: Whether it is for a run that Prefect keeps; that is noted, so that a lost one is started again.

    Raises:
        BadInput: There is no such case.
        Conflict: Another run works on the case.
    """
    store, holder = app.store, uuid4().hex
    # A case that does not exist is refused here, in words.
    with store.case_file(case_id) as file:
        if has_run:
            file.bulk.note_run()
    if not store.take_lease(case_id, holder):
        raise Conflict(f"Another run is working on {case_id}; let it end, then start again.")
    stop = threading.Event()
    renewal = threading.Thread(target=_renew, args=(app, case_id, holder, stop), daemon=True, name="case lease")
    renewal.start()
    try:
        yield
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
