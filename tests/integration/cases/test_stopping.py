"""A case that was opened in error or twice: stopped without an answer, and only where none is owed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.app import current_app, installed
from rightsflow.audit.evidence.fold import fold
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.intake.opening import open_request_form
from rightsflow.cases.course.processors.processor_answers import record_instruction_sent
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.withdrawal import read_repeated, stop_case, withdraw
from rightsflow.cases.facts.deadlines.alerts import look_at_cases
from rightsflow.cases.facts.overview.case_sheet import read_overview
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.cases.facts.persons import Whose, read_other_cases
from rightsflow.cases.work.erasure.steps import erase_records, settle_plan
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.cases.work.rectification.other_cases import confirm_same_person, find_other_person
from rightsflow.cases.work.search import locate_records
from rightsflow.domain.case.acts import StopReason
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.request import RequestForm
from rightsflow.domain.vocabulary.states import CaseState
from tests.integration.cases.kept import folder, prepared, removals
from tests.integration.cases.written import letters
from tests.support import looks
from tests.support.desk import DAY, TEXT, facts
from tests.support.processors import with_archive
from tests.support.steps import SYSTEMS, approved, searched

ERROR, DUPLICATE = StopReason.OPENED_IN_ERROR, StopReason.DUPLICATE
OPENER, DECIDER = "Olga Opener", "Ida Identity"


def stop(case_id, reason=ERROR, why="it was typed into the wrong form", by=DECIDER, of=""):
    return stop_case(current_app(), case_id, reason, why, by=by, duplicate_of=of)


def again(right="access"):
    """The same request, taken in although there is an open case of it."""
    form = RequestForm(right=right, email="Anna.Quill@example.com", opened_by=OPENER, channel="e-mail")
    return open_request_form(current_app(), form, despite_duplicate=True).case_id


def twice(bench, right="access"):
    """The same, three days later."""
    first = bench.open(right, opened_by=OPENER)
    bench.pass_time(3 * DAY)
    return first, again(right)


def entry(bench, case_id, event):
    return [one for one in looks.entries(bench, case_id) if one.event == event][-1]


def test_a_case_of_which_no_one_heard_is_stopped_without_a_letter_and_by_who_opened_it(bench):
    case_id = bench.open("access")
    said = stop(case_id, why=f"It was {TEXT}.", by=OPENER)
    assert said == (
        f"{case_id} is stopped (opened in error): nothing more is done on it. No letter had gone out, so that no one "
        "has to be told."
    )
    with bench.file(case_id) as file:
        assert (file.state, file.closed_at) == (CaseState.STOPPED, bench.moment[0])
        assert file.outbox.titles() == ["L1"]
        assert TEXT not in repr(list(file.ledger.entries()))
    stopped = entry(bench, case_id, "CaseStopped")
    assert (stopped.actor, stopped.details["because"]) == (OPENER, "opened in error")
    assert reveal(current_app(), case_id, by="Ida", reason="a question").stop == f"It was {TEXT}."


def test_who_was_written_to_is_told_and_another_person_than_the_opener_decides(bench):
    case_id = bench.open("erasure")
    record_sent(current_app(), case_id, "L1", by="Ida")
    before = facts(bench, case_id)
    with pytest.raises(Conflict, match="who opened it cannot stop it; another person has to"):
        stop(case_id, by=OPENER)
    assert facts(bench, case_id) == before
    assert "The letter to the person (L27) is in the outbox" in stop(case_id)
    text = letters(bench, case_id)["L27"]
    assert "That case was opened in error: as far as we know you did not make this request." in text
    assert "If you did make this request, please tell us." in text
    assert "Nothing was erased under the number" in text
    assert "You can complain to a supervisory authority" in text


@pytest.mark.parametrize("is_later_dropped", [True, False])
def test_the_request_that_goes_on_counts_from_the_earlier_receipt_of_the_two(bench, is_later_dropped):
    first, second = twice(bench)
    dropped, kept = (second, first) if is_later_dropped else (first, second)
    with bench.file(first) as file:
        earlier = file.received_at, file.due_on
    record_sent(current_app(), dropped, "L1", by="Ida")
    said = stop(dropped, DUPLICATE, of=kept.lower())
    assert f"{dropped} is stopped (duplicate of {kept})" in said
    assert (f"{kept} counts from 5 March 2026 now, and is due on 7 April 2026" in said) != is_later_dropped
    with bench.file(kept) as file:
        assert (file.received_at, file.due_on) == earlier
        assert file.state is CaseState.RECEIVED
    text = letters(bench, dropped)["L27"]
    assert f"It is the same request as the one with the number {kept}." in text
    assert "and counts from 5 March 2026. You will get our answer by" in text
    noted = entry(bench, kept, "DuplicateStopped")
    assert dropped not in repr(noted), "evidence leaves the house"
    assert f"{kept} answers the request" in read_overview(current_app(), dropped).next_action


@pytest.mark.parametrize("is_later_dropped", [True, False])
def test_after_that_neither_may_be_of_the_same_person_any_more(bench, is_later_dropped):
    """An address that both requests gave was enough to stop one, and the other's page went on asking whose it was."""
    first, second = twice(bench)
    stranger = bench.open("access", email="other@example.com", phone="+49 30 23125 011")
    dropped, kept = (second, first) if is_later_dropped else (first, second)
    assert read_overview(current_app(), kept).perhaps_same == (dropped,)
    stop(dropped, DUPLICATE, of=kept)
    for one, other in ((kept, dropped), (dropped, kept)):
        seen = read_overview(current_app(), one)
        assert (seen.other_cases, seen.perhaps_same) == ((), ())
        (line,) = read_other_cases(current_app(), one)
        assert (line.case_id, line.whose, line.is_waited_for) == (other, Whose.REPEATED, False)
    assert read_other_cases(current_app(), stranger) == []


