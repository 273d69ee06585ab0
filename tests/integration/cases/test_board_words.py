"""The board's words: what a case waits for, how much time is left, and that both say the same as the case's sheet."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.board import HEADINGS, SOON_DAYS, BoardCase, Light, Section, WaitingFor, Wording, light, waiting
from rightsflow.domain.vocabulary.rights import Right
from rightsflow.domain.vocabulary.states import CaseState

TODAY = date(2026, 11, 24)
NAMES = {"case_owner": "Subject rights desk", "meyer": "Jana Meyer, for whom Chidi Okafor stands in"}
WORDING = Wording(TODAY, ZoneInfo("Europe/Berlin"), NAMES.__getitem__)
OPEN = sorted(one for one in CaseState if not one.ends_unanswered)


def case(**changes: Any) -> BoardCase:
    facts: dict[str, Any] = {
        "case_id": "DSR-2026-7K3M9Q",
        "right": Right.ERASURE,
        "state": CaseState.IN_PROGRESS,
        # In Berlin it was the next day already.
        "state_since": datetime(2026, 11, 22, 23, 30, tzinfo=UTC),
        "received_at": datetime(2026, 11, 10, 8, tzinfo=UTC),
        "due_on": date(2026, 12, 10),
        "work_to_on": date(2026, 12, 9),
        "owner": "case_owner",
        "acknowledged": True,
    }
    return BoardCase(**facts | changes)


THEN = datetime(2026, 11, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": CaseState.RECEIVED}, "its run to start, since Mon 23 Nov"),
        ({"state": CaseState.IDENTITY_PENDING}, "a decision on identity, since Mon 23 Nov"),
        ({"state": CaseState.IN_PROGRESS}, "the search"),
        ({"state": CaseState.AWAITING_APPROVAL}, "approval by another person than the opener, since Mon 23 Nov"),
        ({"state": CaseState.EXECUTING}, "nothing: being carried out"),
        (
            {"state": CaseState.IDENTITY_PENDING, "suspended_since": THEN},
            "the person's proof of identity, asked Thu 12 Nov (clock suspended)",
        ),
        (
            {"state": CaseState.IN_PROGRESS, "suspended_since": THEN},
            "the person's answer to what they mean, asked Thu 12 Nov (clock suspended)",
        ),
        (
            {"state": CaseState.AWAITING_APPROVAL, "suspended_since": THEN},
            "approval by another person than the opener, since Mon 23 Nov",
        ),
        ({"failing_since": {"erase helpdesk": THEN}}, "erase helpdesk, failing since Thu 12 Nov"),
        (
            {"failing_since": {"erase calls": THEN + timedelta(days=1), "verify helpdesk": THEN, "erase a": THEN}},
            "erase a, failing since Thu 12 Nov, and 2 more",
        ),
        (
            {"failing_since": {"package": datetime(2025, 12, 30, 9, tzinfo=UTC)}, "suspended_since": THEN},
            "package, failing since Tue 30 Dec 2025",
        ),
    ],
)
def test_what_a_case_waits_for_and_since_when(changes: dict[str, Any], words: str) -> None:
    assert WORDING.waits_for(case(**changes)) == words


@pytest.mark.apart
@given(st.sampled_from(OPEN), st.booleans(), st.booleans())
def test_whatever_fails_is_named_before_all_else(state: CaseState, failing: bool, stands: bool) -> None:
    waits = waiting(state, failing=failing, stands=stands)
    assert (waits is WaitingFor.SYSTEM) is failing
    asked = {WaitingFor.PROOF, WaitingFor.CLARIFICATION}
    before_decision = {CaseState.RECEIVED, CaseState.IDENTITY_PENDING, CaseState.IN_PROGRESS}
    assert (waits in asked) is (stands and not failing and state in before_decision)


@pytest.mark.parametrize(
    ("work_to", "due", "words"),
    [
        (15, 16, "15 days left"),
        (1, 3, "1 day left"),
        (0, 2, "today"),
        (0, 0, "due today"),
        (-1, 0, "due today"),
        (-1, 1, "late by 1 day"),
        (-3, 1, "late by 3 days"),
        (-2, -1, "overdue by 1 day"),
        (-9, -5, "overdue by 5 days"),
    ],
)
def test_how_much_time_is_left(work_to: int, due: int, words: str) -> None:
    dates = {"work_to_on": TODAY + timedelta(days=work_to), "due_on": TODAY + timedelta(days=due)}
    assert WORDING.time_left(case(**dates)) == words


@pytest.mark.parametrize(
    ("since", "words"),
    [
        (datetime(2026, 11, 24, 7, tzinfo=UTC), "suspended since today"),
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "suspended for 1 day"),
        (datetime(2026, 11, 12, 9, tzinfo=UTC), "suspended for 12 days"),
    ],
)
def test_a_clock_that_stands_is_never_late(since: datetime, words: str) -> None:
    late = {"work_to_on": TODAY - timedelta(days=9), "due_on": TODAY - timedelta(days=8)}
    assert WORDING.time_left(case(suspended_since=since, **late)) == words


@given(st.integers(-40, 40), st.integers(0, 9))
def test_the_words_agree_with_the_light(work_to: int, gap: int) -> None:
    one = case(work_to_on=TODAY + timedelta(days=work_to), due_on=TODAY + timedelta(days=work_to + gap))
    words, shown = WORDING.time_left(one), light(one.work_to_on, one.due_on, TODAY, closed=False)
    assert words.startswith(("overdue", "late", "due today")) is (shown is Light.RED)
    if shown is Light.GREEN:
        assert int(words.split()[0]) > SOON_DAYS


@pytest.mark.parametrize(
    ("changes", "remarks"),
    [
        ({}, []),
        ({"alerts": 1}, ["1 alert"]),
        ({"alerts": 3, "acknowledged": False}, ["3 alerts", "acknowledgement not sent"]),
        ({"at_risk": True}, ["at risk"]),
        ({"at_risk": True, "expected_late_on": date(2027, 1, 4)}, ["at risk: may take until Mon 04 Jan 2027"]),
        ({"expected_late_on": date(2026, 12, 1)}, []),
    ],
)
def test_what_else_has_to_be_known(changes: dict[str, Any], remarks: list[str]) -> None:
    assert list(WORDING.remarks(case(**changes))) == remarks


def test_a_row_has_a_cell_for_every_heading() -> None:
    cells = WORDING.cells(case(owner="meyer", extended=True, alerts=2))
    assert [len(some) for some in cells] == [len(some) for some in HEADINGS]
    assert cells == (
        ("DSR-2026-7K3M9Q", "erasure"),
        ("15 days left", "Wed 09 Dec", "Thu 10 Dec"),
        ("in progress, extended", "the search"),
        ("Jana Meyer, for whom Chidi Okafor stands in", "2 alerts"),
    )


def test_what_was_cut_off_is_counted() -> None:
    assert WORDING.more(Section(1, (case(),), None)) == ""
    cut = Section(4214, (case(),), date(2026, 12, 10))
    assert WORDING.more(cut) == "… and 4,213 more, next target date Thu 10 Dec"
