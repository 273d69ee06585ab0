"""What waits for a person is on the list and on the case's page, whatever it is; a refusal comes with its ways on."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.work.erasure.legal_hold import place_hold
from rightsflow.cases.work.erasure.steps import erase_records, verify_erasure
from rightsflow.cases.work.processors.instructions import instruct_processor
from rightsflow.domain.errors import ConnectorError
from rightsflow.domain.vocabulary.records import OutcomeKind
from rightsflow.domain.vocabulary.states import StepState
from tests.support.processors import with_processors
from tests.support.steps import approved

PROCEED = "goes on by itself"


def home(rig, person="olga"):
    return rig.browser(person).get("/").text


@pytest.fixture
def refused(bench):
    """An erasure that the helpdesk refuses in part, in the middle of the erasing."""
    case, helpdesk = approved(bench), bench.systems["helpdesk"]
    helpdesk.kinds = tuple(
        replace(kind, methods=frozenset()) if kind.name == "profile" else kind for kind in helpdesk.kinds
    )
    for _ in range(4):  # As often as would open the circuit breaker.
        with pytest.raises(ConnectorError):
            erase_records(current_app(), case, "helpdesk")
    return case


def profile_of(bench, case):
    with bench.file(case) as file:
        (found,) = [item for item in file.findings.all("helpdesk") if item.ref.kind == "profile"]
    return found


def test_an_instruction_to_send_is_on_the_list_and_the_case_waits_for_a_person(bench, rig):
    """Before, it was in no list, and the case said that it went on by itself."""
    bench.runtime = replace(bench.runtime, settings=with_processors(bench.runtime.settings))
    with installed(bench.runtime):
        case = approved(bench)
        instruct_processor(current_app(), case, "callhouse")
        page = rig.browser("olga").get(f"/cases/{case}").text
        assert PROCEED not in page
        assert "Instructions to send" in home(rig)
        assert f'href="/desk/cases/{case}/processors"' in home(rig)
        assert "Send instruction 1 to Callhouse Lisbon" in page
        assert "Send the instruction" in page
        assert "Your role cannot edit and send letters" in rig.browser("dana").get(f"/cases/{case}").text


def test_a_hold_to_approve_is_on_the_list(bench, rig):
    review_on = current_app().today + timedelta(days=30)
    place_hold(current_app(), "A claim.", review_on, by="Olga", owner="dpo", category="service tickets")
    assert "Legal holds to approve" in home(rig)
    assert "Hold 1" in home(rig)


def test_a_refusal_is_told_as_one_is_never_green_and_silences_no_system(rig, refused):
    """Before, the helpdesk "had not answered", the case was green, and nothing led on."""
    assert current_app().store.breakers.open_ones() == {}
    page = rig.browser("olga").get(f"/cases/{refused}").text
    assert "helpdesk: The system refuses the record: The system does not allow this for records of this kind." in page
    assert PROCEED not in page
    assert "tried again by itself" not in page
    assert f'href="/desk/cases/{refused}/refusal"' in page
    assert "Refused by a system" in home(rig)
    assert "has not answered" not in home(rig)
    assert rig.browser("olga").get("/cases.csv?light=due soon").text.count(refused) == 1
    assert 'class="light amber"' in page
    assert "refused by a system" in page


def test_a_refusal_is_tried_again_or_decided_otherwise(rig, refused):
    olga, dana, path = rig.browser("olga"), rig.browser("dana"), f"/cases/{refused}/refusal"
    assert "Try again now" in olga.get(path).text
    assert olga.send(f"{path}/again", of=path).status_code in {200, 303}

    profile = profile_of(rig.bench, refused)
    keep = {"act-these": "keep", "ground-these": "Another team works on it.", "provision-these": "Art. 17(3)(e)"}
    answer = dana.send(f"{path}/otherwise", of=path, record=str(profile.number), **keep)
    assert "Say until which day" in answer.text
    answer = dana.send(
        f"{path}/otherwise", of=path, record=str(profile.number), **keep, **{"until-these": "2027-01-31"}
    )
    assert answer.status_code == 303
    erase_records(current_app(), refused, "helpdesk")
    verify_erasure(current_app(), refused, "helpdesk")
    with rig.bench.file(refused) as file:
        assert not file.is_refused
        assert all(step.state is StepState.DONE for step in file.steps.all() if step.system == "helpdesk")
    kept = profile_of(rig.bench, refused)
    assert (kept.outcome, str(kept.until)) == (OutcomeKind.RETAINED, "2027-01-31")


def test_what_is_refused_may_be_erased_by_hand_as_a_task(rig, refused):
    dana, path = rig.browser("dana"), f"/cases/{refused}/refusal"
    number = str(profile_of(rig.bench, refused).number)
    answer = dana.send(f"{path}/otherwise", of=path, record=number, **{"act-these": "by hand"})
    assert answer.status_code == 303
    assert "Erase by hand what the system refused: customer profiles (1)." in home(rig)
