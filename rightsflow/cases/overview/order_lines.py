"""What people have to know of a case that is an order of a controller, before they decide on it. No personal data."""

from __future__ import annotations

from collections.abc import Iterator

from rightsflow.cases.app import App
from rightsflow.domain.orders.order import Order
from rightsflow.domain.processors.instructing import Exclusion
from rightsflow.domain.wording import day


def order_lines(order: Order | None) -> Iterator[str]:
    """For whom it is handled, by when it has to be proved, and what has to be kept, a sentence each.

    Args:
        order: The order; ``None`` for a request of our own, of which nothing is to be said.
    """
    if order is None:
        return
    yield (
        f"This is an order of {order.name}, which has identified the person and writes to them itself. It has to be "
        f"proved by {day(order.due_on)}."
    )
    for one in order.exclusions:
        yield f"The controller has to keep {one.category} ({one.provision}){_until(one)}: do not erase them."


def order_lines_of(app: App, case_id: str) -> list[str]:
    """The same of a case that is not read yet.

    Args:
        app: What it works with.
        case_id: The case.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(case_id) as file:
        return list(order_lines(file.orders.present))


def _until(one: Exclusion) -> str:
    ends = [f"until {day(one.until)}" if one.until else "", one.ends_when]
    said = ", ".join(filter(None, ends))
    return f", {said}" if said else ""
