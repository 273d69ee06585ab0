"""Recipients of the configuration are told of what was done (Art. 19 GDPR), or a person has the task to tell them."""

from __future__ import annotations

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.processors.processor_answers import record_instruction_sent
from rightsflow.cases.work.processors.register import register_doubts
from tests.support.real_shop import PARCELS, a_shop

NAMED = ("Paketdienst AG", "Credit Bureau Ltd")


@pytest.fixture
def shop(tmp_path):
    with a_shop(tmp_path, section={"recipients": list(NAMED)}, processors={"parcels": PARCELS}) as shop:
        yield shop


@pytest.mark.apart
@pytest.mark.parametrize(
    ("right", "fields", "matter"), [("erasure", {}, "erasure"), ("restriction", {"ground": "claim"}, "restriction")]
)
def test_a_recipient_without_a_section_is_a_task_and_the_letter_says_that_it_is_not_told_yet(
    shop, right, fields, matter
):
    case_id = shop.planned(right, **fields)
    gate = shop.gate(case_id)
    assert "- Credit Bureau Ltd, by hand: no section of the register tells them (Art. 19)." in gate
    assert "- Paketdienst AG gets a notice (Art. 19)." in gate
    shop.approve(case_id)
    shop.carry_out(case_id)
    letter = shop.answer(case_id)
    due = "by 10 March 2026 (Art. 19 GDPR)"
    assert f"We have not told Credit Bureau Ltd about the {matter} yet. We do so {due}." in letter
    assert f"We have not told Paketdienst AG about the {matter} yet. We do so {due}." in letter
    assert "give you the names" not in letter
    assert "STILL DONE BY HAND" not in letter
    telling = [one for one in shop.tasks(case_id) if one.startswith("Tell ")]
    assert len(telling) == 1
    assert telling[0].startswith(f"Tell Credit Bureau Ltd of the {matter}, or note why that is impossible")


@pytest.mark.apart
def test_a_recipient_that_was_told_is_named_once(shop):
    case_id = shop.planned()
    shop.approve(case_id)
    shop.carry_out(case_id)
    record_instruction_sent(current_app(), case_id, 1, by="Ben Boss")
    letter = shop.answer(case_id)
    assert "We have told Paketdienst AG about the erasure (Art. 19 GDPR).\n" in letter
    with shop.runtime.store.case_file(case_id) as file:
        number = next(one.number for one in file.tasks.all() if one.what.startswith("Tell Credit"))
    assert "done" in mark_task_done(current_app(), case_id, number, on=None, by="Ben Boss")


@pytest.mark.apart
def test_where_nothing_is_done_no_one_is_told(shop):
    shop.run("UPDATE customers SET email = 'other@example.com', phone = '' WHERE id = 1", "DELETE FROM newsletter")
    case_id, letter = shop.answered()
    assert not [one for one in shop.tasks(case_id) if one.startswith("Tell ")]
    assert "WHO WAS TOLD" not in letter


def test_doctor_names_the_recipient_that_no_section_tells(shop):
    (doubt,) = [one for one in register_doubts(shop.runtime.settings, shop.runtime.systems) if "Art. 19" in one]
    assert "[systems.shop] recipients names Credit Bureau Ltd, which no section tells" in doubt
