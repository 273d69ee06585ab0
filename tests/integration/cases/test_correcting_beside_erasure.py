"""A correction and an erasure of one person, in every order of their steps: neither undoes the other."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.gates.gates import reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.facts.persons import ERASED_MEANWHILE
from rightsflow.cases.step.leases import alone_on
from rightsflow.cases.work.erasure.plan import decide_corrections
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.cases.work.rectification.other_cases import (
    confirm_same_person,
    find_other_person,
    start_after_erasures,
    waits_for_erasure,
)
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput, Conflict, Unavailable
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from rightsflow.testing.fields import FakeFields
from tests.support import looks
from tests.support.bench import ANNA_ID
from tests.support.kept_cases import staged
from tests.support.looks import letter
from tests.support.steps import carry_out, others_digest, outcomes, searched

OLD, NEW = "+493023125001", "+493023125009"
PROFILE = ("helpdesk", "profile", "u1")
KEPT = "invoice"
WRITES = ("settle", "correct", "look")
ERASES = ("settle", "erase", "look")


@pytest.fixture
def helpdesk(bench):
    """A helpdesk whose profiles can be corrected and erased."""
    system = FakeFields(system="helpdesk")
    system.add(*bench.systems["helpdesk"].records())
    system.kinds = tuple(
        replace(one, methods=one.methods | {Method.RECTIFY}, fields=frozenset({"phone", "name"}))
        if one.name == "profile"
        else one
        for one in system.kinds
    )
    system.hold(RecordRef("helpdesk", "profile", "u1"), {"phone": OLD, "name": "Anna Quill"})
    bench.systems["helpdesk"] = system
    return system


@staged
def approved(bench, right, **fields):
    case_id = searched(bench, right, **fields)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    if right == "rectification":
        decide_corrections(current_app(), case_id, ["1: accept"], by="Olga Opener")
    record_decision(current_app(), case_id, Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider"))
    return case_id


@staged
def settled(bench):
    """A correction whose plan is binding."""
    case_id = correction(bench)
    settle_plan(current_app(), case_id)
    return case_id


def correction(bench, item=f"phone | {OLD} | {NEW}"):
    return approved(bench, "rectification", corrections=item)


def step(case_id, name):
    """One step of a case at the helpdesk; returns whether it was done."""
    try:
        match name:
            case "settle":
                settle_plan(current_app(), case_id)
            case "correct" | "erase":
                erase_records(current_app(), case_id, "helpdesk")
            case _:
                verify_erasure(current_app(), case_id, "helpdesk")
    except Unavailable:
        return False
    return True


def played(turns):
    """Take steps in an order; of a case that has to wait the next steps wait too, and are taken at its next turns."""
    left = {case_id: [] for case_id, _ in turns}

    def go_on(case_id):
        while left[case_id] and step(case_id, left[case_id][0]):
            left[case_id].pop(0)

    for case_id, name in turns:
        left[case_id].append(name)
        go_on(case_id)
    for _ in range(2):
        for case_id in left:
            go_on(case_id)
    assert not any(left.values()), "neither waits for the other for ever"


@pytest.mark.apart
@pytest.mark.parametrize("places", list(combinations(range(6), 3)), ids=lambda one: "".join(map(str, one)))
def test_in_every_order_what_is_erased_is_gone_and_nothing_is_written_into_it(bench, helpdesk, places):
    others, correcting = others_digest(bench), correction(bench)
    erasing = approved(bench, "erasure")
    mine, theirs = iter(WRITES), iter(ERASES)
    played([(correcting, next(mine)) if turn in places else (erasing, next(theirs)) for turn in range(6)])
    assert outcomes(bench, erasing)[PROFILE] is OutcomeKind.ERASED
    assert "u1" not in {one.key for one in helpdesk.records()}
    assert outcomes(bench, correcting)[PROFILE] in {OutcomeKind.RECTIFIED, OutcomeKind.NOT_HELD}
    assert others_digest(bench) == others


@pytest.mark.apart
def test_an_erasure_goes_first_and_what_is_erased_is_not_called_corrected(bench, helpdesk):
    correcting = correction(bench)
    erasing = approved(bench, "erasure")
    assert waits_for_erasure(current_app(), correcting) == [], "nothing is erased yet, and its case is told"
    settle_plan(current_app(), correcting)
    settle_plan(current_app(), erasing)
    assert waits_for_erasure(current_app(), correcting) == [erasing]
    with pytest.raises(Unavailable, match=f"{erasing} of the same person is at work there"):
        erase_records(current_app(), correcting, "helpdesk")
    assert helpdesk.values[RecordRef(*PROFILE)]["phone"] == OLD
    carry_out(erasing)
    assert waits_for_erasure(current_app(), correcting) == []
    carry_out(correcting)
    write_answer(current_app(), correcting)
    text = letter(bench, correcting, "L25")
    assert outcomes(bench, correcting)[PROFILE] is OutcomeKind.NOT_HELD
    assert "Corrected:" not in text
    assert f"- service tickets (Helpdesk), 2 records: {ERASED_MEANWHILE}" in text, "they were other records of hers"
    assert "- invoices (Payments), 1 record: No program of ours corrects it" in text, "the erasure kept it"


@pytest.mark.apart
def test_an_erasure_waits_only_while_a_process_corrects(bench, helpdesk):
    correcting = settled(bench)
    erasing = approved(bench, "erasure")
    settle_plan(current_app(), erasing)
    with alone_on(current_app(), correcting), pytest.raises(Unavailable, match=correcting):
        erase_records(current_app(), erasing, "helpdesk")
    erase_records(current_app(), erasing, "helpdesk")
    assert outcomes(bench, erasing)[PROFILE] is OutcomeKind.ERASED


@pytest.mark.apart
def test_one_that_is_opened_meanwhile_is_told_what_is_right_and_erases_the_corrected_record(bench, helpdesk):
    correcting = settled(bench)
    erasing = bench.open("erasure")
    with bench.file(erasing) as file:
        assert identifier(IdentifierKind.PHONE, NEW) not in file.identifiers.known()
    carry_out(correcting)
    with bench.file(erasing) as file:
        assert identifier(IdentifierKind.PHONE, NEW) in file.identifiers.known()


def test_one_that_knows_nothing_but_the_wrong_number_is_waited_for_and_told_nothing(bench, helpdesk):
    """It may be the same person, who would be told that nothing is held; or another, whose case must learn nothing."""
    correcting = settled(bench)
    erasing = bench.open("erasure", email="", customer_id="", phone=OLD)
    assert waits_for_erasure(current_app(), correcting) == [erasing]
    with pytest.raises(Unavailable, match=erasing):
        erase_records(current_app(), correcting, "helpdesk")
    with bench.file(erasing) as file:
        assert identifier(IdentifierKind.PHONE, NEW) not in file.identifiers.known()
        file.withdraw(by="Ben", reason="")
    assert waits_for_erasure(current_app(), correcting) == []


def test_an_unconfirmed_erasure_of_the_number_alone_holds_a_correction_until_a_person_found_out(bench, helpdesk):
    """Its identity may never be confirmed, so that it stood open, and the correction waited, for ever."""
    correcting = settled(bench)
    erasing = bench.open("erasure", email="", customer_id="", phone=OLD)
    with pytest.raises(Unavailable, match=f"{erasing}, which erases, may be of the same person.*other-person"):
        erase_records(current_app(), correcting, "helpdesk")
    with pytest.raises(Conflict, match="four eyes"):
        find_other_person(current_app(), correcting, erasing, reason="Called back.", by="Olga Opener")
    find_other_person(current_app(), correcting, erasing, reason="Called back.", by="Dana Decider")
    assert waits_for_erasure(current_app(), correcting) == []
    carry_out(correcting)
    assert outcomes(bench, correcting)[PROFILE] is OutcomeKind.RECTIFIED
    with bench.file(erasing) as file:
        assert identifier(IdentifierKind.PHONE, NEW) not in file.identifiers.known(), "another's case learns nothing"


@pytest.mark.apart
@pytest.mark.parametrize("act", [confirm_same_person, find_other_person])
def test_a_correction_is_approved_beside_an_erasure_of_the_number_once_it_is_another_person_s(bench, helpdesk, act):
    erasing = bench.open("erasure", email="", customer_id="", phone=OLD)
    correcting = searched(bench, "rectification", corrections=f"phone | {OLD} | {NEW}")
    prepare_plan(current_app(), correcting)
    reach_gate(current_app(), correcting, Gate.APPROVAL)
    decide_corrections(current_app(), correcting, ["1: accept"], by="Olga Opener")
    approval = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider")
    with pytest.raises(Conflict, match=f"{erasing}, which erases, is open.*other-person"):
        record_decision(current_app(), correcting, approval)
    act(current_app(), correcting, erasing, reason="Called back.", by="Dana Decider")
    if act is confirm_same_person:
        with pytest.raises(Conflict, match=erasing):
            record_decision(current_app(), correcting, approval)
    else:
        record_decision(current_app(), correcting, approval)


@pytest.mark.apart
def test_who_has_the_address_that_was_wrong_is_another_person_whose_case_learns_nothing(bench, helpdesk):
    wrong = "anna.quill@example.com"
    theirs = bench.open("access", email=wrong, customer_id="", phone="")
    own = bench.open("access", email="", customer_id=ANNA_ID.value, phone=OLD)
    correcting = correction(bench, f"email | {wrong} | anna.new@example.com")
    settle_plan(current_app(), correcting)
    right = identifier(IdentifierKind.EMAIL, "anna.new@example.com")
    with bench.file(theirs) as file:
        assert right not in file.identifiers.known()
    with bench.file(own) as file:
        assert right in file.identifiers.known()


@pytest.mark.apart
def test_a_correction_that_waited_is_started_again(bench, helpdesk):
    correcting = correction(bench)
    with bench.file(correcting) as file:
        file.bulk.note_run()
    erasing = approved(bench, "erasure")
    settle_plan(current_app(), erasing)

    def is_started():
        start_after_erasures(current_app())
        return correcting in {one.case_id for one in current_app().store.waiting.due(9, in_bulk=False)}

    assert not is_started()
    carry_out(erasing)
    assert is_started()


@pytest.mark.apart
def test_a_case_of_nothing_but_the_number_is_shown_to_a_person_and_learns_once_that_one_found_out(bench, helpdesk):
    theirs = bench.open("access", email="", phone=OLD)
    correcting = settled(bench)
    with bench.file(correcting) as file:
        (task,) = [one for one in file.tasks.all() if one.system == "other cases"]
        assert task.what.startswith(f"{theirs} may concern the same person: each shares a number, or what was wrong")
    carry_out(correcting)
    write_answer(current_app(), correcting)
    with bench.file(correcting) as file:
        assert [one.system for one in file.tasks.all()].count("other cases") == 1
        assert not any(theirs in one.body for one in file.outbox.letters()), "it may be another person's"
    right = identifier(IdentifierKind.PHONE, NEW)
    with bench.file(theirs) as file:
        assert right not in file.identifiers.known()

    def found(other=theirs, reason="called back", by="Dana Decider"):
        return confirm_same_person(current_app(), correcting, other, reason=reason, by=by)

    with pytest.raises(Conflict, match=f"asks of {theirs} whether the person is the same, which no one has said"):
        mark_task_done(current_app(), correcting, task.number, on=None, by="Dana Decider")
    with pytest.raises(BadInput, match="reason"):
        found(reason=" ")
    with pytest.raises(Conflict, match="four eyes"):
        found(by="Olga Opener")
    with pytest.raises(BadInput, match="the same case twice"):
        found(other=correcting)
    assert "knows by now what" in found()
    (ended,) = looks.tasks(bench, correcting, TaskKind.OTHER_CASE)
    assert (ended.done_on, ended.done_by) == (current_app().today, "Dana Decider"), "what was found out ends the task"
    with bench.file(theirs) as file:
        assert right in file.identifiers.searched_with()
        said = [one.details for one in file.ledger.entries() if one.event == "SamePersonConfirmed"]
        assert len(said) == 1
        assert not {"called back", correcting} & set(map(str, said[0].values())), "evidence names no other case"
