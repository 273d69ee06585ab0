"""Bounds of an answer: bytes, also after decompression, total time and silence, for every connector built on HTTP.

The bounds are kept where the bytes leave the socket, below sessions and SDKs, so that headers without end, a redirect's
body and a repeated attempt count as well. An answer out of bounds is an error and never an empty source: too large is
``Permanent``, since the same call would bring as much again; too slow is ``Transient``.
"""

from __future__ import annotations

import io
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from http.client import HTTPResponse
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from rightsflow.domain.circuit_breaker import TimeBudget
from rightsflow.domain.errors import ConnectorError, Permanent, Transient

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MB: Final = 1024 * 1024
LARGEST_ANSWER_MB: Final = 32
LARGEST_FILE_MB: Final = 8192
ANSWERS_WITHIN: Final = 120.0
LONGEST_LIST: Final = 100_000
_HEADS: Final = MB
"""Bytes for the headers of an answer and for what its transfer adds to the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerBounds:
    """The bounds of a system's answers, as its section of the configuration has them.

    Args:
        answer_mb: Megabytes of an answer that is read into memory, after decompression.
        file_mb: Megabytes of a file, which is streamed.
        seconds: How long one call may keep a step waiting; a stream counts as waiting while it is slower than
            16 KiB a second.
        entries: How many entries one list may have over all its pages.
    """

    answer_mb: int = LARGEST_ANSWER_MB
    file_mb: int = LARGEST_FILE_MB
    seconds: float = ANSWERS_WITHIN
    entries: int = LONGEST_LIST

    def call(self, *, streamed: bool, idle_seconds: float, seconds: float | None = None) -> CallBounds:
        """Return the bounds of one call.

        Args:
            streamed: Whether a file is read.
            idle_seconds: How long each wait for bytes may be.
            seconds: The share of the time that it has; all of it by default.
        """
        most, setting = (self.file_mb, "largest_file_mb") if streamed else (self.answer_mb, "largest_answer_mb")
        budget = TimeBudget(self.seconds if seconds is None else seconds)
        return CallBounds(most_mb=most, setting=setting, budget=budget, idle_seconds=idle_seconds, within=self.seconds)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBounds:
    """The bounds of one call, its repeats included.

    Args:
        most_mb: Megabytes of its answer.
        setting: The key of the configuration that says so.
        budget: How long it may still keep us waiting.
        idle_seconds: How long each wait for bytes may be.
        within: The seconds that the configuration has for it.
    """

    most_mb: int
    setting: str
    budget: TimeBudget
    idle_seconds: float
    within: float

    def check_size(self, size: int, more: int = 0) -> None:
        """Refuse an answer that is larger than it may be.

        Args:
            size: Its bytes so far.
            more: Bytes that are allowed besides.

        Raises:
            AnswerTooLarge: It is.
        """
        if size > self.most_mb * MB + more:
            raise AnswerTooLarge(
                f"sent more than {self.most_mb} MB in one answer; check the record there, or raise {self.setting}"
            )

    def check_time(self) -> None:
        """Refuse an answer that arrives too slowly.

        Raises:
            AnswerTooSlow: It does.
        """
        if self.budget.is_spent:
            raise AnswerTooSlow(
                f"did not finish its answer within {self.within:g} seconds; try again later, or raise answers_within"
            )


class ListBound:
    """Counts the pages of one list, so that a system that always names a further page does not hold a step for ever.

    Args:
        most: The largest number of entries.
        system: The system's name in the configuration.
        operation: What is being done.
    """

    def __init__(self, most: int, system: str, operation: str) -> None:
        self._most, self._found = most, 0
        self._system, self._operation = system, operation

    def add_page(self, entries: int) -> None:
        """Count a page, which counts as one entry where it is empty.

        Args:
            entries: The number of its entries.

        Raises:
            Permanent: The list is longer than its bound.
        """
        self._found += max(entries, 1)
        if self._found > self._most:
            broken = OutOfBounds(
                f"names more than {self._most} entries in one list; check what was searched for, or raise longest_list"
            )
            raise broken.as_error(self._system, self._operation)


class OutOfBounds(Exception):
    """An answer is out of its bounds. No ``OSError``, so that no HTTP library takes it for a fault to be retried.

    Args:
        sentence: The rest of a sentence that begins with the system.
    """

    error: type[ConnectorError] = Permanent

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self._sentence = sentence

    def as_error(self, system: str, operation: str) -> ConnectorError:
        """Return the connector's error.

        Args:
            system: The system's name in the configuration.
            operation: What was being done.
        """
        text = f"The system {system} {self._sentence} in [systems.{system}]."
        return self.error(text, system=system, operation=operation)


class AnswerTooLarge(OutOfBounds):
    """An answer has more bytes than its bound."""


class AnswerTooSlow(OutOfBounds):
    """An answer takes longer than its bound."""

    error = Transient


def out_of_bounds(error: BaseException) -> OutOfBounds | None:
    """Return the broken bound behind a library's error, or ``None``.

    Args:
        error: What the library raised.
    """
    seen: set[int] = set()
    waiting: list[BaseException] = [error]
    while waiting:
        present = waiting.pop()
        if isinstance(present, OutOfBounds):
            return present
        seen.add(id(present))
        waiting += [
            cause for cause in (present.__cause__, present.__context__) if cause is not None and id(cause) not in seen
        ]
    return None


_PRESENT: ContextVar[CallBounds] = ContextVar("connectors.bounds")


@contextmanager
def bounded(bounds: CallBounds) -> Iterator[None]:
    """Hold the answers that begin within the block, in this thread, to bounds."""
    token = _PRESENT.set(bounds)
    try:
        yield
    finally:
        _PRESENT.reset(token)


def bound_next(bounds: CallBounds) -> None:
    """Hold the next answer in this thread to bounds, where a library calls before it sends and not around it."""
    _PRESENT.set(bounds)


def present_bounds() -> CallBounds:
    """Return the bounds of the present call; the default ones outside of any."""
    found = _PRESENT.get(None)
    return found or AnswerBounds().call(streamed=False, idle_seconds=ANSWERS_WITHIN)


class BoundedAnswer(HTTPResponse):
    """An answer of ``http.client`` with counted and timed bytes, from the first byte of its head."""

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self.fp = io.BufferedReader(MeteredBytes(self.fp.detach(), sock, present_bounds()))


class MeteredBytes(io.RawIOBase):
    """A socket's bytes, limited in number and time.

    Args:
        raw: The bytes.
        sock: The socket, whose time limit is set before each wait.
        bounds: The bounds.
        clock: Gives seconds that only grow.
    """

    def __init__(
        self,
        raw: io.RawIOBase,
        sock: socket.socket,
        bounds: CallBounds,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._raw, self._sock, self._bounds, self._clock = raw, sock, bounds, clock
        self._size = 0

    def readable(self) -> bool:
        """Return true."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Read the next bytes.

        Raises:
            AnswerTooLarge: That is too much.
            AnswerTooSlow: The call has kept us waiting too long.
            TimeoutError: Nothing came for too long.
        """
        self._bounds.check_time()
        self._sock.settimeout(min(self._bounds.budget.left, self._bounds.idle_seconds))
        count, began = None, self._clock()
        try:
            count = self._raw.readinto(buffer)
        except TimeoutError:
            self._bounds.budget.spend(self._clock() - began, 0)
            self._bounds.check_time()
            raise
        self._bounds.budget.spend(self._clock() - began, count or 0)
        self._size += count or 0
        self._bounds.check_size(self._size, more=_HEADS)
        return count

    def close(self) -> None:
        """Close the bytes."""
        self._raw.close()
        super().close()


class DecodedBody:
    """The body of an answer in urllib3's form, counted after decompression; all else is the answer's own.

    Args:
        raw: The answer.
        bounds: The bounds.
    """

    def __init__(self, raw: Any, bounds: CallBounds) -> None:
        self._raw, self._bounds = raw, bounds
        self._size = 0

    def stream(self, amt: int, decode_content: bool | None = None) -> Iterator[bytes]:
        """Read the body in pieces.

        Args:
            amt: The most bytes of a piece.
            decode_content: Whether it is decompressed.

        Raises:
            AnswerTooLarge: It is larger than it may be.
        """
        for piece in self._raw.stream(amt, decode_content=decode_content):
            self._size += len(piece)
            self._bounds.check_size(self._size)
            yield piece

    def __getattr__(self, name: str) -> Any:
        """Return any other attribute from the answer."""
        return getattr(self._raw, name)
