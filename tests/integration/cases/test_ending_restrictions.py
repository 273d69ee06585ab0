"""Who was told of a restriction is told once that it has ended, and proves it as any other instruction."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.follow_up.lifting import announce_lifting, liftable
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.processors.processor_answers import (
    record_instruction_sent,
    record_processor_answer,
    reveal_instruction,
)
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.work.erasure.steps import prepare_plan, settle_plan
from rightsflow.cases.work.processors.instructions import instruct_processor, processors_to_instruct, recipients_to_tell
from rightsflow.cases.work.processors.status import why_by_people
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.errors import BadInput, Conflict
from rightsflow.domain.gates.decisions import Gate
from rightsflow.domain.processors.answers import StatedAnswer
from rightsflow.domain.processors.scorecard import scorecard
from rightsflow.domain.processors.terms import Action, InstructionStanding, ProcessorAnswer, ProcessorChannel
from tests.support import looks
from tests.support.bench import ANNA_EMAIL, ANNA_ID, CANARIES
from tests.support.kept_cases import staged
from tests.support.looks import finding
from tests.support.processors import with_processors
from tests.support.steps import at_approval, can_restrict, carry_out, searched, send_answer

OPENDSR = {
    "channel": "opendsr",
    "opendsr": {"base_url": "https://dsr.callhouse.example/v2", "domain": "callhouse.example", "controller_id": "us"},
}


@pytest.fixture
def outsourced(bench):
    """A bench whose helpdesk can mark and is worked on by a processor and told to a controller of its own."""
    can_restrict(bench, "helpdesk")
    yield from _with(bench)


def _with(bench, **changes):
    bench.runtime = replace(bench.runtime, settings=with_processors(bench.runtime.settings, **changes))
    with installed(bench.runtime):
        yield bench


@staged
def restricted(bench, *, sent=True):
    """An answered restriction of which the processor and the controller of its own were told."""
    case_id = searched(bench, "restriction", ground="accuracy")
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    for key in (*processors_to_instruct(current_app(), case_id), *recipients_to_tell(current_app(), case_id)):
        instruct_processor(current_app(), case_id, key)
    carry_out(case_id)
    for number in range(1, len(instructions(bench, case_id)) + 1) if sent else ():
        record_instruction_sent(current_app(), case_id, number, by="Ben")
    write_answer(current_app(), case_id)
    record_sent(current_app(), case_id, "L22", by="Ben")
    return case_id


def lifted(bench, case_id, numbers=None, *, on=None):
    """Lift the restriction of some records, or of all, by announcement, letter and follow-up."""
    day = on or current_app().today + timedelta(days=9)
    chosen = numbers or liftable(current_app(), case_id)
    announce_lifting(current_app(), case_id, chosen, day, reason="They are accurate.", by="Dana Decider")
    with bench.file(case_id) as file:
        letter = [one.template_id for one in file.outbox.letters() if one.template_id.startswith("L15")][-1]
    record_sent(current_app(), case_id, letter, by="Ben")
    bench.pass_time(day - current_app().today)
    follow_up(current_app())


def instructions(bench, case_id):
    with bench.file(case_id) as file:
        return file.instructions.all()


def tasks(bench, case_id, kind=TaskKind.MANUAL):
    return looks.tasks(bench, case_id, kind)


def of_end(bench, case_id):
    return [one for one in instructions(bench, case_id) if one.task]


@pytest.mark.apart
def test_each_is_told_once_and_proves_it_as_any_other_instruction_and_what_they_and_the_person_read(outsourced):
    case_id = restricted(outsourced)
    lifted(outsourced, case_id)
    to_lift, to_note = of_end(outsourced, case_id)
    text = reveal_instruction(current_app(), case_id, to_lift.number, by="Ben")
    assert text.startswith(f"Callhouse Lisbon\n\nInstruction {case_id}/callhouse/{to_lift.task}\n")
    assert (
        f"With instruction {case_id}/callhouse of 5 March 2026 we had you store personal data and use them for nothing "
        "else. That has ended, for: call notes. Use them again for what you hold them for us." in text
    )
    assert "What we have restricted with another instruction stays restricted. Erase nothing for this" in text
    assert "the number of records of each kind that are used again" in text
    note = reveal_instruction(current_app(), case_id, to_note.number, by="Ben")
    assert f"With notice {case_id}/carrier of 5 March 2026 we told you" in note
    assert "That has ended (Art. 18(3) and 19 GDPR), for: call notes." in note
    for each in (text, note):
        assert ANNA_ID.value in each
        assert ANNA_EMAIL.value not in each
        assert "accurate" not in each, "the reason is the person's matter"
    with outsourced.file(case_id) as file:
        (letter,) = [one.body for one in file.outbox.letters() if one.template_id == "L15"]
    assert "Once it has ended here, we tell those whom we had told of it: Callhouse Lisbon and Carrier." in letter
    follow_up(current_app())
    to_lift, to_note = of_end(outsourced, case_id)
    assert (to_lift.action, to_note.action) == (Action.LIFT, Action.TAKE_NOTE)
    assert to_lift.due_on == current_app().today + timedelta(days=10)
    assert to_lift.standing is to_note.standing is InstructionStanding.UNSENT
    record_instruction_sent(current_app(), case_id, to_lift.number, by="Ben")
    done = StatedAnswer(answer=ProcessorAnswer.DONE, on=current_app().today, records=3)
    said = record_processor_answer(current_app(), case_id, to_lift.number, done, by="Ben")
    assert said == "Callhouse Lisbon has confirmed it; that is recorded."
    with outsourced.file(case_id) as file:
        assert not file.outbox.has("L20")
        entries = [one for one in file.ledger.entries() if one.event.startswith("Processor")]
        assert not any(canary in str(entries) for canary in CANARIES)
    (score, *_) = scorecard(
        instructions(outsourced, case_id), current_app().today, current_app().settings.controller.zone
    )
    assert (score.asked, score.proved) == (2, 1)


@pytest.mark.apart
def test_what_has_no_mark_is_lifted_by_a_person_and_is_no_reason_to_keep_others_restricted(outsourced):
    case_id = restricted(outsourced)
    lifted(outsourced, case_id)
    by_hand = [one for one in tasks(outsourced, case_id) if one.what.startswith("Take away by hand")]
    assert {one.system for one in by_hand} == {"helpdesk", "payments", "calls"}
    assert all(one.what.endswith(".") and "where it was put: " in one.what for one in by_hand)
    assert liftable(current_app(), case_id) == []
    assert len(of_end(outsourced, case_id)) == 2


@pytest.mark.apart
def test_a_part_is_named_and_what_stays_restricted_too(outsourced):
    case_id = restricted(outsourced)
    marked = liftable(current_app(), case_id)
    helpdesk = [one.number for one in looks.findings(outsourced, case_id, "helpdesk") if one.number in marked]
    lifted(outsourced, case_id, helpdesk)
    left = {one.category for one in looks.findings(outsourced, case_id, "payments")}
    assert "customer profiles" in left, "the same kind stays restricted elsewhere: no text can tell which"
    assert of_end(outsourced, case_id) == []
    (task,) = [one for one in tasks(outsourced, case_id) if one.system == "processors"]
    assert task.what == (
        "Tell Callhouse Lisbon and Carrier that the restriction has ended, by hand: others of the same kind stay as "
        "they are there, and only a person can say which are meant."
    )
    lifted(outsourced, case_id)
    assert [one.processor for one in of_end(outsourced, case_id)] == ["callhouse", "carrier"]


@pytest.mark.apart
def test_what_stays_restricted_is_named_where_its_kind_tells(outsourced):
    case_id = restricted(outsourced)
    invoices = [one.number for one in looks.findings(outsourced, case_id, "payments") if one.ref.kind == "invoice"]
    lifted(outsourced, case_id, invoices)
    to_lift, to_note = of_end(outsourced, case_id)
    text = reveal_instruction(current_app(), case_id, to_lift.number, by="Ben")
    assert "That has ended in part, for: invoices." in text
    assert "Keep, and use for nothing else:\n- customer profiles, until we release them (Art. 18 GDPR)" in text
    note = reveal_instruction(current_app(), case_id, to_note.number, by="Ben")
    assert "Still restricted: customer profiles, service tickets." in note
    lifted(outsourced, case_id)
    assert [one.processor for one in of_end(outsourced, case_id)] == ["callhouse", "carrier"] * 2


@pytest.mark.apart
def test_nothing_is_lifted_while_who_is_to_restrict_was_not_told(outsourced):
    case_id = restricted(outsourced, sent=False)
    with pytest.raises(Conflict, match="has not gone out"):
        lifted(outsourced, case_id)
    with outsourced.file(case_id) as file:
        assert not file.outbox.has("L15")
        assert not [one for one in file.tasks.all() if one.kind is TaskKind.LIFT]


@pytest.mark.apart
def test_who_cannot_be_reached_any_more_is_left_to_a_person(outsourced):
    case_id = restricted(outsourced)
    none = outsourced.runtime.settings.model_copy(update={"processors": {}})
    outsourced.runtime = replace(outsourced.runtime, settings=none)
    with installed(outsourced.runtime):
        lifted(outsourced, case_id)
        (task,) = [one for one in tasks(outsourced, case_id) if one.system == "processors"]
    assert "no section of rightsflow.toml says how to reach them any more" in task.what
    assert of_end(outsourced, case_id) == []


@pytest.mark.apart
def test_more_time_is_asked_for_although_the_month_is_over(outsourced):
    case_id = restricted(outsourced)
    lifted(outsourced, case_id, on=current_app().today + timedelta(days=60))
    to_lift = of_end(outsourced, case_id)[0]
    record_instruction_sent(current_app(), case_id, to_lift.number, by="Ben")

    def more(days):
        until = current_app().today + timedelta(days=days)
        stated = StatedAnswer(answer=ProcessorAnswer.MORE_TIME, on=current_app().today, until=until)
        return record_processor_answer(current_app(), case_id, to_lift.number, stated, by="Ben")

    with pytest.raises(BadInput, match="has to lie before"):
        more(90)
    more(20)
    assert of_end(outsourced, case_id)[0].due_on == current_app().today + timedelta(days=20)


@pytest.mark.apart
def test_a_wire_without_an_order_to_lift_leaves_it_to_a_person_and_says_why(bench):
    can_restrict(bench, "helpdesk")
    for _ in _with(bench, **OPENDSR):
        case_id = restricted(bench)
        lifted(bench, case_id)
        to_lift = of_end(bench, case_id)[0]
        assert to_lift.channel is ProcessorChannel.MANUAL
        said = why_by_people(current_app().settings, to_lift)
        assert said == "OpenDSR has no request for that; send the text in another way."


@pytest.mark.apart
def test_what_had_to_be_kept_of_an_erasure_is_lifted_as_well(outsourced):
    case_id = kept_of_erasure(outsourced)
    lifted(outsourced, case_id)
    (to_lift,) = of_end(outsourced, case_id)
    text = reveal_instruction(current_app(), case_id, to_lift.number, by="Ben")
    assert "That has ended in part, for: service tickets." in text
    assert "Keep, and use for nothing else:\n- invoices, until 31 December 2034" in text
    assert (to_lift.action, to_lift.expected) == (Action.LIFT, 1)


def kept_of_erasure(bench):
    case_id = at_approval(bench)
    line = "restrict | you need it for a claim | Art. 18(1)(c) | until 2027-01-31"
    bench.approve(case_id, f"{finding(bench, case_id, 't1').number}: {line}")
    settle_plan(current_app(), case_id)
    instruct_processor(current_app(), case_id, "callhouse")
    record_instruction_sent(current_app(), case_id, 1, by="Ben")
    carry_out(case_id)
    write_answer(current_app(), case_id)
    send_answer(bench, case_id)
    return case_id
