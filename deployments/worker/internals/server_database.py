"""What Prefect's server spends on its PostgreSQL without need, taken from it: an eighth of its processor time.

Before each use of a connection SQLAlchemy asks the database whether it is still there, in three round trips; a case
takes some sixty connections within a second. And Prefect hands its driver instants as Pendulum's objects, whose
subtraction takes twenty times as long as that of Python's.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final
from weakref import WeakKeyDictionary

TRUSTED_SECONDS: Final = 30.0
"""For how long a connection that was seen alive is taken to be, unless the driver has heard its farewell."""


class Pings:
    """Asks the database only after a while whether a connection is still there.

    Args:
        ask: Asks it; raises where it is not.
        gone: Makes what is raised where the driver knows that it is not.
        clock: Gives seconds that only grow.
    """

    def __init__(
        self, ask: Callable[[Any], None], gone: Callable[[], Exception], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._ask, self._gone, self._clock = ask, gone, clock
        self._seen: WeakKeyDictionary[Any, float] = WeakKeyDictionary()

    def ping(self, connection: Any) -> None:
        """Find out whether a connection can be used.

        Args:
            connection: SQLAlchemy's, around the driver's.

        Raises:
            Exception: It cannot, in a way that SQLAlchemy takes for that.
        """
        driver, now = connection.driver_connection, self._clock()
        if driver.is_closed():
            raise self._gone()
        if now - self._seen.get(driver, -TRUSTED_SECONDS) >= TRUSTED_SECONDS:
            self._ask(connection)
        self._seen[driver] = now


def plain(instant: Any) -> Any:
    """An instant as Python's own object; nothing else is changed.

    Args:
        instant: An aware instant, perhaps one of Pendulum's; or ``None``.
    """
    if instant is None or type(instant) is datetime:
        return instant
    return datetime(
        *(instant.year, instant.month, instant.day),
        *(instant.hour, instant.minute, instant.second, instant.microsecond),
        tzinfo=instant.tzinfo,
        fold=instant.fold,
    )


def spare_pings() -> bool:
    """Let connections to PostgreSQL that were used a moment ago be used without asking; returns whether they will.

    Where a later SQLAlchemy asks in another way, it stays as it is.
    """
    # Late: the driver is the server's alone.
    from sqlalchemy.dialects.postgresql.asyncpg import (  # noqa: PLC0415
        AsyncAdapt_asyncpg_connection,
        AsyncAdapt_asyncpg_dbapi,
    )

    ask = vars(AsyncAdapt_asyncpg_connection).get("ping")
    if ask is None:
        return False
    if getattr(ask, "is_spared", False):
        return True
    gone: Callable[[str], Exception] = AsyncAdapt_asyncpg_dbapi.InterfaceError
    pings = Pings(ask, lambda: gone("connection is closed"))

    def ping(connection: Any) -> None:
        pings.ping(connection)

    ping.is_spared = True  # type: ignore[attr-defined]
    AsyncAdapt_asyncpg_connection.ping = ping  # type: ignore[method-assign]
    return True


def plain_instants() -> bool:
    """Let the driver have Python's own instants; returns whether it will.

    Where a later Prefect hands them over in another way, it stays as it is.
    """
    # Late: the server takes seconds to import.
    from prefect.server.utilities.database import Timestamp  # noqa: PLC0415

    bind = vars(Timestamp).get("process_bind_param")
    if bind is None:
        return False
    if getattr(bind, "is_plain", False):
        return True

    def process_bind_param(self: Any, value: Any, dialect: Any) -> Any:
        return plain(bind(self, value, dialect))

    process_bind_param.is_plain = True  # type: ignore[attr-defined]
    Timestamp.process_bind_param = process_bind_param  # type: ignore[method-assign]
    return True
