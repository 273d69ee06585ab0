"""The deadline board of all open cases, soonest first, and people's work over all of them. No personal data."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from textwrap import wrap
from types import MappingProxyType
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import Duty
from rightsflow.domain.accounts import Permission, permissions
from rightsflow.domain.board import HEADINGS, STATUS_LABELS, Board, BoardCase, Group, Section, Wording
from rightsflow.domain.work_list import ToDo, ToDoKind, is_mine, work_of, work_on_hold
from rightsflow.store.queries.case_list import CaseColumns, ListedCase, listed
from rightsflow.store.queries.work import Cut

AT_MOST: Mapping[Group, int] = MappingProxyType({Group.RED: 50, Group.AMBER: 50, Group.STANDING: 25, Group.GREEN: 25})
"""The number of cases of each group that are listed before the rest is only counted."""

_WIDTH = 26
"""Characters in a line of a cell. Prefect's UI wraps none, and what is too wide for its page is out of sight."""
_DAY = re.compile(r"\b([A-Z][a-z]{2}) (\d{2}) ([A-Z][a-z]{2})\b")
"""A day in short, which stays in one line."""
_SIGNS = {Group.RED: "🔴", Group.AMBER: "🟡", Group.STANDING: "⏸️", Group.GREEN: "🟢"}


def _no_page(_case_id: str) -> str:
    return ""


def render_board(board: Board, *, now: datetime, wording: Wording, links: Mapping[str, str]) -> str:
    """Render the board as Markdown.

    Args:
        board: The groups, cut.
        now: As of when, in the controller's zone.
        wording: The day's words.
        links: Where people look at a case, by case id, as far as there is such a place.
    """
    return "\n".join(_lines(board, now, wording, links)) + "\n"


def render_work(
    lists: Mapping[ToDoKind, Cut[ListedWork]], wording: Wording, page: Callable[[str], str] = _no_page
) -> str:
    """Render the work that waits for people, as Markdown; the cases at a gate are on the board itself.

    Args:
        lists: The work by kind.
        wording: The day's words.
        page: Gives the address of a case's page at the desk; empty where there is none.
    """
    return "".join(f"{line}\n" for line in _work(lists, wording, page))


_ON_THE_BOARD: Final = frozenset({ToDoKind.IDENTITY, ToDoKind.APPROVAL, ToDoKind.REPLY, ToDoKind.ALERT})


def _work(lists: Mapping[ToDoKind, Cut[ListedWork]], wording: Wording, page: Callable[[str], str]) -> Iterator[str]:
    for kind, items in lists.items():
        if kind in _ON_THE_BOARD:
            continue
        yield from ("", f"## {kind.value.capitalize()}: {items.count:,}", "", "| case | what to do | due | owner |")
        yield "|---|---|---|---|"
        for item in items.shown:
            yield f"| {' | '.join(_work_cells(item, wording, page))} |"
        if items.more:
            yield from ("", f"… and {items.more:,} more; *To do* at the desk lists all.")


def _work_cells(item: ListedWork, wording: Wording, page: Callable[[str], str]) -> Iterator[str]:
    work, address = item.work, page(item.work.case_id)
    due_on = work.due_on or (item.case.work_to_on if item.case else None)
    due = wording.day(due_on) if due_on else ""
    yield f"[{work.case_id}]({address})" if address else work.case_id
    yield work.says.replace("|", "/").replace("\n", " ")
    yield f"{due}, overdue" if work.due_on and work.due_on < wording.today else due
    yield wording.owner_name(work.owner).replace("|", "/")


def headline(board: Board) -> str:
    """Return the number of open cases, in total and by group.

    Args:
        board: The groups.
    """
    count = sum(section.count for section in board.values())
    if not count:
        return "no case is open."
    counts = " · ".join(
        f"{_SIGNS[group]} {section.count:,} {STATUS_LABELS[group].lower()}" for group, section in board.items()
    )
    return f"{count:,} open · {counts}"


def _lines(board: Board, now: datetime, wording: Wording, links: Mapping[str, str]) -> Iterator[str]:
    yield "# Deadline board"
    yield ""
    yield f"As of {now:%a %d %b %Y, %H:%M} ({now.tzinfo}): {headline(board)}"
    for group, section in board.items():
        if section.count:
            yield ""
            yield f"## {_SIGNS[group]} {STATUS_LABELS[group]}: {section.count:,}"
            yield ""
            yield from _section(group, section, wording, links)


def _section(group: Group, section: Section, wording: Wording, links: Mapping[str, str]) -> Iterator[str]:
    if group is Group.STANDING:
        yield "_The person was asked and has not answered. The dates are those without the suspension._"
        yield ""
    yield f"| {' | '.join(', '.join(headings) for headings in HEADINGS)} |"
    yield "|---" * len(HEADINGS) + "|"
    for case in section.cases:
        yield f"| {' | '.join(_cells(case, wording, links))} |"
    if cut := wording.more(section):
        yield ""
        yield cut


