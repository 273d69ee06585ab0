"""Roles that one process at a time has, such as that of the keeper; that of a dead one is taken over.

They are leases like those on cases (:mod:`rightsflow.store.coordination.leases`), under names of their own.
"""

from __future__ import annotations

import os
import socket
from typing import Final

from sqlalchemy import Insert, delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from rightsflow.store.coordination.leases import is_alive, shorten
from rightsflow.store.core.context import LeaseClock
from rightsflow.store.tables import RoleRow

KEEPER: Final = "keeper"
"""The role of the process that starts waiting cases, and starts again what was cut short."""


def take(session: Session, name: str, holder: str, clock: LeaseClock) -> bool:
    """Take or renew a role; returns whether the holder has it.

    Args:
        session: The open transaction.
        name: The role.
        holder: A name of the process that no one else has.
        clock: The clock of leases.
    """
    values = {
        "holder": holder,
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "expires_at": clock.latest(),
    }
    # If two processes find no row at the same moment, the second finds the first one's.
    session.execute(_insert_unless_there(session, {"name": name, **values}))
    row = session.scalars(select(RoleRow).where(RoleRow.name == name).with_for_update()).one()
    shorten(row, clock)
    if row.holder != holder and is_alive(row, clock.ended()):
        return False
    for field, value in values.items():
        setattr(row, field, value)
    session.flush()
    return True


def is_held(session: Session, name: str, clock: LeaseClock) -> bool:
    """Return whether a living process has a role.

    Args:
        session: The open transaction.
        name: The role.
        clock: The clock of leases.
    """
    row = session.get(RoleRow, name)
    return row is not None and is_alive(row, clock.ended())


def release(session: Session, name: str, holder: str) -> None:
    """Release a role if the holder still has it.

    Args:
        session: The open transaction.
        name: The role.
        holder: The process.
    """
    session.execute(delete(RoleRow).where(RoleRow.name == name, RoleRow.holder == holder))


def _insert_unless_there(session: Session, values: dict[str, object]) -> Insert:
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(RoleRow).values(values).on_conflict_do_nothing()
    return sqlite.insert(RoleRow).values(values).on_conflict_do_nothing()
