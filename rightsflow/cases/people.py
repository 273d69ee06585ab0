"""The people behind the roles: their keys, absences, and cases handed over to them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rightsflow.cases.app import App
from rightsflow.cases.gates.deciders import refuse_typed
from rightsflow.domain.actors import kept
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.people import Absence, refuse_no_colleague
from rightsflow.domain.vocabulary.states import read_case_id
from rightsflow.store import CaseFile


def known_person(app: App, key: str) -> str:
    """The key of a person or role, as it was typed.

    Raises:
        BadInput: There is no such person in the configuration.
    """
    people = app.settings.people_by_key
    proper = key.strip().lower()
    if proper not in people:
        raise BadInput(
            f"That key is not known; use one of {', '.join(people)}, or add them to [people] in rightsflow.toml."
        )
    return proper


def hand_over(app: App, case_id: str, to_owner: str, *, by: str, reason: str) -> str:
    """Let another person answer for a case; returns a sentence.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        to_owner: The key of the new owner.
        by: Who hands it over.
        reason: Why.

    Raises:
        BadInput: There is no such case or person, or something is missing.
        Conflict: The case is closed and has no open task, or is theirs already.
    """
    owner, proper = known_person(app, to_owner), read_case_id(case_id)
    with app.store.case_file(proper) as file:
        tasks = hand_over_in(file, owner, reason=" ".join(reason.split()), by=acting(app, by, proper))
    done = f"{app.settings.people_by_key[owner].full_name} answers for {proper} from now on"
    if not tasks:
        return f"{done}."
    return f"{done}, and for its open {'task' if len(tasks) == 1 else 'tasks'} {', '.join(map(str, tasks))}."


def hand_over_in(file: CaseFile, owner: str, *, reason: str, by: str) -> Sequence[int]:
    """Let another person answer for a case whose file is open; the numbers of the tasks that go with it.

    Args:
        file: The case file.
        owner: The key of the new owner.
        reason: Why, in one line.
        by: Who hands it over.

    Raises:
        BadInput: The reason is missing.
        Conflict: The case is closed and has no open task, or is theirs already.
    """
    before = file.ownership.owner
    file.ownership.hand_over(owner, by=by, reason=reason, has_tasks=file.tasks.has_open)
    return file.tasks.follow(before, owner, by=by)


def record_absence(app: App, absence: Absence, *, by: str) -> str:
    """Record that a person is absent and who stands in; returns a sentence.

    Args:
        app: What it works with.
        absence: Who, when, and who stands in.
        by: Who records it.

    Raises:
        BadInput: There is no such person, the absence is over, or the name of who records it is missing.
        Conflict: It is recorded already.
    """
    recorder = acting(app, by)
    away = replace(absence, person=known_person(app, absence.person), deputy=known_person(app, absence.deputy))
    if away.last_on < app.today:
        raise BadInput("The absence is over already; check its last day.")
    same = [
        recorded_absence.number
        for recorded_absence in app.store.absences_from(app.today)
        if recorded_absence.absence == away
    ]
    if same:
        raise Conflict(
            f"That absence is recorded already, as number {same[0]}; `rightsflow people absences` lists them."
        )
    number = app.store.record_absence(away, recorder)
    days = f"{away.first_on:%a %d %b %Y} to {away.last_on:%a %d %b %Y}"
    people = app.settings.people_by_key
    deputy, person = people[away.deputy].full_name, people[away.person].full_name
    return f"Absence {number}: {deputy} stands in for {person} from {days}."


def acting(app: App, by: str, case_id: str = "") -> str:
    """Return the acting person's name; refuse a name that was only typed where people act signed in.

    Args:
        app: What it works with.
        by: Who acts.
        case_id: On which case, as typed; empty where it is about none.

    Raises:
        BadInput: The name is missing, or is none; or there is no such case id.
        Conflict: No one proved that it is they.
    """
    who = said(by)
    refuse_typed(app, who, read_case_id(case_id) if case_id else "")
    return who


def said(by: str) -> str:
    """Return the name of the acting person, as typed, with the proof of who they are.

    Raises:
        BadInput: It is missing, not in printable characters, or no name.
    """
    if not by.strip():
        raise BadInput("Your name is missing; fill it in.")
    name = identifier(IdentifierKind.NAME, by).value
    refuse_no_colleague(name)
    return kept(by, name)
