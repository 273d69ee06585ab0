"""The running parts of an installation: each notes the settings that it works with, as a digest."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import ColumnElement, and_, delete, select
from sqlalchemy.orm import Session

from rightsflow.domain.running_parts import RunningPart
from rightsflow.files import machine
from rightsflow.store.database import Database
from rightsflow.store.tables import RunningPartRow

_SEEN_FOR: Final = timedelta(minutes=10)
"""For how long a process of another machine counts as running after its last note."""


class RunningParts:
    """The parts that run at present.

    Args:
        database: Where they are stored.
        now: Gives the present instant (aware).
    """

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    def note(self, name: str, *, settings: str, missing: tuple[str, ...]) -> None:
        """Note the settings that this process works with, and forget processes of the part that are gone.

        Args:
            name: What the process is, such as ``desk``.
            settings: The digest of its settings.
            missing: The secrets, by their references, for which it has no value.

        Raises:
            Transient: The database does not answer.
        """
        key, lacking, now = (name, socket.gethostname(), os.getpid()), ", ".join(missing), self._now()
        with self._database.transaction() as session:
            for row in self._rows(session):
                if row.name == name and not self._is_running(row):
                    session.execute(delete(RunningPartRow).where(_is(row)))
            row = session.get(RunningPartRow, key) or RunningPartRow(
                name=name, host=key[1], pid=key[2], settings="", missing="", read_at=now
            )
            if (row.settings, row.missing) != (settings, lacking):
                row.settings, row.missing, row.read_at = settings, lacking, now
            row.seen_at = now
            session.add(row)

    def present(self) -> list[RunningPart]:
        """Return the parts that run, by name.

        Raises:
            Transient: The database does not answer.
        """
        with self._database.reading() as session:
            return [_part(row) for row in self._rows(session) if self._is_running(row)]

    def _rows(self, session: Session) -> list[RunningPartRow]:
        return list(session.scalars(select(RunningPartRow).order_by(RunningPartRow.name, RunningPartRow.read_at)))

    def _is_running(self, row: RunningPartRow) -> bool:
        if row.host == socket.gethostname():
            return machine.is_alive(row.pid)
        return self._now() - row.seen_at < _SEEN_FOR


def _is(row: RunningPartRow) -> ColumnElement[bool]:
    return and_(RunningPartRow.name == row.name, RunningPartRow.host == row.host, RunningPartRow.pid == row.pid)


def _part(row: RunningPartRow) -> RunningPart:
    missing = tuple(filter(None, row.missing.split(", ")))
    return RunningPart(name=row.name, settings=row.settings, missing=missing, read_at=row.read_at)