def test_a_case_stopped_in_error_is_still_to_be_found_out(bench):
    first, second = twice(bench)
    stop(second, by=OPENER)
    assert read_overview(current_app(), first).perhaps_same == (second,)


def test_evidence_says_what_it_was_and_counts_from_the_earlier_receipt(bench):
    first, second = twice(bench)
    stop(first, DUPLICATE, of=second)
    with bench.file(first) as file:
        record = fold(list(file.ledger.entries()))
        assert (record.state, record.closed_at) == ("stopped", bench.moment[0])
        received_at = file.received_at
    with bench.file(second) as file:
        record = fold(list(file.ledger.entries()))
        assert record.received_at == received_at
        assert record.clock[-1].due_on == file.due_on


def test_another_persons_case_answers_nothing_and_what_is_not_known_has_to_be_found_out(bench):
    first = bench.open("access", email="anna@example.com", phone="+49 30 23125 011")
    second = bench.open("access", email="other@example.com", phone="+49 30 23125 011")
    before = facts(bench, second)
    with pytest.raises(Conflict, match=f"It is not known that {first} is of the same person"):
        stop(second, DUPLICATE, of=first)
    assert read_repeated(current_app(), second) == []
    find_other_person(current_app(), second, first, reason="two people of one house", by=DECIDER)
    with pytest.raises(Conflict, match="another person's"):
        stop(second, DUPLICATE, of=first)
    confirm_same_person(current_app(), second, first, reason="they said so at the number on file", by=DECIDER)
    assert [one.case_id for one in read_repeated(current_app(), second)] == [first]
    stop(second, DUPLICATE, of=first)
    assert facts(bench, second) != before


@pytest.mark.parametrize(
    ("reason", "why", "named", "error", "sentence"),
    [
        (ERROR, " ", False, BadInput, "How that is known is missing"),
        (DUPLICATE, "x", False, BadInput, "A duplicate needs the case that it repeats"),
        (ERROR, "x", True, BadInput, "a case opened in error names none"),
    ],
)
def test_what_is_missing_is_named(bench, reason, why, named, error, sentence):
    first, second = twice(bench)
    with pytest.raises(error, match=sentence):
        stop(second, reason, why, of=first if named else "")


