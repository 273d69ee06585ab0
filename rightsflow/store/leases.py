"""Leases: one process at a time works on a case, and the lease of a dead process is taken over.

A lease expires unless it is renewed. On the same machine a holder whose process is gone loses it at once, so that a
killed worker's cases go on without waiting.
"""

from __future__ import annotations

import os
import socket
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from rightsflow.store.tables import CaseRow, LeaseRow, RoleRow

LEASE_TIME = timedelta(seconds=60)


def take(session: Session, case_id: str, holder: str, now: datetime) -> bool:
    """Take or renew the lease; returns whether the holder has it."""
    # The case's lock: two that take the first lease at the same moment would both find none.
    session.execute(select(CaseRow.id).where(CaseRow.id == case_id).with_for_update())
    row = session.scalars(select(LeaseRow).where(LeaseRow.case_id == case_id).with_for_update()).one_or_none()
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
    """Push the lease's end further out, if the holder still has it."""
    session.execute(
        update(LeaseRow)
        .where(LeaseRow.case_id == case_id, LeaseRow.holder == holder)
        .values(expires_at=now + LEASE_TIME)
    )


def release(session: Session, case_id: str, holder: str) -> None:
    """Give the lease back."""
    session.execute(delete(LeaseRow).where(LeaseRow.case_id == case_id, LeaseRow.holder == holder))


def is_held(session: Session, case_id: str, now: datetime) -> bool:
    """Whether a living process works on the case."""
    row = session.get(LeaseRow, case_id)
    return row is not None and is_alive(row, now)


def is_alive(row: LeaseRow | RoleRow, now: datetime) -> bool:
    """Whether the process that holds something is there, and has renewed it in time.

    Args:
        row: What it holds.
        now: The present instant (aware).
    """
    if row.expires_at <= now:
        return False
    return row.host != socket.gethostname() or _process_lives(row.pid)


def _process_lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return True
    # A killed process that nobody has reaped yet still has its number; its state stands behind the name in brackets.
    return status.rpartition(")")[2].split()[0] not in {"Z", "X"}
