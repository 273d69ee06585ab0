"""The case, step and system that the code is working on, to identify the source of its messages.

It follows the code through calls, and into threads that are started with a copy of the context
(:mod:`contextvars`). Case ids, the names of steps and those of systems are no personal data.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The case, step and system that the code is working on; empty fields if there are none.

    Args:
        case: The case's id.
        step: The step's name, such as ``"locate"``.
        system: The system's name in the configuration.
    """

    case: str = ""
    step: str = ""
    system: str = ""


_NOWHERE = Whereabouts()
_here: ContextVar[Whereabouts] = ContextVar("whereabouts", default=_NOWHERE)


def here() -> Whereabouts:
    """Return the case, step and system that the calling code is working on."""
    return _here.get()


@contextmanager
def busy_with(case: str, step: str = "", system: str = "") -> Iterator[None]:
    """Be busy with something for the duration of the block.

    Args:
        case: The case's id, in its proper form.
        step: The step's name.
        system: The system's name in the configuration.
    """
    token = _here.set(Whereabouts(case, step, system))
    try:
        yield
    finally:
        _here.reset(token)
