"""Orders of controllers: taken as cases, cancelled, answered by certificate and package, and reported by callback.

A callback contains nothing beyond the status, and nothing of the person. One that fails is tried again some times, and
then given up: the controller can read the status at any time.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import date, timedelta

from rightsflow.cases.app import App
from rightsflow.cases.course.intake.opening import Intake, open_requests
from rightsflow.cases.step.faults import one_case_of_many
from rightsflow.cases.work.access.package import package_name
from rightsflow.cases.work.purge import note_settled
from rightsflow.config.sections.inbound_settings import InboundOpenDsr, OrderingController
from rightsflow.domain.errors import Conflict, ConnectorError, Misconfigured
from rightsflow.domain.languages import LanguageSource, language_of
from rightsflow.domain.orders.order import AskedOrder, NewOrder, Order, OrderFault, place_of_callback, read_order
from rightsflow.domain.people import Actor, Proof
from rightsflow.domain.processors.opendsr import OpenDsrStatus
from rightsflow.domain.request import Channel, Request
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState

ROLE = "controller"
"""The role of a controller that places an order."""


def inbound_of(app: App) -> InboundOpenDsr:
    """Return the section about orders.

    Args:
        app: What it works with.

    Raises:
        Misconfigured: There is none: no orders are taken.
    """
    section = app.settings.inbound.opendsr
    if section is None:
        raise Misconfigured("No orders are taken: fill in [inbound.opendsr] in rightsflow.toml.")
    return section


def _actor_of(section: OrderingController) -> Actor:
    """Return a controller as the author of its orders."""
    return Actor(section.name, role=ROLE, proof=Proof.SIGNED_ORDER if section.certificate else Proof.ORDER)


def take_order(app: App, controller: str, body: bytes) -> Order:
    """Open the case of an order, or find the one that the same order became before.

    Args:
        app: What it works with.
        controller: The controller's key in the configuration; who it is was checked before.
        body: Its request, as it was sent.

    Raises:
        OrderFault: The request is not usable, or another request has its id; nothing was changed.
        Transient: The case store does not answer; nothing was changed.
    """
    section, asked = inbound_of(app).controllers[controller], read_order(body, app.now())
    _refuse_unfit(app, section, asked)
    if (known := find_order(app, controller, asked.request_id)) is not None:
        return _same(known, asked)
    request = Request(
        right=asked.right,
        identifiers=asked.identifiers,
        received_at=app.now(),
        channel=Channel.OTHER,
        opened_by=_actor_of(section),
        language=language_of("", "", app.settings.controller.country),
        language_source=LanguageSource.COUNTRY,
        controller=controller,
    )
    order = NewOrder(
        asked=asked,
        controller=controller,
        name=section.name,
        controller_id=section.controller_id,
        systems=section.systems,
        due_on=_due_on(app, section, asked),
    )
    # The intake's name lets two that arrive at once become one case.
    name = f"{controller[:24]}/{asked.request_id}"
    (taken,) = open_requests([Intake(request=request, intake_id=name, despite_duplicate=True, order=order)], app)
    with app.store.case_file(taken.case_id) as file:
        return _same(file.orders.demanded, asked)


def find_order(app: App, controller: str, request_id: str) -> Order | None:
    """Find an order of a controller; ``None`` where it has none of that id.

    Args:
        app: What it works with.
        controller: The controller's key in the configuration.
        request_id: By which both sides know the order.
    """
    case_id = app.store.work.case_of_order(controller, request_id)
    if case_id is None:
        return None
    with app.store.case_file(case_id) as file:
        return file.orders.demanded


def _same(order: Order, asked: AskedOrder) -> Order:
    if order.digest != asked.digest:
        raise OrderFault("subject_request_id", "Another request has this subject_request_id already; use a new one.")
    return order


def _refuse_unfit(app: App, section: OrderingController, asked: AskedOrder) -> None:
    if asked.processor_domain and asked.processor_domain != inbound_of(app).domain:
        raise OrderFault("processor_domain", "The request is for another processor; send it there.")
    if asked.right is Right.ACCESS and not section.certificate:
        raise OrderFault(
            "subject_request_type", "Access requests need a certificate of yours, for which the answer is encrypted."
        )
    allowed = {callback_host.lower() for callback_host in section.callback_hosts}
    if any(place_of_callback(url) not in allowed for url in asked.callbacks):
        raise OrderFault(
            "status_callback_urls", "A callback goes to a host that is not registered for you; leave it out."
        )


def _due_on(app: App, section: OrderingController, asked: AskedOrder) -> date:
    agreed = app.today + timedelta(days=section.answers_within_days)
    return max(app.today, min(agreed, asked.wanted_on or agreed))


_CERTIFICATE, _PACKAGE = "certificate", "package"
_REASON = "The controller has cancelled its order."


def all_orders(app: App) -> list[Order]:
    """Return the controllers' orders of the stored cases, by case.

    Args:
        app: What it works with.
    """
    orders = []
    for case_id in app.store.work.cases_with_orders():
        with app.store.case_file(case_id) as file:
            orders.append(file.orders.demanded)
    return orders


def cancel_order(app: App, order: Order) -> Order:
    """Cancel an order while nothing has been done for it; cancelled again, it stays so.

    Args:
        app: What it works with.
        order: The order; whose it is was checked before.

    Raises:
        Conflict: It is in work, or completed.
    """
    by = _actor_of(inbound_of(app).controllers[order.controller])
    is_worked_on = app.store.is_worked_on(order.case_id)
    with app.store.case_file(order.case_id) as file:
        present = file.orders.demanded
        if present.status is OpenDsrStatus.CANCELLED:
            return present
        if present.status is not OpenDsrStatus.PENDING or is_worked_on:
            raise Conflict("The request is not pending any more, so that it cannot be cancelled.")
        file.withdraw(by=by, reason=_REASON)
        note_settled(file, app)
        return file.orders.demanded


def certificate_of(app: App, order: Order) -> bytes:
    """Return the certificate that answers an order; the controller's fetching it is noted.

    Args:
        app: What it works with.
        order: The order; whose it is was checked before.

    Raises:
        Conflict: There is none yet.
    """
    by = _actor_of(inbound_of(app).controllers[order.controller])
    with app.store.case_file(order.case_id) as file:
        certificate = file.orders.result()
        file.orders.note_fetched(_CERTIFICATE, by=by)
    return certificate


def package_of(app: App, order: Order) -> Iterator[bytes]:
    """Return the encrypted package of an order; the controller's fetching it is noted.

    Args:
        app: What it works with.
        order: The order; whose it is was checked before.

    Raises:
        Conflict: There is none, or it is gone.
    """
    by = _actor_of(inbound_of(app).controllers[order.controller])
    with app.store.case_file(order.case_id) as file:
        if not file.orders.demanded.is_completed or file.state is not CaseState.ANSWERED:
            raise Conflict("The request has no package.")
        name, workspace = package_name(order.case_id), app.workspace(file)
        if not workspace.has_file(name):
            raise Conflict("The package is gone; send another request.")
        file.orders.note_fetched(_PACKAGE, by=by)
        return workspace.read_file(name)


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
