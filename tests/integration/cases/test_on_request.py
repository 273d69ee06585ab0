"""L4, L5 and L16 on a real shop: what the person can add, a fee, and who was told, by name."""

from __future__ import annotations

from datetime import date

import pytest

from rightsflow.app import current_app
from rightsflow.cases.course.follow_up.manual_tasks import mark_task_done
from rightsflow.cases.course.letters.further_letters import TypedFee, announce_fee, ask_for_more, name_recipients
from rightsflow.cases.course.processors.processor_answers import record_instruction_sent
from rightsflow.domain.case.manual_tasks import StatedEnd, TaskEnd
from rightsflow.domain.errors import BadInput, Conflict
from tests.support.real_shop import PARCELS, a_shop

NAMED = ("Paketdienst AG", "Credit Bureau Ltd", "Survey GmbH")
ANSWERED_ON = date(2026, 3, 5)


@pytest.fixture
def shop(tmp_path):
    with a_shop(tmp_path, section={"recipients": list(NAMED)}, processors={"parcels": PARCELS}) as shop:
        yield shop


def letter(shop, case_id, name):
    with shop.runtime.store.case_file(case_id) as file:
        return next(one.body for one in file.outbox.letters() if one.template_id == name)


def tell(shop, case_id, who, stated):
    with shop.runtime.store.case_file(case_id) as file:
        number = next(one.number for one in file.tasks.all() if one.what.startswith(f"Tell {who}"))
    mark_task_done(current_app(), case_id, number, on=None, by="Ben Boss", stated=stated)


@pytest.mark.apart
def test_who_was_told_is_named_on_request_and_once_more_when_that_has_changed(shop):
    case_id, _ = shop.answered()
    name_recipients(current_app(), case_id, asked_on=ANSWERED_ON, by="Ben Boss")
    first = letter(shop, case_id, "L16")
    assert "We have told:" not in first
    assert all(f"- {name}: we do so by 10 March 2026." in first for name in NAMED)
    record_instruction_sent(current_app(), case_id, 1, by="Ben Boss")
    tell(shop, case_id, "Credit", StatedEnd(end=TaskEnd.DONE))
    tell(shop, case_id, "Survey", StatedEnd(end=TaskEnd.LEFT, reason="It has been wound up."))
    name_recipients(current_app(), case_id, by="Ben Boss")
    second = letter(shop, case_id, "L16.2")
    assert "We have told:\n\n- Paketdienst AG\n- Credit Bureau Ltd\n" in second
    assert "We could not tell:\n\n- Survey GmbH: It has been wound up.\n" in second
    assert "not told yet" not in second
    with shop.runtime.store.case_file(case_id) as file:
        asked = [one.details for one in file.ledger.told() if one.event == "RecipientsAsked"]
    assert [(one["letter"], one["recipients"]) for one in asked] == [("L16", 3), ("L16.2", 3)]


@pytest.mark.apart
def test_recipients_are_named_after_an_answer_and_for_a_possible_day_alone(shop):
    with pytest.raises(Conflict, match="has no answer"):
        name_recipients(current_app(), shop.planned(), by="Ben Boss")
    with pytest.raises(Conflict, match="an access answer names them itself"):
        name_recipients(current_app(), shop.searched("access"), by="Ben Boss")
    case_id, _ = shop.answered("restriction", ground="claim")
    for day in (date(2026, 3, 4), date(2026, 3, 6)):
        with pytest.raises(BadInput, match="check it"):
            name_recipients(current_app(), case_id, asked_on=day, by="Ben Boss")


@pytest.mark.apart
def test_who_cannot_be_identified_is_told_what_to_add_and_who_is_is_not(shop):
    with pytest.raises(Conflict, match="answer the request"):
        ask_for_more(current_app(), shop.searched("access"), by="Ben Boss")
    case_id = shop.searched("access", email="nobody@example.org")
    with shop.runtime.store.case_file(case_id) as file:
        due_on = file.due_on
    assert "The clock goes on" in ask_for_more(current_app(), case_id, by="Ben Boss")
    text = letter(shop, case_id, "L4")
    assert "With your e-mail address alone we cannot identify you in our data (Art. 11(2) GDPR)." in text
    assert "what is about you: your customer number." in text
    with shop.runtime.store.case_file(case_id) as file:
        assert (file.state.is_settled, file.due_on) == (False, due_on)
        assert [one.event for one in file.ledger.told()].count("MoreToIdentifyAsked") == 1
    with pytest.raises(Conflict, match="told already"):
        ask_for_more(current_app(), case_id, by="Ben Boss")


FEE = {
    "ground": "excessive",
    "amount": "12.50 EUR",
    "facts": "You asked for the same copy on each of the last nine Mondays.",
    "costs": "half an hour of a clerk's work",
}


def test_a_fee_is_announced_before_it_is_charged_by_another_person_than_the_opener(shop):
    case_id = shop.searched("access")
    for changed, why in [
        ({"ground": "rude"}, "use one of unfounded, excessive, further copy"),
        ({"amount": "free"}, "The amount is not readable"),
        ({"amount": "0.00 EUR"}, "The amount is not readable"),
        ({"facts": " "}, "Say what shows the ground"),
    ]:
        with pytest.raises(BadInput, match=why):
            announce_fee(current_app(), case_id, TypedFee(**FEE | changed), by="Ben Boss")
    with pytest.raises(Conflict, match="The person who opened the case cannot approve this"):
        announce_fee(current_app(), case_id, TypedFee(**FEE), by="Olga Opener")
    said = announce_fee(current_app(), case_id, TypedFee(**FEE), by="Ben Boss")
    assert "has not chosen by Thu 19 Mar 2026" in said
    text = letter(shop, case_id, "L5")
    assert "since it is manifestly excessive (Art. 12(5)(a) GDPR). You asked for the same copy on each of" in text
    assert "The fee is 12.50 EUR. It covers these administrative costs: half an hour of a clerk's work." in text
    assert "Nothing has been charged yet. Tell us by 19 March 2026 what you choose:" in text
    with shop.runtime.store.case_file(case_id) as file:
        due_on = file.due_on
        (told,) = [one.details for one in file.ledger.told() if one.event == "FeeAnnounced"]
    assert (told["ground"], told["amount"], due_on) == ("excessive", "12.50 EUR", date(2026, 4, 7))
    with pytest.raises(Conflict, match="announced already"):
        announce_fee(current_app(), case_id, TypedFee(**FEE), by="Ben Boss")


@pytest.mark.apart
def test_a_fee_that_comes_too_late_is_refused_and_a_further_copy_is_one_of_access(shop):
    with pytest.raises(BadInput, match="a matter of access requests alone"):
        announce_fee(current_app(), shop.searched("erasure"), TypedFee(**FEE | {"ground": "further copy"}), by="Ben")
    case_id = shop.searched("access")
    shop.pass_days(28)
    with pytest.raises(Conflict, match="too late to announce a fee"):
        announce_fee(current_app(), case_id, TypedFee(**FEE), by="Ben Boss")
