"""Leases: one process at a time works on a case, and the lease of a dead process is taken over.

A lease expires unless it is renewed. On the same machine a holder whose process is gone loses it at once, so that a
killed worker's cases go on without waiting.
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from typing import Protocol

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from rightsflow import processes
from rightsflow.store.tables import CaseRow, LeaseRow, SlotRow

LEASE_TIME = timedelta(seconds=60)


def take(session: Session, case_id: str, holder: str, now: datetime) -> bool:
    """Take or renew the lease; returns whether the holder has it."""
    # The case's lock: two that take the first lease at the same moment would both find none.
    session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())
    row = session.scalars(select(LeaseRow).where(LeaseRow.case_id == case_id).with_for_update()).one_or_none()
    if row is None or (row.holder != holder and not is_alive(row, now)):
        # What an earlier run of the case left in the lines would be renewed with this one's.
        session.execute(delete(SlotRow).where(SlotRow.case_id == case_id))
    if row is None:
        row = LeaseRow(case_id=case_id)
        session.add(row)
    elif row.holder != holder and is_alive(row, now):
        return False
    row.holder, row.host, row.pid = holder, socket.gethostname(), os.getpid()
    row.expires_at = now + LEASE_TIME
    session.flush()
    return True


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
    """Give the lease back."""
    session.execute(delete(LeaseRow).where(LeaseRow.case_id == case_id, LeaseRow.holder == holder))


def is_held(session: Session, case_id: str, now: datetime) -> bool:
    """Whether a living process works on the case."""
    row = session.get(LeaseRow, case_id)
    return row is not None and is_alive(row, now)


class Held(Protocol):
    """What a process holds until it expires."""

    @property
    def expires_at(self) -> datetime:
        """When (aware)."""

    @property
    def host(self) -> str:
        """The machine of the process."""

    @property
    def pid(self) -> int:
        """Its number there."""


def is_alive(row: Held, now: datetime) -> bool:
    """Whether the process that holds something is there, and has renewed it in time.

    Args:
        row: What it holds.
        now: The present instant (aware).
    """
    if row.expires_at <= now:
        return False
    return row.host != socket.gethostname() or processes.is_alive(row.pid)
