"""Take a controller's order: a case on its behalf, opened once, whose person the controller has identified."""

from __future__ import annotations

from datetime import date, timedelta

from rightsflow.cases.app import App
from rightsflow.cases.course.intake.opening import Intake, open_requests
from rightsflow.config.sections.inbound_settings import InboundOpenDsr, OrderingController
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.languages import LanguageSource, language_of
from rightsflow.domain.orders.order import AskedOrder, NewOrder, Order, OrderFault, place_of_callback, read_order
from rightsflow.domain.people import Actor, Proof
from rightsflow.domain.request import Channel, Request
from rightsflow.domain.vocabulary.rights import Right

ROLE = "controller"
"""The role of a controller that places an order."""


def inbound_of(app: App) -> InboundOpenDsr:
    """The section about orders.

    Args:
        app: What it works with.

    Raises:
        Misconfigured: There is none: no orders are taken.
    """
    section = app.settings.inbound.opendsr
    if section is None:
        raise Misconfigured("No orders are taken: fill in [inbound.opendsr] in rightsflow.toml.")
    return section


def actor_of(section: OrderingController) -> Actor:
    """A controller as the author of what it orders.

    Args:
        section: Its section.
    """
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
        opened_by=actor_of(section),
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
    """An order of a controller; ``None`` where it has none of that id.

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
