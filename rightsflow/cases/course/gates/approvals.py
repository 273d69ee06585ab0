"""The approval of a plan, and the release of a package, as a person read it."""

from __future__ import annotations

from rightsflow.cases.app import App
from rightsflow.cases.course.gates.gates import decide
from rightsflow.cases.work.access.package_choices import digest_of, noted
from rightsflow.cases.work.access.readings import refuse_changed
from rightsflow.cases.work.erasure.plan_notes import CHANGED, bound_with, decisions_of, notes_on
from rightsflow.domain.errors import Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict


def approve_plan(app: App, case_id: str, *, read: str, noted: str, by: str) -> None:
    """Approve a plan with what is noted on its records.

    Args:
        app: What it works with.
        case_id: The case.
        read: The plan that was read.
        noted: What :func:`bound_with` gave of the notes that were read with it.
        by: Who approves.

    Raises:
        BadInput: A question of the plan is open, or a noted decision is not possible any more.
        Conflict: Plan or notes have changed, or the person may not decide.
    """
    with app.store.case_file(case_id) as file:
        bound = file.what_is_approved()
        notes = notes_on(file, bound)
        if read != bound or noted != bound_with(file, notes):
            raise Conflict(CHANGED)
        decision = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=by, records=decisions_of(notes))
        decide(file, decision, app)


def release_package(app: App, case_id: str, *, package: str, noted_before: str, by: str) -> None:
    """Release a package as it was read, without what is noted to be left out.

    Args:
        app: What it works with.
        case_id: The case.
        package: The SHA-256 of the package that was read.
        noted_before: What :func:`digest_of` gave of the notes that were read with it.
        by: Who releases.

    Raises:
        BadInput: A note cannot be decided so any more.
        Conflict: Package or notes have changed since, or the person may not decide on it.
    """
    with app.store.case_file(case_id) as file:
        refuse_changed(file, package)
        notes = noted(file)
        if digest_of(notes) != noted_before:
            raise Conflict("What is left out has changed since you opened this page; read it again, then release.")
        decide(file, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by=by, records=notes), app)
