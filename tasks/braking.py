"""The brakes: erasing at a system stops at once for all workers, by a person or by itself, until it is released.

Reading goes on. A step that is stopped makes room like one whose system does not answer; the keeper starts its case
again after the release.
"""

from __future__ import annotations

from collections.abc import Iterator

from rightsflow.brakes import ALL, Brake, Per
from rightsflow.errors import BadInput, Unavailable
from rightsflow.people import folded
from rightsflow.records import Outcome
from rightsflow.store.ledger import MACHINE
from tasks.attempt import Attempt
from tasks.people import said
from tasks.runtime import Runtime, runtime


def admit(trial: Attempt, records: int) -> None:
    """Let a case begin to erase at its step's system, unless it is braked there or has far more than is usual.

    Args:
        trial: The step's attempt.
        records: How many records the case erases or redacts there, those that are done included.

    Raises:
        Unavailable: The system is braked, since just now or before.
    """
    current, system = trial.runtime, trial.system
    _refuse_braked(trial)
    with current.store.case_file(trial.case_id) as file:
        brake = file.brakes.admit(system, records, current.settings.brakes.rule(system), current.today)
    if brake is not None:
        raise Unavailable(sentence(brake, current), system=system)


def while_released(trial: Attempt, outcomes: Iterator[Outcome]) -> Iterator[Outcome]:
    """Outcomes of a system that is asked for the next one only while no brake is set.

    Args:
        trial: The step's attempt.
        outcomes: As the connector gives them, each call when the next outcome is asked for.

    Raises:
        Unavailable: The system is braked; what was done before has been handed on.
    """
    _refuse_braked(trial)
    for outcome in outcomes:
        yield outcome
        if not outcome.settled_with_next:
            _refuse_braked(trial)


def _refuse_braked(trial: Attempt) -> None:
    brake = trial.runtime.store.brakes.holding(trial.system)
    if brake is not None:
        raise Unavailable(sentence(brake, trial.runtime), system=trial.system)


def sentence(brake: Brake, current: Runtime, *, is_named: bool = False) -> str:
    """Who has stopped erasing, since when, why if a case triggered it, and how it is released.

    Args:
        brake: The brake.
        current: The runtime.
        is_named: Whether people are named who are not in the configuration; not where Prefect keeps the sentence.
    """
    known = is_named or brake.by == MACHINE or folded(brake.by) in current.settings.names
    who = brake.by if known else "a person whom `rightsflow doctor` names"
    since = f"{brake.since.astimezone(current.settings.controller.zone):%d %b %Y %H:%M}"
    where, target = ("all systems", "--all") if brake.system == ALL else (brake.system, brake.system)
    return (
        f"Erasing at {where} was stopped by {who} on {since}{_because(brake)}; it goes on after "
        f"`rightsflow brake {target} --release --by … --reason …`{_whose(brake)}."
    )


def _because(brake: Brake) -> str:
    if brake.excess is None:
        return ""
    one = brake.excess
    what = "to erase" if one.per is Per.CASE else "the day's total to be"
    return f", since {brake.case_id} needs {what} {one.records} records there and at most {one.limit} are usual"


def _whose(brake: Brake) -> str:
    return " by a person who has neither opened that case nor approved its plan" if brake.case_id else ""


def set_brake(system: str, *, by: str, reason: str) -> str:
    """Stop erasing at a system, or at all; returns a sentence.

    Args:
        system: The system, or :data:`~rightsflow.brakes.ALL`.
        by: Who stops it.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such system, or something is not said.
        Conflict: It is braked already.
    """
    current = runtime()
    why = _checked(current, system, reason)
    current.store.brakes.set(system, by=said(by), reason=why)
    where = "all systems" if system == ALL else system
    return f"Erasing at {where} is stopped; what was under way ends with the call that is being made."


def release_brake(system: str, *, by: str, reason: str) -> str:
    """Let erasing go on at a system, or at all; returns a sentence.

    Args:
        system: The system, or :data:`~rightsflow.brakes.ALL`.
        by: Who releases it.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such system, or something is not said.
        Conflict: It is not braked, or the person opened the case that triggered it or approved its plan.
    """
    current = runtime()
    why, who = _checked(current, system, reason), said(by)
    brakes = {brake.system: brake for brake in current.store.brakes.present()}
    if system in brakes and (case_id := brakes[system].case_id):
        with current.store.case_file(case_id) as file:
            file.brakes.release(system, by=who, reason=why, today=current.today)
    else:
        current.store.brakes.release(system, by=who, reason=why, today=current.today)
    where = "all systems" if system == ALL else system
    left = sorted(set(brakes) - {system} if system == ALL else set(brakes) & {ALL})
    still = f" Still stopped: {', '.join('all systems' if one == ALL else one for one in left)}." if left else ""
    return f"The brake on {where} is released; the keeper starts the cases again that wait for it.{still}"


def _checked(current: Runtime, system: str, reason: str) -> str:
    """The reason, tidied.

    Raises:
        BadInput: It is missing, or there is no such system.
    """
    if system != ALL and system not in current.settings.systems:
        raise BadInput(f"There is no such system; use one of {', '.join(sorted(current.settings.systems))}, or --all.")
    if not reason.strip():
        raise BadInput("The reason is missing; give --reason.")
    return " ".join(reason.split())
