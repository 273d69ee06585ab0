"""A package that is made again without a new search: whose each record is stays as the search showed it."""

from __future__ import annotations

from datetime import date

import pytest

from rightsflow.cases.work.access.package_review import take_package_back
from rightsflow.domain.gates.package_changes import MakingAgain
from rightsflow.testing.fakes import FakeRecord
from tests.support import looks
from tests.support.bench import ANNA_PHONE, ANNA_PROFILE, BORIS
from tests.support.steps import at_approval, search


def attributions(bench, case_id):
    return {(one.ref.kind, one.ref.ref): one.attribution.value for one in looks.findings(bench, case_id)}


def shares_a_number(bench):
    """Another person who uses Anna's number too, and calls that name no one but by it."""
    shared = frozenset({ANNA_PHONE})
    bench.systems["helpdesk"].add(
        FakeRecord(kind="profile", key="u9", texts=((ANNA_PROFILE, "profile"),), occurred_on=date(2024, 5, 3)),
        FakeRecord(kind="profile", key="u3", texts=((BORIS | shared, "Boris, who has the number too"),)),
    )
    bench.systems["calls"].add(FakeRecord(kind="recording", key="r3", texts=((shared, "call"),)))


@pytest.mark.apart
@pytest.mark.parametrize("again", MakingAgain)
def test_calls_from_a_number_of_two_people_stay_unclear(bench, again):
    """The other one's records are forgotten by then, and without them the number looks like Anna's alone."""
    shares_a_number(bench)
    case_id = at_approval(bench, "access")
    before = attributions(bench, case_id)
    assert before["recording", "r3"] == "unclear"
    with bench.file(case_id) as file:
        take_package_back(file, again, "one passage is missing", by="Dana Decider")
    search(case_id)
    assert attributions(bench, case_id) == before


def test_after_a_new_search_a_number_that_the_other_gave_up_is_the_persons(bench):
    shares_a_number(bench)
    case_id = at_approval(bench, "access")
    bench.systems["helpdesk"].add(FakeRecord(kind="profile", key="u3", texts=((BORIS, "Boris, with another number"),)))
    with bench.file(case_id) as file:
        take_package_back(file, MakingAgain.SEARCH, "the other person has another number now", by="Dana Decider")
    search(case_id)
    assert attributions(bench, case_id)["recording", "r3"] == "subject"