def test_a_case_repeats_neither_itself_nor_another_right_nor_one_that_answers_nothing(bench):
    first, second = twice(bench)
    with pytest.raises(BadInput, match="no duplicate of itself"):
        stop(second, DUPLICATE, of=second)
    erasure = bench.open("erasure")
    with pytest.raises(BadInput, match="about erasure, and this one about access; each is answered"):
        stop(second, DUPLICATE, of=erasure)
    withdraw(current_app(), first, by="Ida")
    with pytest.raises(Conflict, match="was withdrawn and answers nothing"):
        stop(second, DUPLICATE, of=first)


def test_one_that_arrived_after_the_answer_is_a_request_of_its_own(bench):
    first = bench.open("access")
    with bench.file(first) as file:
        file.close(bench.moment[0])
    bench.pass_time(2 * DAY)
    second = again()
    with pytest.raises(Conflict, match="answered before this request arrived"):
        stop(second, DUPLICATE, of=first)


def test_nothing_is_stopped_of_which_the_person_is_owed_an_answer(bench):
    case_id = approved(bench)
    current_app().store.take_lease(case_id, "the run")
    with pytest.raises(Conflict, match=f"rightsflow systems pause {case_id}"):
        stop(case_id, by=DECIDER)
    settle_plan(current_app(), case_id)
    erase_records(current_app(), case_id, "calls")
    current_app().store.release_lease(case_id, "the run")
    before = facts(bench, case_id)
    with pytest.raises(Conflict, match=r"records were changed already.*owed an answer"):
        stop(case_id, by=DECIDER)
    assert facts(bench, case_id) == before


def test_an_approved_erasure_that_has_not_begun_is_stopped_and_then_erases_nothing(bench):
    case_id = approved(bench)
    stop(case_id, DUPLICATE, of=again("erasure"))
    for system in SYSTEMS:
        with pytest.raises(Conflict, match="was stopped; nothing more is done"):
            erase_records(current_app(), case_id, system)
    assert all(bench.systems[one].records() for one in SYSTEMS)


def test_who_has_shown_that_the_request_is_theirs_made_it(bench):
    case_id = bench.open("access")
    bench.pass_time(DAY)
    bench.confirm_identity(case_id)
    with pytest.raises(Conflict, match="the request is theirs"):
        stop(case_id)
    other = again()
    stop(case_id, DUPLICATE, of=other)


def test_others_who_were_asked_are_told_and_it_takes_a_second_person(bench):
    with installed(replace(bench.runtime, settings=with_archive(bench.runtime.settings))):
        case_id = searched(bench, "access")
        instruct_processor(current_app(), case_id, "cctv")
        record_instruction_sent(current_app(), case_id, 1, by="Ben")
        other = again()
        with pytest.raises(Conflict, match="four eyes"):
            stop(case_id, DUPLICATE, by=OPENER, of=other)
        stop(case_id, DUPLICATE, of=other)
        with bench.file(case_id) as file:
            assert [one.standing.value for one in file.instructions.all()] == ["called off", "not sent"]


def test_its_copies_go_and_no_step_is_begun_any_more(bench):
    case_id = prepared(bench)
    other = again()
    stop(case_id, DUPLICATE, of=other)
    assert not folder(bench, case_id).exists()
    assert removals(bench, case_id) == ["stopped"]
    before = facts(bench, case_id)
    with pytest.raises(Conflict, match="was stopped; nothing more is done on it"):
        locate_records(current_app(), case_id, "helpdesk")
    assert reach_gate(current_app(), case_id, Gate.APPROVAL).has_ended
    assert facts(bench, case_id) == before
    with pytest.raises(Conflict, match="is stopped already"):
        stop(case_id)


def test_the_watch_raises_nothing_more_and_it_is_no_answer_in_the_figures(bench):
    case_id = bench.open("access")
    bench.pass_time(40 * DAY)
    look_at_cases(bench.runtime)
    stop(case_id)
    bench.pass_time(40 * DAY)
    look_at_cases(bench.runtime)
    with bench.file(case_id) as file:
        assert all(one.ended_at for one in file.alerts.all())
        assert file.needs_a_run is False
