"""A search through a mapping that reads nothing finds nothing, and proves nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.app import VALID_FOR
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_nothing_held
from rightsflow.cases.work.search import Resolved, locate_records
from rightsflow.domain.connector import Sample
from rightsflow.domain.errors import Misconfigured
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.vocabulary.states import CaseState
from rightsflow.testing.fakes import FakeRecord
from tests.support import looks
from tests.support.bench import ANNA_NAME, ANNA_PHONE, SECTION
from tests.support.looks import state
from tests.support.steps import SYSTEMS, identified, search

MISSPELT = Sample(what="objects with the metadata key calller", looked_at=50, readable=0)
NOTHING_THERE = Sample(what="objects with the metadata key caller", looked_at=0, readable=0)
STRANGER = {"email": "stranger@example.net"}


def missing(bench, case_id):
    with bench.file(case_id) as file:
        return {(one.step, one.system): one.error for one in file.steps.all() if one.error}


def test_a_misspelt_setting_fails_the_search_instead_of_finding_nothing(bench):
    """A typing error in a metadata key ended as "Nothing held", and nothing said so."""
    bench.systems["calls"].sampled = (MISSPELT,)
    case_id = identified(bench, "access")
    with pytest.raises(Misconfigured, match=r"^Of 50 objects with the metadata key calller, 0 carry .*; correct what"):
        locate_records(current_app(), case_id, "calls")
    assert bench.systems["calls"].calls["locate"] == 0
    assert "[systems.calls]" in missing(bench, case_id)["locate", "calls"]
    bench.systems["calls"].sampled = None
    assert locate_records(current_app(), case_id, "calls") == 0


@pytest.fixture
def elsewhere(bench):
    """A bench whose recordings lie elsewhere than the settings say: there is nothing to check the search with."""
    bench.systems["calls"]._records.clear()
    bench.systems["calls"].sampled = (NOTHING_THERE,)
    return bench


def test_finding_nothing_where_there_is_nothing_to_look_at_is_no_finding(elsewhere):
    """A wrong prefix ended as "Nothing held"."""
    case_id = identified(elsewhere, "access", **STRANGER)
    with pytest.raises(Misconfigured, match=r"\[systems.calls\].*may_be_empty = true"):
        search(case_id)
    assert state(elsewhere, case_id) is CaseState.IN_PROGRESS
    assert list(missing(elsewhere, case_id)) == [("resolve", "")]
    with pytest.raises(Misconfigured, match="may_be_empty"):
        write_nothing_held(current_app(), case_id)


def test_once_the_setting_is_corrected_everything_is_searched_for_again(elsewhere):
    """The search that was done under the wrong prefix does not count."""
    case_id = identified(elsewhere, "access", email="", phone=ANNA_PHONE.value)
    for system in ("helpdesk", "payments"):
        elsewhere.systems[system]._records.clear()
        elsewhere.systems[system].sampled = (Sample(what="records", looked_at=1, readable=1),)
    with pytest.raises(Misconfigured):
        search(case_id)
    call = FakeRecord(kind="recording", key="r1", texts=((frozenset({ANNA_PHONE, ANNA_NAME}), "call"),), audio=b"RIFF")
    elsewhere.systems["calls"].sampled = None
    elsewhere.systems["calls"].add(call)
    assert search(case_id) == Resolved(learnt=False, subject=1, unclear=0)


def test_where_a_person_has_checked_an_empty_system_nothing_held_is_a_finding(elsewhere):
    systems = dict.fromkeys(SYSTEMS, SECTION) | {"calls": SECTION.model_copy(update={"may_be_empty": True})}
    with installed(replace(elsewhere.runtime, systems=systems)):
        case_id = identified(elsewhere, "access", **STRANGER)
        assert search(case_id) == Resolved(learnt=False, subject=0, unclear=0)
        reach_gate(current_app(), case_id, Gate.APPROVAL)
        elsewhere.approve(case_id)
        write_nothing_held(current_app(), case_id)
    assert state(elsewhere, case_id) is CaseState.NOTHING_HELD


def test_an_empty_system_does_not_hold_up_what_others_found(elsewhere):
    case_id = identified(elsewhere, "access")
    assert search(case_id).subject == 5


def test_cases_pay_for_the_check_once_an_hour(bench):
    asked = bench.systems["helpdesk"].calls
    first, second, third = (
        identified(bench, "access"),
        identified(bench, "erasure"),
        identified(bench, "access", **STRANGER),
    )
    locate_records(current_app(), first, "helpdesk")
    locate_records(current_app(), second, "helpdesk")
    assert asked["samples"] == 1
    bench.pass_time(VALID_FOR + timedelta(seconds=1))
    locate_records(current_app(), third, "helpdesk")
    assert asked["samples"] == 2


def test_what_is_not_proven_is_checked_for_each_case(elsewhere):
    for given in ({}, STRANGER):
        locate_records(current_app(), identified(elsewhere, "access", **given), "calls")
    assert elsewhere.systems["calls"].calls["samples"] == 2


def test_the_ledger_says_what_was_sampled(bench):
    case_id = identified(bench, "access")
    locate_records(current_app(), case_id, "calls")
    (done,) = [one.details for one in looks.entries(bench, case_id, "StepDone")]
    assert done["sampled"] == [{"what": "records", "looked_at": 2, "readable": 2}]
    assert done["unproven"] == 0
