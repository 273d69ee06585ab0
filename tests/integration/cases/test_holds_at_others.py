"""A legal hold keeps what processors and colleagues have too; no one is told of an erasure that did not happen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.approval import approve_task
from rightsflow.cases.course.follow_up.rounds import follow_up
from rightsflow.cases.facts.persons import Sought
from rightsflow.cases.work.erasure.legal_hold import approve_hold, place_hold, release_hold
from rightsflow.domain.case.manual_tasks import TaskKind
from rightsflow.domain.processors.terms import Action
from tests.support.real_shop import ARCHIVE, CALLHOUSE, PARCELS, a_shop

ANNA = Sought(email="anna@example.com")


@pytest.fixture
def shop(tmp_path):
    register = {"callhouse": CALLHOUSE, "parcels": PARCELS}
    with a_shop(tmp_path, processors=register, by_hand={"paper": ARCHIVE}) as shop:
        yield shop


def hold(**scope):
    review_on = current_app().today + timedelta(days=90)
    number, _ = place_hold(
        current_app(), "Quill ./. Example Devices", review_on, by="Lena Law", owner="dpo", **({"person": ANNA} | scope)
    )
    approve_hold(current_app(), number, by="Ben Boss")
    return number


@pytest.mark.apart
def test_under_a_hold_on_the_person_everyone_keeps_everything_and_is_told_to_erase_once_it_is_released(shop):
    number = hold()
    before = shop.rows("SELECT email, name, street FROM customers ORDER BY id")
    case_id, letter = shop.answered()
    texts = shop.texts(case_id)
    assert set(texts) == {"callhouse", "paper"}, "nothing was erased, so no recipient is told"
    for text in texts.values():
        assert "Erase every record" not in text
        assert "and erase them" not in text
    assert (
        "Keep every record that you hold for us under these, and use it for nothing else until we release it"
        in (texts["callhouse"])
    )
    assert "stored and used for nothing else until we release them" in texts["paper"]
    assert "Paketdienst" not in letter
    assert "to store what it holds of you for us without using it" in letter
    assert "to erase what" not in letter
    assert shop.rows("SELECT email, name, street FROM customers ORDER BY id") == before
    release_hold(current_app(), number, by="Ben Boss", reason="The claim was settled.")
    follow_up(current_app())
    with shop.runtime.store.case_file(case_id) as file:
        waiting = [one for one in file.tasks.all() if one.kind is TaskKind.RELEASED and one.is_open]
    for one in waiting:
        approve_task(current_app(), case_id, one.number, by="Dana Decider")
    follow_up(current_app())
    with shop.runtime.store.case_file(case_id) as file:
        later = file.instructions.all()[2:]
        told = {one.processor: file.instructions.text(one.number) for one in later}
        actions = {one.processor: one.action for one in later}
    assert actions == {"callhouse": Action.ERASE, "paper": Action.ERASE, "parcels": Action.TAKE_NOTE}
    assert "Erase every record that you hold for us" in told["callhouse"]
    assert shop.rows("SELECT email, name FROM customers ORDER BY id")[0] == ("", "")


@pytest.mark.apart
def test_a_hold_on_a_category_goes_into_every_instruction_and_task(shop):
    hold(category="signed contracts")
    texts = shop.texts(shop.answered()[0])
    assert "Keep, and use for nothing else:\n- signed contracts, until we release them" in texts["callhouse"]
    assert "stored and used for nothing else until we release them" in texts["paper"], "it has nothing else"
    assert "We have erased personal data that we had disclosed to you" in texts["parcels"]


def test_an_objection_under_a_hold_stops_the_use_and_erases_nothing(shop):
    hold()
    case_id, _ = shop.answered("objection")
    for text in shop.texts(case_id).values():
        assert "- every record that you find under these, until we release them" in text
