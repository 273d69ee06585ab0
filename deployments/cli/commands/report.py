"""``report``: the figures of the case store."""

from __future__ import annotations

from collections import Counter

from rich.table import Table

from deployments.cli.output import JsonFlag, console, print_json
from deployments.monitoring.serving_store import figures_reader
from rightsflow.config.environment import Environment
from rightsflow.domain.board import Group
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.store.queries.figures import StoreFigures


def report(json_output: JsonFlag = False) -> None:
    """Show the figures: cases, alerts and the last seal.

    It needs no master key.
    """
    figures = figures_reader(Environment())()
    if json_output:
        print_json(_document(figures))
        return
    counts = _by_right(figures)
    table = Table("right", "open", *(group.value for group in Group), "overdue", box=None, header_style="bold")
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
