"""The brakes: erasing stops at once by a person or by itself, reading goes on, and a second person releases it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prefect.states import Failed

from rightsflow.app import current_app
from rightsflow.cases.course.case_runs import BUSY_PAUSE
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.work.erasure.brakes import release_brake, set_brake
from rightsflow.cases.work.erasure.steps import erase_records, verify_erasure
from rightsflow.config.sections.limits import BrakeSettings
from rightsflow.domain.erasure.safeguards import ALL
from rightsflow.domain.errors import BadInput, Conflict, Unavailable
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.store.core.case_ledger import OWN_CHAIN, links_of
from rightsflow.testing.fakes import FakeRecord
from tasks.options import is_worth_retrying
from tests.support import looks
from tests.support.bench import ANNA_PROFILE, CANARIES
from tests.support.steps import Watched, approved, carried_out, carry_out, identified, outcomes, search, send_answer

WHY = "kettle of Anna Quillfeather"


def brake(system="helpdesk", by="Petra Operator"):
    set_brake(current_app(), system, by=by, reason=WHY)


def release(system="helpdesk", by="Rita Reviewer"):
    return release_brake(current_app(), system, by=by, reason=WHY)


def stopped(case_id, system="helpdesk"):
    with pytest.raises(Unavailable) as caught:
        erase_records(current_app(), case_id, system)
    return str(caught.value)


def with_tickets(bench, count):
    """The helpdesk with so many further tickets of Anna's; three of its records are hers besides."""
    helpdesk = bench.systems["helpdesk"]
    helpdesk.add(*(FakeRecord(kind="ticket", key=f"m{one}", texts=((ANNA_PROFILE, "more"),)) for one in range(count)))
    return helpdesk


def events(bench, case_id):
    return [(one.event, one.actor, one.details) for one in looks.entries(bench, case_id) if "Brake" in one.event]


def due(bench):
    return [one.case_id for one in bench.runtime.store.waiting.due(5, in_bulk=False)]


@pytest.mark.apart
@pytest.mark.parametrize("system", ["helpdesk", ALL])
def test_a_brake_stops_erasing_and_nothing_else(bench, system):
    case_id = approved(bench)
    brake(system)
    said = stopped(case_id)
    assert "05 Mar 2026 10:00" in said
    assert f"rightsflow systems resume {'--all' if system == ALL else 'helpdesk'}" in said
    assert bench.systems["helpdesk"].calls["erase"] == 0
    other = identified(bench, "access", email="boris.other@example.org")
    assert not search(other).learnt, "reading goes on"
    if system == ALL:
        stopped(case_id, "calls")
    else:
        erase_records(current_app(), case_id, "calls")
    release(system)
    carry_out(case_id)
    assert None not in outcomes(bench, case_id).values()


def test_a_case_stays_open_and_is_started_again_after_the_release_of_its_system_or_its_own_and_not_before(bench):
    """A case of a form, too, is started again by the keeper, and not before the release."""
    case_id = approved(bench)
    brake()
    stopped(case_id)
    with bench.file(case_id) as file:
        file.bulk.wait_again(BUSY_PAUSE)
    bench.pass_time(timedelta(days=1))
    assert due(bench) == []
    release()
    assert due(bench) == [case_id]
    with bench.file(case_id) as file:
        assert file.closed_at is None
    brake(case_id)
    stopped(case_id)
    with bench.file(case_id) as file:
        file.bulk.wait_again(BUSY_PAUSE)
    bench.pass_time(timedelta(days=1))
    assert due(bench) == []
    release(case_id)
    assert due(bench) == [case_id]


@pytest.mark.apart
def test_a_stopped_step_is_not_tried_again_and_names_neither_the_system_s_fault_nor_who_is_not_configured(bench):
    case_id = approved(bench)
    brake()
    for _ in range(5):
        with pytest.raises(Unavailable) as caught:
            erase_records(current_app(), case_id, "helpdesk")
    assert not is_worth_retrying(None, None, Failed(data=caught.value))
    assert bench.runtime.store.breakers.of("helpdesk") is None
    release()
    brake(by="Petra Operator")
    assert "Petra" not in stopped(case_id)
    release()
    brake(by="Subject rights desk")
    assert "stopped by Subject rights desk" in stopped(case_id)
    release()
    brake(ALL)
    brake("helpdesk")
    assert "Still stopped: erasing at helpdesk." in release(ALL)
    stopped(case_id)
    erase_records(current_app(), case_id, "calls")
    assert "Still" not in release("helpdesk")
    erase_records(current_app(), case_id, "helpdesk")