def _cells(case: BoardCase, wording: Wording, links: Mapping[str, str]) -> Iterator[str]:
    link = links.get(case.case_id)
    for first, *others in wording.cells(case):
        leading = f"[{first}]({link})" if link and first == case.case_id else f"**{_folded(first)}**"
        yield "<br>".join([leading, *map(_folded, filter(None, others))]).replace("|", "/")


def _folded(text: str) -> str:
    return "<br>".join(wrap(_DAY.sub("\\1\N{NO-BREAK SPACE}\\2\N{NO-BREAK SPACE}\\3", text), _WIDTH))


SHOWN: Final = 50
"""The number of lines of each list before the rest is only counted."""


@dataclass(frozen=True, slots=True)
class ListedWork:
    """One piece of work in a list.

    Args:
        work: The work.
        case: Its case; ``None`` of a legal hold.
    """

    work: ToDo
    case: ListedCase | None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingWork:
    """The work that waits for people; no personal data of subjects.

    Args:
        lists: The work by kind, each kind's soonest first; kinds without work are not among them.
        board: The open cases by status.
        silent: The systems that do not answer, each with since when (aware).
        braked: The systems at which erasing is stopped.
        imported: How many imported cases have not begun.
        wording: The day's words.
    """

    lists: Mapping[ToDoKind, Cut[ListedWork]]
    board: Board
    silent: Mapping[str, datetime]
    braked: Sequence[str]
    imported: int
    wording: Wording


def waiting_work(app: App, person: str = "", may: Collection[Permission] = ()) -> WaitingWork:
    """Read what waits for people now.

    Args:
        app: What it works with.
        person: The key of a person: only their own work, that included for which they stand in today; empty for
            everybody's.
        may: The permissions of that person.

    Raises:
        Transient: The case store does not answer.
    """
    work, today, duty = app.store.work, app.today, Duty.of(app)
    owners = _answered_by(app, duty, person) if person else None
    wanted = _wanted(app, duty, may, owners) if owners is not None else _all
    return WaitingWork(
        lists=work_lists(app, wanted),
        board=work.open_cases(today, owners).board(AT_MOST),
        silent={system: breaker.since for system, breaker in app.store.breakers.open_ones().items()},
        braked=[item.system for item in app.store.brakes.present()],
        imported=work.imported_and_waiting,
        wording=Wording(today, app.settings.controller.zone, duty.name),
    )


def _all(_work: ToDo) -> bool:
    return True


def work_lists(
    app: App, wanted: Callable[[ToDo], bool] = _all, *, shown: int = SHOWN
) -> dict[ToDoKind, Cut[ListedWork]]:
    """Return the work that waits for people, by kind in the order of the list.

    Args:
        app: What it works with.
        wanted: Says of one piece of work whether it is wanted.
        shown: How many of each kind are given; all are counted.

    Raises:
        Transient: The case store does not answer.
    """
    present, lists = app.present, defaultdict[ToDoKind, list[tuple[ToDo, CaseColumns | None]]](list)
    for facts, row in app.store.work.facts(app.today):
        for work in filter(wanted, work_of(facts, present)):
            lists[work.kind].append((work, row))
    for hold in app.store.legal_holds.all():
        to_approve = work_on_hold(hold)
        if to_approve is not None and wanted(to_approve):
            lists[to_approve.kind].append((to_approve, None))
    return {kind: _first(lists[kind], shown) for kind in ToDoKind if lists[kind]}


def _first(items: Sequence[tuple[ToDo, CaseColumns | None]], shown: int) -> Cut[ListedWork]:
    first = (ListedWork(work, None if row is None else listed(row)) for work, row in items[:shown])
    return Cut(len(items), tuple(first))


def _wanted(app: App, duty: Duty, may: Collection[Permission], owners: Collection[str]) -> Callable[[ToDo], bool]:
    """Return the rule which work is a person's own."""
    roles = {key: permissions(member.roles) for key, member in app.settings.members.items()}

    def owner_may(owner: str, needs: Permission) -> bool:
        # An owner who cannot sign in stands for the team: its list has the work.
        answering = duty.answering(owner)
        return answering not in roles or needs in roles[answering]

    return partial(is_mine, permissions=may, answers_for=owners, owner_may=owner_may)


def _answered_by(app: App, duty: Duty, person: str) -> set[str]:
    """Return the keys for which a person is responsible today: their own, and those that they deputise for."""
    keys = {key for key in app.settings.people_by_key if duty.answering(key) == person}
    return keys | {person}
