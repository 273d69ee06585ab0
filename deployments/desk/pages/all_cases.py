"""The work to do, and all cases: filtered, sorted, page by page or as CSV, found by label or a person's identifier."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from enum import StrEnum
from typing import Final, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from deployments.desk.addresses import PREFIX, case_address
from deployments.desk.page import MEMBER, page
from deployments.desk.pages.form_fields import asked_page, beside, people_choices, worded
from deployments.desk.visit import Visit, Wrong
from deployments.desk.work_words import WORK_WORDS, ShownWork, shown_work
from deployments.renewal import settings_differences
from rightsflow.cases.app import App
from rightsflow.cases.facts.overview.board import ListedWork, waiting_work
from rightsflow.cases.facts.people import Duty
from rightsflow.cases.facts.persons import FoundCase, Sought, look_up
from rightsflow.cases.work.erasure.brakes import place
from rightsflow.domain.accounts import Permission
from rightsflow.domain.board import STATUS_LABELS, BoardCase, Group, light
from rightsflow.domain.case_labels import CaseOrder, initials, label, read_sought
from rightsflow.domain.errors import BadInput
from rightsflow.domain.request import Channel
from rightsflow.domain.typed_input import read_day
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState, read_case_id
from rightsflow.domain.work_list import work_of
from rightsflow.store.queries.board import Wanted
from rightsflow.store.queries.case_list import ListedCase

E = TypeVar("E", bound=StrEnum)

_HERE: Final = f"{PREFIX}/cases"
_AT_ONCE: Final = 50
_FILTERS: Final = ("right", "state", "owner", "light", "due_by", "closed", "sort", "down")
_SORTS: Final = {order.value.replace(" ", "-"): order for order in CaseOrder}
"""The orders of the list, by their words in an address."""
_MOST_NAME: Final = 40
_LIGHTS: Final = {STATUS_LABELS[group].lower(): group for group in Group}
"""The groups of the board, by their labels in an address."""
_SOUGHT: Final = tuple(field.name for field in fields(Sought) if field.name != "further")


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseLine:
    """A case of the list.

    Args:
        case: The case.
        label: What people tell it apart by.
        next_work: The first work on it that waits for a person; ``None`` if none does.
    """

    case: ListedCase
    label: str
    next_work: ShownWork | None


@page("/cases", needs=Permission.READ_CASES)
def cases(visit: Visit) -> Response:
    """A page of the cases that the filters want."""
    return _shown(visit)


@cases.act("/search", needs=Permission.READ_CASES)
def search(visit: Visit) -> Response:
    """Open the case of an id, or list those whose id or ticket has what was typed.

    By a form, and not in the address: people type other things too.
    """
    with beside("q"):
        sought = read_sought(visit.typed("q"))
    if case_id := _whole_id(visit, sought):
        return visit.go(case_address("", case_id))
    return _shown(visit, sought=sought)


def _whole_id(visit: Visit, sought: str) -> str:
    """Return the id of the case that was typed whole, as it may be read out on the phone; empty if there is none."""
    try:
        case_id = read_case_id(sought)
        with visit.app.store.case_file(case_id):
            return case_id
    except BadInput:
        return ""


@cases.act("/save-filter", needs=Permission.READ_CASES)
def save_filter(visit: Visit) -> Response:
    """Save the present filter for the person under a name."""
    name, asked = " ".join(visit.typed("filter_name").split()), _asked(visit)
    if not 0 < len(name) <= _MOST_NAME or not name.isprintable():
        raise Wrong({"filter_name": f"Give it a name of at most {_MOST_NAME} characters."})
    if not asked:
        raise BadInput("Filter or sort the list first; then save that.")
    wanted_cases(visit)
    with beside("filter_name", conflicts=True):
        visit.app.store.saved_filters.save(visit.member.key, name, urlencode(asked))
    return visit.go(f"{_HERE}?{urlencode(asked)}", "The filter is saved.")


@cases.act("/remove-filter", needs=Permission.READ_CASES)
def remove_filter(visit: Visit) -> Response:
    """Remove one of the person's filters."""
    visit.app.store.saved_filters.remove(visit.member.key, visit.typed("filter"))
    return visit.go(_HERE, "The filter is removed.")


def _asked(visit: Visit) -> dict[str, str]:
    return {name: visit.asked(name) for name in _FILTERS if visit.asked(name)}


