"""The dates of a case, from what is in its file and where the controller is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from rightsflow.case_dates import CaseDates, case_dates
from rightsflow.clock import HOLIDAYS_VERSION, ClockInput, Regime
from rightsflow.request import Right
from rightsflow.settings import Controller
from rightsflow.store import CaseFile
from tasks.runtime import Runtime

_AT_ONCE = 200


def dates_on_receipt(received_at: datetime, right: Right, controller: Controller) -> CaseDates:
    """The dates of a request on which nothing has happened yet.

    Args:
        received_at: When it arrived (aware).
        right: What is asked for.
        controller: Whose zone, place and law apply.
    """
    return case_dates(_clock(received_at, right, controller, {}))


def dates_of_file(file: CaseFile, controller: Controller) -> CaseDates:
    """The dates that follow from all that happened.

    Args:
        file: The case file.
        controller: Whose zone, place and law apply.
    """
    events = {kind.value: event.at for kind, event in file.clock.events().items()}
    return case_dates(_clock(file.received_at, file.right, controller, events))


def renew_dates(current: Runtime) -> int:
    """Compute open cases again whose dates rest on another holiday table; none moves later. Returns how many.

    Args:
        current: The runtime.

    Raises:
        Transient: The case store does not answer.
    """
    renewed = 0
    while case_ids := current.store.under_other_holidays(HOLIDAYS_VERSION, _AT_ONCE):
        for case_id in case_ids:
            with current.store.case_file(case_id) as file:
                file.clock.set_dates(dates_of_file(file, current.settings.controller).keeping(file.clock.dates()))
        renewed += len(case_ids)
    return renewed


def _clock(received_at: datetime, right: Right, controller: Controller, events: Mapping[str, Any]) -> ClockInput:
    return ClockInput(
        received_at=received_at,
        zone=controller.zone,
        country=controller.country,
        subdivision=controller.subdivision,
        regime=Regime(controller.regime),
        request_type=right.value,
        **events,
    )
