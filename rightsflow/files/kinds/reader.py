"""Has files opened, masked and checked in a child process each, so that a stranger's file harms no case.

A file that crashes its reader, or takes more time or memory than it may, could not be opened, with that reason.
"""

from __future__ import annotations

import atexit
import os
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from threading import Lock
from typing import Any, Final

from rightsflow.domain.disclosure.file_texts import MaskSpan, OpenedFile, Run, Unread
from rightsflow.domain.vocabulary.records import Blob
from rightsflow.files.kinds.messages import SECONDS, exactly, needs_libraries, received, sent
from rightsflow.files.kinds.recognition import FileKind, why_not

MOST_BYTES: Final = 32 * 1024 * 1024
"""Largest file that is opened, in bytes; a person reviews larger ones."""
_HEAD_BYTES: Final = 16
_CHILD: Final = "rightsflow.files.kinds.child"


class _Broken(Exception):
    """The child ended, or took too long; the text says why the file could not be opened."""


class _Children:
    """The process that forks the children; it starts with the first file."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._requests: socket.socket | None = None

    def answer(self, words: Mapping[str, object], content: bytes) -> tuple[dict[str, Any], bytes]:
        """Return what a child of its own answers.

        Args:
            words: The request.
            content: The file.

        Raises:
            _Broken: The child broke off.
        """
        ours, theirs = socket.socketpair()
        with ours:
            with theirs:
                self._hand_over(theirs, needs_libraries(content))
            ours.settimeout(SECONDS)
            pid = 0
            try:
                (pid,) = struct.unpack("!I", exactly(ours, 4))
                sent(ours, words, content)
                return received(ours)
            except TimeoutError as error:
                if pid:
                    # It holds the other end still, so the number is its own.
                    with suppress(ProcessLookupError):
                        os.kill(pid, signal.SIGKILL)
                raise _Broken(f"it took longer than {SECONDS} seconds") from error
            except (OSError, EOFError, ValueError) as error:
                raise _Broken("its reader broke off, as with a damaged or hostile file") from error

    def _hand_over(self, theirs: socket.socket, sign: bytes) -> None:
        with self._lock:
            for is_last in (False, True):
                try:
                    socket.send_fds(self._running(), [sign], [theirs.fileno()])
                except OSError:
                    self.end()
                    if is_last:
                        raise
                else:
                    return

    def _running(self) -> socket.socket:
        if self._requests is None:
            ours, theirs = socket.socketpair()
            with theirs:
                self._process = subprocess.Popen(  # noqa: S603 - our own module, by this interpreter
                    [sys.executable, "-I", "-m", _CHILD, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    env={},
                    cwd="/",
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            self._requests = ours
        return self._requests

    def end(self) -> None:
        """End the process; the next file starts another one."""
        if self._requests is not None:
            self._requests.close()
            self._requests = None
        if self._process is not None:
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            self._process = None


_CHILDREN: Final = _Children()
atexit.register(_CHILDREN.end)


class ChildReader:
    """Reads files in child processes; the port's implementation.

    Args:
        most_bytes: The largest file that is opened.
    """

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes

    def open(self, blob: Blob) -> OpenedFile:
        """Return a file's texts; a file that cannot be opened has none, and says why.

        Args:
            blob: The file.
        """
        content, why = self._read(blob)
        if why or not content:
            return OpenedFile(unread=[Unread(why)]) if why else OpenedFile(kind=FileKind.TEXT.value, is_text=True)
        words, _ = _asked({"act": "open"}, content)
        if "why" in words:
            return OpenedFile(unread=[Unread(words["why"])])
        return OpenedFile(
            kind=words["kind"],
            runs=[Run(text, where) for text, where in words["runs"]],
            unread=[Unread(why, where) for where, why in words["unread"]],
            removed=words["removed"],
            is_rewritten=words["is_rewritten"],
            is_text=words["is_text"],
        )

    def mask(self, blob: Blob, masks: Sequence[MaskSpan]) -> bytes | None:
        """Return a file without the spans and without what is removed from its kind; ``None`` if that failed.

        Args:
            blob: The file.
            masks: The spans, in order, none overlapping.
        """
        content, why = self._read(blob)
        spans = [(mask.run, mask.start, mask.end, mask.mark) for mask in masks]
        words, given = ({"why": why}, b"") if why else _asked({"act": "mask", "masks": spans}, content)
        return None if "why" in words else given

    def check(self, content: bytes, forbidden: Sequence[str]) -> Sequence[str]:
        """Open a file with another reader than the one that wrote it, and return the findings; none if it is clean.

        Args:
            content: The file as it is to be given.
            forbidden: The texts that may not be in it.
        """
        words, _ = _asked({"act": "check", "forbidden": list(forbidden)}, content)
        return [words["why"]] if "why" in words else list(words["findings"])

    def _read(self, blob: Blob) -> tuple[bytes, str]:
        """Return a file's bytes, and why it is not opened; a recording or a large file is not read to its end."""
        content = bytearray()
        for chunk in blob.open():
            content += chunk
            if len(content) >= _HEAD_BYTES and (what := why_not(bytes(content[:_HEAD_BYTES]))):
                return b"", f"{what}, which the software does not open"
            if len(content) > self._most:
                return b"", f"it is larger than {self._most >> 20} MB"
        return bytes(content), ""


def _asked(words: Mapping[str, object], content: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        return _CHILDREN.answer(words, content)
    except _Broken as broken:
        return {"why": str(broken)}, b""
