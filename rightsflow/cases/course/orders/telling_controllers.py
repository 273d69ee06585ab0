"""Tell controllers where their orders stand, at the addresses that they named; the watch does it in each round.

A callback says nothing that the status does not say, and nothing of the person. One that is not taken is tried again
some times, and then left: the controller can read the status at any time.
"""

from __future__ import annotations

import logging

from rightsflow.cases.app import App
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.domain.errors import ConnectorError, Misconfigured
from rightsflow.domain.orders.order import Order, OrderFault, place_of_callback

logger = logging.getLogger(__name__)


def tell_controllers(app: App) -> int:
    """Make the callbacks that are due; returns how many addresses took one.

    Args:
        app: What it works with.

    Raises:
        Transient: The case store does not answer.
    """
    if app.call_back is None or app.settings.inbound.opendsr is None:
        return 0
    taken = 0
    for case_id in app.store.work.orders_to_tell():
        with one_case_of_many(case_id):
            with app.store.case_file(case_id) as file:
                order = file.orders.demanded
            if order.is_to_be_told:
                taken += _tell(app, order)
    return taken


def _tell(app: App, order: Order) -> int:
    taken = sum(_takes(app, order, url) for url in order.callbacks)
    with app.store.case_file(order.case_id) as file:
        file.orders.note_told(order.status.value, taken)
    return taken


def _takes(app: App, order: Order, url: str) -> bool:
    inbound = app.settings.inbound.opendsr
    section = inbound.controllers.get(order.controller) if inbound else None
    if app.call_back is None or inbound is None or section is None:
        return False
    try:
        # By the configuration of today: a host may have been taken out of it since.
        if place_of_callback(url) not in {callback_host.lower() for callback_host in section.callback_hosts}:
            return False
        app.call_back(inbound, order, url)
    except (ConnectorError, Misconfigured, OrderFault) as error:
        logger.warning("a callback for %s was not taken: %s", order.case_id, error)
        return False
    return True
