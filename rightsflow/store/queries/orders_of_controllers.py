"""Orders over all cases: the case of one, and those whose controllers have still to be told something."""

from __future__ import annotations

from sqlalchemy import select

from rightsflow.store.database import Database
from rightsflow.store.tables import OrderRow


def case_of_order(database: Database, controller: str, request_id: str) -> str | None:
    """The case of a controller's order; ``None`` where it has none of that id.

    Args:
        database: The database of the cases.
        controller: The controller's key in the configuration.
        request_id: By which both sides know the order.
    """
    query = select(OrderRow.case_id).where(OrderRow.controller == controller, OrderRow.request_id == request_id)
    with database.reading() as session:
        return session.scalars(query).one_or_none()


def orders_to_tell(database: Database) -> list[str]:
    """Return the cases of orders whose controllers want callbacks and lack the latest status.

    Args:
        database: The database of the cases.
    """
    query = select(OrderRow.case_id).where(OrderRow.wants_callbacks).order_by(OrderRow.case_id)
    with database.reading() as session:
        return list(session.scalars(query))


def cases_with_orders(database: Database) -> list[str]:
    """The cases that are handled on behalf of a controller.

    Args:
        database: The database of the cases.
    """
    with database.reading() as session:
        return list(session.scalars(select(OrderRow.case_id).order_by(OrderRow.case_id)))