def labels_of(app: App, listed: Collection[ListedCase]) -> Mapping[str, str]:
    """Return the labels of listed cases, by their ids; with initials where the configuration wants them.

    Args:
        app: What it works with.
        listed: The cases.
    """
    names = app.store.names_of([case.case_id for case in listed]) if app.settings.desk.initials and listed else {}
    not_stated = Channel.NOT_STATED.value
    return {
        case.case_id: label(
            ticket=case.ticket,
            channel="" if case.channel == not_stated else case.channel,
            of_person=initials(names.get(case.case_id, "")),
        )
        for case in listed
    }


def _lines(visit: Visit, listed: Sequence[ListedCase]) -> list[CaseLine]:
    app = visit.app
    labels, case_ids = labels_of(app, listed), [case.case_id for case in listed]
    works = {facts.case_id: work_of(facts, app.present) for facts, _ in app.store.work.facts(app.today, case_ids)}

    def first(case_id: str) -> ShownWork | None:
        return next((shown_work(work, may=visit.may(work.needs)) for work in works.get(case_id, ())), None)

    return [CaseLine(case=case, label=labels[case.case_id], next_work=first(case.case_id)) for case in listed]


def _sort_links(asked: Mapping[str, str], wanted: Wanted) -> dict[str, tuple[str, str]]:
    """Return for each order its address and, of the present one, its direction; a second choice turns it round."""
    links = {}
    for key, order in _SORTS.items():
        is_present = order is wanted.order
        query = {name: value for name, value in asked.items() if name not in {"sort", "down"}} | {"sort": key}
        if is_present and not wanted.descending:
            query["down"] = "yes"
        direction = ("descending" if wanted.descending else "ascending") if is_present else ""
        links[order.value] = (f"{_HERE}?{urlencode(query)}", direction)
    return links


def _shown(visit: Visit, found: Sequence[FoundCase] | None = None, *, sought: str = "") -> Response:
    app, number = visit.app, 1 if sought else asked_page(visit)
    wanted = wanted_cases(visit)
    if sought:
        wanted = replace(wanted, sought=sought, closed_too=True)
    count, listed = app.store.work.list_cases(wanted, app.today, at_most=_AT_ONCE, passing=(number - 1) * _AT_ONCE)

    def shade(case: ListedCase) -> str:
        if case.is_suspended and case.closed_at is None:
            return "standing"
        return light(
            case.work_to_on, case.due_on, app.today, closed=case.closed_at is not None, refused=case.is_refused
        ).value

    asked = _asked(visit)
    return visit.show(
        "cases.html",
        lines=_lines(visit, listed),
        sought=sought,
        sorts=_sort_links(asked, wanted),
        saved=app.store.saved_filters.of(visit.member.key),
        query=urlencode(asked),
        count=count,
        number=number,
        pages=-(-count // _AT_ONCE),
        shade=shade,
        local_day=app.day_of,
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
    rows.writerow(("case", "ticket", "channel", "right", "state", "received", "target date", "due", "owner", "closed"))
    zone = visit.app.settings.controller.zone
    rows.writerows(_row(item, zone) for item in listed)
    named = {"Content-Disposition": 'attachment; filename="cases.csv"'}
    return Response(text.getvalue(), media_type="text/csv", headers=named)


def _row(listed_case: ListedCase, zone: ZoneInfo) -> tuple[object, ...]:
    closed_on = listed_case.closed_at.astimezone(zone).date() if listed_case.closed_at else ""
    received_on = listed_case.received_at.astimezone(zone).date()
    known = listed_case.case_id, listed_case.ticket, listed_case.channel, listed_case.right.value
    dates = received_on, listed_case.work_to_on, listed_case.due_on
    return (*known, listed_case.state.value, *dates, listed_case.owner, closed_on)


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
        order=_order(visit.asked("sort")),
        descending=bool(visit.asked("down")),
    )


def _order(text: str) -> CaseOrder:
    if text and text not in _SORTS:
        raise BadInput("The order is not known; choose one of the page.")
    return _SORTS[text] if text else CaseOrder.TARGET


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
    shown = [item.case for section in work.lists.values() for item in section.shown if item.case]
    return visit.show(
        "home.html",
        work=work,
        labels_of_cases=labels_of(visit.app, shown),
        kinds=kinds,
        words=WORK_WORDS,
        labels=STATUS_LABELS,
        line=line,
        shade=shade,
        place=place,
        is_mine=is_mine,
        outdated=settings_differences(visit.app),
    )
