"""Statistics: open cases, answers in time by month, and the time to each stage; as a page with a chart, and as CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Final

from starlette.responses import Response

from deployments.desk.addresses import PREFIX
from deployments.desk.page import page
from deployments.desk.visit import Visit
from rightsflow.domain.accounts import Permission
from rightsflow.domain.case_statistics import FEWEST_MEASURED, DeskMinutes, Month, Statistics
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState

_WIDTH: Final = 60
"""The width of a month in the chart, in its own units."""
_HEIGHT: Final = 160
_LEFT: Final = 40
_TOP: Final = 16


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of the chart.

    Args:
        x: Its left edge.
        y: Its upper edge.
        height: Its height.
        kind: The class that colours it.
    """

    x: float
    y: float
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of the months: requests received beside answers, of which the late ones stand on top.

    Args:
        width: The width of the whole.
        height: The height of the whole.
        base: The height at which the bars begin.
        bars: The bars.
        lines: The horizontal lines: height and count.
        labels: The months: position and name.
    """

    width: float
    height: float
    base: float
    bars: Sequence[Bar]
    lines: Sequence[tuple[float, int]]
    labels: Sequence[tuple[float, str]]


@page("/statistics", needs=Permission.READ_CASES)
def statistics(visit: Visit) -> Response:
    """Show the figures."""
    found = _read(visit)
    rights = [right for right in Right if any(key[1] is right for key in found.open_cases)]
    states = [state for state in CaseState if any(key[0] is state for key in found.open_cases)]
    return visit.show(
        "statistics.html",
        found=found,
        rights=rights,
        states=states,
        total=sum(found.open_cases.values()),
        overdue=sum(found.overdue.values()),
        chart=chart(found.months),
        minutes_chart=minutes_chart(found.minutes),
        is_measured=visit.app.settings.desk.measure_minutes,
        fewest=FEWEST_MEASURED,
        export=f"{PREFIX}/statistics.csv",
    )


@page("/statistics.csv", needs=Permission.READ_CASES)
def export(visit: Visit) -> Response:
    """The same figures as CSV, one figure a line."""
    text = io.StringIO()
    rows = csv.writer(text)
    rows.writerow(("figure", "month", "right", "stage", "value"))
    rows.writerows(_lines(_read(visit)))
    named = {"Content-Disposition": 'attachment; filename="statistics.csv"'}
    return Response(text.getvalue(), media_type="text/csv", headers=named)


def _read(visit: Visit) -> Statistics:
    app = visit.app
    return app.store.work.statistics(app.today, app.settings.controller.zone)


def _lines(found: Statistics) -> Iterator[tuple[str, str, str, str, float]]:
    for (state, right), count in sorted(found.open_cases.items()):
        yield "open", "", right.value, state.value, count
    for right, count in sorted(found.overdue.items()):
        yield "overdue", "", right.value, "", count
    for month in found.months:
        counts = {
            "received": month.received,
            "answered on time": month.on_time,
            "answered late": month.late,
            "withdrawn or stopped": month.unanswered,
        }
        for figure, count in counts.items():
            yield figure, f"{month.first:%Y-%m}", "", "", count
    for time in found.stage_times:
        right_words = time.right.value if time.right else "all"
        yield "cases measured", "", right_words, time.stage.value, time.cases
        yield "median days from receipt", "", right_words, time.stage.value, time.median_days
        yield "90th percentile of days from receipt", "", right_words, time.stage.value, time.most_days
    for item in found.minutes:
        right_words, month_words = item.right.value if item.right else "all", f"{item.first:%Y-%m}"
        yield "cases measured at the desk", month_words, right_words, "", item.cases
        yield "median minutes at the desk", month_words, right_words, "", item.median


def chart(months: Sequence[Month]) -> Chart:
    """Draw the months.

    Args:
        months: The months, the oldest first.
    """
    most = max((max(month.received, month.answered) for month in months), default=0)
    return _drawn(most, [(f"{month.first:%b %y}", _columns(month)) for month in months])


def minutes_chart(minutes: Sequence[DeskMinutes]) -> Chart:
    """Draw the minutes per case of the months, of all rights together.

    Args:
        minutes: The minutes, the oldest month first.
    """
    months = [item for item in minutes if item.right is None]
    most = ceil(max((item.median for item in months), default=0))
    return _drawn(most, [(f"{item.first:%b %y}", [(20, 0, item.median, "received")]) for item in months])


def _columns(month: Month) -> list[tuple[int, float, float, str]]:
    late = (32, month.on_time, month.late, "late")
    return [(8, 0, month.received, "received"), (32, 0, month.on_time, "on-time"), late]


def _drawn(most: int, months: Sequence[tuple[str, Sequence[tuple[int, float, float, str]]]]) -> Chart:
    """Draw columns, each by its place in the month, what it stands on, its value and its class."""
    step = max(1, -(-most // 4))
    scale, base = _HEIGHT / (step * 4), _TOP + _HEIGHT
    bars = [
        Bar(_LEFT + place * _WIDTH + x, base - (below + value) * scale, value * scale, kind)
        for place, (_, columns) in enumerate(months)
        for x, below, value, kind in columns
        if value
    ]
    return Chart(
        width=_LEFT + _WIDTH * len(months),
        height=base + 24,
        base=base,
        bars=bars,
        lines=[(base - number * step * scale, number * step) for number in range(5)],
        labels=[(_LEFT + place * _WIDTH + _WIDTH / 2, label) for place, (label, _) in enumerate(months)],
    )