class StoppedMidway(Watched):
    """A system at which a person stops something while its second record is being erased."""

    done, stops = 0, ""

    def _erase(self, ref, method, known):
        self.done += 1
        if self.done == 2:
            brake(self.stops)
        return super()._erase(ref, method, known)


@pytest.mark.apart
@pytest.mark.parametrize("of_the_case", [False, True])
def test_what_is_under_way_ends_with_the_call_that_is_being_made(bench, of_the_case):
    midway, case_id = StoppedMidway("helpdesk"), approved(bench)
    midway.add(*bench.systems["helpdesk"].records())
    bench.systems["helpdesk"] = midway
    midway.stops = case_id if of_the_case else "helpdesk"
    stopped(case_id)
    assert midway.done == 2
    done = [kind for (system, *_), kind in outcomes(bench, case_id).items() if kind and system == "helpdesk"]
    assert len(done) == 2, "and what was done is noted"
    release(midway.stops)
    carry_out(case_id)
    assert midway.done == 3


@pytest.mark.apart
def test_a_plan_far_above_what_is_usual_stops_before_the_first_record(bench):
    """Nor does who opened the case or approved its plan release it."""
    tune(bench, case_floor=20)
    watched = with_tickets(bench, 30)
    case_id = approved(bench)
    assert f"since {case_id} needs to erase 33 records there and at most 20 are usual" in stopped(case_id)
    assert watched.calls["erase"] == 0
    assert set(outcomes(bench, case_id).values()) == {None, OutcomeKind.RETAINED}
    assert events(bench, case_id) == [
        ("BrakeSet", "rightsflow", {"system": "helpdesk", "per": "case", "records": 33, "limit": 20})
    ]
    erase_records(current_app(), case_id, "calls")
    for by in ("Olga Opener", "DANA  decider"):
        with pytest.raises(Conflict, match="four eyes"):
            release(by=by)
        stopped(case_id)


@pytest.mark.apart
def test_after_the_release_the_amount_is_accepted_and_does_not_count_as_usual(bench):
    watched = with_tickets(bench, 300)
    case_id = approved(bench)
    stopped(case_id)
    release()
    carry_out(case_id)
    assert {one.key for one in watched.records()} == {"t2", "u2", "t3"}
    _, (event, actor, details) = events(bench, case_id)
    assert (event, actor, details["system"]) == ("BrakeReleased", "Rita Reviewer", "helpdesk")
    close(bench, case_id)
    with_tickets(bench, 201)
    second = approved(bench)
    assert "at most 200 are usual" in stopped(second)


def close(bench, case_id):
    """So that a second case of the person can be opened."""
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)


@pytest.mark.apart
def test_what_is_usual_rises_with_the_cases_before(bench):
    tune(bench, case_floor=10)
    with_tickets(bench, 7)
    first = carried_out(bench)
    close(bench, first)
    with_tickets(bench, 40)
    second = carried_out(bench)
    assert not looks.entries(bench, second, "BrakeSet")


def tune(bench, **numbers):
    settings = bench.runtime.settings.model_copy(update={"brakes": BrakeSettings(**numbers)})
    object.__setattr__(bench.runtime, "settings", settings)


@pytest.mark.apart
def test_a_days_total_far_above_what_is_usual_stops_and_its_release_holds_for_the_day(bench):
    tune(bench, day_floor=10)
    with_tickets(bench, 5)
    first = carried_out(bench)
    close(bench, first)
    with_tickets(bench, 5)
    second = approved(bench)
    said = stopped(second)
    assert "at most 10 are usual" in said
    release()
    carry_out(second)
    close(bench, second)
    third, current = bench.open("erasure"), bench.runtime
    with bench.file(third) as file:
        assert file.brakes.admit("helpdesk", 8, current.settings.brakes.rule("helpdesk"), current.today) is None
    bench.pass_time(timedelta(days=1))
    with bench.file(bench.open("erasure", email="boris.other@example.org")) as file:
        rule = current.settings.brakes.rule("helpdesk")
        assert file.brakes.admit("helpdesk", 11, rule, current.today) is not None, "an exception is not usual"


