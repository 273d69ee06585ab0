"""The page of a case's processors."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.withdrawal import withdraw
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.domain.processors.terms import InstructionStanding
from tests.integration.desk.cases import entries
from tests.support.bench import ANNA_ID
from tests.support.processors import with_archive, with_processors
from tests.support.steps import approved, searched


@pytest.fixture
def case(rig):
    rig.bench.runtime = replace(rig.bench.runtime, settings=with_processors(rig.bench.runtime.settings))
    with installed(rig.bench.runtime):
        case_id = approved(rig.bench)
        instruct_processor(current_app(), case_id, "callhouse")
        yield case_id


def standing(rig, case_id):
    with rig.bench.file(case_id) as file:
        return file.instructions.one(1).standing


@pytest.mark.apart
def test_an_instruction_is_read_sent_and_its_answer_noted_and_checked(rig, case):
    officer, here = rig.browser("olga"), f"/cases/{case}/processors"
    assert "Callhouse Lisbon" in officer.get(f"/cases/{case}").text
    read = officer.send(f"{here}/read", here, instruction="1")
    assert ANNA_ID.value in read.text
    assert ANNA_ID.value not in officer.get(here).text
    assert officer.send(f"{here}/sent", here, instruction="1", sent_on="2026-03-05").status_code == 303
    answer = {"instruction": "1", "answer": "nothing held", "answered_on": "2026-03-05"}
    assert officer.send(f"{here}/answer", here, **answer).status_code == 303
    assert standing(rig, case) is InstructionStanding.QUESTIONED
    assert "To be checked: nothing is held there" in officer.get(here).text
    assert officer.send(f"{here}/check", here, instruction="1", check_reason="By telephone.").status_code == 303
    assert standing(rig, case) is InstructionStanding.CONFIRMED
    assert entries(rig.bench, case)["ProcessorAnswerChecked"].actor == "Olga Officer"


@pytest.mark.apart
def test_what_cannot_be_noted_is_said_on_the_page(rig, case):
    officer, here = rig.browser("olga"), f"/cases/{case}/processors"
    for changed, said in (
        ({}, "has not gone out"),
        ({"answer": "perhaps"}, "from the list"),
        ({"records": "many"}, "not a number of records"),
        ({"answered_on": "soon"}, "not a date"),
        ({"answer": "cannot"}, "reason is missing"),
    ):
        if changed:
            officer.send(f"{here}/sent", here, instruction="1", sent_on="2026-03-05")
        typed = {"instruction": "1", "answer": "done", "answered_on": "2026-03-05"} | changed
        assert said in officer.send(f"{here}/answer", here, **typed).text


def test_a_recipient_that_cannot_be_told_is_noted_with_its_reason(rig, case):
    instruct_processor(current_app(), case, "carrier")
    officer, here = rig.browser("olga"), f"/cases/{case}/processors"
    assert "Say why it cannot be told" in officer.send(f"{here}/not-told", here, instruction="2").text
    done = officer.send(f"{here}/not-told", here, instruction="2", not_told_reason="It was dissolved.")
    assert done.status_code == 303
    assert "cannot be told" in officer.get(here).text
    assert entries(rig.bench, case)["RecipientNotTold"].actor == "Olga Officer"


@pytest.mark.apart
def test_what_was_called_off_is_shown_so_and_the_word_of_it_can_be_read_and_sent(rig):
    rig.bench.runtime = replace(rig.bench.runtime, settings=with_archive(rig.bench.runtime.settings))
    with installed(rig.bench.runtime):
        case_id = searched(rig.bench, "access")
        instruct_processor(current_app(), case_id, "cctv")
        officer, here = rig.browser("olga"), f"/cases/{case_id}/processors"
        officer.send(f"{here}/sent", here, instruction="1", sent_on="2026-03-05")
        withdraw(current_app(), case_id, by="Ida")
        page = officer.get(here).text
        assert "called off. Sent Thu 05 Mar 2026" in page
        assert "To be handed over by" not in page
        assert "A recipient cannot be told" not in page
        assert "Do nothing more for it" in officer.send(f"{here}/read", here, instruction="2").text
        assert officer.send(f"{here}/sent", here, instruction="2", sent_on="2026-03-05").status_code == 303
        with rig.bench.file(case_id) as file:
            assert [one.standing.value for one in file.instructions.all()] == ["called off", "told"]
