"""What a case knows of its person: read as a noted look, added to, corrected and removed, with the search it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.personal_data import POSTAL_ADDRESS, read_postal_address
from rightsflow.cases.facts.people import acting, refuse_entrusted_account
from rightsflow.cases.work.access.package_review import take_package_back
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.case.person_changes import (
    ChangeAct,
    PersonChange,
    checked_change,
    needs_second_person,
    refuse_during_search,
    refuse_late_change,
    refuse_own_change,
)
from rightsflow.domain.errors import BadInput
from rightsflow.domain.gates.decisions import NewSearch
from rightsflow.domain.gates.package_changes import MakingAgain
from rightsflow.domain.identifiers import Identifier, identifier, kind_words
from rightsflow.domain.request import read_issuer, read_kind
from rightsflow.domain.vocabulary.events import StepName
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.store import CaseFile
from rightsflow.store.case.case_tasks import NewTask
from rightsflow.store.case.identifiers import CORRECTED, REQUEST, SAME_PERSON
from rightsflow.store.case.person_changes import ChangeState, NotedChange

POSTAL: Final = "postal_address"
"""The postal address, where a form asks which detail is meant."""
_TASK_SYSTEM: Final = "person"
_ORIGINS: Final = {REQUEST: "the request", CORRECTED: "a rectification", SAME_PERSON: "another case of the person"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDetail:
    """Something that a case knows of its person.

    Args:
        choice: What stands for it in a form.
        kind: Its kind, in words.
        value: It itself, as it is shown to a person at work.
        origin: Who named it, in words.
        since: From when the case knows it (aware).
        may_go: Whether it can be corrected or removed here: no system named it.
    """

    choice: str
    kind: str
    value: str = field(repr=False)
    origin: str
    since: datetime
    may_go: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonDetails:
    """All that a case knows of its person, in clear.

    Args:
        details: The identifiers, in the order of their kinds.
        postal_address: The postal address; empty for none.
        has_postal_address: Whether there is one.
        changes: Every change so far, oldest first.
    """

    details: Sequence[PersonDetail]
    postal_address: str = field(repr=False)
    has_postal_address: bool
    changes: Sequence[NotedChange]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatedChange:
    """A change as it was typed.

    Args:
        act: ``add``, ``correct`` or ``remove``.
        which: Of a correction or removal, the choice that stands for the detail, or :data:`POSTAL`.
        kind: Of an addition, the kind of identifier, or :data:`POSTAL`.
        value: The new value; empty for a removal.
        account_system: The system that issued an account id.
    """

    act: str
    which: str = ""
    kind: str = ""
    value: str = field(default="", repr=False)
    account_system: str = ""


def read_person(app: App, case_id: str) -> PersonDetails:
    """Return what sorts of details a case knows, and how they changed; no value, address or reason.

    Args:
        app: What it works with.
        case_id: The case, as typed.

    Raises:
        BadInput: There is no such case.
    """
    with app.store.case_file(read_case_id(case_id)) as file:
        seen = _details(file)
    return replace(
        seen,
        details=[replace(detail, value="") for detail in seen.details],
        postal_address="",
        changes=[replace(noted, reason="", change=_without_values(noted.change)) for noted in seen.changes],
        has_postal_address=bool(seen.postal_address),
    )


def _without_values(change: PersonChange) -> PersonChange:
    def bare(item: Identifier | None) -> Identifier | None:
        return replace(item, value="") if item else None

    return PersonChange(old=bare(change.old), new=bare(change.new), address=change.address and "…")


def reveal_person(app: App, case_id: str, *, by: str, reason: str) -> PersonDetails:
    """Show what a case knows of its person; the look and its reason are noted.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        by: Who looks.
        reason: Why; kept encrypted.

    Raises:
        BadInput: There is no such case.
        Conflict: The name was only typed where people act signed in.
    """
    looker, proper = acting(app, by, case_id), read_case_id(case_id)
    with app.store.case_file(proper) as file:
        file.note_reveal(by=looker, reason=reason)
        return _details(file)


def _details(file: CaseFile) -> PersonDetails:
    given, address = file.identifiers.given(), file.outbox.secret(POSTAL_ADDRESS) or ""
    return PersonDetails(
        details=[
            PersonDetail(
                choice=_choice(file, item),
                kind=kind_words(item.kind.value)[0],
                value=f"{item.shown} ({item.issuer})" if item.issuer else item.shown,
                origin=_ORIGINS.get(origin, origin),
                since=named_at or file.opened_at,
                may_go=item in given,
            )
            for item, origin, named_at in file.identifiers.origins()
        ],
        postal_address=address,
        has_postal_address=bool(address),
        changes=file.person_changes.all(),
    )


def _choice(file: CaseFile, item: Identifier) -> str:
    """Return the keyed hash of an identifier, which represents it in forms."""
    return next(iter(file.identifiers.digests([item])))


def change_person(app: App, case_id: str, stated: StatedChange, *, by: str, reason: str) -> tuple[str, bool]:
    """Change what a case knows of its person, or propose that to a second person.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        stated: The change, as typed.
        by: Who makes or proposes it.
        reason: Why; kept encrypted.

    Returns:
        What was done, in a sentence, and whether the case is searched again, so that its run has to go on.

    Raises:
        BadInput: Something is missing, cannot be read or changes nothing.
        Conflict: The case is decided, or is being searched.
    """
    who, why = acting(app, by, case_id), " ".join(reason.split())
    if not why:
        raise BadInput("The reason is missing; say how you know it.")
    with app.store.case_file(read_case_id(case_id)) as file:
        refuse_late_change(file.case_id, file.state)
        change = _read(app, file, stated)
        if needs_second_person(change, identity_is_clear=file.identity_is_clear):
            noted = file.person_changes.note(change, why, ChangeState.WAITING, by=who)
            _ask_second(file, app, noted)
            return "The change waits for a second person to approve it.", False
        refuse_during_search(file.state, change)
        file.person_changes.note(change, why, ChangeState.MADE, by=who)
        return _make(file, change, who)


def _read(app: App, file: CaseFile, stated: StatedChange) -> PersonChange:
    if stated.act not in set(ChangeAct):
        raise BadInput("Say whether something is added, corrected or removed.")
    old = None
    if stated.act != ChangeAct.ADD and stated.which != POSTAL:
        old = next((item for item in file.identifiers.known() if _choice(file, item) == stated.which), None)
        if old is None:
            raise BadInput("Choose what is corrected or removed.")
    if POSTAL in {stated.kind if stated.act == ChangeAct.ADD else stated.which}:
        is_removed = stated.act == ChangeAct.REMOVE
        address = "" if is_removed else read_postal_address(stated.value)
        if not is_removed and not address:
            raise BadInput("The postal address is missing.")
        change = PersonChange(address=address)
    else:
        change = PersonChange(old=old, new=_read_new(app, stated, old))
    present = file.outbox.secret(POSTAL_ADDRESS) or ""
    return checked_change(change, file.identifiers.known(), file.identifiers.given(), present)


def _read_new(app: App, stated: StatedChange, old: Identifier | None) -> Identifier | None:
    if stated.act == ChangeAct.REMOVE:
        return None
    kind = old.kind if old else read_kind(stated.kind, app.settings.kinds)
    issuer = old.issuer if old else ""
    if kind.declaration.is_issued and old is None:
        issuer = read_issuer(stated.account_system, app.account_issuers)
    return identifier(kind, stated.value, country=app.settings.controller.country, issuer=issuer)


def _ask_second(file: CaseFile, app: App, noted: NotedChange) -> None:
    what = f"Approve or decline a change of the person's details: {noted.change.act.value} {noted.change.kind}."
    task = NewTask(
        kind=TaskKind.DETAILS,
        system=_TASK_SYSTEM,
        what=what,
        records=0,
        due_on=app.today,
        numbers=(noted.number,),
    )
    file.tasks.note([task], owner=file.ownership.owner)


def _end_task(file: CaseFile, app: App, noted: NotedChange, *, by: str) -> None:
    for task in file.tasks.all():
        if task.is_open and task.kind is TaskKind.DETAILS and task.numbers == (noted.number,):
            file.tasks.mark_done(task.number, app.today, by=by)


def decide_change(app: App, case_id: str, number: int, *, approve: bool, by: str) -> tuple[str, bool]:
    """Approve or decline a change that waits for a second person.

    Args:
        app: What it works with.
        case_id: The case, as typed.
        number: The change's number.
        approve: Whether it is approved.
        by: Who decides; to approve, another person than who proposed it.

    Returns:
        What was done, in a sentence, and whether the case is searched again, so that its run has to go on.

    Raises:
        BadInput: There is no such change, or it would change nothing any more.
        Conflict: The person proposed it, it was decided already, or the case is decided or being searched.
    """
    who = acting(app, by, case_id)
    with app.store.case_file(read_case_id(case_id)) as file:
        noted = file.person_changes.of(number)
        if not approve:
            file.person_changes.end(number, ChangeState.DECLINED, by=who)
            _end_task(file, app, noted, by=who)
            return "The change is declined; nothing has changed.", False
        refuse_own_change(who, proposed_by=noted.by)
        refuse_entrusted_account(file, who, app)
        refuse_late_change(file.case_id, file.state)
        refuse_during_search(file.state, noted.change)
        known, given = file.identifiers.known(), file.identifiers.given()
        checked_change(noted.change, known, given, file.outbox.secret(POSTAL_ADDRESS) or "")
        file.person_changes.end(number, ChangeState.MADE, by=who)
        _end_task(file, app, noted, by=who)
        return _make(file, noted.change, who)


def _make(file: CaseFile, change: PersonChange, by: str) -> tuple[str, bool]:
    if change.address is not None:
        file.outbox.put_secret(POSTAL_ADDRESS, change.address)
        return "The postal address is changed.", False
    sends_plan_back = file.right.has_plan or file.found_nothing
    file.identifiers.change(change.old, change.new)
    if file.state is not CaseState.AWAITING_APPROVAL:
        for step in (StepName.LOCATE, StepName.RESOLVE):
            file.steps.take_back(step)
        return "The change is made; the search will use it.", False
    why = f"The person's details changed: {change.act.value} {change.kind}."
    if sends_plan_back:
        file.order_search(NewSearch(reason=why, by=by))
    else:
        take_package_back(file, MakingAgain.SEARCH, why, by=by)
    return "The change is made; the systems are searched again.", True