@pytest.mark.apart
def test_a_new_day_begins_at_nothing(bench):
    tune(bench, day_floor=10)
    with_tickets(bench, 5)
    first = carried_out(bench)
    close(bench, first)
    bench.pass_time(timedelta(days=1))
    with_tickets(bench, 5)
    carry_out(approved(bench))


@pytest.mark.apart
def test_a_system_has_limits_of_its_own_and_a_step_that_goes_on_is_not_judged_again(bench):
    tune(bench, case_floor=2, systems={"helpdesk": {"case_floor": 50}})
    watched = with_tickets(bench, 20)
    case_id = approved(bench)
    watched.fail("erase", after=2)
    with pytest.raises(Exception, match="helpdesk"):
        erase_records(current_app(), case_id, "helpdesk")
    tune(bench, case_floor=1)
    erase_records(current_app(), case_id, "helpdesk")
    verify_erasure(current_app(), case_id, "helpdesk")


def test_who_where_and_why_have_to_be_given_and_brakes_are_noted_without_a_word_of_the_reason(bench):
    for system, by, reason in [("crm", "Petra", "x"), ("helpdesk", " ", "x"), ("helpdesk", "Petra", " ")]:
        for act in (set_brake, release_brake):
            with pytest.raises(BadInput):
                act(current_app(), system, by=by, reason=reason)
        assert bench.runtime.store.brakes.present() == []
    brake()
    with pytest.raises(Conflict, match="a brake on helpdesk already"):
        brake()
    release()
    with pytest.raises(Conflict, match="no brake on helpdesk"):
        release()
    with bench.runtime.store.database.transaction() as session:
        bodies = [one.body for one in links_of(session, OWN_CHAIN)]
    assert [("BrakeSet" in one, "BrakeReleased" in one) for one in bodies[-2:]] == [(True, False), (False, True)]
    assert not [one for one in CANARIES if one in "".join(bodies)]


@pytest.mark.apart
def test_a_brake_on_one_case_stops_that_case_everywhere_and_no_other(bench):
    """Who sees that a wrong plan is being carried out stops it, without stopping what others wait for."""
    case_id, other = approved(bench), approved(bench, email="boris.other@example.org")
    brake(case_id)
    said = stopped(case_id)
    assert f"Erasing in {case_id} was stopped by" in said
    assert f"rightsflow systems resume {case_id}" in said
    stopped(case_id, "calls")
    carry_out(other)
    assert outcomes(bench, other)
    assert all(kind in {None, OutcomeKind.RETAINED} for kind in outcomes(bench, case_id).values())
    assert "go" in release(case_id)
    carry_out(case_id)
    assert None not in outcomes(bench, case_id).values()


def test_a_brake_on_a_case_stands_in_its_ledger_without_a_word_of_the_reason_and_goes_with_the_case(bench):
    case_id = approved(bench)
    brake(case_id)
    with pytest.raises(Conflict, match=f"a brake on {case_id} already"):
        brake(case_id)
    release(case_id)
    with pytest.raises(Conflict, match=f"no brake on {case_id}"):
        release(case_id)
    (put, by, details), (lifted, then, _) = events(bench, case_id)
    assert (put, by, lifted, then) == ("BrakeSet", "Petra Operator", "BrakeReleased", "Rita Reviewer")
    assert details["system"] == ALL
    assert WHY not in str(events(bench, case_id))
    brake(case_id)
    bench.runtime.store.purging.purge_again(case_id, bench.runtime.today, bench.runtime.today, by="rightsflow")
    assert bench.runtime.store.brakes.present() == []


def test_what_cannot_be_stopped_says_so(bench):
    for right, fields in (("access", {}), ("restriction", {"ground": "accuracy"})):
        with pytest.raises(Conflict, match=f"request of {right}, which erases nothing"):
            brake(identified(bench, right, **fields))
    with pytest.raises(BadInput, match="There is no case"):
        brake("DSR-2026-ZZZZZZ")
