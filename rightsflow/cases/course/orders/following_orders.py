"""A controller's acts on an order that was taken: cancel it, fetch its certificate, fetch its package."""

from __future__ import annotations

from collections.abc import Iterator

from rightsflow.cases.app import App
from rightsflow.cases.course.orders.taking_orders import actor_of, inbound_of
from rightsflow.cases.work.access.copies import package_name
from rightsflow.cases.work.purging.purge import note_settled
from rightsflow.domain.errors import Conflict
from rightsflow.domain.orders.order import Order
from rightsflow.domain.processors.opendsr import OpenDsrStatus
from rightsflow.domain.vocabulary.states import CaseState

_CERTIFICATE, _PACKAGE = "certificate", "package"
_REASON = "The controller has cancelled its order."


def all_orders(app: App) -> list[Order]:
    """Return the controllers' orders of the stored cases, by case.

    Args:
        app: What it works with.
    """
    found = []
    for case_id in app.store.work.cases_with_orders():
        with app.store.case_file(case_id) as file:
            found.append(file.orders.demanded)
    return found


def cancel_order(app: App, order: Order) -> Order:
    """Cancel an order while nothing has been done for it; cancelled again, it stays so.

    Args:
        app: What it works with.
        order: The order; whose it is was checked before.

    Raises:
        Conflict: It is in work, or completed.
    """
    by = actor_of(inbound_of(app).controllers[order.controller])
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
    """The certificate that answers an order; that the controller fetches it is noted.

    Args:
        app: What it works with.
        order: The order; whose it is was checked before.

    Raises:
        Conflict: There is none yet.
    """
    by = actor_of(inbound_of(app).controllers[order.controller])
    with app.store.case_file(order.case_id) as file:
        certificate = file.orders.result()
        file.orders.note_fetched(_CERTIFICATE, by=by)
    return certificate


def package_of(app: App, order: Order) -> Iterator[bytes]:
    """The encrypted package of an order; that the controller fetches it is noted.

    Args:
        app: What it works with.
        order: The order; whose it is was checked before.

    Raises:
        Conflict: There is none, or it is gone.
    """
    by = actor_of(inbound_of(app).controllers[order.controller])
    with app.store.case_file(order.case_id) as file:
        if not file.orders.demanded.is_completed or file.state is not CaseState.ANSWERED:
            raise Conflict("The request has no package.")
        name, workspace = package_name(order.case_id), app.workspace(file)
        if not workspace.has_file(name):
            raise Conflict("The package is gone; send another request.")
        file.orders.note_fetched(_PACKAGE, by=by)
        return workspace.read_file(name)
