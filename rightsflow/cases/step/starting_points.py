"""The starting point of a step that calls a system."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from rightsflow.domain.events import StepName
from rightsflow.store import CaseFile

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class StartingPoint(Generic[T]):
    """The starting point of a step of one system.

    Args:
        step: The step's name.
        system: The system.
        read: Reads what it needs, in the transaction in which its start is noted.
        scope: What its result holds for, or what reads it of the case file.
        calls: Whether it calls the system; one that does not takes no place before it, and its start is noted with its
            end.
    """

    step: StepName
    system: str
    read: Callable[[CaseFile], T]
    scope: str | Callable[[CaseFile], str] = ""
    calls: bool = True
