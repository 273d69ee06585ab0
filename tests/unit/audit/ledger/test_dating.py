"""Entries are dated in their order and between the seals that enclose them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.audit.ledger import START, link
from rightsflow.audit.ledger.dating import (
    TOLERANCE,
    WRITTEN_AFTER,
    Span,
    check_dates,
    clock_note,
    date_of,
    noted_in,
    seal_date_of,
)

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def text(at: datetime) -> str:
    return at.isoformat(timespec="microseconds")


def found(moments: list[datetime], spans: list[Span]) -> list[int]:
    dated = [(number, text(at), "") for number, at in enumerate(moments, start=1)]
    return [int(fault.place.split()[1]) for fault in check_dates("C", dated, spans)]


def test_the_date_is_the_entrys_own_whatever_else_it_says():
    # The date is the entrys own whatever else it says.
    made = link(START, "C", "E", at=NOON, actor='x","at":"2020', details={"at": "2021-01-01"}, made_with={"code": "1"})
    assert date_of(made.body) == text(NOON)
    assert date_of("{}") == ""
    # What says no date is named.
    assert [fault.text for fault in check_dates("C", [(1, "yesterday", ""), (2, text(NOON), "")], [])] == [
        "Entry 1 of C does not say when it was made."
    ]


def test_an_entry_that_does_not_fit_its_neighbours_or_seal_is_named():
    assert found([NOON, NOON - 30 * DAY, NOON + HOUR], []) == [2]
    assert found([NOON, NOON - TOLERANCE, NOON - TOLERANCE / 2], []) == []
    # Put in on the fifth day, and dated to the second: the seals of the days between do not cover it.
    spans = [Span(1, None, NOON + HOUR), Span(2, NOON + 4 * DAY, NOON + 5 * DAY)]
    assert found([NOON, NOON + 2 * DAY], spans) == [2]
    assert found([NOON, NOON + 4 * DAY + HOUR], spans) == []
    assert found([NOON + 9 * DAY], [Span(1, None, NOON)]) == [1]


def test_an_entry_that_notes_its_clock_was_behind_is_in_its_order():
    # An entry that notes its clock was behind is in its order.
    dated = [(1, text(NOON), ""), (2, text(NOON - 2 * DAY), text(NOON)), (3, text(NOON - 2 * DAY + HOUR), "")]
    assert list(check_dates("C", dated, [])) == []
    later = [*dated, (4, text(NOON - 5 * DAY), text(NOON - 4 * DAY))]
    assert [one.place for one in check_dates("C", later, [])] == ["entry 4 of C"], "the note does not reach that far"
    # The note is the entrys own whatever else it says.
    note = {WRITTEN_AFTER: text(NOON)}
    made = link(START, "C", "E", at=NOON, actor=f'","{WRITTEN_AFTER}":"2020', details={}, made_with={"code": "1"})
    assert noted_in(made.body) == ""
    noted = link(START, "C", "E", at=NOON, actor="x", details=note, made_with={"code": "1"})
    assert noted_in(noted.body) == text(NOON)
    assert seal_date_of("{}") == ""


@given(st.lists(st.tuples(st.booleans(), st.integers(-5_000, 5_000)), max_size=40))
def test_however_the_clock_is_set_what_is_noted_when_it_is_written_is_never_named(steps: list[tuple[bool, int]]):
    now, dated, spans, sealed_at, sealed_before, covered = NOON, [], [], "", None, 0
    for is_seal, minutes in steps:
        now += timedelta(minutes=minutes)
        if is_seal:
            latest = max([sealed_at, *(at for number, at, _ in dated if number > covered)])
            note = clock_note(now, latest).get(WRITTEN_AFTER, "")
            if len(dated) > covered:
                spans.append(Span(len(dated), sealed_before, max(now, datetime.fromisoformat(note)) if note else now))
            sealed_at, sealed_before, covered = text(now), now, len(dated)
        else:
            latest = max(dated[-1][1] if dated else "", sealed_at)
            dated.append((len(dated) + 1, text(now), clock_note(now, latest).get(WRITTEN_AFTER, "")))
    assert list(check_dates("C", dated, spans)) == []


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=30))
def test_what_is_written_in_order_and_sealed_daily_is_never_named(minutes: list[int]):
    moments = [NOON + timedelta(minutes=one) for one in sorted(minutes)]
    spans, covered = [], 0
    for day in range(9):
        seal_at = NOON + day * DAY
        last = sum(at <= seal_at for at in moments)
        if last > covered:
            spans.append(Span(last, seal_at - DAY if day else None, seal_at))
            covered = last
    assert found(moments, spans) == []
