"""The deadline board: every open case, soonest first, as Markdown. No personal data of subjects."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from textwrap import wrap
from types import MappingProxyType

from rightsflow.domain.board import HEADINGS, Board, BoardCase, Group, Section, Wording
from rightsflow.store.case.case_tasks import CaseTask
from rightsflow.store.queries.to_send import LetterToSend

AT_MOST: Mapping[Group, int] = MappingProxyType({Group.RED: 50, Group.AMBER: 50, Group.STANDING: 25, Group.GREEN: 25})
"""The number of cases of each group that are listed before the rest is only counted."""

_ROWS = 50
"""The number of letters and tasks that are listed before the rest is only counted."""
_WIDTH = 26
"""Characters in a line of a cell. Prefect's UI wraps none, and what is too wide for its page is out of sight."""
_DAY = re.compile(r"\b([A-Z][a-z]{2}) (\d{2}) ([A-Z][a-z]{2})\b")
"""A day in short, which stays in one line."""
_SIGNS = {Group.RED: "🔴", Group.AMBER: "🟡", Group.STANDING: "⏸️", Group.GREEN: "🟢"}


def _no_page(_case_id: str) -> str:
    return ""


def render_board(board: Board, *, now: datetime, wording: Wording, links: Mapping[str, str]) -> str:
    """The board as Markdown.

    Args:
        board: The groups, cut.
        now: As of when, in the controller's zone.
        wording: The day's words.
        links: Where people look at a case, by case id, as far as there is such a place.
    """
    return "\n".join(_lines(board, now, wording, links)) + "\n"


def render_work(
    letters: Sequence[LetterToSend], tasks: Sequence[CaseTask], wording: Wording, page: Callable[[str], str] = _no_page
) -> str:
    """Render people's work besides decisions, as Markdown: letters to send, and manual tasks that are due.

    Args:
        letters: The letters that are not noted as sent, the soonest due first.
        tasks: The open tasks that are overdue or soon due, the soonest first.
        wording: The day's words.
        page: Gives the address of a case's page at the desk; empty where there is none.
    """
    return "".join(f"{line}\n" for line in [*_letters(letters, wording, page), *_tasks(tasks, wording, page)])


def _case(case_id: str, page: Callable[[str], str]) -> str:
    address = page(case_id)
    return f"[{case_id}]({address})" if address else case_id


def _letters(letters: Sequence[LetterToSend], wording: Wording, page: Callable[[str], str]) -> Iterator[str]:
    if not letters:
        return
    yield from ("", f"## To send: {len(letters):,}", "", "| case | letter | work to | owner |", "|---|---|---|---|")
    for letter in letters[:_ROWS]:
        owner = wording.owner_name(letter.owner).replace("|", "/")
        yield f"| {_case(letter.case_id, page)} | {letter.letter} | {wording.day(letter.work_to_on)} | {owner} |"
    yield from _cut(len(letters), "letter list")


def _tasks(tasks: Sequence[CaseTask], wording: Wording, page: Callable[[str], str]) -> Iterator[str]:
    if not tasks:
        return
    yield from ("", f"## Tasks by hand: {len(tasks):,} due", "", "| case | task | system | due | owner |")
    yield "|---|--:|---|---|---|"
    for task in tasks[:_ROWS]:
        owner, due = wording.owner_name(task.owner).replace("|", "/"), wording.day(task.due_on)
        late = f"{due}, overdue" if task.due_on < wording.today else due
        yield f"| {_case(task.case_id, page)} | {task.number} | {task.system} | {late} | {owner} |"
    yield from _cut(len(tasks), "case tasks --due")


def _cut(count: int, command: str) -> Iterator[str]:
    if count > _ROWS:
        yield from ("", f"… and {count - _ROWS:,} more; `rightsflow {command}` lists all.")


def headline(board: Board) -> str:
    """Return the number of open cases, in total and by group.

    Args:
        board: The groups.
    """
    count = sum(section.count for section in board.values())
    if not count:
        return "no case is open."
    counts = " · ".join(f"{_SIGNS[group]} {section.count:,} {group.value}" for group, section in board.items())
    return f"{count:,} open · {counts}"


def _lines(board: Board, now: datetime, wording: Wording, links: Mapping[str, str]) -> Iterator[str]:
    yield "# Deadline board"
    yield ""
    yield f"As of {now:%a %d %b %Y, %H:%M} ({now.tzinfo}): {headline(board)}"
    for group, section in board.items():
        if section.count:
            yield ""
            yield f"## {_SIGNS[group]} {group.value.capitalize()}: {section.count:,}"
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
