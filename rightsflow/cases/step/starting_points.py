"""What a step that calls a system begins with, and the steps of this process that were begun and not taken up yet."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from rightsflow.cases.app import App
from rightsflow.domain.events import StepName
from rightsflow.store import CaseFile

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StartingPoint(Generic[T]):
    """What a step that calls a system begins with.

    Args:
        step: The step's name.
        system: The system.
        read: Reads what it needs, in the transaction in which its start is noted.
        scope: What its result holds for, or what reads it of the case file.
    """

    step: StepName
    system: str
    read: Callable[[CaseFile], T]
    scope: str | Callable[[CaseFile], str] = ""


class Begun(Protocol):
    """An attempt at a step, whose start is noted."""

    app: App
    case_id: str
    step: StepName
    system: str


_lock: Final = threading.Lock()
_waiting: Final[dict[tuple[str, StepName, str], Begun]] = {}


def put(trial: Begun) -> None:
    """Let a step that was begun be taken up.

    Args:
        trial: Its attempt.
    """
    with _lock:
        _waiting[trial.case_id, trial.step, trial.system] = trial


def take_up(app: App, case_id: str, step: StepName, system: str) -> Begun | None:
    """Take up a step that was begun; ``None`` where it was not, or was taken up before.

    Args:
        app: What it works with.
        case_id: The case.
        step: The step's name.
        system: The system.
    """
    with _lock:
        trial = _waiting.get((case_id, step, system))
        if trial is None or trial.app is not app:
            return None
        return _waiting.pop((case_id, step, system))


def leave(trial: Begun) -> bool:
    """Let a step that was begun not be taken up any more; returns whether no one has.

    Args:
        trial: Its attempt.
    """
    with _lock:
        is_left = _waiting.get((trial.case_id, trial.step, trial.system)) is trial
        if is_left:
            del _waiting[trial.case_id, trial.step, trial.system]
        return is_left
