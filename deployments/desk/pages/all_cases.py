"""The work to do, and all cases: filtered, page by page or as CSV, searched by case id or a person's identifier."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import fields
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from deployments.desk.addresses import PREFIX, case_address
from deployments.desk.page import MEMBER, page
from deployments.desk.pages.form_fields import asked_page, beside, people_choices, worded
from deployments.desk.visit import Visit
from deployments.desk.work_words import WORK_WORDS, ShownWork, shown_work
from rightsflow.cases.facts.overview.board import ListedWork, waiting_work
from rightsflow.cases.facts.people import Duty
from rightsflow.cases.facts.persons import FoundCase, Sought, look_up
from rightsflow.cases.work.erasure.brakes import place
from rightsflow.domain.accounts import Permission
from rightsflow.domain.board import STATUS_LABELS, BoardCase, Group, light
from rightsflow.domain.errors import BadInput
from rightsflow.domain.typed_input import read_day
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.renewal import settings_differences
from rightsflow.store.queries.board import Wanted
from rightsflow.store.queries.case_list import ListedCase

E = TypeVar("E", bound=StrEnum)

_HERE: Final = f"{PREFIX}/cases"
_AT_ONCE: Final = 50
_FILTERS: Final = ("right", "state", "owner", "light", "due_by", "closed")
_LIGHTS: Final = {STATUS_LABELS[group].lower(): group for group in Group}
"""The groups of the board, by their labels in an address."""
_SOUGHT: Final = tuple(field.name for field in fields(Sought) if field.name != "further")


@page("/cases", needs=Permission.READ_CASES)
def cases(visit: Visit) -> Response:
    """A page of the cases that the filters want."""
    return _shown(visit)


def _shown(visit: Visit, found: Sequence[FoundCase] | None = None) -> Response:
    app, number = visit.app, asked_page(visit)
    wanted = wanted_cases(visit)
    count, listed = app.store.work.list_cases(wanted, app.today, at_most=_AT_ONCE, passing=(number - 1) * _AT_ONCE)

    def shade(case: ListedCase) -> str:
        if case.is_suspended and case.closed_at is None:
            return "standing"
        return light(
            case.work_to_on, case.due_on, app.today, closed=case.closed_at is not None, refused=case.is_refused
        ).value

    asked = {name: visit.asked(name) for name in _FILTERS if visit.asked(name)}
    return visit.show(
        "cases.html",
        listed=listed,
        count=count,
        number=number,
        pages=-(-count // _AT_ONCE),
        shade=shade,
        owner=Duty.of(app).name,
        rights=worded(Right),
        states=worded(CaseState),
        lights=[(words, STATUS_LABELS[group]) for words, group in _LIGHTS.items()],
        owners=people_choices(app),
        here=f"{_HERE}?{urlencode(asked)}&" if asked else f"{_HERE}?",
        export=f"{_HERE}.csv?{urlencode(asked)}",
        asked=asked,
        waiting=CaseState.AWAITING_APPROVAL,
        issuers=[(account_issuer, account_issuer) for account_issuer in sorted(app.account_issuers)],
        kinds=app.settings.further_kinds,
        found=found,
    )


@cases.act("/go", needs=Permission.READ_CASES)
def go(visit: Visit) -> Response:
    """Open a case by its id, as it may be read out on the phone; by a form, since people type other things too."""
    visit.needed({"case": "Type the case id, such as DSR-2026-7K3M9Q."})
    with beside("case"):
        case_id = read_case_id(visit.typed("case"))
        with visit.app.store.case_file(case_id):
            return visit.go(case_address("", case_id))


@cases.act("/person", needs=Permission.FIND_PERSON)
def person(visit: Visit) -> Response:
    """Find a person's cases; the search is recorded with its user, without the person searched for."""
    further = tuple((kind.value, visit.typed(kind.value)) for kind in visit.app.settings.further_kinds)
    sought = Sought(further=further, **{name: visit.typed(name) for name in _SOUGHT})
    with beside("email"):
        found = look_up(visit.app, sought, by=visit.actor)
    return _shown(visit, found)


@page("/cases.csv", needs=Permission.READ_CASES)
def export(visit: Visit) -> Response:
    """The cases that the filters want, as CSV without personal data."""
    _, listed = visit.app.store.work.list_cases(wanted_cases(visit), visit.app.today)
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("case", "right", "state", "received", "target date", "due", "owner", "closed"))
    zone = visit.app.settings.controller.zone
    rows.writerows(_row(item, zone) for item in listed)
    named = {"Content-Disposition": 'attachment; filename="cases.csv"'}
    return Response(text.getvalue(), media_type="text/csv", headers=named)


def _row(listed_case: ListedCase, zone: ZoneInfo) -> tuple[object, ...]:
    closed_on = listed_case.closed_at.astimezone(zone).date() if listed_case.closed_at else ""
    received_on = listed_case.received_at.astimezone(zone).date()
    known = listed_case.case_id, listed_case.right.value, listed_case.state.value, received_on
    return (*known, listed_case.work_to_on, listed_case.due_on, listed_case.owner, closed_on)


def wanted_cases(visit: Visit) -> Wanted:
    """The cases that the filters of an address want.

    Raises:
        BadInput: A filter cannot be read.
    """
    return Wanted(
        right=_one_of(Right, visit.asked("right")),
        state=_one_of(CaseState, visit.asked("state")),
        owner=visit.asked("owner"),
        group=_LIGHTS.get(visit.asked("light")),
        due_by=read_day(due_by, "The day of the filter") if (due_by := visit.asked("due_by")) else None,
        closed_too=bool(visit.asked("closed")),
    )


def _one_of(kind: type[E], text: str) -> E | None:
    if not text:
        return None
    try:
        return kind(text)
    except ValueError:
        raise BadInput("The filter is not known; choose one of the page.") from None


@page("/", needs=MEMBER)
def home(visit: Visit) -> Response:
    """Show the work to do and the status of the open cases; other roles are sent to their own pages."""
    if not visit.may(Permission.READ_CASES):
        return visit.show("home_without_cases.html")
    is_mine = visit.asked("whose") == "mine"
    person = visit.member.key if is_mine else ""
    work, today = waiting_work(visit.app, person, visit.member.permissions), visit.app.today

    def shade(case: BoardCase | ListedCase) -> str:
        refused = case.is_refused if isinstance(case, ListedCase) else bool(case.refused)
        return light(case.work_to_on, case.due_on, today, closed=False, refused=refused).value

    def line(item: ListedWork) -> ShownWork:
        return shown_work(item.work, may=visit.may(item.work.needs))

    # First what the person can do.
    kinds = sorted(work.lists, key=lambda kind: not any(visit.may(item.work.needs) for item in work.lists[kind].shown))
    return visit.show(
        "home.html",
        work=work,
        kinds=kinds,
        words=WORK_WORDS,
        labels=STATUS_LABELS,
        line=line,
        shade=shade,
        place=place,
        is_mine=is_mine,
        outdated=settings_differences(visit.app),
    )
