"""A database that fails for good: the person is told near the last day what is done, what is not yet, and why."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import pytest

from rightsflow.app import current_app, installed
from rightsflow.cases.course.evidence.bundle import export_evidence
from rightsflow.cases.course.gates.gates import reach_gate
from rightsflow.cases.course.letters.answers import write_answer
from rightsflow.cases.course.letters.further_letters import write_interim
from rightsflow.cases.course.sending.delivery import record_sent
from rightsflow.cases.course.sending.text_review import edit_letter
from rightsflow.cases.work.erasure.steps import erase_records, prepare_plan, settle_plan, verify_erasure
from rightsflow.documents.letters.free_parts import FreeParts
from rightsflow.domain.errors import Conflict, RightsflowError
from rightsflow.domain.gates.decisions import Gate
from tests.integration.cases.shop_database import letters, with_shop
from tests.support import looks
from tests.support.bench import ANNA_EMAIL
from tests.support.steps import carry_out, identified, search

GIVEN = {"email": ANNA_EMAIL.value, "phone": "+49 30 99887 100"}


@pytest.fixture
def shop(bench, tmp_path, monkeypatch):
    found = with_shop(bench, tmp_path, monkeypatch)
    found.run(f"UPDATE customers SET email = '{ANNA_EMAIL.value}', name = 'Anna Quillfeather' WHERE id = 1")
    with installed(bench.runtime):
        yield found


@pytest.fixture
def failing(bench, shop):
    """An approved erasure whose shop's table of accounts was renamed by a release of the shop."""
    case_id = identified(bench, "erasure", **GIVEN)
    search(case_id)
    prepare_plan(current_app(), case_id)
    reach_gate(current_app(), case_id, Gate.APPROVAL)
    bench.approve(case_id)
    settle_plan(current_app(), case_id)
    for system in ("helpdesk", "calls"):
        erase_records(current_app(), case_id, system)
        verify_erasure(current_app(), case_id, system)
    shop.run("ALTER TABLE customers RENAME TO customers_v2")
    with pytest.raises(RightsflowError):
        erase_records(current_app(), case_id, "payments")
    return case_id


def move_to(bench, on):
    bench.moment[0] = datetime.combine(on, time(10), UTC)


def due(bench, case_id):
    with bench.file(case_id) as file:
        return file.due_on, file.state, file.closed_at


@pytest.mark.apart
def test_past_the_last_day_the_person_hears_what_is_done_and_what_is_not(bench, shop, failing):
    """Nothing at all could be written to them until the system was mended."""
    due_on, state, _ = due(bench, failing)
    with pytest.raises(Conflict, match="an interim answer can be written from"):
        write_interim(current_app(), failing, by="Ben")
    move_to(bench, due_on + timedelta(days=1))
    with pytest.raises(RightsflowError):
        erase_records(current_app(), failing, "payments")
    assert "The case stays open" in write_interim(current_app(), failing, by="Ben")
    letter = letters(bench, failing)["L28"]
    assert "and it is late" in letter
    assert (
        "- Payments: we could not carry out there what you asked. The system has failed since 5 March 2026." in letter
    )
    assert "service tickets (Helpdesk): 1 record erased." in letter
    assert "supervisory authority" in letter
    with pytest.raises(Conflict, match="waits to be sent"):
        write_interim(current_app(), failing, by="Ben")
    record_sent(current_app(), failing, "L28", by="Ben")
    assert due(bench, failing) == (due_on, state, None), "it answers nothing, and moves no date"
    write_interim(current_app(), failing, by="Ben")
    shop.run("ALTER TABLE customers_v2 RENAME TO customers")
    carry_out(failing)
    write_answer(current_app(), failing)
    events = looks.entries(bench, failing, "LetterOvertaken")
    assert "L28.2" in {one.details["letter"] for one in events}
    assert "L11" in letters(bench, failing)
    assert export_evidence(current_app(), failing, by="Ben").content[:2] == b"PK"


def test_words_in_it_beside_what_is_kept_are_read_by_a_second_person(bench, failing):
    move_to(bench, due(bench, failing)[0])
    write_interim(current_app(), failing, by="Ben")
    assert "It is due on" in letters(bench, failing)["L28"]
    edit_letter(current_app(), failing, "L28", FreeParts(remark="Bald ist alles weg."), by="Ben")
    with pytest.raises(Conflict, match="someone other than Ben"):
        record_sent(current_app(), failing, "L28", by="Ben")


@pytest.mark.apart
def test_where_nothing_fails_there_is_nothing_to_say(bench, shop):
    case_id = identified(bench, "access", **GIVEN)
    search(case_id)
    move_to(bench, due(bench, case_id)[0])
    with pytest.raises(Conflict, match="Nothing fails at a system"):
        write_interim(current_app(), case_id, by="Ben")
