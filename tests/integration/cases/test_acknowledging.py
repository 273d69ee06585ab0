"""Taking note of alerts: all of a case that stand, once, by a person who is named."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.facts.deadlines.alerts import acknowledge, look_at_cases
from rightsflow.domain.errors import BadInput, Conflict
from tests.support.desk import DAY, facts


def alerts(bench, case_id):
    with bench.file(case_id) as file:
        return [(one.kind.value, one.acknowledged_by) for one in file.alerts.all()]


@pytest.fixture
def alerted(bench):
    case_id = bench.open("access")
    bench.pass_time(18 * DAY)
    look_at_cases(bench.runtime)
    return case_id


def test_all_that_stand_are_acknowledged_and_the_next_ones_are_not(bench, alerted):
    assert ("acknowledgement-missing", "") in alerts(bench, alerted)
    count = len(alerts(bench, alerted))
    assert acknowledge(current_app(), alerted.lower(), by=" Ida  Note ").startswith(f"{count} alert")
    assert {by for _, by in alerts(bench, alerted)} == {"Ida Note"}
    bench.pass_time(5 * DAY)
    look_at_cases(bench.runtime)
    later = alerts(bench, alerted)[count:]
    assert later
    assert {by for _, by in later} == {""}


def test_what_is_over_is_not_acknowledged(bench, alerted):
    bench.pass_time(5 * DAY)
    look_at_cases(bench.runtime)
    with bench.file(alerted) as file:
        standing = [one for one in file.alerts.all() if one.ended_at is None]
        assert 1 < len(standing) < len(file.alerts.all())
    assert acknowledge(current_app(), alerted, by="Ida") == f"{len(standing)} alerts acknowledged."


def test_there_has_to_be_something_and_somebody(bench, alerted):
    before = facts(bench, alerted)[3]
    with pytest.raises(BadInput, match="Your name is missing"):
        acknowledge(current_app(), alerted, by=" ")
    assert facts(bench, alerted)[3] == before
    acknowledge(current_app(), alerted, by="Ida")
    with pytest.raises(Conflict, match="no alert that waits"):
        acknowledge(current_app(), alerted, by="Ida")
    with pytest.raises(BadInput, match="There is no case"):
        acknowledge(current_app(), "DSR-2026-AAAAAA", by="Ida")


def test_of_another_case_nothing_is_acknowledged(bench, alerted):
    other = bench.open("erasure")
    with pytest.raises(Conflict, match="no alert that waits"):
        acknowledge(current_app(), other, by="Ida")
    assert {by for _, by in alerts(bench, alerted)} == {""}


def test_a_single_one_is_told_as_one(bench):
    case_id = bench.open("access")
    bench.confirm_identity(case_id)
    bench.pass_time(7 * DAY)
    look_at_cases(bench.runtime)
    assert alerts(bench, case_id) == [("acknowledgement-missing", "")]
    assert acknowledge(current_app(), case_id, by="Ida") == "1 alert acknowledged."
