"""A rectification (Art. 16): decided item by item, carried out where a system can, told in L25, Art. 19 included."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.audit.evidence.fold import fold
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.follow_up.rounds import follow_up, replay_system
from rightsflow.cases.course.gates.gates import order_search, reach_gate, record_decision
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.processors.processor_answers import reveal_instruction
from rightsflow.cases.facts.overview.personal_data import reveal
from rightsflow.cases.work.erasure.plan import decide_corrections
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.processors.instructions import instruct_processor, processors_to_instruct, recipients_to_tell
from rightsflow.cases.work.rectification.other_cases import confirm_same_person
from rightsflow.config.sections.limits import FollowUpSettings
from rightsflow.domain.case.manual_tasks import StatedEnd, TaskEnd
from rightsflow.domain.case.record_decisions import RecordAct, RecordDecision
from rightsflow.domain.erasure.plan_by_request import NO_ROOM
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Decision, Gate, Verdict
from rightsflow.domain.identifiers import IdentifierKind, identifier
from rightsflow.domain.processors.terms import Action
from rightsflow.domain.rectification.changes import FieldOf
from rightsflow.domain.vocabulary.events import CaseEvent
from rightsflow.domain.vocabulary.records import Method, OutcomeKind, RecordRef
from rightsflow.testing.fields import FakeFields
from tests.integration.cases.answered_erasures import LAST_DAY, go_to
from tests.integration.cases.answered_erasures import answered as erasure_answered
from tests.support import looks
from tests.support.bench import ANNA_ID
from tests.support.kept_cases import staged
from tests.support.looks import entries, letter
from tests.support.processors import told_of_erasures, with_processors
from tests.support.steps import carry_out, others_digest, outcomes, search

OLD, NEW = "+493023125001", "+493023125009"
PHONE = f"phone | {OLD} | {NEW} | a digit is wrong | bill of May seen"
PROFILE, TICKET, SHARED = (
    ("helpdesk", kind, key) for kind, key in (("profile", "u1"), ("ticket", "t1"), ("ticket", "t2"))
)
INVOICE, CALL = ("payments", "invoice", "i1"), ("calls", "recording", "r1")
WHAT_HE_SAID = "A recording is what was said, and is not altered."


@pytest.fixture
def helpdesk(bench):
    """A helpdesk whose profiles have fields; recordings are never altered."""
    system = FakeFields(system="helpdesk")
    system.add(*bench.systems["helpdesk"].records())
    system.kinds = tuple(
        replace(one, methods=one.methods | {Method.RECTIFY}, fields=frozenset({"phone", "name", "statement"}))
        if one.name == "profile"
        else one
        for one in system.kinds
    )
    for key, phone in (("u1", OLD), ("u2", OLD)):
        system.hold(RecordRef("helpdesk", "profile", key), {"phone": phone, "name": "Anna Quill", "statement": ""})
    bench.systems["helpdesk"] = system
    calls = bench.systems["calls"]
    calls.kinds = tuple(replace(one, fixed=WHAT_HE_SAID) if one.name == "recording" else one for one in calls.kinds)
    return system


@pytest.mark.apart
def test_what_its_system_has_no_room_for_is_known_at_the_gate_and_the_rest_is_corrected(bench, helpdesk):
    """An officer reads it before anything is decided; nothing is tried, and a person sees to it."""
    name = "name | Anna Quill | Łucja Quill | it is misspelt | passport seen"
    helpdesk.foreseen, helpdesk.not_taken = frozenset({FieldOf("profile", "name")}), frozenset({"name"})
    case_id = at_the_gate(bench, name)
    profile = next(one for one in looks.findings(bench, case_id, "helpdesk") if one.ref.kind == "profile")
    assert (profile.method, profile.planned) == (None, OutcomeKind.UNRECTIFIED)
    assert profile.reason == f"Not corrected: name. {NO_ROOM}"
    both = at_the_gate(bench, name, PHONE)
    profile = next(one for one in looks.findings(bench, both, "helpdesk") if one.ref.kind == "profile")
    assert (profile.method, profile.planned) == (Method.RECTIFY, OutcomeKind.UNRECTIFIED)
    assert "no room for the new value of: name." in profile.note
    decided(both, "1-2: accept")
    assert "Corrected: telephone number. Not corrected: name" in answered(bench, both)
    assert values(helpdesk) == {"phone": NEW, "name": "Anna Quill", "statement": ""}


@pytest.mark.apart
def test_where_room_is_made_a_new_search_lets_it_be_corrected(bench, helpdesk):
    helpdesk.foreseen = frozenset({FieldOf("profile", "name")})
    case_id = at_the_gate(bench, "name | Anna Quill | Łucja Quill | it is misspelt | passport seen")
    helpdesk.foreseen = frozenset()
    order_search(current_app(), case_id, reason="The column was made wider.", by="Olga Opener")
    search(case_id)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    decided(case_id)
    answered(bench, case_id)
    assert values(helpdesk)["name"] == "Łucja Quill"


@staged
def at_the_gate(bench, *items):
    case_id = bench.open("rectification", corrections="\n".join(items or (PHONE,)))
    reach_gate(current_app(), case_id, Gate.IDENTITY)
    bench.confirm_identity(case_id)
    search(case_id)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    return case_id


def decided(case_id, *lines):
    decide_corrections(current_app(), case_id, lines or ("1: accept",), by="Olga Opener")


def approved(case_id, **records):
    decision = Decision(gate=Gate.APPROVAL, verdict=Verdict.APPROVED, by="Dana Decider", records=records)
    record_decision(current_app(), case_id, decision)


def answered(bench, case_id, **records):
    approved(case_id, **records)
    settle_plan(current_app(), case_id)
    carry_out(case_id)
    write_answer(current_app(), case_id)
    return letter(bench, case_id, "L25")


def values(helpdesk, key="u1"):
    return helpdesk.values[RecordRef("helpdesk", "profile", key)]


@pytest.mark.apart
def test_what_is_accepted_is_written_and_read_again_and_the_rest_is_said(bench, helpdesk):
    others, case_id = others_digest(bench), at_the_gate(bench)
    decided(case_id)
    text = answered(bench, case_id)
    became = outcomes(bench, case_id)
    assert became[PROFILE] is OutcomeKind.RECTIFIED
    assert (became[TICKET], became[CALL]) == (OutcomeKind.NOT_CONCERNED, OutcomeKind.NOT_CONCERNED)
    assert became[INVOICE] is OutcomeKind.UNRECTIFIED
    assert values(helpdesk)["phone"] == NEW
    assert values(helpdesk, "u2")["phone"] == OLD, "the neighbour has the same number"
    assert others_digest(bench) == others
    assert helpdesk.calls["still_wrong"] == 1
    assert "Item 1, telephone number: we accept the correction." in text
    assert "customer profiles (Helpdesk), 1 record. Corrected: telephone number." in text
    assert "invoices (Payments), 1 record" in text
    assert OLD not in text
    assert NEW not in text
    with bench.file(case_id) as file:
        assert [one.system for one in file.tasks.all()] == ["payments"]
        said = json.dumps([[one.event, one.details] for one in file.ledger.entries()], default=str)
    assert "CorrectionsDecided" in said
    assert not [one for one in (OLD, NEW, "a digit is wrong") if one in said]


@pytest.mark.apart
def test_a_refusal_names_its_reason_and_the_remedies_and_a_statement_is_put_beside(bench, helpdesk):
    case_id = at_the_gate(bench, PHONE, "name | Anna Quill | Anna Quillfeather")
    decided(case_id, "1: refuse | the contract of 4 May shows this number", "2: complete | she says that it is longer")
    text = answered(bench, case_id)
    assert values(helpdesk) == {"phone": OLD, "name": "Anna Quill", "statement": "Name: she says that it is longer"}
    assert "we do not correct it. The reason: the contract of 4 May shows this number." in text
    assert "this supplementary statement beside it: “she says that it is longer”" in text
    assert "not all of them we correct as you asked" in text
    assert "Added: supplementary statement on name." in text
    assert "without the erased contents" not in text
    assert "lda.bayern.de" in text
    assert "You can also go to court" in text


@pytest.mark.apart
def test_a_statement_alone_is_not_called_what_the_person_asked_and_may_speak_of_data_that_are_gone(bench, helpdesk):
    case_id = at_the_gate(bench)
    with pytest.raises(BadInput, match="all data are gone"):
        decided(case_id, "1: refuse | all your data have been deleted long ago")
    decided(case_id, "1: complete | she was told that all your data were deleted")
    text = answered(bench, case_id)
    assert "We follow your request" not in text
    assert "not all of them we correct as you asked" in text


def test_of_a_record_that_a_decision_left_out_its_ground_is_told_and_not_what_it_holds(bench, helpdesk):
    """Before, it was counted among those that hold nothing that was to be corrected, which no one had looked at."""
    case_id = at_the_gate(bench)
    decided(case_id)
    with bench.file(case_id) as file:
        profile = next(one.number for one in file.findings.all() if (one.ref.system, one.ref.kind) == PROFILE[:2])
    left = RecordDecision(act=RecordAct.LEAVE_OUT, ground="It is about another purchase.", provision="Art. 16")
    text = answered(bench, case_id, **{str(profile): left})
    assert values(helpdesk)["phone"] == OLD
    said = "your request does not concern it. The ground: It is about another purchase. Provision: Art. 16 GDPR."
    assert f"- customer profiles (Helpdesk), 1 record: It was decided for this record alone that {said}" in text
    assert f"- call recordings (Calls), 1 record: {WHAT_HE_SAID}" in text, "neither hides behind the other"
    assert "- service tickets (Helpdesk), 2 records: It has no field of its own for what is to be corrected" in text


@pytest.mark.apart
def test_what_no_program_corrects_in_a_system_beside_what_one_does_is_a_task(bench, helpdesk):
    case_id = at_the_gate(bench, PHONE, "date of birth | 1981-02-01 | 1980-02-01")
    decided(case_id, "1-2: accept")
    text = answered(bench, case_id)
    assert outcomes(bench, case_id)[PROFILE] is OutcomeKind.RECTIFIED
    said = "Look where this stands, which no program of ours corrects, and correct it: date of birth."
    assert f"Helpdesk, by 2 April 2026: “{said}”" in text
    assert [one.system for one in looks.tasks(bench, case_id) if one.what == said] == ["helpdesk"]


def tasks_to_correct(bench, case_id):
    return {one.system: one for one in looks.tasks(bench, case_id) if one.is_open and "correct" in one.what}


@pytest.mark.apart
def test_which_fields_a_person_put_right_and_which_not_is_named_and_the_person_is_told_of_these(bench, helpdesk):
    case_id = at_the_gate(bench, PHONE, "date of birth | 1981-02-01 | 1980-02-01", "name | Anna Quill | Anna Quillow")
    decided(case_id, "1-2: accept", "3: complete | she says that it is longer")
    answered(bench, case_id)
    decisions = [one.details for one in entries(bench, case_id, "CorrectionsDecided")]
    (fields,) = {tuple(one["fields"]) for one in decisions if one["act"] == "accept"}
    assert fields == ("date of birth", "telephone number")
    task = tasks_to_correct(bench, case_id)["payments"]
    assert "(date of birth, supplementary statement on name and telephone number)" in task.what

    def end(**stated):
        return mark_task_done(
            current_app(), case_id, task.number, on=None, by="Ben", stated=StatedEnd(end=TaskEnd.LEFT, **stated)
        )

    with pytest.raises(BadInput, match="reason is missing"):
        end(corrected=("telephone number",))
    with pytest.raises(BadInput, match="no field of this task"):
        end(reason="x", corrected=("iban",))
    with pytest.raises(BadInput, match="only where others were not"):
        end(reason="x", corrected=("date of birth", "supplementary statement on name", "telephone number"))
    said = end(reason="The voucher is closed.", corrected=("telephone number",))
    assert "is noted as not done, with its reason," in said
    (noted,) = [one.details for one in entries(bench, case_id, "TaskDone")]
    assert (noted["corrected"], noted["left"]) == (
        ["telephone number"],
        ["date of birth", "supplementary statement on name"],
    )
    telling = looks.tasks(bench, case_id)[-1]
    assert telling.what == (
        "Tell the person what was not done (date of birth and supplementary statement on name), and why, and that they "
        "can complain and go to court."
    )
    mark_task_done(
        current_app(), case_id, telling.number, on=None, by="Ben", stated=StatedEnd(end=TaskEnd.LEFT, reason="moved")
    )
    assert looks.tasks(bench, case_id)[-1].number == telling.number, "that they could not be told is told to no one"


def done(case_id, task, **stated):
    mark_task_done(current_app(), case_id, task.number, on=None, by="Ben", stated=StatedEnd(**stated))


def later(bench, case_id):
    with bench.file(case_id) as file:
        written = [one for one in file.outbox.letters() if one.template_id.startswith("L26")]
    return {one.template_id: " ".join(one.body.split()) for one in written}


@pytest.mark.apart
def test_once_it_is_corrected_by_hand_the_person_is_told_of_each_system_and_never_of_a_day_before_the_request(
    bench, helpdesk
):
    case_id = at_the_gate(bench, PHONE, "date of birth | 1981-02-01 | 1980-02-01")
    decided(case_id, "1-2: accept")
    answered(bench, case_id)
    tasks = tasks_to_correct(bench, case_id)
    done(case_id, tasks["helpdesk"])
    text = later(bench, case_id)["L26"]
    assert "Our answer of 5 March 2026 named what a person still had to look at and correct by hand." in text
    assert "In one system that is done: Helpdesk." in text
    assert "this was put right there on 5 March 2026: - date of birth IF YOU" in text
    assert "You can also go to court" in text
    assert "Art. 19" not in text
    assert "1980" not in text
    done(case_id, tasks["payments"], end=TaskEnd.LEFT, reason="A voucher.", corrected=("telephone number",))
    text = later(bench, case_id)["L26.2"]
    assert "Payments" in text
    assert "put right there on 5 March 2026: - telephone number What was not put right there: date of birth." in text
    assert "voucher" not in text


def test_of_what_was_not_corrected_by_hand_no_letter_says_that_it_was_nor_a_day_before_the_request(bench, helpdesk):
    case_id = corrected(bench)
    number = tasks_to_correct(bench, case_id)["payments"].number
    with pytest.raises(BadInput, match="before the request came in"):
        mark_task_done(current_app(), case_id, number, on=date(2026, 3, 1), by="Ben")
    assert tasks_to_correct(bench, case_id)["payments"].is_open
    done(case_id, tasks_to_correct(bench, case_id)["payments"], end=TaskEnd.LEFT, reason="A voucher.")
    assert not later(bench, case_id)


@pytest.mark.apart
def test_who_did_not_know_what_is_right_is_told_once_it_was_corrected_by_hand(bench, helpdesk):
    """Before, a controller and a processor that worked where a person alone corrects something never learnt it."""
    register = with_processors(bench.runtime.settings, systems=["helpdesk"])
    elsewhere = {key: one.model_copy(update={"systems": ["helpdesk"]}) for key, one in register.processors.items()}
    bench.runtime = replace(bench.runtime, settings=register.model_copy(update={"processors": elsewhere}))
    fields = {one.name: one for one in helpdesk.kinds}["profile"]
    helpdesk.kinds = tuple(
        replace(one, fields=fields.fields if one.name == "recording" else frozenset(), methods=fields.methods)
        for one in helpdesk.kinds
    )
    with installed(bench.runtime):
        case_id = at_the_gate(bench, PHONE, "date of birth | 1981-02-01 | 1980-02-01")
        decided(case_id, "1-2: accept")
        assert not processors_to_instruct(current_app(), case_id)
        assert not recipients_to_tell(current_app(), case_id)
        answered(bench, case_id)
        done(case_id, tasks_to_correct(bench, case_id)["helpdesk"])
        with bench.file(case_id) as file:
            told = [(one.name, one.action, one.called) for one in file.instructions.all()]
            assert not any(one.is_waited_for for one in file.instructions.all())
        texts = [reveal_instruction(current_app(), case_id, number, by="Dana Decider") for number in (1, 2, 3)]
    assert told == [
        ("Callhouse Lisbon", Action.RECTIFY, "Callhouse Lisbon (corrected by hand)"),
        ("Elsewhere", Action.RECTIFY, "Elsewhere (corrected by hand)"),
        ("Carrier", Action.TAKE_NOTE, "Carrier (told later)"),
    ]
    for text in texts:
        assert "date of birth: 1980-02-01 (instead of 1981-02-01)" in text
        assert NEW not in text, "that is put right nowhere where they work"
    assert "(Art. 19 GDPR): Callhouse Lisbon, Carrier and Elsewhere." in later(bench, case_id)["L26"]


@pytest.mark.apart
def test_nothing_is_approved_before_each_item_is_decided_on_values_that_who_says_why_is_shown(bench, helpdesk):
    case_id = at_the_gate(bench, PHONE, "name | Anna Quill | Anna Quillfeather")
    with pytest.raises(Conflict, match="Open: 1, 2"):
        approved(case_id)
    decided(case_id, "2: accept")
    with pytest.raises(Conflict, match="Open: 1"):
        approved(case_id)
    with pytest.raises(BadInput, match="items are 1 to 2"):
        decided(case_id, "3: accept")
    assert values(helpdesk)["name"] == "Anna Quill"
    case_id = at_the_gate(bench)
    seen = reveal(current_app(), case_id, by="Dana Decider", reason="to decide")
    assert seen.corrections == {1: ["phone", OLD, NEW, "a digit is wrong", "bill of May seen", ""]}


@pytest.mark.apart
def test_who_has_the_data_too_is_told_what_is_right_and_not_that_it_was_corrected_where_nothing_was(bench, helpdesk):
    bench.runtime = replace(bench.runtime, settings=told_of_erasures(bench.runtime.settings))
    with installed(bench.runtime):
        case_id = at_the_gate(bench)
        values(helpdesk)["phone"] = "+49301"
        decided(case_id)
        approved(case_id)
        settle_plan(current_app(), case_id)
        carry_out(case_id)
        instruct_processor(current_app(), case_id, "carrier")
        text = reveal_instruction(current_app(), case_id, 1, by="Dana Decider")
    assert "Personal data that we had disclosed to you are wrong or incomplete (Art. 16 and 19 GDPR)." in text
    assert f"telephone number: {NEW} (instead of {OLD})" in text
    assert "We have corrected" not in text


def test_another_value_than_the_wrong_one_is_left_to_a_person(bench, helpdesk):
    case_id = at_the_gate(bench)
    values(helpdesk)["phone"] = "+49301"
    decided(case_id)
    text = answered(bench, case_id)
    assert outcomes(bench, case_id)[PROFILE] is OutcomeKind.UNRECTIFIED
    assert values(helpdesk)["phone"] == "+49301"
    assert "Not corrected: telephone number: another value stands there than the one that you say is wrong" in text
    assert {one.system for one in looks.tasks(bench, case_id)} == {"helpdesk", "payments"}


@pytest.mark.apart
def test_two_requests_at_once_are_two_cases_and_the_second_overwrites_nothing(bench, helpdesk):
    first, second = at_the_gate(bench), at_the_gate(bench, f"phone | {OLD} | +493023125010")
    assert first != second
    for case_id in (first, second):
        decided(case_id)
    answered(bench, first)
    answered(bench, second)
    assert values(helpdesk)["phone"] == NEW
    assert outcomes(bench, second)[PROFILE] is OutcomeKind.UNRECTIFIED


def test_no_number_is_corrected_while_a_request_of_the_person_erases(bench, helpdesk):
    case_id, erasure = at_the_gate(bench), bench.open("erasure")
    decided(case_id)
    with pytest.raises(Conflict, match=f"{erasure}, which erases, is open for who has the same"):
        approved(case_id)
    decided(case_id, "1: refuse | it is right")
    approved(case_id)


@pytest.mark.apart
def test_what_an_answered_erasure_kept_is_still_found_by_the_number_that_was_put_right(bench, helpdesk):
    """It was looked for by the wrong number alone, and taken for gone where only the right one stood."""
    policy = FollowUpSettings(approval="automatic", policy="Deletion policy 2.1", covers_conditions=True)
    settings = bench.runtime.settings.model_copy(update={"follow_up": policy})
    bench.runtime = replace(bench.runtime, settings=settings)
    with installed(bench.runtime):
        erasure = erasure_answered(bench)
        case_id = at_the_gate(bench)
        decided(case_id)
        approved(case_id)
        for _ in range(2):
            settle_plan(current_app(), case_id)
        right = identifier(IdentifierKind.PHONE, NEW)
        payments = bench.systems["payments"]
        (kept,) = [one for one in payments.records() if one.key == INVOICE[2]]
        payments.add(replace(kept, texts=((frozenset({right}), "kettle 49.00 EUR"),)))
        go_to(bench, LAST_DAY, hour=23)
        follow_up(current_app())
    assert outcomes(bench, erasure)[INVOICE] is OutcomeKind.REDACTED
    assert not next(one for one in payments.records() if one.key == INVOICE[2]).names(frozenset({right}))
    with bench.file(erasure) as file:
        learnt = [one.details for one in file.ledger.entries() if one.event == "IdentifiersLearnt"]
        assert [len(one["identifiers"]) for one in learnt if one["system"] == "rectification"] == [1]
        scope = file.identifiers.scope()
        file.identifiers.add({right}, learnt_from="helpdesk")
        assert file.identifiers.scope() != scope, "what a search of the case names is asked for"


@pytest.mark.apart
def test_who_uses_the_same_number_is_another_person_whose_case_learns_nothing(bench, helpdesk):
    """By a shared number alone another person's case would have taken this one's address for theirs."""
    theirs = bench.open("access", email="boris.other@example.org", customer_id="", phone=OLD)
    own = bench.open("access", customer_id=ANNA_ID.value)
    case_id = at_the_gate(bench, "email | anna.quill@example.com | anna.new@example.com", PHONE)
    decided(case_id, "1-2: accept")
    approved(case_id)
    settle_plan(current_app(), case_id)
    right = {identifier(IdentifierKind.EMAIL, "anna.new@example.com"), identifier(IdentifierKind.PHONE, NEW)}
    for other in (own, theirs):
        # Beside what was wrong, the own one shares the customer number alone.
        with bench.file(other) as file:
            assert not right & file.identifiers.known()
    confirm_same_person(current_app(), case_id, own, reason="She named both cases.", by="Dana Decider")
    with bench.file(own) as file:
        assert right <= file.identifiers.known()


def test_a_run_that_was_cut_short_goes_on_and_changes_nothing_twice(bench, helpdesk):
    case_id = at_the_gate(bench)
    decided(case_id)
    approved(case_id)
    settle_plan(current_app(), case_id)
    helpdesk.fail("rectify", after=1)
    with pytest.raises(Exception, match="did not answer"):
        carry_out(case_id)
    carry_out(case_id)
    assert outcomes(bench, case_id)[PROFILE] is OutcomeKind.RECTIFIED


def test_what_cannot_be_used_opens_no_case_and_is_not_quoted(bench):
    for right, items, said in [
        ("rectification", "", "is missing"),
        ("rectification", "phone | +4930", "cannot be read"),
        ("rectification", "+49 30 23125 001 | a | b", "does not name a field in words"),
        ("rectification", "phone | +493023125001 | hello", "is not a phone number"),
        ("rectification", "email | a@example.com | b@", "is not an e-mail address"),
        ("rectification", "name | Anna | ", "does not say what is right"),
        ("rectification", "name | Anna | Anna", "same value"),
        ("rectification", "phone | 030 23120 | +493023121\nphone | 030 23121 | +493023122", "give the same value"),
        ("rectification", "phone | 030 23121 | +493023122\nphone | 030 23120 | +493023121", "give the same value"),
        ("rectification", "phone | 030 23120 | +493023121\nphone | +493023120 | +493023122", "an earlier item"),
        ("rectification", f"name | Anna | {'x' * 501}", "more than 500 characters"),
        ("rectification", "name | Anna | An\u202ena", "cannot be seen"),
        ("access", "name | Anna | Anne", "with a rectification alone"),
    ]:
        with pytest.raises(BadInput, match=said) as fault:
            bench.open(right, corrections=items)
        assert "hello" not in str(fault.value)
        assert not bench.runtime.store.summaries(closed_too=True)


@staged
def corrected(bench):
    """A case whose correction is answered."""
    case_id = at_the_gate(bench)
    decided(case_id)
    answered(bench, case_id)
    return case_id


def restore(helpdesk, **fields):
    helpdesk.hold(RecordRef("helpdesk", "profile", "u1"), values(helpdesk) | (fields or {"phone": OLD}))


def noted(bench, case_id):
    with bench.file(case_id) as file:
        tasks = [one.records for one in file.tasks.all() if one.what.startswith("Corrected records that h")]
        of_them = {CaseEvent.CORRECTIONS_UNDONE, CaseEvent.CORRECTED_AGAIN}
        return [one.event for one in file.ledger.entries() if one.event in of_them], tasks


def test_a_correction_that_a_restore_undid_is_made_again_by_a_replay(bench, helpdesk):
    case_id = corrected(bench)
    neighbour, others = values(helpdesk, "u2"), others_digest(bench)
    assert replay_system(current_app(), "helpdesk", by="Dana Decider").corrected == 0
    for number in (1, 2):
        restore(helpdesk)
        done = replay_system(current_app(), "helpdesk", by="Dana Decider")
        assert (done.corrected, done.asked, done.failed) == (1, 0, [])
        assert values(helpdesk)["phone"] == NEW
        assert noted(bench, case_id) == (["CorrectionsUndone", "CorrectedAgain"] * number, [1])
    assert (values(helpdesk, "u2"), others_digest(bench)) == (neighbour, others)
    restore(helpdesk, phone="+493023125777")
    assert replay_system(current_app(), "helpdesk", by="Dana Decider").corrected == 0
    assert values(helpdesk)["phone"] == "+493023125777", "a third value is no one's mistake that we know of"


def test_what_holds_the_old_value_at_a_later_look_is_told_and_left_since_a_person_may_have_written_it(bench, helpdesk):
    case_id = corrected(bench)
    restore(helpdesk)
    for _ in range(2):
        bench.pass_time(timedelta(days=1))
        assert follow_up(current_app()).failed == 0
    assert values(helpdesk)["phone"] == OLD
    assert noted(bench, case_id) == (["CorrectionsUndone"], [1])
    assert replay_system(current_app(), "helpdesk", by="Dana Decider").corrected == 1
    assert noted(bench, case_id)[0] == ["CorrectionsUndone", "CorrectedAgain"]


@pytest.mark.apart
def test_a_look_that_shows_what_is_right_is_in_the_evidence_and_one_that_shows_what_is_wrong_moves_no_day(
    bench, helpdesk
):
    case_id = corrected(bench)
    for days, stands in ((1, NEW), (6, OLD), (23, NEW)):
        restore(helpdesk, phone=stands)
        bench.pass_time(timedelta(days=days))
        assert follow_up(current_app()).failed == 0
        with bench.file(case_id) as file:
            profile = next(one for one in file.findings.all("helpdesk") if one.outcome is OutcomeKind.RECTIFIED)
            (line,) = (one for one in fold(file.ledger.entries()).records if one.outcome == "rectified")
        assert (line.verified, line.verified_at) == (profile.verified, profile.verified_at)
        assert profile.looked_at == bench.moment[0]
        assert (profile.verified_at == bench.moment[0]) is (stands == NEW)
    reads = helpdesk.calls["still_wrong"]
    follow_up(current_app())
    assert helpdesk.calls["still_wrong"] == reads


@pytest.mark.apart
def test_what_another_request_has_corrected_back_is_left_by_a_replay(bench, helpdesk):
    corrected(bench)
    second = at_the_gate(bench, f"phone | {NEW} | {OLD} | moved back | bill of June seen")
    decided(second)
    answered(bench, second)
    assert values(helpdesk)["phone"] == OLD
    done = replay_system(current_app(), "helpdesk", by="Dana Decider")
    assert (done.corrected, done.failed) == (0, [])
    assert values(helpdesk)["phone"] == OLD
