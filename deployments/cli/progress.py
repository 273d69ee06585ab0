"""A line on stderr that says what goes on, for as long as a command takes longer than two seconds."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock, Timer
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from rich.status import Status

_AFTER_SECONDS: Final = 2.0
_WORKING: Final = "Working …"


class _Timer(Protocol):
    def start(self) -> None: ...

    def cancel(self) -> None: ...


class _Screen(Protocol):
    """What the line needs of a console."""

    @property
    def is_terminal(self) -> bool: ...

    def status(self, status: str) -> Status: ...


def _timer(seconds: float, act: Callable[[], None]) -> _Timer:
    """Return a timer that keeps no process from ending."""
    timer = Timer(seconds, act)
    timer.daemon = True
    return timer


class Progress:
    """The line: shown on a terminal only, and taken away before the command prints its answer.

    Args:
        screen: The console of stderr.
        timer: Returns what calls a function after some seconds, once started.
    """

    def __init__(self, screen: _Screen, timer: Callable[[float, Callable[[], None]], _Timer] = _timer) -> None:
        self._screen, self._make_timer = screen, timer
        self._lock = Lock()
        self._text = _WORKING
        self._timer: _Timer | None = None
        self._line: Status | None = None
        self.is_wanted = True
        """False for output that programs read."""

    def begin(self) -> None:
        """Show the line after two seconds, unless :meth:`end` is called before."""
        if not (self.is_wanted and self._screen.is_terminal) or self._timer is not None:
            return
        self._text = _WORKING
        self._timer = self._make_timer(_AFTER_SECONDS, self._show)
        self._timer.start()

    def say(self, text: str) -> None:
        """Change the words of the line.

        Args:
            text: What goes on, such as ``Importing … 1,200 rows``.
        """
        with self._lock:
            self._text = text
            if self._line is not None:
                self._line.update(text)

    def end(self) -> None:
        """Take the line away; it comes no more until :meth:`begin`."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = None
            if self._line is not None:
                self._line.stop()
            self._line = None

    def _show(self) -> None:
        with self._lock:
            if self._timer is not None:
                self._line = self._screen.status(self._text)
                self._line.start()
