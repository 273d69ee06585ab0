"""Child processes that are stopped with everything they started, whatever happens."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypedDict

from deployments.local.orphans import note
from rightsflow.files.machine import disk_fault, naming_disk

logger = logging.getLogger(__name__)

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
