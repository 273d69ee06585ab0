"""Sessions of MySQL and MariaDB: what is too long is refused, nothing is left out, and times are of one zone."""

from __future__ import annotations

import ssl
from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.engine import URL, Engine

NAMES: Final = frozenset({"mysql", "mariadb"})
"""The backends, as a database's URL names them."""
_DRIVER: Final = "pymysql"
_LOCAL: Final = frozenset({"", "localhost", "127.0.0.1", "::1"})
_SETTINGS: Final = (
    # A text that does not fit is refused, instead of being cut or turned into question marks.
    "sql_mode = CONCAT(@@SESSION.sql_mode, ',STRICT_ALL_TABLES')",
    # A server may be told to give so many rows and no more; then a search would prove nothing.
    "sql_select_limit = 18446744073709551615",
    # A view that lists a person's addresses in one column would be cut as well.
    "group_concat_max_len = 1048576",
    # Every change here names its rows.
    "sql_safe_updates = 0",
    # Columns of TIMESTAMP are given in the session's zone.
    "time_zone = '+00:00'",
    "innodb_lock_wait_timeout = {seconds}",
    "lock_wait_timeout = {seconds}",
)
_LONGEST: Final = {True: "max_statement_time = {seconds}", False: "max_execution_time = {seconds}000"}
"""The time limit of a statement, at MariaDB and at MySQL."""


def with_driver(url: URL) -> URL:
    """A URL with the driver that comes with the extra ``mysql``, unless it names one.

    Args:
        url: As the operator wrote it.
    """
    backend, _, driver = url.drivername.partition("+")
    return url if driver else url.set(drivername=f"{backend}+{_DRIVER}")


def arguments(url: URL, timeout: int) -> dict[str, Any]:
    """Return the driver's arguments: full Unicode, time limits, and for a remote server a verified certificate.

    Args:
        url: The database's URL.
        timeout: Seconds.
    """
    if url.get_driver_name() != _DRIVER:
        return {}
    # A little longer than the server's own limit, so that it is the server that says so.
    waits = {"connect_timeout": timeout, "read_timeout": timeout + 5, "write_timeout": timeout + 5}
    has_own = any(name.startswith("ssl") for name in url.query) or "unix_socket" in url.query
    is_near = has_own or (url.host or "") in _LOCAL
    return {"charset": "utf8mb4", **waits, **({} if is_near else {"ssl": ssl.create_default_context()})}


def prepare_sessions(engine: Engine, timeout: int) -> None:
    """Let every connection of an engine begin with these settings.

    Args:
        engine: The engine.
        timeout: Seconds that a statement, or the wait for a lock, may take.
    """

    def prepare(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT VERSION()")
            is_mariadb = "mariadb" in str(cursor.fetchone()[0]).lower()
            wanted = ", ".join((*_SETTINGS, _LONGEST[is_mariadb]))
            cursor.execute(f"SET SESSION {wanted.format(seconds=timeout)}")

    event.listen(engine, "connect", prepare)
