"""Do a step once: its start is one transaction of the case file, the work follows, and its end is another one."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, TypeVar, overload

from rightsflow.cases.app import App
from rightsflow.cases.step.ending import giving_back, noting_failure
from rightsflow.cases.step.limits import most_at_once
from rightsflow.cases.step.one_attempt import Attempt, look
from rightsflow.domain.telemetry import busy_with
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.store import CaseFile

T = TypeVar("T")


@overload
def attempt(
    app: App,
    case_id: str,
    step: StepName,
    system: str = "",
    *,
    scope: str | Callable[[CaseFile], str] = "",
    calls: bool = False,
) -> AbstractContextManager[Attempt[None]]: ...


@overload
def attempt(
    app: App,
    case_id: str,
    step: StepName,
    system: str = "",
    *,
    scope: str | Callable[[CaseFile], str] = "",
    calls: bool = False,
    read: Callable[[CaseFile], T],
) -> AbstractContextManager[Attempt[T]]: ...


@contextmanager
def attempt(
    app: App,
    case_id: str,
    step: StepName,
    system: str = "",
    *,
    scope: str | Callable[[CaseFile], str] = "",
    calls: bool = False,
    read: Callable[[CaseFile], T] | None = None,
) -> Iterator[Attempt[Any]]:
    """Do a step once.

    Args:
        app: What it works with.
        case_id: The case.
        step: The step's name, for example ``"erase"``.
        system: The system it is done at, where there is one.
        scope: What the result holds for, or what reads it of the case file; under another scope it counts as not done.
        calls: Whether it calls the system: then it takes a place before it with its start, and gives it back with its
            end.
        read: Reads what the step needs, in the transaction in which its start is noted; not where it is done already.

    Raises:
        Conflict: The request was withdrawn.
        RightsflowError: The step failed; the failure is noted in the case file.
    """
    trial: Attempt[Any] = Attempt(app, case_id, step=step, system=system)
    with busy_with(case_id, step, system), giving_back(trial):
        with noting_failure(trial):
            _start(trial, scope, read, calls=calls)
            yield trial
            _raise_doubt(trial)
        if not trial.already_done and not trial.is_finished:
            with app.store.case_file(case_id) as file:
                trial.finish(file)


@contextmanager
def attempt_at_once(
    app: App, case_id: str, step: StepName, whom: str = "", *, scope: str | Callable[[CaseFile], str] = ""
) -> Iterator[tuple[Attempt[None], CaseFile]]:
    """Do a step once that calls no system: its start, what it does and its end stand in one transaction.

    Where it raises, nothing of it is stored but its failure; see :meth:`Attempt.finish_unless`.

    Args:
        app: What it works with.
        case_id: The case.
        step: The step's name.
        whom: The processor that it is about, where there is one.
        scope: As of :func:`attempt`.

    Yields:
        The attempt, and the case file, open.

    Raises:
        Conflict: The request was withdrawn.
        RightsflowError: The step failed; the failure is noted in the case file.
    """
    trial: Attempt[None] = Attempt(app, case_id, step=step, system=whom)
    with busy_with(case_id, step, whom), noting_failure(trial):
        with app.store.case_file(case_id) as file:
            look(trial, file, scope)
            yield trial, file
            if trial.doubt is None and not trial.already_done and not trial.is_finished:
                trial.finish(file)
        _raise_doubt(trial)


def _start(
    trial: Attempt[Any],
    scope: str | Callable[[CaseFile], str],
    read: Callable[[CaseFile], Any] | None,
    *,
    calls: bool,
) -> None:
    app, system = trial.app, trial.system
    with app.store.starting_file(trial.case_id) as file:
        look(trial, file, scope)
        if not trial.already_done:
            trial.note_start(file)
            trial.read = read(file) if read else None
            place = file.steps.places.join(system, most_at_once(app, system)) if calls else None
    if not trial.already_done:
        trial.start_undone, trial.place = None, place


def _raise_doubt(trial: Attempt[T]) -> None:
    if trial.doubt is not None:
        raise trial.doubt
