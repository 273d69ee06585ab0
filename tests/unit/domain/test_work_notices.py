"""Notices of new work: no one is told of their own act or of what they may not do; calendars fold as RFC 5545 says."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from rightsflow.domain.accounts import Permission, Role, permissions
from rightsflow.domain.due_calendar import DueDate, calendar
from rightsflow.domain.work_notices import (
    Colleague,
    NoticeChoice,
    Told,
    WorkItem,
    WorkKind,
    concerns,
    is_due,
    news,
    notice_of,
)

BERLIN = ZoneInfo("Europe/Berlin")
NAMES = ("olga", "dana", "case_owner")
ITEMS = st.builds(
    WorkItem,
    key=st.text("abc", min_size=1),
    kind=st.sampled_from(WorkKind),
    case_id=st.just("DSR-2026-7K3M9Q"),
    right=st.just("access"),
    work_to_on=st.just(date(2026, 4, 2)),
    owner=st.sampled_from(NAMES),
    by=st.sampled_from(["Olga Officer", "Dana Decider"]),
)


@given(ITEMS, st.sampled_from(Role))
def test_only_work_that_one_may_do_and_did_not_cause_is_told(item, role):
    olga = Colleague(key="olga", name="Olga Officer", permissions=permissions([role]), answers_for={"olga"})
    if concerns(item, olga, {"case_owner"}):
        assert item.by != "Olga Officer"
        assert item.kind is not WorkKind.APPROVAL or Permission.APPROVE in olga.permissions
        assert item.owner != "dana" or item.kind is WorkKind.APPROVAL
        assert role not in {Role.AUTHORITY, Role.ADMIN} or item.kind is WorkKind.HANDOVER


@given(st.lists(ITEMS, max_size=8), st.frozensets(st.text("abc", min_size=1)))
def test_the_first_look_tells_nothing_and_no_item_is_told_twice(items, keys):
    first = Told(choice=NoticeChoice.AT_ONCE)
    assert news(items, first) == []
    later = Told(choice=NoticeChoice.AT_ONCE, keys=keys)
    fresh = news(items, later)
    assert not keys & {item.key for item in fresh}
    assert news(items, Told(choice=NoticeChoice.AT_ONCE, keys=keys | {item.key for item in fresh})) == []
    if fresh:
        subject, body = notice_of(fresh * 20, "https://desk.example")
        assert "\n" not in subject
        assert len(body.splitlines()) <= 53


def test_a_digest_is_due_once_a_day_from_eight_on_by_the_controllers_clock():
    told, day = Told(choice=NoticeChoice.DIGEST), date(2026, 3, 28)
    before, after = (datetime(2026, 3, 28, hour, 59, tzinfo=BERLIN) for hour in (7, 8))
    assert [is_due(told, at.astimezone(UTC), BERLIN) for at in (before, after)] == [False, True]
    sent = Told(choice=NoticeChoice.DIGEST, digest_on=day)
    assert not is_due(sent, after, BERLIN)
    assert is_due(sent, after + timedelta(days=1), BERLIN)
    assert not is_due(Told(choice=NoticeChoice.NONE), after, BERLIN)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=200))
def test_lines_of_a_calendar_have_75_octets_at_most_and_unfold_to_themselves(what):
    text = calendar([DueDate(case_id="DSR-2026-7K3M9Q", what=what, on=date(2026, 4, 2))], datetime.now(UTC))
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    escaped = what.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    assert f"SUMMARY:DSR-2026-7K3M9Q: {escaped}\r\n" in text.replace("\r\n ", "")
