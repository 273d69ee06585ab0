"""The brakes: erasing at a system or in one case stops at once for all workers, by a person or automatically.

It stays so until the brake is released. Reading goes on. A step that is stopped yields its slot like one whose system
does not answer; the keeper starts its case again after the release.
"""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import acting, said
from rightsflow.domain.erasure.safeguards import ALL, Brake, Per
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.people import folded
from rightsflow.domain.typed_input import stated_reason
from rightsflow.domain.vocabulary.rights import ERASING
from rightsflow.domain.vocabulary.states import is_case_id
from rightsflow.domain.wording import listed
from rightsflow.store.core.case_ledger import MACHINE


def sentence(brake: Brake, app: App, *, is_named: bool = False) -> str:
    """Return the sentence on a paused deletion: who paused it, since when, the case's cause, and how to resume it.

    Args:
        brake: The brake.
        app: What it works with.
        is_named: Whether people are named who are not in the configuration; not where Prefect keeps the sentence.
    """
    known = is_named or brake.by == MACHINE or folded(brake.by) in app.settings.names
    who = brake.by if known else "a person whom `rightsflow doctor` names"
    since = f"{brake.since.astimezone(app.settings.controller.zone):%d %b %Y %H:%M}"
    target = "--all" if brake.system == ALL else brake.system
    return (
        f"Erasing {place(brake.system)} was stopped by {who} on {since}{_because(brake)}; it goes on after "
        f"`rightsflow systems resume {target} --by … --reason …`{_whose(brake)}."
    )


def place(name: str) -> str:
    """Return the place where a brake pauses deletion, in words that follow *erasing*.

    Args:
        name: What it is set on.
    """
    if is_case_id(name):
        return f"in {name}"
    return "at all systems" if name == ALL else f"at {name}"


def _because(brake: Brake) -> str:
    if brake.excess is None:
        return ""
    excess = brake.excess
    what = "to erase" if excess.per is Per.CASE else "the day's total to be"
    return f", since {brake.case_id} needs {what} {excess.records} records there and at most {excess.limit} are usual"


def _whose(brake: Brake) -> str:
    return " by a person who has neither opened that case nor approved its plan" if brake.case_id else ""


def set_brake(app: App, system: str, *, by: str, reason: str) -> str:
    """Stop erasing at a system, in one case, or at all; returns a sentence.

    Args:
        app: What it works with.
        system: The system, the id of a case, or :data:`~rightsflow.domain.erasure.safeguards.ALL`.
        by: Who stops it.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such system or case, or something is missing.
        Conflict: It is braked already, or the case erases nothing.
    """
    why, who = _checked(app, system, reason), said(by)
    if is_case_id(system):
        with app.store.case_file(system) as file:
            if file.right not in ERASING:
                raise Conflict(
                    f"{system} is a request of {file.right.value}, which erases nothing, so that there is nothing to "
                    "stop; if it was taken back, note it as withdrawn."
                )
            file.brakes.stop(by=who, reason=why)
    else:
        app.store.brakes.set(system, by=who, reason=why)
    return f"Erasing {place(system)} is stopped; what was under way ends with the call that is being made."


def release_brake(app: App, system: str, *, by: str, reason: str) -> str:
    """Resume deletion at a system, in one case, or at all; returns a sentence.

    Args:
        app: What it works with.
        system: The system, the id of a case, or :data:`~rightsflow.domain.erasure.safeguards.ALL`.
        by: Who releases it.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such system or case, or something is missing.
        Conflict: It is not braked, or the person opened the case that triggered it or approved its plan.
    """
    why, who = _checked(app, system, reason), acting(app, by)
    brakes = {brake.system: brake for brake in app.store.brakes.present()}
    if is_case_id(system):
        with app.store.case_file(system) as file:
            file.brakes.let_go_on(by=who, reason=why, today=app.today)
    elif system in brakes and (case_id := brakes[system].case_id):
        with app.store.case_file(case_id) as file:
            file.brakes.release(system, by=who, reason=why, today=app.today)
    else:
        app.store.brakes.release(system, by=who, reason=why, today=app.today)
    left = sorted(set(brakes) - {system} if system == ALL else set(brakes) & {ALL})
    still = f" Still stopped: erasing {listed([place(item) for item in left])}." if left else ""
    return f"Erasing {place(system)} goes on; the keeper starts again what waited for it.{still}"


def _checked(app: App, system: str, reason: str) -> str:
    """Return the reason, tidied.

    Raises:
        BadInput: It is missing, or there is no such system.
    """
    if system != ALL and system not in app.settings.systems and not is_case_id(system):
        known = ", ".join(sorted(app.settings.systems))
        raise BadInput(f"There is no such system; use one of {known}, a case's id, or --all.")
    return stated_reason(reason, "give --reason")
