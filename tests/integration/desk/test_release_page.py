"""The release's page of a case with many records: folded by system and kind, a page at a time, decided by numbers."""

from __future__ import annotations

import re

import pytest

from rightsflow.cases.work.access.release import PAGE_RECORDS, SINGLY
from rightsflow.domain.case.record_decisions import RecordAct
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.integration.desk.cases import at_approval, state
from tests.support.bench import ANNA_PHONE, ANNA_PROFILE, BORIS
from tests.support.kept_cases import brought

SHOWN = re.compile(r'<p><span class="id">(\d+)</span> <strong>')


@pytest.fixture
def case(bench):
    """More records than are shown at once, and more unclear ones than a page of them has."""
    shared = frozenset({ANNA_PHONE})
    bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key="u3", texts=((BORIS | shared, "Boris, who has the number too"),)),
        *(
            FakeRecord(kind="ticket", key=f"m{number}", profile="u1", texts=((ANNA_PROFILE, "a letter"),))
            for number in range(SINGLY)
        ),
    )
    bench.systems["calls"].add(
        *(
            FakeRecord(kind="recording", key=f"m{number}", texts=((shared, "a call"),), audio=b"RIFF")
            for number in range(PAGE_RECORDS + 5)
        )
    )
    return brought(bench, "a release of many records", lambda: at_approval(bench, "access"))


@pytest.fixture
def approver(rig, case):
    return rig.browser("dana")


def page(approver, case, **asked):
    return approver.client.get(f"/desk/cases/{case}/approval", params=asked).text


@pytest.mark.apart
def test_what_needs_a_look_is_shown_first_a_page_at_a_time_and_the_rest_is_folded(approver, case):
    first = page(approver, case)
    shown = SHOWN.findall(first)
    assert len(shown) == PAGE_RECORDS
    assert all(f'name="act-{number}"' in first for number in shown)
    assert "helpdesk: ticket</strong>" in first
    assert "Show them" in first
    assert "Page 1 of 2" in first
    rest = SHOWN.findall(page(approver, case, group="look", page=2))
    assert rest
    assert not set(rest) & set(shown)
    assert SHOWN.findall(page(approver, case, group="look", page=99)) == rest
    assert SHOWN.findall(page(approver, case, group="of no kind", page="x")) == shown


def test_matters_of_course_are_turned_page_by_page_without_fields(approver, case):
    pages = [page(approver, case, group="helpdesk ticket", page=at) for at in (1, 2, 3, 4)]
    numbers = [number for one in pages for number in SHOWN.findall(one)]
    assert len(numbers) == len(set(numbers)) >= SINGLY
    assert numbers == sorted(numbers, key=int)
    assert 'name="act-' not in re.sub(r'name="act-s\d"', "", pages[1])


@pytest.mark.apart
def test_a_single_one_and_a_selection_by_numbers_are_taken_with_the_release(rig, approver, case):
    tickets = SHOWN.findall(page(approver, case, group="helpdesk ticket", page=3))
    shown = page(approver, case, group="look", page=2)
    single = SHOWN.findall(shown)[0]
    typed = {f"act-{single}": "leave out", f"ground-{single}": "rights of others"}
    chosen = {"which-s1": f"{tickets[0]}-{tickets[1]}", "act-s1": "leave out", "ground-s1": "trade secrets"}
    where = f"/cases/{case}/approval"
    refused = approver.send(f"{where}/approve", where, **typed, **chosen | {"ground-s1": ""})
    assert (refused.status_code, 'id="ground-s1-wrong"' in refused.text) == (422, True)
    unknown = approver.send(f"{where}/approve", where, **{"act-9999": "leave out", "ground-9999": "x"})
    assert unknown.status_code == 422
    assert state(rig.bench, case) is CaseState.AWAITING_APPROVAL
    answer = approver.send(f"{where}/approve", where, **typed, **chosen)
    assert answer.status_code == 303, answer.text
    with rig.bench.file(case) as file:
        out = {one.number for one in file.findings.all() if one.decided and one.decided.act is RecordAct.LEAVE_OUT}
    assert out == {int(single), int(tickets[0]), int(tickets[1])}
