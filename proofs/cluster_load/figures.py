"""What is counted from the results: order, gaps, speed. Pure."""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from proofs.cluster_load.results import Seen


@dataclass(frozen=True, slots=True)
class Order:
    """Whether the more urgent cases went first.

    Args:
        pairs: Pairs with different dates to work to, of which the less urgent one was handed to Prefect only after the
            more urgent one was imported, so that a person had the choice.
        handed: Those of which the less urgent one was handed to Prefect first all the same.
        began: Those of which the less urgent one began first all the same.
    """

    pairs: int
    handed: int
    began: int


def order_of(cases: Sequence[Seen]) -> Order:
    """Count the pairs.

    Args:
        cases: The cases.
    """
    known = [
        (case.work_to_on, case.opened_at, case.created_at, case.started_at)
        for case in cases
        if case.created_at and case.started_at
    ]
    known.sort(key=_date, reverse=True)
    created: list[datetime] = []
    began: list[tuple[datetime, datetime]] = []
    counts = [0, 0, 0]
    for _, same in groupby(known, key=_date):
        day = list(same)
        for _, opened_at, created_at, began_at in day:
            after = bisect_right(created, opened_at)
            counts[0] += len(created) - after
            counts[1] += max(bisect_left(created, created_at) - after, 0)
            sooner = began[: bisect_left(began, (began_at, began_at))]
            counts[2] += sum(one > opened_at for _, one in sooner)
        for _, _, created_at, began_at in day:
            insort(created, created_at)
            insort(began, (began_at, created_at))
    return Order(*counts)


def _date(row: tuple[date, datetime, datetime, datetime]) -> date:
    return row[0]


def longest_gap(cases: Sequence[Seen], began_at: datetime, ended_at: datetime) -> float:
    """For how many seconds at most no case was closed.

    Args:
        cases: The cases.
        began_at: From when (aware).
        ended_at: Until when (aware); the first case that is closed later counts as the end.
    """
    closed = sorted(case.closed_at for case in cases if case.closed_at)
    inside = closed[bisect_left(closed, began_at) : bisect_right(closed, ended_at) + 1]
    return max(
        (later - sooner).total_seconds() for sooner, later in zip([began_at, *inside], [*inside, ended_at], strict=True)
    )


@dataclass(frozen=True, slots=True)
class Overtaking:
    """How the second file went.

    Args:
        cases: Its cases.
        seconds: From the end of its import until the last of them began.
        others: How many less urgent cases began meanwhile.
        others_handed: How many of these were handed to Prefect meanwhile too, and not before.
    """

    cases: int
    seconds: float
    others: int
    others_handed: int


def overtaking(cases: Sequence[Seen], began_at: datetime) -> Overtaking:
    """See how the cases that were imported last went.

    Args:
        cases: The cases.
        began_at: When their import began (aware).
    """
    late = [case for case in cases if case.opened_at >= began_at]
    known_at = max(case.opened_at for case in late)
    last = max(case.started_at for case in late if case.started_at)
    others = [case for case in cases if case.opened_at < began_at and case.started_at]
    meanwhile = [case for case in others if case.started_at and known_at < case.started_at < last]
    handed = sum(bool(case.created_at and case.created_at > known_at) for case in meanwhile)
    return Overtaking(len(late), (last - known_at).total_seconds(), len(meanwhile), handed)
