"""A case of any length is checked in time proportional to it.

What is counted is not time but the lines of our own code that are executed, so that a busy machine changes nothing.
"""

from __future__ import annotations

import sys
from functools import cache
from types import FrameType
from typing import Any

import pytest

from rightsflow.audit.evidence.verification import check_bundle
from tests.support import story
from tests.support.long_cases import ONE_MATTER, forged_cases, long_case

pytestmark = pytest.mark.long

SHORT, LONG = 40, 160


def lines_executed(data: bytes) -> int:
    """How many lines of the check, of what it makes again and of the ledger are executed for a bundle."""
    count = 0

    def within(_frame: FrameType, event: str, _value: object) -> Any:
        nonlocal count
        count += event == "line"
        return within

    def calls(frame: FrameType, _event: str, _value: object) -> Any:
        path = frame.f_code.co_filename
        return within if "/rightsflow/audit/evidence/" in path or "/rightsflow/audit/ledger/" in path else None

    before = sys.gettrace()
    sys.settrace(calls)
    try:
        check_bundle(data)
    finally:
        sys.settrace(before)
    return count


@cache
def shortest() -> int:
    return lines_executed(story.bundle())


def grown(short: bytes, long: bytes) -> float:
    """How many times as many lines each entry more costs in a long case as in a short one, beside their number."""
    empty, one, many = shortest(), lines_executed(short), lines_executed(long)
    return ((many - empty) / (one - empty)) / (LONG / SHORT)


KINDS = sorted({event for _, event, _, _ in story.STORY} - {"CaseOpened"})


@pytest.mark.apart
def test_each_entry_more_costs_the_same():
    """Sent letters, systems and their records, and letters beside activities, cost the square of their number."""
    for kind in (*KINDS, ONE_MATTER, "all"):
        assert grown(long_case(kind, SHORT), long_case(kind, LONG)) < 1.3


@pytest.mark.apart
def test_each_line_more_of_anything_else_costs_the_same():
    for kind in sorted(forged_cases(1)):
        assert grown(forged_cases(SHORT)[kind], forged_cases(LONG)[kind]) < 1.3


def test_a_long_case_is_whole():
    found = check_bundle(long_case("all", LONG))
    assert (found.is_whole, found.entries) == (True, len(story.STORY) + 1 + LONG)
