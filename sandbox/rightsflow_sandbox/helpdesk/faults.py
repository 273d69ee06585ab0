"""Faults to order: answers that go wrong, connections that are cut, answers that do not come."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Action(StrEnum):
    """The effect of a fault."""

    ANSWER = "answer"
    """Answer with the fault's status and body; the call has no effect."""
    CUT = "cut"
    """Close the connection without an answer; the call has no effect."""
    CUT_AFTER = "cut-after"
    """Let the call take effect, then close the connection without an answer."""
    HOLD = "hold"
    """Keep the connection open until released, then answer as usual."""


@dataclass(slots=True, kw_only=True)
class OrderedFault:
    """A fault for the next matching calls.

    Args:
        method: The HTTP method, or ``"*"``.
        path: A regular expression searched for in the path.
        times: For how many calls; ``None`` for all until cleared.
        action: What happens.
        status: The status for ``answer``.
        body: The body for ``answer``: JSON, a text, or ``None`` for an empty one.
        retry_after: Seconds for the ``Retry-After`` header, or ``None`` for no such header.
        headers: More headers; a ``Content-Length`` beyond the body's breaks the answer off after the body.
    """

    method: str = "*"
    path: str = ""
    times: int | None = 1
    action: Action = Action.ANSWER
    status: int = 503
    body: Any = None
    retry_after: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    released: threading.Event = field(default_factory=threading.Event)
    waiting: threading.Event = field(default_factory=threading.Event)
    """Set while (and after) a call is held, so that a test knows that it has arrived."""

    def __post_init__(self) -> None:
        self.action = Action(self.action)
        re.compile(self.path)

    def matches(self, method: str, path: str) -> bool:
        """Return whether the fault is for this call and not used up."""
        fits = self.method in {"*", method} and re.search(self.path, path) is not None
        return fits and (self.times is None or self.times > 0)

    def answer_headers(self) -> dict[str, str]:
        """Return the headers of the answer."""
        after = {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}
        return after | dict(self.headers)


class OrderedFaults:
    """The ordered faults, used in their order."""

    def __init__(self) -> None:
        self._ordered: list[OrderedFault] = []
        self._lock = threading.Lock()

    def add(self, fault: OrderedFault) -> OrderedFault:
        """Order a fault."""
        with self._lock:
            self._ordered.append(fault)
        return fault

    def take(self, method: str, path: str) -> OrderedFault | None:
        """Use up one occurrence of the first fault that matches."""
        with self._lock:
            for fault in self._ordered:
                if fault.matches(method, path):
                    if fault.times is not None:
                        fault.times -= 1
                    return fault
        return None

    def clear(self) -> None:
        """Withdraw all faults and release the held calls."""
        with self._lock:
            for fault in self._ordered:
                fault.released.set()
            self._ordered.clear()
