"""Connections that lie ready: whether one is still there is asked where it was not used a moment ago.

The question is a call of its own, and a search takes a connection several times within a second. A server that ends
within that moment is an error that may pass, and the step is tried again.
"""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic
from typing import Any, Final

from sqlalchemy import Engine, event
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

_MOMENT_SECONDS: Final = 2.0
_USED: Final = "rightsflow_used"


def ask_if_there(engine: Engine, clock: Callable[[], float] = monotonic) -> None:
    """Let the pool of an engine ask a connection that was not used for a moment whether it is still there.

    Args:
        engine: The engine, made without ``pool_pre_ping``.
        clock: Gives seconds.
    """
    dialect = engine.dialect

    def used(_connection: object, entry: ConnectionPoolEntry) -> None:
        entry.info[_USED] = clock()

    def taken(connection: Any, entry: ConnectionPoolEntry, _proxy: object) -> None:
        now = clock()
        # A new one has not been used.
        if now - entry.info.get(_USED, now) < _MOMENT_SECONDS:
            return
        try:
            dialect.do_ping(connection)
        except dialect.loaded_dbapi.Error as error:
            if not dialect.is_disconnect(error, connection, None):
                raise
            raise InvalidatePoolError from error

    event.listen(engine, "checkin", used)
    event.listen(engine, "checkout", taken)
