"""The deadline board of all open cases, soonest first, and people's work over all of them. No personal data."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from textwrap import wrap
from types import MappingProxyType
from typing import Final

from rightsflow.cases.app import App
from rightsflow.cases.facts.people import Duty
from rightsflow.domain.board import HEADINGS, SOON_DAYS, Board, BoardCase, Group, Section, Wording
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.store.case.case_tasks import CaseTask
from rightsflow.store.queries.work import AwaitedReply, Cut, LetterToSend, UnacknowledgedAlert

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


_WAITS_IN: Final[Mapping[Gate, CaseState]] = {
    Gate.IDENTITY: CaseState.IDENTITY_PENDING,
    Gate.APPROVAL: CaseState.AWAITING_APPROVAL,
}
SHOWN: Final = 50
"""The number of lines of each list before the rest is only counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingWork:
    """The work that waits for people; no personal data of subjects.

    Args:
        gates: Per gate the cases in which a person has to decide, the soonest first.
        letters: The letters that are not noted as sent, the soonest due first.
        replies: The questions that persons have not answered, the longest asked first.
        alerts: The alerts that no one has acknowledged, the soonest due first.
        tasks: The tasks by hand that are overdue or soon due.
        board: The open cases by how pressing they are.
        silent: The systems that do not answer, each with since when (aware).
        braked: The systems at which erasing is stopped.
        imported: How many imported cases have not begun.
        wording: The day's words.
    """

    gates: Mapping[Gate, Section]
    letters: Cut[LetterToSend]
    replies: Cut[AwaitedReply]
    alerts: Cut[UnacknowledgedAlert]
    tasks: Sequence[CaseTask]
    board: Board
    silent: Mapping[str, datetime]
    braked: Sequence[str]
    imported: int
    wording: Wording


def waiting_work(app: App, person: str = "") -> WaitingWork:
    """Read what waits for people now.

    Args:
        app: What it works with.
        person: The key of a person: only their cases and tasks, those included for whom they stand in today; empty for
            everybody's.

    Raises:
        Transient: The case store does not answer.
    """
    work, today, duty = app.store.work, app.today, Duty.of(app)
    owners = _answered_by(app, duty, person) if person else None
    cases = work.open_cases(today, owners)
    tasks = work.open_tasks(due_by=today + timedelta(days=SOON_DAYS))
    return WaitingWork(
        gates={gate: cases.at_gate(state, SHOWN) for gate, state in _WAITS_IN.items()},
        letters=work.first_letters_to_send(SHOWN, owners),
        replies=work.awaited_replies(SHOWN, owners),
        alerts=work.unacknowledged_alerts(SHOWN, owners),
        tasks=[task for task in tasks if owners is None or task.owner in owners],
        board=cases.board(AT_MOST),
        silent={system: breaker.since for system, breaker in app.store.breakers.open_ones().items()},
        braked=[item.system for item in app.store.brakes.present()],
        imported=work.imported_and_waiting,
        wording=Wording(today, app.settings.controller.zone, duty.name),
    )


def _answered_by(app: App, duty: Duty, person: str) -> set[str]:
    """The keys for which a person answers today: their own, and those of whom they stand in for."""
    keys = {key for key in app.settings.people_by_key if duty.answering(key) == person}
    return keys | {person}
