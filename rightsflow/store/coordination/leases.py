"""Leases: one process at a time works on a case or has a role, and the lease of a dead process is taken over.

A lease expires unless it is renewed. On the same machine a holder whose process is gone loses it at once, so that a
killed worker's cases go on without waiting.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, Protocol

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from rightsflow.files import machine
from rightsflow.store.core.context import LEASE_TIME, Context, LeaseClock
from rightsflow.store.database import insert_unless_there
from rightsflow.store.tables import CaseRow, LeaseRow, RoleRow, SlotRow, table_of

__all__ = ["LEASE_TIME", "CaseLease", "HeldLease", "is_alive", "is_held", "release", "renew", "shorten", "take"]


_LEASE: Final = table_of(LeaseRow)
_SLOT: Final = table_of(SlotRow)
_LEFT_IN_LINES: Final = select(_SLOT.c.number).where(_SLOT.c.case_id == bindparam("of_case")).exists()
_FIRST: Final = {
    "postgresql": postgresql.insert(_LEASE).on_conflict_do_nothing().returning(_LEFT_IN_LINES),
    "sqlite": sqlite.insert(_LEASE).on_conflict_do_nothing().returning(_LEFT_IN_LINES),
}
"""Takes a lease that no one has, and says whether an earlier run of the case left something in the lines."""
_LEAVE: Final = delete(_SLOT).where(_SLOT.c.case_id == bindparam("of_case"))
_RELEASE: Final = delete(_LEASE).where(
    _LEASE.c.case_id == bindparam("of_case"), _LEASE.c.holder == bindparam("of_holder")
)


def take(session: Session, case_id: str, holder: str, clock: LeaseClock) -> bool:
    """Take or renew the lease; returns whether the holder has it."""
    # The case's lock: two that take the first lease at the same moment would both find none.
    session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())
    return _take(session, case_id, holder, clock)


def _take(session: Session, case_id: str, holder: str, clock: LeaseClock) -> bool:
    values = {"holder": holder, "host": socket.gethostname(), "pid": os.getpid(), "expires_at": clock.latest()}
    connection, of_case = session.connection(), {"case_id": case_id, "of_case": case_id}
    first = connection.execute(_FIRST[connection.dialect.name], of_case | values).one_or_none()
    if first is None:
        return _take_over(session, case_id, values, clock)
    if first[0]:
        # Places that an earlier run of the case left in the queues would be renewed with this run's.
        connection.execute(_LEAVE, {"of_case": case_id})
    return True


def _take_over(session: Session, case_id: str, values: Mapping[str, object], clock: LeaseClock) -> bool:
    """Take or renew a lease that there is."""
    row = session.scalars(select(LeaseRow).where(LeaseRow.case_id == case_id).with_for_update()).one_or_none()
    is_anothers = row is not None and row.holder != values["holder"] and _is_alive_from_now(row, clock)
    if row is None or (row.holder != values["holder"] and not is_anothers):
        session.connection().execute(_LEAVE, {"of_case": case_id})
    if row is None:
        row = LeaseRow(case_id=case_id)
        session.add(row)
    elif is_anothers:
        return False
    for name, value in values.items():
        setattr(row, name, value)
    session.flush()
    return True


def _is_alive_from_now(row: LeaseRow, clock: LeaseClock) -> bool:
    shorten(row, clock)
    return is_alive(row, clock.ended())


def shorten(row: Shortened, clock: LeaseClock) -> None:
    """Limit all ends to those of a renewal now: later ends come from a clock that was set back since.

    A living holder renews it in time.

    Args:
        row: What a process holds.
        clock: The clock of leases.
    """
    latest = clock.latest()
    row.expires_at = min(row.expires_at, latest)


def renew(session: Session, case_id: str, holder: str, now: datetime) -> None:
    """Push the lease's end further out, if the holder still has it, and that of the case's places in the lines."""
    later = {"expires_at": now + LEASE_TIME}
    held = session.scalars(
        update(LeaseRow)
        .where(LeaseRow.case_id == case_id, LeaseRow.holder == holder)
        .values(later)
        .returning(LeaseRow.case_id)
    ).all()
    if held:
        session.execute(update(SlotRow).where(SlotRow.case_id == case_id).values(later))


def release(session: Session, case_id: str, holder: str) -> None:
    """Release the lease."""
    session.connection().execute(_RELEASE, {"of_case": case_id, "of_holder": holder})


def is_held(session: Session, case_id: str, clock: LeaseClock) -> bool:
    """Return whether a living process works on the case."""
    row = session.get(LeaseRow, case_id)
    return row is not None and _is_alive_from_now(row, clock)


class CaseLease:
    """The lease of one case, released together with the last work on the case.

    Args:
        context: The open transaction.
    """

    def __init__(self, context: Context) -> None:
        self._context = context

    def take(self, holder: str) -> bool:
        """Take or renew it; returns whether the holder has it.

        Args:
            holder: Who works on the case.
        """
        return _take(self._context.session, self._context.row.id, holder, self._context.lease_clock)

    def release(self, holder: str) -> None:
        """Release the lease.

        Args:
            holder: Who has it; where that is another one, it stays.
        """
        release(self._context.session, self._context.row.id, holder)

    @property
    def is_held(self) -> bool:
        """True if a living process works on the case; no other process begins to before this transaction ends."""
        return is_held(self._context.session, self._context.row.id, self._context.lease_clock)


class Shortened(Protocol):
    """An entry with an end that can be moved."""

    expires_at: Any


class HeldLease(Protocol):
    """An entry that a process holds until it expires."""

    @property
    def expires_at(self) -> datetime:
        """The end of the entry (aware)."""

    @property
    def host(self) -> str:
        """The machine of the process."""

    @property
    def pid(self) -> int:
        """Its number there."""


def is_alive(row: HeldLease, ended: datetime) -> bool:
    """Return whether the process that holds a lease is alive and has renewed it in time.

    Args:
        row: What it holds.
        ended: Up to when leases have ended (aware), as :meth:`LeaseClock.ended` gives it.
    """
    if row.expires_at <= ended:
        return False
    return row.host != socket.gethostname() or machine.is_alive(row.pid)


KEEPER: Final = "keeper"
"""The role of the process that starts waiting cases, and starts again what was cut short."""


def take_role(session: Session, name: str, holder: str, clock: LeaseClock) -> bool:
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
    session.execute(insert_unless_there(session, RoleRow, {"name": name, **values}))
    row = session.scalars(select(RoleRow).where(RoleRow.name == name).with_for_update()).one()
    shorten(row, clock)
    if row.holder != holder and is_alive(row, clock.ended()):
        return False
    for field, value in values.items():
        setattr(row, field, value)
    session.flush()
    return True


def has_role(session: Session, name: str, clock: LeaseClock) -> bool:
    """Return whether a living process has a role.

    Args:
        session: The open transaction.
        name: The role.
        clock: The clock of leases.
    """
    row = session.get(RoleRow, name)
    return row is not None and is_alive(row, clock.ended())


def release_role(session: Session, name: str, holder: str) -> None:
    """Release a role if the holder still has it.

    Args:
        session: The open transaction.
        name: The role.
        holder: The process.
    """
    session.execute(delete(RoleRow).where(RoleRow.name == name, RoleRow.holder == holder))
