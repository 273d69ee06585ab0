"""``board``, ``case orders`` and ``report``: many cases, and the figures of the store."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from datetime import datetime
from itertools import chain, islice
from typing import Annotated

import typer
from rich.table import Table

from deployments.cli.output import JsonFlag, TextConsole, console, plain, print_json, progress
from deployments.monitoring.store_figures import figures_reader
from rightsflow.app import current_app
from rightsflow.cases.course.orders import all_orders
from rightsflow.cases.facts.overview.board import AT_MOST, headline
from rightsflow.cases.facts.people import Duty, known_person
from rightsflow.config.environment import Environment
from rightsflow.domain.board import HEADINGS, STATUS_LABELS, Board, BoardCase, Group, Wording
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store.queries.figures import StoreFigures

_COLOURS = {Group.RED: "red", Group.AMBER: "yellow", Group.STANDING: "cyan", Group.GREEN: "green"}
_WIDE = 165
"""From how many columns on a case stands in one line; on fewer, what belongs together stands stacked."""
_AT_ONCE = 500
"""The number of cases laid out together: a table is printed when all its rows are known."""


def board(
    everything: Annotated[
        bool, typer.Option("--all", help="Every open case, not only the soonest of each group.")
    ] = False,
    owner: Annotated[str | None, typer.Option(help="Only one owner's cases: the key of a role or of a person.")] = None,
    json_output: JsonFlag = False,
) -> None:
    """Show the open cases by urgency, with owner and next step."""
    print_board(console, everything=everything, owner=owner, json_output=json_output)


def print_board(
    screen: TextConsole, *, everything: bool = False, owner: str | None = None, json_output: bool = False
) -> None:
    """Print the board, as wide as the screen is.

    Args:
        screen: Where to.
        everything: Every open case, not only the soonest of each group.
        owner: Only one owner's cases.
        json_output: One JSON document instead, on standard output.
    """
    current = current_app()
    cases = current.store.work.open_cases(
        current.today, None if owner is None else {known_person(current_app(), owner)}
    )
    groups = cases.board(AT_MOST)
    wording = Wording(current.today, current.settings.controller.zone, Duty.of(current).name)

    def rows(group: Group) -> Iterable[BoardCase]:
        return cases.all_of(group) if everything else groups[group].cases

    if json_output:
        _print_document(groups, rows, wording, as_of=current.now())
        return
    screen.print(headline(groups), style="bold", highlight=False)
    for group, section in groups.items():
        if section.count:
            screen.print()
            _print_group(screen, group, rows(group), wording)
            if section.more and not everything:
                screen.print(f"{wording.more(section)}; see `rightsflow board --all`", highlight=False)


def _print_group(screen: TextConsole, group: Group, cases: Iterable[BoardCase], wording: Wording) -> None:
    screen.print(group.value.capitalize(), style=f"bold {_COLOURS[group]}", highlight=False)
    for some in _batches(cases):
        table = _table(group, stacked=screen.width < _WIDE)
        for case in some:
            cells = wording.cells(case)
            row = map("\n".join, cells) if screen.width < _WIDE else chain.from_iterable(cells)
            table.add_row(*row)
        screen.print(table, highlight=False)


def _table(group: Group, *, stacked: bool) -> Table:
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0), pad_edge=False)
    for headings in HEADINGS:
        for heading in ["\n".join(headings)] if stacked else headings:
            colour = _COLOURS[group] if heading.startswith("left") else None
            table.add_column(heading, no_wrap=heading.startswith("case"), style=colour)
    return table


def _record(group: Group, case: BoardCase, wording: Wording) -> dict[str, object]:
    """Return a case for a machine: the facts, and the words for them."""
    return {
        "group": group,
        **asdict(case),
        "owner_name": wording.owner_name(case.owner),
        "time_left": wording.time_left(case),
        "waits_for": wording.waits_for(case),
        "remarks": list(wording.remarks(case)),
    }


def _batches(cases: Iterable[BoardCase]) -> Iterator[list[BoardCase]]:
    left = iter(cases)
    while some := list(islice(left, _AT_ONCE)):
        yield some


def _print_document(
    groups: Board, rows: Callable[[Group], Iterable[BoardCase]], wording: Wording, *, as_of: datetime
) -> None:
    """Print one JSON document, a case per line as they are read, so that no number of them fills the memory."""
    head = {
        "as_of": as_of,
        "open": sum(section.count for section in groups.values()),
        "groups": {group: section.count for group, section in groups.items()},
    }
    progress.end()
    sys.stdout.write(json.dumps(plain(head), ensure_ascii=False)[:-1] + ', "cases": [')
    comma = ""
    for group in groups:
        for case in rows(group):
            line = json.dumps(plain(_record(group, case, wording)), ensure_ascii=False)
            sys.stdout.write(f"{comma}\n  {line}")
            comma = ","
    sys.stdout.write("\n]}\n")


def orders(json_output: JsonFlag = False) -> None:
    """List the orders that controllers gave us as their processor.

    Each line shows the status of the order.
    """
    found = all_orders(current_app())
    if json_output:
        print_json(found)
        return
    table = Table("case", "controller", "received", "to be proved", "status", box=None, header_style="bold")
    zone = current_app().settings.controller.zone
    for order in found:
        received = f"{order.received_at.astimezone(zone):%d %b %Y}"
        table.add_row(order.case_id, order.name, received, f"{order.due_on:%a %d %b %Y}", order.status.value)
    console.print(table if found else "No controller has ordered anything.")


def report(json_output: JsonFlag = False) -> None:
    """Show the figures: cases, alerts and the last seal.

    It needs no master key.
    """
    figures = figures_reader(Environment())()
    if json_output:
        print_json(_document(figures))
        return
    counts = _by_right(figures)
    table = Table(
        "right", "open", *(STATUS_LABELS[group].lower() for group in Group), "overdue", box=None, header_style="bold"
    )
    for right in Right:
        groups = [counts[right, group] for group in Group]
        if any(groups):
            table.add_row(right.value, *map(str, (sum(groups), *groups, figures.overdue.get(right, 0))))
    console.print(table if table.row_count else "No case is open.")
    alerts = sum(figures.alerts.values())
    sealed = f"{figures.sealed_at:%Y-%m-%d %H:%M} UTC" if figures.sealed_at else "never"
    console.print(f"Alerts: {alerts}. The ledger was sealed: {sealed}.", highlight=False)


def _by_right(figures: StoreFigures) -> Counter[tuple[Right, Group]]:
    counts: Counter[tuple[Right, Group]] = Counter()
    for (right, _, group), count in figures.open_cases.items():
        counts[right, group] += count
    return counts


def _document(figures: StoreFigures) -> dict[str, object]:
    cases = [
        {"right": right, "state": state, "group": group, "cases": count}
        for (right, state, group), count in figures.open_cases.items()
        if count
    ]
    alerts = [
        {"alert": kind, "everyone_notified": is_told, "count": count}
        for (kind, is_told), count in figures.alerts.items()
        if count
    ]
    return {"open_cases": cases, "overdue": figures.overdue, "alerts": alerts, "sealed_at": figures.sealed_at}
