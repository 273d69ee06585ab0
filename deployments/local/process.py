"""Child processes that are stopped with everything they started, also those that a killed ``up`` left behind."""

from __future__ import annotations

import ctypes
import json
import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from rightsflow.files.machine import birth_of, disk_fault, naming_disk

logger = logging.getLogger(__name__)

_ORPHAN_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.05


def note(file: Path, pid: int) -> None:
    """Note a child process.

    Args:
        file: Where; an older note there is replaced.
        pid: The process.
    """
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps({"pid": pid, "birth": birth_of(pid)}), encoding="ascii")
    fresh.replace(file)


def end_orphans(folder: Path, grace: float = _ORPHAN_SECONDS) -> list[str]:
    """End every process that was noted in a folder and still runs, with its process group; returns their names.

    Args:
        folder: Where the notes lie; they are removed.
        grace: How many seconds each has to end by itself.
    """
    ended = []
    for file in sorted(folder.glob("*.json")):
        pid, birth = _read(file)
        if birth and birth_of(pid) == birth:
            logger.warning("the %s of an earlier `up` still runs; it is ended", file.stem)
            _end(pid, birth, grace)
            ended.append(file.stem)
        file.unlink(missing_ok=True)
    return ended


def _read(file: Path) -> tuple[int, str]:
    try:
        noted = json.loads(file.read_text(encoding="ascii"))
        return int(noted["pid"]), str(noted["birth"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0, ""


def _end(pid: int, birth: str, grace: float) -> None:
    for how in (signal.SIGTERM, signal.SIGKILL):
        if not _signal_group(pid, how):
            return
        deadline = time.monotonic() + grace
        while time.monotonic() < deadline:
            if birth_of(pid) != birth:
                # What it started must not outlive it.
                _signal_group(pid, signal.SIGKILL)
                return
            time.sleep(_POLL_SECONDS)


def _signal_group(pid: int, how: signal.Signals) -> bool:
    try:
        os.killpg(pid, how)
    except (ProcessLookupError, PermissionError):
        return False
    return True


_PR_SET_PDEATHSIG: Final = 1
_GRACE_SECONDS: Final = 20.0


class AccountOptions(TypedDict, total=False):
    """The options of ``subprocess`` for a process of another account's."""

    user: int
    group: int
    extra_groups: list[str | int]


@dataclass(frozen=True, slots=True)
class SystemAccount:
    """Another account of this machine, which root lets a process run under.

    Args:
        uid: Its user id.
        gid: Its group id.
    """

    uid: int
    gid: int

    def as_options(self) -> AccountOptions:
        """Return the options for ``subprocess``."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


class Child:
    """A child process in a session of its own, so that Ctrl-C reaches it through us and in order.

    Args:
        command: The command and its arguments; no shell.
        environment: Variables on top of this process's own.
        log: The file that its output is appended to.
        account: Whose it is; this process's own by default.
        pass_fds: Descriptors that it inherits.
        note_file: Where it is noted while it runs, for the case that this process cannot stop it any more.
    """

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        log: Path,
        *,
        account: SystemAccount | None = None,
        pass_fds: Sequence[int] = (),
        note_file: Path | None = None,
    ) -> None:
        self._note_file = note_file
        with naming_disk(str(log.parent)):
            log.parent.mkdir(parents=True, exist_ok=True)
            opened = log.open("ab")
        with opened as output:
            self._process = subprocess.Popen(  # noqa: S603 - the command is ours, and there is no shell
                list(command),
                env=os.environ | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=pass_fds,
                **(account.as_options() if account else AccountOptions()),
                preexec_fn=_die_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509 - single-threaded here
            )
        if note_file is not None:
            self._note(note_file)

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    @property
    def is_running(self) -> bool:
        """True if the process has not ended."""
        return self._process.poll() is None

    @property
    def gave_up(self) -> bool:
        """True if the process ended by itself with a fault, and not by a signal."""
        return (self._process.poll() or 0) > 0

    def stop(self) -> None:
        """Ask it and everything it started to end; after a grace period, end them."""
        for how, seconds in ((signal.SIGTERM, _GRACE_SECONDS), (signal.SIGKILL, _GRACE_SECONDS)):
            if not self._signal_group(how):
                break
            try:
                self._process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            # The leader is gone; what it left behind must not outlive it.
            self._signal_group(signal.SIGKILL)
            break
        if self._note_file is not None:
            with suppress(OSError):
                self._note_file.unlink(missing_ok=True)

    def _note(self, note_file: Path) -> None:
        """Note it; where that cannot be written it runs all the same, and is not known after a kill of this process."""
        try:
            note(note_file, self._process.pid)
        except OSError as error:
            logger.warning("%s", disk_fault(error, str(note_file.parent)) or f"{note_file.parent} cannot be written.")

    def _signal_group(self, how: signal.Signals) -> bool:
        try:
            os.killpg(self._process.pid, how)
        except ProcessLookupError:
            return False
        return True


def _die_with_parent() -> None:
    """Let the kernel end the child if this process is killed and cannot do it itself."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
